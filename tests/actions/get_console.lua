-- The console.
return {
  {
    name = "what was said before anybody asked, exceptions too, secrets as stars",
    page = "talking.html",
    setup = "await new Promise(done => setTimeout(done, 100))",
    shows = {
      '"early 1 ', "careful", "TypeError: late and uncaught", "talking.html", '"line":4',
      "token=***", '"kind":"exception"', "404",
    },
    lacks = "geheim123",
  },
  {
    name = "errors only",
    page = "talking.html",
    setup = "await new Promise(done => setTimeout(done, 100))",
    params = { level = "error" },
    shows = { "late and uncaught" },
    lacks = "careful",
  },
  {
    name = "of the page before, too",
    page = "talking.html",
    before = {
      { action = "get_console" },
      { action = "navigate", params = { url = "{site}/second.html" } },
      { action = "execute_javascript", params = { code = "console.info('on the second page', { a: [1, 2], b: 'x' }, [true, null])" } },
    },
    shows = { "careful", 'on the second page {a: Array(2), b: \\"x\\"} [true, null]' },
  },
  {
    name = "not what was forgotten",
    page = "talking.html",
    before = {
      { action = "get_console", params = { clear = true } },
      { action = "execute_javascript", params = { code = "console.log('afterwards'); console.log('and more')" } },
    },
    params = { limit = 1, level = "log" },
    shows = { "and more" },
    lacks = "careful",
  },
  {
    name = "a flood is bounded",
    page = "second.html",
    before = { { action = "get_console" } },
    setup = "for (let i = 0; i < 3000; i++) console.log('line ' + i, { deep: { deeper: i } })",
    params = { limit = 500 },
    data = { total = 500 },
    shows = { "line 2999" },
    lacks = "line 100 ",
  },
}
