-- Going forward.
return {
  {
    name = "to where one came back from",
    page = "form.html",
    before = { { action = "navigate", params = { url = "{site}/second.html" } }, { action = "go_back" } },
    data = { title = "Second" },
    state = { ["document.title"] = "Second" },
  },
  { name = "when there is nothing after", page = "form.html", fails = "action_failed" },
}
