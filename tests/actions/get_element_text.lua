-- Reading text.
return {
  { name = "of an element by selector", page = "form.html", params = { selector = "#quote" }, data = { text = "A quiet page\nof two lines" } },
  { name = "of an element by index", page = "buttons.html", params = { index = 0 }, data = { text = "Add", index = 0 } },
  { name = "of nothing", page = "buttons.html", params = {}, fails = "invalid_params" },
}
