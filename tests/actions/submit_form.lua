-- Sending forms.
local function fill_name()
  return { action = "type", params = { selector = "#name", text = "Ada" } }
end

return {
  {
    name = "the first form, and waits for the page that comes",
    page = "forms.html",
    before = { fill_name() },
    params = {},
    data = { title = "Second", by_page = false },
    state = { ["document.title"] = "Second", ["new URLSearchParams(location.search).get('name')"] = "Ada" },
  },
  { name = "by a field's index", page = "forms.html", before = { fill_name() }, params = { index = 0 }, data = { index = 0, title = "Second" }, state = { ["document.title"] = "Second" } },
  {
    name = "validation stops it and says why, without secrets",
    page = "forms.html",
    params = { selector = "#send" },
    fails = "action_failed",
    says = "Name:",
    has = { "invalid" },
    lacks = "hunter2",
    state = { ["document.title"] = "Forms", ["events.includes('invalid:name')"] = true, ["document.activeElement.id"] = "name" },
  },
  {
    name = "a form that the page's script sends",
    page = "forms.html",
    before = { { action = "type", params = { selector = "#q", text = "words" } } },
    params = { selector = "#script" },
    data = { by_page = true, title = "Forms" },
    state = { ["sent.join()"] = "words" },
  },
  { name = "the form of the focused field", page = "forms.html", before = { { action = "type", params = { selector = "#q", text = "more" } } }, params = {}, state = { ["sent.join()"] = "more" } },
  { name = "a field that is named like a method", page = "forms.html", params = { selector = "#inner" }, state = { ["sent.join()"] = "clobbered" } },
  {
    name = "in a frame",
    page = "formframe.html",
    before = { { action = "type", params = { selector = "#q", text = "framed" } } },
    params = { selector = "#q" },
    state = { ["frames[0].sent.join()"] = "framed" },
  },
  { name = "not by a disabled button", page = "forms.html", params = { selector = "#shut" }, fails = "not_interactable", says = "disabled" },
  { name = "not what is in no form", page = "forms.html", params = { selector = "#plain" }, fails = "not_interactable", says = "no form" },
  { name = "no form on the page", page = "second.html", params = {}, fails = "element_not_found" },
}
