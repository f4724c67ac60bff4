-- What was asked.
return {
  { name = "nothing", page = "asking.html", data = { total = 0 }, shows = { '"dialogs":[]' } },
  {
    name = "with the answers",
    page = "asking.html",
    before = {
      { action = "dialog", params = { accept = true, text = "Ada" } },
      { action = "click", params = { selector = "#name" } },
      { action = "click", params = { selector = "#sure" } },
    },
    data = { total = 2 },
    shows = { "Your name?", "nobody", "Ada", "Delete it?", '"accepted":false' },
    state = { answers = { "Ada", false } },
  },
  {
    name = "the latest only",
    page = "asking.html",
    before = { { action = "click", params = { selector = "#name" } }, { action = "click", params = { selector = "#sure" } } },
    params = { limit = 1 },
    shows = { "Delete it?" },
    lacks = "Your name?",
    data = { total = 2 },
  },
}
