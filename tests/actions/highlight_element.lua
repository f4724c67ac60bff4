-- A frame around an element.
local ready = "new Promise(done => { (function ready() { before ? done() : requestAnimationFrame(ready) })() })"
return {
  {
    name = "by index, gone after its time; the page notices nothing",
    page = "marks.html",
    setup = ready,
    params = { index = 0, duration = 2 },
    data = { index = 0, x = 300, y = 300, width = 100, height = 50 },
    pixels = { ["297,325"] = "#ffff00", ["402,325"] = "#ffff00" },
    state = { ["sense() === before"] = true, ["noticed.join()"] = "" },
    later = { ["297,325"] = "#ffffff" },
  },
  {
    name = "is scrolled to",
    page = "marks.html",
    params = { selector = "#far", color = "#0000ff", duration = 30 },
    data = { x = 300, width = 100 },
    pixels = { ["297,360"] = "#0000ff" },
    state = { ["scrollY > 1000"] = true },
  },
  {
    name = "follows the element",
    page = "marks.html",
    before = { { action = "highlight_element", params = { selector = "#b", duration = 60, color = "red" } } },
    setup = "b.style.left = '500px'",
    params = { selector = "#i", duration = 60, color = "blue" },
    pixels = { ["497,325"] = "#ff0000", ["298,325"] = "#ffffff", ["17,530"] = "#0000ff" },
  },
  {
    name = "in a frame",
    page = "marks.html",
    params = { index = 3, color = "red", duration = 30 },
    data = { x = 750, y = 350, width = 100, height = 50 },
    pixels = { ["747,375"] = "#ff0000", ["852,375"] = "#ff0000" },
  },
  {
    name = "not what cannot be seen",
    page = "buttons.html",
    params = { selector = "#hidden" },
    fails = "not_interactable",
    says = "visible",
  },
  { name = "nothing", page = "marks.html", params = { selector = "#nothing" }, fails = "element_not_found" },
  { name = "no element named", page = "marks.html", params = {}, fails = "invalid_params", says = "index" },
}
