-- Going to a time.
return {
  {
    name = "of the main one, while it stands still",
    page = "media.html",
    params = { time = 7.5 },
    data = { current_time = 7.5, duration = 20, paused = true },
    state = { ["film.currentTime"] = 7.5, ["tone.currentTime"] = 0 },
  },
  {
    name = "by the other name, while it plays",
    page = "media.html",
    before = { { action = "play_video", params = { selector = "#tone" } } },
    params = { selector = "#tone", timestamp = 10 },
    state = { ["tone.currentTime >= 10"] = true, ["tone.paused"] = false },
  },
  { name = "back to the beginning", page = "media.html", setup = "film.currentTime = 5", params = { time = 0 }, state = { ["film.currentTime"] = 0 } },
  {
    name = "beyond the end",
    page = "media.html",
    params = { time = 99 },
    fails = "action_failed",
    says = "only 20 s",
    state = { ["film.currentTime"] = 0 },
  },
  { name = "one without data", page = "media.html", params = { selector = "#empty", time = 1 }, fails = "action_failed", says = "no data" },
  { name = "where to?", page = "media.html", fails = "invalid_params", says = "time" },
  { name = "before the beginning", page = "media.html", params = { time = -1 }, fails = "invalid_params", says = "time" },
}
