-- Emptying fields.
return {
  { name = "by selector", page = "forms.html", params = { selector = "#mail" }, state = { ["mail.value"] = "", ["events.includes('input:mail')"] = true } },
  { name = "by index", page = "forms.html", params = { index = 2 }, data = { index = 2 }, state = { ["notes.value"] = "" } },
  { name = "the focused field", page = "forms.html", setup = "notes.focus()", params = {}, state = { ["notes.value"] = "" } },
  { name = "what is empty already", page = "forms.html", params = { selector = "#name" }, state = { ["document.getElementById('name').value"] = "" } },
  { name = "a password", page = "forms.html", params = { selector = "#secret" }, lacks = "hunter2", state = { ["secret.value"] = "" } },
  { name = "rich text", page = "forms.html", params = { selector = "#rich" }, state = { ["rich.textContent.trim()"] = "" } },
  { name = "in a frame", page = "formframe.html", params = { selector = "#mail" }, state = { ["frames[0].mail.value"] = "" } },
  { name = "a field that is filled again is no success", page = "forms.html", params = { selector = "#stubborn" }, fails = "action_failed", says = "cannot be emptied" },
  { name = "not what is read-only", page = "forms.html", params = { selector = "#fixed" }, fails = "not_interactable", state = { ["fixed.value"] = "fixed" } },
  { name = "not what is disabled", page = "forms.html", params = { selector = "#off" }, fails = "not_interactable" },
  { name = "not what is no field", page = "forms.html", params = { selector = "#plain" }, fails = "not_interactable" },
  { name = "nothing has the focus", page = "forms.html", params = {}, fails = "element_not_found" },
}
