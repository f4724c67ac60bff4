-- Choosing radio buttons.
return {
  { name = "by selector", page = "forms.html", params = { selector = "#large" }, data = { checked = true, changed = true }, state = { ["large.checked"] = true, ["events.includes('change:large')"] = true } },
  {
    name = "in place of another",
    page = "forms.html",
    before = { { action = "radio_select", params = { selector = "#small" } } },
    params = { selector = "#large" },
    state = { ["large.checked"] = true, ["small.checked"] = false },
  },
  { name = "one of the page's own", page = "forms.html", params = { selector = "#blue" }, state = { ["blue.ariaChecked"] = "true", ["red.ariaChecked"] = "false" } },
  { name = "what is so already is left alone", page = "forms.html", params = { selector = "#red" }, data = { changed = false }, state = { ["red.ariaChecked"] = "true" } },
  { name = "not what is none", page = "forms.html", params = { selector = "#terms" }, fails = "not_interactable", says = "checkbox" },
  { name = "nothing", page = "forms.html", params = {}, fails = "invalid_params", says = "index" },
}
