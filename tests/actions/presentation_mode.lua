-- The mode for people who watch.
return {
  {
    name = "a large pointer; the page notices nothing",
    page = "marks.html",
    setup = "new Promise(done => { (function ready() { before ? done() : requestAnimationFrame(ready) })() })",
    params = {},
    data = { enabled = true },
    pixels = { ["5,20"] = "#dd0000" },
    state = { ["sense() === before"] = true, ["noticed.join()"] = "" },
  },
  {
    name = "off again",
    page = "marks.html",
    before = { { action = "presentation_mode" } },
    params = { enabled = false },
    data = { enabled = false },
    pixels = { ["5,20"] = "#ffffff" },
  },
  { name = "neither on nor off", page = "marks.html", params = { enabled = "maybe" }, fails = "invalid_params" },
}
