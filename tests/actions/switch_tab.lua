-- Showing another tab.
return {
  {
    name = "back to the first",
    page = "form.html",
    before = { { action = "new_tab", params = { url = "{site}/second.html" } } },
    params = { index = 0 },
    data = { index = 0, title = "Form", tabs = 2 },
    state = { ["document.title"] = "Form" },
    tabs = 2,
  },
  { name = "a tab that is not there", page = "form.html", params = { index = 7 }, fails = "invalid_params", says = "no tab 7" },
  { name = "which one?", page = "form.html", params = {}, fails = "invalid_params", says = "index" },
}
