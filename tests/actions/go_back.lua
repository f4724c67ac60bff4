-- Going back.
return {
  {
    name = "to the page before",
    page = "form.html",
    before = { { action = "navigate", params = { url = "{site}/second.html" } } },
    data = { title = "Form", url = "{site}/form.html" },
    state = { ["document.title"] = "Form" },
  },
  {
    name = "over a step that changed only the address",
    page = "form.html",
    setup = "history.pushState({}, '', '#there')",
    data = { url = "{site}/form.html" },
    state = { ["location.hash"] = "" },
  },
  { name = "when there is nothing before", blank = true, fails = "action_failed" },
}
