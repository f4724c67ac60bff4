-- Key combinations.
return {
  {
    name = "select all by key code",
    page = "forms.html",
    params = { keys = "Control+KeyA", selector = "#notes" },
    data = { keys = "Control+KeyA" },
    state = { ["notes.selectionEnd - notes.selectionStart"] = 11, ["keys.map(k => k.key).join()"] = "Control,a" },
  },
  { name = "by key name, under the other parameter", page = "forms.html", params = { shortcut = "Control+A", index = 2 }, data = { index = 2 }, state = { ["notes.selectionEnd - notes.selectionStart"] = 11 } },
  {
    name = "copy and paste use the room's clipboard",
    page = "forms.html",
    before = {
      { action = "select_all", params = { selector = "#notes" } },
      { action = "keyboard_shortcut", params = { keys = "Control+KeyC" } },
    },
    params = { keys = "Control+V", selector = "#name" },
    state = {
      ["document.getElementById('name').value"] = "first notes",
      ["pasted.join()"] = "first notes",
      ["keys.filter(k => k.control && k.key === 'v').length"] = 1,
    },
  },
  {
    name = "cut by one way, paste by the other",
    page = "forms.html",
    before = {
      { action = "select_all", params = { selector = "#notes" } },
      { action = "keyboard_shortcut", params = { keys = "Control+X" } },
    },
    params = { keys = "Shift+Insert", selector = "#name" },
    state = { ["document.getElementById('name').value"] = "first notes", ["notes.value"] = "" },
  },
  {
    name = "a page that keeps the key keeps its clipboard",
    page = "forms.html",
    before = { { action = "select_all", params = { selector = "#notes" } }, { action = "copy", params = {} } },
    setup = "addEventListener('keydown', (e) => { if (e.ctrlKey && e.key === 'v') e.preventDefault(); })",
    params = { keys = "Control+V", selector = "#name" },
    state = { ["document.getElementById('name').value"] = "", ["pasted.length"] = 0, ["keys.length > 0"] = true },
  },
  {
    name = "nothing is copied from a password",
    page = "forms.html",
    before = {
      { action = "select_all", params = { selector = "#secret" } },
      { action = "keyboard_shortcut", params = { keys = "Control+C" } },
    },
    params = { keys = "Control+V", selector = "#name" },
    state = { ["document.getElementById('name').value"] = "" },
  },
  { name = "a page's own shortcut", page = "forms.html", setup = "addEventListener('keydown', (e) => { if (e.altKey && e.shiftKey && e.code === 'KeyQ') document.title = 'Shortcut'; })", params = { keys = "Alt+Shift+KeyQ" }, state = { ["document.title"] = "Shortcut" } },
  { name = "keys that no keyboard has", page = "forms.html", params = { keys = "Control+Fnord" }, fails = "invalid_params", says = "Fnord" },
  { name = "both names", page = "forms.html", params = { keys = "F1", shortcut = "F1" }, fails = "invalid_params" },
  { name = "no keys", page = "forms.html", params = {}, fails = "invalid_params", says = "keys" },
}
