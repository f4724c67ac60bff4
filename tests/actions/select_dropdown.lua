-- Choosing from dropdown lists.
return {
  {
    name = "by value",
    page = "form.html",
    params = { selector = "#fruit", value = "b" },
    data = { value = "b", text = "Banana", option_index = 1 },
    state = { ["fruit.value"] = "b", ["changes.join()"] = "input:fruit,fruit=b" },
  },
  { name = "by text", page = "form.html", params = { index = 4, text = "Date palm fruit" }, data = { index = 4 }, state = { ["fruit.value"] = "d" } },
  { name = "by place", page = "form.html", params = { selector = "#fruit", option_index = 1 }, state = { ["fruit.value"] = "b" } },
  {
    name = "an option that is not there",
    page = "form.html",
    params = { selector = "#fruit", value = "z" },
    fails = { "element_not_found", "action_failed" },
    state = { ["fruit.value"] = "a" },
  },
  {
    name = "not what is no list",
    page = "form.html",
    params = { selector = "#name", value = "z" },
    fails = { "not_interactable", "action_failed" },
  },
  { name = "no option", page = "form.html", params = { selector = "#fruit" }, fails = "invalid_params", says = "option" },
}
