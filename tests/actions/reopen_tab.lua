-- Opening closed tabs again.
return {
  {
    name = "the one that was closed last",
    page = "form.html",
    before = {
      { action = "new_tab", params = { url = "{site}/long.html" } },
      { action = "new_tab", params = { url = "{site}/second.html" } },
      { action = "close_tab" },
    },
    data = { title = "Second", url = "{site}/second.html", index = 2, tabs = 3 },
    state = { ["document.title"] = "Second" },
    tabs = 3,
  },
  {
    name = "then the one before, though it was the last tab",
    page = "form.html",
    before = {
      { action = "new_tab", params = { url = "{site}/second.html" } },
      { action = "close_tab" },
      { action = "close_tab" },
      { action = "reopen_tab" },
    },
    data = { title = "Second" },
    state = { ["document.title"] = "Second" },
    tabs = 3,
  },
  {
    name = "one that closed itself",
    page = "buttons.html",
    before = { { action = "click", params = { selector = "#popup" } }, { action = "close_tab" } },
    data = { title = "Second" },
  },
  { name = "when none was closed", page = "form.html", fails = "action_failed", says = "new_tab", tabs = 1 },
}
