-- Turning boxes and switches on and off.
return {
  { name = "on", page = "forms.html", params = { selector = "#terms", checked = true }, data = { checked = true, changed = true }, state = { ["terms.checked"] = true, ["events.includes('change:terms')"] = true } },
  { name = "off", page = "forms.html", params = { selector = "#news", checked = false }, data = { changed = true }, state = { ["news.checked"] = false } },
  { name = "what is so already is left alone", page = "forms.html", params = { selector = "#news", checked = true }, data = { changed = false }, state = { ["news.checked"] = true, ["events.length"] = 0 } },
  { name = "by its label", page = "forms.html", params = { selector = "label:has(#terms)", checked = true }, state = { ["terms.checked"] = true } },
  { name = "a switch that takes a moment", page = "forms.html", params = { selector = "#toggle", checked = true }, state = { ["toggle.ariaChecked"] = "true" } },
  { name = "a box of the page's own", page = "forms.html", params = { selector = "#box", checked = false }, state = { ["box.ariaChecked"] = "false" } },
  { name = "in a shadow root", page = "forms.html", params = { selector = "#deepbox", checked = true }, state = { ["host.shadowRoot.getElementById('deepbox').checked"] = true } },
  { name = "in a frame", page = "formframe.html", params = { selector = "#terms", checked = true }, state = { ["frames[0].terms.checked"] = true } },
  { name = "one that does not change is no success", page = "forms.html", params = { selector = "#dead", checked = true }, fails = "not_interactable", says = "did not change" },
  { name = "not what is no box", page = "forms.html", params = { selector = "#name", checked = true }, fails = "not_interactable" },
  { name = "a radio button is not turned off", page = "forms.html", params = { selector = "#small", checked = false }, fails = "invalid_params", says = "another" },
  { name = "on or off?", page = "forms.html", params = { selector = "#terms" }, fails = "invalid_params", says = "checked" },
}
