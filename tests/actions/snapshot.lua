-- The numbered elements.
return {
  {
    name = "all of them, with what tells them apart",
    page = "form.html",
    data = { title = "Form", total_elements = 8, truncated = false },
    has = { "revision", "elements", "url" },
    lacks = "hunter2",
    setup = "secret.value = 'hunter2'",
  },
  {
    name = "its numbers are those of the next action",
    page = "buttons.html",
    before = { { action = "snapshot" }, { action = "click", params = { index = 0 } } },
    data = { title = "Buttons" },
    state = { clicks = 1 },
  },
  { name = "only so many", page = "form.html", params = { max_elements = 2 }, data = { total_elements = 8, truncated = true } },
  { name = "none on an empty page", page = "second.html", setup = "document.body.innerHTML = ''", data = { total_elements = 0 }, shows = { '"elements":[]' } },
  { name = "no negative number", page = "form.html", params = { max_elements = -1 }, fails = "invalid_params", says = "max_elements" },
}
