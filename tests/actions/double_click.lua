-- Double clicks.
return {
  {
    name = "a word, which selects it",
    page = "forms.html",
    setup = "plain.style.width = 'max-content'",
    params = { selector = "#plain" },
    state = { ["events.includes('dblclick:plain')"] = true, ["getSelection().toString().trim() !== ''"] = true },
  },
  { name = "by index", page = "buttons.html", params = { index = 0 }, data = { index = 0 }, state = { clicks = 2 } },
  { name = "a point", page = "buttons.html", params = { coordinate_x = 50, coordinate_y = 30 }, state = { clicks = 2 } },
  { name = "in a frame", page = "frames.html", params = { index = 2 }, state = { ["frames[0].clicks"] = 2 } },
  { name = "nothing", page = "buttons.html", params = {}, fails = "invalid_params", says = "index" },
}
