-- Pasting what the room has copied.
local function copy_notes()
  return { action = "select_all", params = { selector = "#notes" } }, { action = "copy", params = {} }
end
local select_notes, copy = copy_notes()

return {
  {
    name = "into a field by selector, with the page's event",
    page = "forms.html",
    before = { select_notes, copy },
    params = { selector = "#name" },
    data = { characters = 11, by_page = false },
    state = {
      ["document.getElementById('name').value"] = "first notes",
      ["pasted.join()"] = "first notes",
      ["events.includes('input:name')"] = true,
    },
  },
  {
    name = "by index, at the end",
    page = "forms.html",
    before = { select_notes, copy },
    params = { index = 2 },
    data = { index = 2 },
    state = { ["notes.value"] = "first notesfirst notes" },
  },
  {
    name = "in place of what is selected",
    page = "forms.html",
    before = { select_notes, copy, { action = "select_all", params = { selector = "#mail" } } },
    params = {},
    state = { ["mail.value"] = "first notes" },
  },
  { name = "into rich text", page = "forms.html", before = { select_notes, copy }, params = { selector = "#rich" }, state = { ["rich.textContent"] = "rich textfirst notes" } },
  { name = "in a shadow root", page = "forms.html", before = { select_notes, copy }, params = { selector = "#deep" }, state = { ["host.shadowRoot.getElementById('deep').value"] = "deep downfirst notes" } },
  {
    name = "several lines into a field of one",
    page = "forms.html",
    setup = "1",
    before = {
      { action = "type", params = { selector = "#notes", text = "one\ntwo", clear = true } },
      select_notes,
      copy,
    },
    params = { selector = "#name" },
    state = { ["document.getElementById('name').value"] = "one two" },
  },
  {
    name = "survives a navigation",
    page = "forms.html",
    before = { select_notes, { action = "cut", params = {} }, { action = "navigate", params = { url = "{site}/form.html" } } },
    params = { selector = "#notes" },
    state = { ["notes.value"] = "first notes" },
  },
  {
    name = "what the page takes itself",
    page = "forms.html",
    before = { select_notes, copy },
    setup = "addEventListener('paste', (e) => e.preventDefault())",
    params = { selector = "#name" },
    data = { by_page = true },
    state = { ["pasted.join()"] = "first notes", ["document.getElementById('name').value"] = "" },
  },
  { name = "a password", page = "forms.html", before = { select_notes, copy }, params = { selector = "#secret" }, lacks = "hunter2", state = { ["secret.value"] = "hunter2first notes" } },
  { name = "nothing copied", page = "forms.html", params = { selector = "#name" }, fails = "action_failed", says = "empty" },
  { name = "no field", page = "forms.html", before = { select_notes, copy }, setup = "notes.blur()", params = {}, fails = "not_interactable", says = "field" },
  { name = "not into what is read-only", page = "forms.html", before = { select_notes, copy }, params = { selector = "#fixed" }, fails = "not_interactable", state = { ["fixed.value"] = "fixed" } },
  { name = "a field that refuses the text is no success", page = "forms.html", before = { select_notes, copy }, params = { selector = "#digits" }, fails = "action_failed", says = "take" },
  { name = "a field that is full is no success", page = "forms.html", before = { select_notes, copy }, setup = "mail.maxLength = 3", params = { selector = "#mail" }, fails = "action_failed", says = "full", state = { ["mail.value"] = "old@example.com" } },
  { name = "in a frame", page = "formframe.html", before = { select_notes, copy }, params = { selector = "#outside" }, state = { ["outside.value"] = "first notes" } },
  {
    name = "into a frame",
    page = "formframe.html",
    before = { { action = "type", params = { selector = "#outside", text = "from outside" } }, { action = "select_all", params = { selector = "#outside" } }, copy },
    params = { selector = "#name" },
    state = { ["frames[0].document.getElementById('name').value"] = "from outside" },
  },
}
