-- The list of tabs.
return {
  {
    name = "with their titles as they are now",
    page = "form.html",
    before = {
      { action = "new_tab", params = { url = "{site}/second.html" } },
      { action = "execute_javascript", params = { code = "document.title = 'Renamed'" } },
      { action = "switch_tab", params = { index = 0 } },
    },
    data = {
      count = 2,
      active = 0,
      tabs = {
        { index = 0, title = "Form", url = "{site}/form.html", active = true },
        { index = 1, title = "Renamed", url = "{site}/second.html", active = false },
      },
    },
    tabs = 2,
  },
}
