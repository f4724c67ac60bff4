-- Volumes.
return {
  { name = "as a part of one", page = "media.html", params = { volume = 0.25 }, data = { volume = 0.25 }, state = { ["film.volume"] = 0.25, ["tone.volume"] = 1 } },
  { name = "as percent", page = "media.html", params = { volume = 40, selector = "#tone" }, data = { volume = 0.4 }, state = { ["tone.volume"] = 0.4 } },
  { name = "1 is full", page = "media.html", setup = "film.volume = 0", params = { volume = 1 }, state = { ["film.volume"] = 1 } },
  { name = "none", page = "media.html", params = { volume = 0 }, state = { ["film.volume"] = 0 } },
  {
    name = "says so when the page has its own mind",
    page = "media.html",
    setup = "film.addEventListener('volumechange', () => { if (film.volume < 0.5) film.volume = 0.5 })",
    params = { volume = 0.1 },
    fails = "action_failed",
    says = "0.5",
  },
  { name = "too loud", page = "media.html", params = { volume = 101 }, fails = "invalid_params", says = "volume" },
}
