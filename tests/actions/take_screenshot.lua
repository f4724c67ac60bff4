-- Pictures of the page.
return {
  {
    name = "what the viewport shows",
    page = "long.html",
    data = { format = "png", width = 1280, height = 720 },
    has = { "data" },
  },
  {
    name = "the whole page",
    page = "long.html",
    params = { full_page = true },
    data = { format = "png", width = 3000, height = 4000 },
    has = { "data" },
    state = { scrollY = 0, innerHeight = 720 },
  },
  { name = "as JPEG", page = "form.html", params = { format = "jpeg", quality = 50 }, data = { format = "jpeg", width = 1280 } },
  { name = "a format that is none", page = "form.html", params = { format = "bmp" }, fails = "invalid_params", says = "format" },
}
