-- Requests.
return {
  {
    name = "what was requested before anybody asked, secrets as stars",
    page = "talking.html",
    setup = "while (performance.getEntriesByType('resource').length < 2) await new Promise(done => setTimeout(done, 20))",
    shows = { "talking.html", "second.html?api_key=***&page=2", '"resource_type":"document"', "nowhere.json", '"status":404' },
    lacks = "verysecret",
  },
  {
    name = "what is requested from then on",
    page = "second.html",
    before = { { action = "get_network", params = { clear = true } }, { action = "navigate", params = { url = "{site}/talking.html" } } },
    setup = "await fetch('form.html?token=hush', { method: 'POST' }).then(r => r.text())",
    shows = { '"method":"GET"', '"method":"POST"', "form.html?token=***", '"resource_type":"fetch"', '"status":200', '"duration_ms"', '"bytes"' },
    lacks = "hush",
  },
  {
    name = "a part of them",
    page = "talking.html",
    before = { { action = "get_network" }, { action = "navigate", params = { url = "{site}/talking.html" } } },
    setup = "await fetch('form.html').then(r => r.text())",
    params = { url = "form.html" },
    data = { total = 1 },
    lacks = "nowhere.json",
  },
  {
    name = "with the reason of a failure",
    page = "second.html",
    before = { { action = "get_network", params = { clear = true } } },
    setup = "await fetch('http://127.0.0.1:9/').catch(() => 0); const stop = new AbortController(); const f = fetch('/never', { signal: stop.signal }).catch(() => 0); stop.abort(); await f; 0",
    shows = { '"failure":"canceled"' },
  },
  { name = "since the future: none", page = "second.html", params = { since = 99999999999 }, data = { total = 0 }, shows = { '"entries":[]' } },
}
