-- Pressing keys.
return {
  {
    name = "in an element",
    page = "form.html",
    params = { keys = "a", selector = "#name" },
    data = { keys = "a" },
    state = { ["document.getElementById('name').value"] = "a" },
  },
  {
    name = "a combination and then a key",
    page = "form.html",
    params = { keys = { "Control+A", "Backspace" }, selector = "#email" },
    state = { ["email.value"] = "", ["keys.filter(k => k != 'Control').join()"] = "Control+a,Backspace" },
  },
  {
    name = "Tab moves on",
    page = "form.html",
    params = { keys = "Tab", selector = "#name" },
    state = { ["document.activeElement.id"] = "email" },
  },
  {
    name = "Enter sends the form, and the answer is about the next page",
    page = "form.html",
    params = { keys = "Enter", selector = "#name" },
    data = { title = "Second" },
    state = { ["document.title"] = "Second" },
  },
  { name = "PageDown scrolls", page = "long.html", params = { keys = "PageDown" }, state = { ["scrollY > 0"] = true } },
  { name = "a key that no keyboard has", page = "form.html", params = { keys = "Fnord" }, fails = "invalid_params", says = "Fnord" },
  { name = "no key", page = "form.html", params = { keys = {} }, fails = "invalid_params" },
}
