-- JavaScript in the page.
return {
  { name = "an expression", page = "form.html", params = { code = "1 + 2" }, data = { result = 3 } },
  {
    name = "statements, the last value answered",
    page = "form.html",
    params = { code = "const a = 20; let b = a * 2; b + 2" },
    data = { result = 42 },
  },
  {
    name = "a promise, awaited",
    page = "form.html",
    params = { code = "await new Promise(done => setTimeout(() => done('later'), 20))" },
    data = { result = "later" },
  },
  {
    name = "in the page's own world",
    page = "form.html",
    params = { code = "window.mine = { deep: [1, null, 'x', {}] }; mine" },
    data = { result = { deep = { 1, NULL, "x", {} } } },
    state = { ["window.mine.deep.length"] = 4 },
  },
  {
    name = "in a world of its own",
    page = "form.html",
    params = { code = "window.mine = 1; typeof changes", world = "isolated" },
    data = { result = "undefined" },
    state = { ["typeof window.mine"] = "undefined" },
  },
  { name = "nothing is null", page = "form.html", params = { code = "void 0" }, data = { result = NULL } },
  {
    name = "an exception, with its message",
    page = "form.html",
    params = { code = "throw new TypeError('no such luck')" },
    fails = "action_failed",
    says = "no such luck",
  },
  { name = "code that does not parse", page = "form.html", params = { code = "1 +" }, fails = "action_failed", says = "SyntaxError" },
}
