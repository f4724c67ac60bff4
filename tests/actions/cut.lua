-- Moving text into the room's clipboard.
return {
  {
    name = "the selection of a field",
    page = "forms.html",
    setup = "notes.focus(); notes.setSelectionRange(0, 6)",
    params = {},
    data = { characters = 6 },
    state = { ["notes.value"] = "notes", ["events.filter(e => /notes/.test(e)).join()"] = "cut:notes,input:notes" },
  },
  { name = "from rich text", page = "forms.html", before = { { action = "select_all", params = { selector = "#rich" } } }, params = {}, data = { characters = 9 }, state = { ["rich.textContent.trim()"] = "" } },
  { name = "not from a password", page = "forms.html", before = { { action = "select_all", params = { selector = "#secret" } } }, params = {}, fails = "not_interactable", state = { ["secret.value"] = "hunter2" } },
  { name = "not from the page itself", page = "forms.html", before = { { action = "select_all", params = { selector = "#plain" } } }, params = {}, fails = "not_interactable", says = "copy", state = { ["plain.textContent"] = "Plain words of the page" } },
  { name = "not from a read-only field", page = "forms.html", setup = "fixed.focus(); fixed.select()", params = {}, fails = "not_interactable", state = { ["fixed.value"] = "fixed" } },
  { name = "a field that is filled again is no success", page = "forms.html", setup = "stubborn.focus(); stubborn.select()", params = {}, fails = "not_interactable", state = { ["stubborn.value"] = "stubborn" } },
  { name = "nothing selected", page = "forms.html", setup = "notes.focus()", params = {}, fails = "action_failed", says = "nothing is selected" },
}
