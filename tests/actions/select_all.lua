-- Selecting everything.
return {
  {
    name = "in a field by selector",
    page = "forms.html",
    params = { selector = "#notes" },
    data = { characters = 11 },
    state = { ["notes.selectionStart + '-' + notes.selectionEnd"] = "0-11", ["document.activeElement.id"] = "notes" },
  },
  { name = "by index", page = "forms.html", params = { index = 1 }, data = { index = 1, characters = 15 }, state = { ["getSelection().toString()"] = "old@example.com" } },
  { name = "in the focused field", page = "forms.html", setup = "notes.focus()", params = {}, data = { characters = 11 }, state = { ["notes.selectionEnd - notes.selectionStart"] = 11 } },
  { name = "the whole page", page = "second.html", params = {}, state = { ["getSelection().toString().length > 0"] = true } },
  { name = "in rich text", page = "forms.html", params = { selector = "#rich" }, data = { characters = 9 }, state = { ["getSelection().toString()"] = "rich text" } },
  { name = "the words of a paragraph", page = "forms.html", params = { selector = "#plain" }, state = { ["getSelection().toString()"] = "Plain words of the page" } },
  { name = "in a shadow root", page = "forms.html", params = { selector = "#deep" }, data = { characters = 9 }, state = { ["host.shadowRoot.activeElement.selectionEnd"] = 9 } },
  { name = "says no length of a password", page = "forms.html", params = { selector = "#secret" }, lacks = "characters", state = { ["document.activeElement.id"] = "secret" } },
  { name = "not in what is disabled", page = "forms.html", params = { selector = "#off" }, fails = "not_interactable", says = "disabled" },
}
