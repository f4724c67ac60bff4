-- Copying into the room's clipboard.
return {
  {
    name = "the selection of a field",
    page = "forms.html",
    setup = "notes.focus(); notes.setSelectionRange(0, 5)",
    params = {},
    data = { characters = 5 },
    state = { ["events.includes('copy:notes')"] = true, ["notes.value"] = "first notes" },
  },
  {
    name = "words of the page",
    page = "forms.html",
    before = { { action = "select_all", params = { selector = "#plain" } } },
    params = {},
    data = { characters = 23 },
    state = { ["events.includes('copy:plain')"] = true },
  },
  {
    name = "what the page's script puts in",
    page = "forms.html",
    setup = "notes.focus(); notes.select(); "
      .. "addEventListener('copy', (e) => { e.clipboardData.setData('text/plain', 'its own words'); e.preventDefault(); })",
    params = {},
    data = { characters = 13 },
  },
  { name = "in a field that tells no caret", page = "forms.html", before = { { action = "select_all", params = { selector = "#mail" } } }, params = {}, data = { characters = 15 } },
  {
    name = "nothing from a password",
    page = "forms.html",
    before = { { action = "select_all", params = { selector = "#secret" } } },
    params = {},
    fails = "not_interactable",
    says = "secret",
    lacks = "hunter2",
  },
  {
    name = "nothing from a password that the page shows",
    page = "forms.html",
    before = { { action = "select_all", params = { selector = "#secret" } } },
    setup = "secret.type = 'text'; secret.select()",
    params = {},
    fails = "not_interactable",
    lacks = "hunter2",
  },
  { name = "nothing from a card number", page = "forms.html", before = { { action = "select_all", params = { selector = "#card" } } }, params = {}, fails = "not_interactable", lacks = "4111" },
  { name = "nothing selected", page = "forms.html", setup = "notes.focus()", params = {}, fails = "action_failed", says = "nothing is selected" },
}
