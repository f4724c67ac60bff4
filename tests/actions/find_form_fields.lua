-- The fields of a login form.
return {
  {
    name = "those around the password, not those of other forms",
    page = "login.html",
    data = { username_index = 4, password_index = 5, submit_index = 7 },
  },
  {
    name = "a name alone",
    page = "login.html",
    setup = "login.remove()",
    data = { username_index = 2, password_index = NULL, submit_index = 3 },
  },
  {
    name = "a button by its words",
    page = "login.html",
    setup = "document.body.innerHTML = '<input type=text name=user><input type=password><div role=button tabindex=0>Log in</div>'",
    data = { username_index = 0, password_index = 1, submit_index = 2 },
  },
  { name = "none of them", page = "second.html", data = { username_index = NULL, password_index = NULL, submit_index = NULL } },
  {
    name = "the indexes can be typed into",
    page = "login.html",
    before = { { action = "find_form_fields" }, { action = "type", params = { index = 5, text = "hunter2" } } },
    state = { ["pw.value"] = "hunter2" },
    lacks = "hunter2",
  },
  { name = "takes no parameters", page = "login.html", params = { form = 1 }, fails = "invalid_params" },
}
