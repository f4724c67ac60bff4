-- Opening context menus.
return {
  {
    name = "an element",
    page = "forms.html",
    params = { selector = "#plain" },
    data = { title = "Forms" },
    state = { ["events.includes('contextmenu:plain')"] = true },
  },
  { name = "by index", page = "forms.html", params = { index = 0 }, data = { index = 0 }, state = { ["events.includes('contextmenu:name')"] = true } },
  {
    name = "a point",
    page = "buttons.html",
    params = { coordinate_x = 50, coordinate_y = 30 },
    data = { x = 50, y = 30 },
    state = { clicks = 0, ["presses[0][0]"] = "2" },
  },
  { name = "in a shadow root", page = "forms.html", params = { selector = "#deep" }, state = { ["events.includes('contextmenu:host')"] = true } },
  { name = "not what is disabled", page = "forms.html", params = { selector = "#off" }, fails = "not_interactable", says = "disabled" },
  { name = "nothing", page = "forms.html", params = {}, fails = "invalid_params", says = "index" },
}
