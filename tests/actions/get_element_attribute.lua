-- Reading attributes.
return {
  { name = "by index", page = "forms.html", params = { index = 0, attribute = "placeholder" }, data = { index = 0, attribute = "placeholder", value = "Name" } },
  { name = "a link's whole address", page = "drag.html", params = { selector = "#link", attribute = "href" }, data = { value = "{site}/second.html" } },
  { name = "in any case", page = "forms.html", params = { selector = "#mail", attribute = "VALUE" }, data = { value = "old@example.com" } },
  { name = "one that is not there", page = "forms.html", params = { selector = "#mail", attribute = "data-no" }, data = { value = NULL } },
  { name = "in a shadow root", page = "forms.html", params = { selector = "#deep", attribute = "value" }, data = { value = "deep down" } },
  { name = "never a password", page = "forms.html", params = { selector = "#secret", attribute = "value" }, data = { value = NULL }, lacks = "hunter2" },
  { name = "never a password in another spelling", page = "forms.html", params = { selector = "#secret", attribute = "Value" }, data = { value = NULL }, lacks = "hunter2" },
  {
    name = "never a password that the page shows",
    page = "forms.html",
    snapshot = true,
    setup = "secret.type = 'text'",
    params = { selector = "#secret", attribute = "value" },
    data = { value = NULL },
    lacks = "hunter2",
  },
  { name = "never a card number", page = "forms.html", params = { selector = "#card", attribute = "value" }, data = { value = NULL }, lacks = "4111" },
  { name = "no attribute", page = "forms.html", params = { index = 0 }, fails = "invalid_params", says = "attribute" },
}
