-- Typing with pauses.
return {
  {
    name = "into the first field, with a pause between keys",
    page = "forms.html",
    params = { text = "Ada!", delay = 0.05 },
    data = { characters = 4 },
    state = {
      ["document.getElementById('name').value"] = "Ada!",
      ["keys.slice(1).every((key, i) => key.at - keys[i].at > 30)"] = true,
    },
    takes_ms = 150,
  },
  { name = "by index, at the end", page = "forms.html", params = { text = " and more", index = 2, delay = 0 }, data = { index = 2 }, state = { ["notes.value"] = "first notes and more" } },
  {
    name = "signs that no key has stay whole",
    page = "forms.html",
    params = { text = "é漢👩‍💻", selector = "#name", delay = 0.01 },
    state = { ["document.getElementById('name').value"] = "é漢👩‍💻" },
  },
  { name = "a password, which the answer does not repeat", page = "forms.html", params = { text = "sesame", selector = "#secret", delay = 0 }, lacks = "sesame", state = { ["secret.value"] = "hunter2sesame" } },
  { name = "not into what is read-only", page = "forms.html", params = { text = "x", selector = "#fixed" }, fails = "not_interactable", says = "read-only" },
  { name = "a field that refuses the text is no success", page = "forms.html", params = { text = "abc", selector = "#digits", delay = 0 }, fails = "action_failed", says = "did not take" },
  { name = "longer than a call may take", page = "forms.html", params = { text = string.rep("x", 100), delay = 10 }, fails = "invalid_params", says = "delay" },
  { name = "no text", page = "forms.html", params = {}, fails = "invalid_params", says = "text" },
}
