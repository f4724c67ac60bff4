-- Giving elements the keyboard.
return {
  { name = "by index", page = "forms.html", params = { index = 2 }, data = { index = 2 }, state = { ["document.activeElement.id"] = "notes" } },
  { name = "by selector", page = "forms.html", params = { selector = "#toggle" }, state = { ["document.activeElement.id"] = "toggle" } },
  { name = "in a shadow root", page = "forms.html", params = { selector = "#deep" }, state = { ["document.activeElement.shadowRoot.activeElement.id"] = "deep" } },
  { name = "in a frame", page = "formframe.html", params = { selector = "#notes" }, state = { ["document.activeElement.id"] = "frame", ["frames[0].document.activeElement.id"] = "notes" } },
  { name = "far below, which is scrolled to", page = "buttons.html", params = { selector = "#below" }, state = { ["document.activeElement.id"] = "below", ["scrollY > 0"] = true } },
  { name = "not what takes no focus", page = "forms.html", params = { selector = "#plain" }, fails = "not_interactable", says = "focus" },
  { name = "not what is disabled", page = "forms.html", params = { selector = "#off" }, fails = "not_interactable" },
  { name = "nothing", page = "forms.html", params = {}, fails = "invalid_params", says = "index" },
}
