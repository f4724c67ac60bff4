-- Pausing videos and sounds.
return {
  {
    name = "the main one",
    page = "media.html",
    before = { { action = "play_video" } },
    data = { paused = true, kind = "video" },
    state = { ["film.paused"] = true, ["film.currentTime > 0"] = true },
  },
  {
    name = "another one only",
    page = "media.html",
    before = { { action = "play_video" }, { action = "play_video", params = { selector = "#tone" } } },
    params = { selector = "#tone" },
    state = { ["tone.paused"] = true, ["film.paused"] = false },
  },
  {
    name = "says so when the page plays it again",
    page = "media.html",
    before = { { action = "play_video" } },
    setup = "film.addEventListener('pause', () => film.play())",
    fails = "action_failed",
    says = "plays it again",
    state = { ["film.paused"] = false },
  },
  { name = "on a page without", page = "second.html", fails = "element_not_found" },
}
