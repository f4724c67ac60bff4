-- The short name of take_screenshot.
return {
  { name = "what the viewport shows", page = "long.html", data = { format = "png", width = 1280, height = 720 }, has = { "data" } },
  { name = "the whole page", page = "long.html", params = { full_page = true }, data = { width = 3000, height = 4000 } },
}
