-- Opening tabs.
return {
  {
    name = "with an address",
    page = "form.html",
    params = { url = "{site}/second.html" },
    data = { title = "Second", index = 1, tabs = 2 },
    state = { ["document.title"] = "Second" },
    tabs = 2,
  },
  { name = "empty", page = "form.html", data = { url = "about:blank", index = 1, tabs = 2 }, tabs = 2 },
  { name = "not with a scheme that is no page", page = "form.html", params = { url = "chrome://gpu" }, fails = "domain_blocked", tabs = 1 },
}
