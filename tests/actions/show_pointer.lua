-- A drawn pointer.
return {
  {
    name = "at a point; the page notices nothing",
    page = "marks.html",
    setup = "new Promise(done => { (function ready() { before ? done() : requestAnimationFrame(ready) })() })",
    params = { x = 600, y = 200 },
    data = { x = 600, y = 200, visible = true },
    pixels = { ["603,212"] = "#000000", ["620,200"] = "#ffffff" },
    state = { ["sense() === before"] = true, ["noticed.join()"] = "" },
  },
  {
    name = "hidden again",
    page = "marks.html",
    before = { { action = "show_pointer", params = { x = 600, y = 200 } } },
    params = { visible = false },
    data = { visible = false },
    pixels = { ["603,212"] = "#ffffff" },
  },
  {
    name = "is still there on the next page",
    page = "marks.html",
    before = {
      { action = "show_pointer", params = { x = 600, y = 200 } },
      { action = "navigate", params = { url = "{site}/second.html" } },
    },
    params = {},
    pixels = { ["3,12"] = "#000000" },
  },
  { name = "outside of the viewport", page = "marks.html", params = { x = 5000, y = 1 }, fails = "invalid_params", says = "viewport" },
  { name = "half a point", page = "marks.html", params = { x = 5 }, fails = "invalid_params", says = "y" },
}
