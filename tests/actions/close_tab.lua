-- Closing tabs.
return {
  {
    name = "the one that is shown",
    page = "form.html",
    before = { { action = "new_tab", params = { url = "{site}/second.html" } } },
    data = { closed = 1, tabs = 1, title = "Form" },
    state = { ["document.title"] = "Form" },
    tabs = 1,
  },
  {
    name = "another one",
    page = "form.html",
    before = { { action = "new_tab", params = { url = "{site}/second.html" } } },
    params = { index = 0 },
    data = { closed = 0, tabs = 1, title = "Second" },
    tabs = 1,
  },
  { name = "the last leaves an empty page", page = "form.html", data = { tabs = 1, url = "about:blank" }, tabs = 1 },
  { name = "a tab that is not there", page = "form.html", params = { index = 7 }, fails = "invalid_params", says = "no tab 7", tabs = 1 },
}
