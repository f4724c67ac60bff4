-- Choosing several options of a list.
return {
  {
    name = "by values and texts, in place of what was chosen",
    page = "forms.html",
    params = { selector = "#many", values = { "x", "Zed" } },
    has = { "chosen" },
    state = { ["[...many.selectedOptions].map(o => o.value).join()"] = "x,z", ["events.includes('change:many')"] = true },
  },
  {
    name = "of a list of ARIA roles",
    page = "lists.html",
    params = { selector = "#several", values = { "Beta", "Gamma" } },
    state = { ["[...several.querySelectorAll('[aria-selected=true]')].map(o => o.textContent).join()"] = "Beta,Gamma" },
  },
  { name = "an option that is not there changes nothing", page = "forms.html", params = { selector = "#many", values = { "x", "nope" } }, fails = "element_not_found", says = "nope", state = { ["many.value"] = "y" } },
  { name = "not a disabled option", page = "forms.html", params = { selector = "#many", values = { "w" } }, fails = "not_interactable", state = { ["many.value"] = "y" } },
  { name = "not two of a list that takes one", page = "forms.html", params = { selector = "#fruit", values = { "a", "b" } }, fails = "not_interactable", says = "one" },
  { name = "not what is no list", page = "forms.html", params = { selector = "#name", values = { "a" } }, fails = "not_interactable" },
  { name = "no values", page = "forms.html", params = { selector = "#many" }, fails = "invalid_params", says = "values" },
}
