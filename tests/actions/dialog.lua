-- Answers said in advance.
return {
  {
    name = "a confirmation that comes later",
    page = "asking.html",
    params = { accept = true },
    data = { next = { accept = true, times = 1 } },
    state = { ["confirm('Now?')"] = true },
  },
  {
    name = "used up after the first, and not by an alert",
    page = "asking.html",
    before = { { action = "dialog", params = { accept = true } }, { action = "click", params = { selector = "#both" } } },
    params = { accept = false },
    state = { ["answers"] = { true, false } },
  },
  {
    name = "for several questions",
    page = "asking.html",
    before = { { action = "dialog", params = { accept = true, times = 2 } }, { action = "click", params = { selector = "#both" } } },
    params = { accept = false },
    state = { ["answers"] = { true, true } },
  },
  {
    name = "a prompt's text",
    page = "asking.html",
    before = { { action = "dialog", params = { accept = true, text = "Ada" } }, { action = "click", params = { selector = "#name" } } },
    params = { accept = false },
    state = { ["answers"] = { "Ada" } },
  },
  {
    name = "a prompt's own text",
    page = "asking.html",
    before = { { action = "dialog", params = { accept = true } }, { action = "click", params = { selector = "#name" } } },
    params = { accept = false },
    state = { ["answers"] = { "nobody" } },
  },
  {
    name = "the later word counts",
    page = "asking.html",
    before = { { action = "dialog", params = { accept = true, times = 5 } } },
    params = { accept = false },
    data = { next = { accept = false, times = 1 } },
    state = { ["confirm('Now?')"] = false },
  },
  {
    name = "staying on a page that asks",
    page = "asking.html",
    before = {
      { action = "execute_javascript", params = { code = "onbeforeunload = e => { e.preventDefault(); return 'stay' }; 0" } },
      { action = "click", params = { selector = "#sure" } },
    },
    params = { accept = true },
    state = { ["answers"] = { false } },
  },
  { name = "yes or no?", page = "asking.html", fails = "invalid_params", says = "accept" },
}
