-- Lines over the page.
return {
  {
    name = "is seen, and gone after its time; the page notices nothing",
    page = "marks.html",
    setup = "new Promise(done => { (function ready() { before ? done() : requestAnimationFrame(ready) })() })",
    params = { path = { { x = 100, y = 100 }, { x = 200, y = 100 }, { x = 200, y = 200 } }, width = 8, duration = 2 },
    data = { points = 3, x = 100, y = 100 },
    pixels = { ["150,100"] = "#ff0000", ["200,150"] = "#ff0000", ["150,150"] = "#ffffff" },
    state = { ["sense() === before"] = true, ["noticed.join()"] = "" },
    later = { ["150,100"] = "#ffffff" },
  },
  {
    name = "stays on what it was drawn on when the page scrolls",
    page = "marks.html",
    before = {
      { action = "draw_on_page", params = { path = { { x = 100, y = 300 }, { x = 200, y = 300 } }, width = 10, color = "#00f", duration = 60 } },
    },
    setup = "scrollTo(0, 200)",
    params = { path = { { x = 500, y = 300 }, { x = 600, y = 300 } }, width = 10, color = "lime" },
    pixels = { ["150,100"] = "#0000ff", ["150,300"] = "#ffffff", ["550,300"] = "#00ff00" },
  },
  { name = "one point is no line", page = "marks.html", params = { path = { { x = 1, y = 1 } } }, fails = "invalid_params", says = "path" },
  { name = "a point without y", page = "marks.html", params = { path = { { x = 1 }, { x = 2, y = 2 } } }, fails = "invalid_params" },
  { name = "outside of the viewport", page = "marks.html", params = { path = { { x = 5000, y = 1 }, { x = 5001, y = 9 } } }, fails = "not_interactable" },
}
