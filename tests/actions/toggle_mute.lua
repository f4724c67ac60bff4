-- Sound off and on.
return {
  { name = "off", page = "media.html", data = { muted = true }, state = { ["film.muted"] = true, ["tone.muted"] = false } },
  { name = "and on again", page = "media.html", before = { { action = "toggle_mute" } }, data = { muted = false }, state = { ["film.muted"] = false } },
  { name = "of another one", page = "media.html", params = { selector = "#tone" }, state = { ["tone.muted"] = true, ["film.muted"] = false } },
  { name = "on a page without", page = "second.html", fails = "element_not_found" },
}
