-- The whole screen; twice is as good as once.
return {
  {
    name = "the main video, again and again",
    page = "media.html",
    before = { { action = "fullscreen" } },
    data = { fullscreen = true },
    state = { ["document.fullscreenElement === film"] = true },
  },
  {
    name = "back",
    page = "media.html",
    before = { { action = "fullscreen" } },
    params = { enabled = false },
    data = { fullscreen = false },
    state = { ["document.fullscreenElement"] = NULL },
  },
}
