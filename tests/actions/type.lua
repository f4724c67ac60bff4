-- Typing into fields.
return {
  {
    name = "into the first field, with key events",
    page = "form.html",
    params = { text = "Ada!" },
    data = { characters = 4 },
    state = { ["document.getElementById('name').value"] = "Ada!", ["keys.filter(k => k != 'Shift').join('')"] = "Ada!" },
  },
  {
    name = "by index, after what is there",
    page = "form.html",
    params = { text = "example.com", index = 1 },
    data = { index = 1 },
    state = { ["email.value"] = "old@example.com" },
  },
  {
    name = "in place of what is there",
    page = "form.html",
    params = { text = "new@example.com", selector = "#email", clear = true },
    state = { ["email.value"] = "new@example.com" },
  },
  {
    name = "letters that no key has",
    page = "form.html",
    params = { text = "żółć 漢字 🙂", selector = "#notes" },
    data = { characters = 9 },
    state = { ["notes.value"] = "żółć 漢字 🙂" },
  },
  {
    name = "several lines",
    page = "form.html",
    params = { text = "one\ntwo", selector = "#notes" },
    state = { ["notes.value"] = "one\ntwo" },
  },
  {
    name = "a password, which the answer does not repeat",
    page = "form.html",
    params = { text = "hunter2", selector = "#secret" },
    lacks = "hunter2",
    state = { ["secret.value"] = "hunter2" },
  },
  {
    name = "not into what is read-only",
    page = "form.html",
    params = { text = "x", selector = "#fixed" },
    fails = { "not_interactable", "action_failed" },
    state = { ["fixed.value"] = "fixed" },
  },
  {
    name = "a field that refuses the text is no success",
    page = "form.html",
    params = { text = "abc", selector = "#digits" },
    fails = "action_failed",
    says = "did not take",
  },
  { name = "no field on the page", page = "second.html", params = { text = "x" }, fails = "element_not_found" },
  { name = "no text", page = "form.html", params = {}, fails = "invalid_params", says = "text" },
}
