-- A frame around a part of the viewport.
return {
  {
    name = "is seen, and gone after its time; the page notices nothing",
    page = "marks.html",
    setup = "new Promise(done => { (function ready() { before ? done() : requestAnimationFrame(ready) })() })",
    params = { x = 100, y = 100, width = 200, height = 100, duration = 2, color = "#00ff00" },
    data = { x = 100, y = 100, width = 200, height = 100 },
    pixels = { ["97,150"] = "#00ff00", ["200,97"] = "#00ff00", ["302,150"] = "#00ff00", ["200,150"] = "#ccffcc" },
    state = { ["sense() === before"] = true, ["noticed.join()"] = "" },
    later = { ["97,150"] = "#ffffff", ["200,150"] = "#ffffff" },
  },
  {
    name = "in yellow when nothing else is said, above what the page puts on top",
    page = "marks.html",
    setup = "document.body.insertAdjacentHTML('beforeend', '<dialog id=d style=\"width:600px;height:500px\">hi</dialog>'); d.showModal()",
    params = { x = 500, y = 200, width = 100, height = 100 },
    pixels = { ["497,250"] = "#ffff00" },
  },
  {
    name = "survives a page that empties itself",
    page = "marks.html",
    before = { { action = "highlight_region", params = { x = 100, y = 100, width = 50, height = 50, duration = 60, color = "blue" } } },
    setup = "document.body.innerHTML = ''; document.body.style.cssText = 'opacity: 0.01; transform: scale(0.1); overflow: hidden'",
    params = { x = 300, y = 100, width = 50, height = 50, duration = 60, color = "red" },
    pixels = { ["97,125"] = "#0000ff", ["297,125"] = "#ff0000" },
  },
  { name = "outside of the viewport", page = "marks.html", params = { x = 5000, y = 1, width = 5, height = 5 }, fails = "not_interactable", says = "outside" },
  { name = "a colour that is none", page = "marks.html", params = { x = 1, y = 1, width = 5, height = 5, color = "blurple" }, fails = "invalid_params", says = "colour" },
  { name = "no colour but code", page = "marks.html", params = { x = 1, y = 1, width = 5, height = 5, color = "red;x:url(/a)" }, fails = "invalid_params", says = "color" },
  { name = "a colour that is no fixed one", page = "marks.html", params = { x = 1, y = 1, width = 5, height = 5, color = "inherit" }, fails = "invalid_params" },
  { name = "no size", page = "marks.html", params = { x = 1, y = 1 }, fails = "invalid_params", says = "width" },
}
