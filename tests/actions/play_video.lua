-- Playing videos and sounds.
return {
  {
    name = "the largest one, though the page has no gesture of a person",
    page = "media.html",
    data = { paused = false, kind = "video", fullscreen = false },
    has = { "current_time", "duration", "volume" },
    state = { ["film.paused"] = false, ["tone.paused"] = true, ["film.currentTime > 0"] = true },
  },
  {
    name = "by selector",
    page = "media.html",
    params = { selector = "#tone" },
    data = { kind = "audio", paused = false },
    state = { ["tone.paused"] = false, ["film.paused"] = true },
  },
  { name = "by index", page = "media.html", params = { index = 0 }, data = { index = 0, paused = false }, state = { ["tone.paused"] = false } },
  {
    name = "the one in the named element",
    page = "media.html",
    params = { selector = "#player" },
    state = { ["small.paused"] = false, ["film.paused"] = true },
  },
  {
    name = "in a frame",
    page = "media_frame.html",
    data = { paused = false },
    state = { ["frames[0].film.paused"] = false },
  },
  {
    name = "in a shadow root",
    page = "second.html",
    setup = "const host = document.body.appendChild(document.createElement('div')); const root = host.attachShadow({ mode: 'open' });"
      .. "const frame = document.createElement('iframe'); frame.hidden = true; frame.src = 'media.html';"
      .. "document.body.append(frame); await new Promise(done => { frame.onload = done });"
      .. "root.innerHTML = '<video width=300 height=200></video>'; window.deep = root.firstChild; deep.src = frame.contentWindow.film.src; 0",
    data = { kind = "video", paused = false },
    state = { ["deep.paused"] = false },
  },
  {
    name = "again after its end",
    page = "media.html",
    setup = "film.muted = true; film.currentTime = 19.9; await film.play(); await new Promise(done => { film.onended = done })",
    state = { ["film.paused"] = false, ["film.currentTime < 15"] = true },
  },
  {
    name = "says so when the page pauses it again",
    page = "media.html",
    setup = "film.addEventListener('play', () => film.pause())",
    fails = "action_failed",
    says = "pause",
    state = { ["film.paused"] = true },
  },
  { name = "one without data", page = "media.html", params = { selector = "#empty" }, fails = "action_failed" },
  { name = "an element that is none", page = "media.html", params = { selector = "#plain" }, fails = "element_not_found", says = "no video" },
  { name = "on a page without", page = "second.html", fails = "element_not_found", says = "no video" },
}
