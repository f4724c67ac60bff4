-- Resetting forms.
return {
  {
    name = "the first form",
    page = "forms.html",
    before = {
      { action = "clear", params = { selector = "#mail" } },
      { action = "checkbox_set", params = { selector = "#news", checked = false } },
    },
    setup = "document.activeElement.blur()",
    params = {},
    state = { ["mail.value"] = "old@example.com", ["news.checked"] = true, ["events.includes('reset:form')"] = true },
  },
  {
    name = "by a field",
    page = "forms.html",
    before = { { action = "clear", params = { selector = "#mail" } } },
    params = { index = 2 },
    data = { index = 2 },
    state = { ["mail.value"] = "old@example.com" },
  },
  { name = "a field that is named like the method", page = "forms.html", setup = "inner.value = 'x'", params = { selector = "#clobbered" }, state = { ["inner.value"] = "" } },
  { name = "a page that does not let it is no success", page = "forms.html", setup = "keep.value = 'x'", params = { selector = "#keep" }, fails = "not_interactable", says = "keeps", state = { ["keep.value"] = "x" } },
  { name = "not what is in no form", page = "forms.html", params = { selector = "#plain" }, fails = "not_interactable", says = "no form" },
}
