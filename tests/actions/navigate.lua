-- Opening addresses.
return {
  {
    name = "opens an address and says what is there",
    params = { url = "{site}/form.html" },
    data = { title = "Form", status = 200, url = "{site}/form.html" },
    has = { "load_time_ms" },
    state = { ["document.title"] = "Form" },
  },
  {
    name = "opens it in a new tab",
    page = "form.html",
    params = { url = "{site}/second.html", new_tab = true },
    data = { title = "Second" },
    state = { ["document.title"] = "Second", ["history.length"] = 2 },
    tabs = 2,
  },
  {
    name = "says that the page is not there, and shows the error page",
    params = { url = "{site}/nowhere.html" },
    fails = "action_failed",
    says = "404",
    data = { status = 404 },
    state = { ["location.pathname"] = "/nowhere.html" },
  },
  {
    name = "an address that nobody answers",
    page = "form.html",
    params = { url = "http://127.0.0.1:9/" },
    fails = "network_error",
  },
  { name = "a scheme that is no page", page = "form.html", params = { url = "file:///etc/passwd" }, fails = "domain_blocked" },
  { name = "no address at all", page = "form.html", params = { url = "http://" }, fails = "invalid_params" },
  { name = "a missing parameter", page = "form.html", params = {}, fails = "invalid_params", says = "url" },
}
