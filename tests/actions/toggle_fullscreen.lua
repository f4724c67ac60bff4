-- The whole screen and back.
return {
  {
    name = "the main video",
    page = "media.html",
    data = { fullscreen = true, kind = "video" },
    state = { ["document.fullscreenElement === film"] = true },
  },
  {
    name = "and back",
    page = "media.html",
    before = { { action = "toggle_fullscreen" } },
    data = { fullscreen = false },
    state = { ["document.fullscreenElement"] = NULL },
  },
  {
    name = "in a frame",
    page = "media_frame.html",
    data = { fullscreen = true },
    state = { ["frames[0].document.fullscreenElement === frames[0].film"] = true },
  },
  {
    name = "an element that is no video",
    page = "media.html",
    params = { selector = "#plain" },
    data = { fullscreen = true },
    state = { ["document.fullscreenElement === plain"] = true },
  },
  {
    name = "a page without video",
    page = "second.html",
    data = { fullscreen = true },
    state = { ["document.fullscreenElement === document.documentElement"] = true },
  },
  {
    name = "says so when it is forbidden",
    page = "second.html",
    setup = "document.documentElement.requestFullscreen = null; Element.prototype.requestFullscreen = () => Promise.reject(new Error('no'));"
      .. "const f = document.createElement('iframe'); f.src = 'media.html'; f.allow = \"fullscreen 'none'\"; f.width = 500; f.height = 400;"
      .. "document.body.append(f); await new Promise(done => { f.onload = done }); 0",
    fails = "action_failed",
    says = "refused",
    state = { ["frames[0].document.fullscreenElement"] = NULL },
  },
}
