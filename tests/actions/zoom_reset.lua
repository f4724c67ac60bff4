-- As large as it is meant to be.
return {
  {
    name = "from any step",
    page = "buttons.html",
    before = { { action = "zoom_out" }, { action = "zoom_out" } },
    data = { zoom = 100 },
    state = { innerWidth = 1280, innerHeight = 720, devicePixelRatio = 1 },
  },
  { name = "where nothing was changed", page = "buttons.html", data = { zoom = 100 }, state = { innerWidth = 1280 } },
}
