-- Smaller pages.
return {
  { name = "one step", page = "buttons.html", data = { zoom = 90 }, state = { innerWidth = 1422 } },
  {
    name = "elements are hit where they are",
    page = "buttons.html",
    before = {
      { action = "zoom_out" },
      { action = "zoom_out" },
      { action = "zoom_out" },
      { action = "zoom_out" },
      { action = "click", params = { index = 0 } },
    },
    data = { zoom = 50 },
    state = { clicks = 1, innerWidth = 2560, innerHeight = 1440 },
  },
}
