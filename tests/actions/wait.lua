-- Waiting.
return {
  { name = "as long as asked", page = "second.html", params = { seconds = 0.2 }, has = { "waited_ms" }, takes_ms = 200 },
  { name = "not at all", page = "second.html", params = { seconds = 0 } },
  { name = "not for ever", page = "second.html", params = { seconds = 61 }, fails = "invalid_params", says = "60" },
  { name = "not backwards", page = "second.html", params = { seconds = -1 }, fails = "invalid_params" },
  { name = "not a word", page = "second.html", params = { seconds = "long" }, fails = "invalid_params", says = "seconds" },
}
