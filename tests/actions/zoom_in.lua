-- Larger pages.
return {
  {
    name = "one step, which the page sees as a browser's own zoom",
    page = "buttons.html",
    data = { zoom = 110 },
    state = { innerWidth = 1164, ["Math.round(devicePixelRatio * 100)"] = 110, ["matchMedia('(max-width: 1200px)').matches"] = true },
  },
  {
    name = "kept over navigations, and elements are hit where they are",
    page = "second.html",
    before = {
      { action = "zoom_in" },
      { action = "navigate", params = { url = "{site}/buttons.html" } },
      { action = "zoom_in" },
      { action = "click", params = { index = 0 } },
      { action = "click", params = { coordinate_x = 50, coordinate_y = 30 } },
      { action = "click", params = { selector = "#below" } },
    },
    data = { zoom = 150 },
    state = { clicks = 2, below = 1, innerWidth = 853 },
  },
  {
    name = "not in other tabs",
    page = "second.html",
    before = { { action = "zoom_in" }, { action = "zoom_in" }, { action = "new_tab", params = { url = "{site}/form.html" } } },
    data = { zoom = 110 },
    state = { innerWidth = 1164 },
  },
}
