-- Scrolling to an element.
local SEEN = "(e => { const b = e.getBoundingClientRect(); return b.top >= 0 && b.bottom <= innerHeight })"

return {
  {
    name = "far down the page",
    page = "obstacles.html",
    params = { selector = "#far" },
    has = { "x", "y", "element" },
    state = { [SEEN .. "(far)"] = true, ["scrollY > 2000"] = true, ["log.length"] = 0 },
  },
  {
    name = "inside a part that scrolls",
    page = "obstacles.html",
    params = { selector = "#deep" },
    state = { ["deep.parentElement.scrollTop > 300"] = true, [SEEN .. "(deep)"] = true },
  },
  { name = "nothing to scroll to", page = "obstacles.html", params = { selector = "#nowhere" }, fails = "element_not_found" },
  { name = "no element named", page = "obstacles.html", params = {}, fails = "invalid_params" },
}
