-- MiniWoB++ search-engine: a result by its place, on one of three pages of three.

local words = require("lib.words")

local PER_PAGE = 3

return require("lib.policy")("Search, turn to the page, click the result", function(screen, utterance)
  screen:type({ type = "text" }, words.quoted(utterance))
  screen:click("Search")
  local nth = words.ordinal(string.match(utterance, "the (%w+) search result"))
  local page = math.ceil(nth / PER_PAGE)
  if page > 1 then
    screen:click(screen:await({ tag = "a", text = tostring(page) }))
  end
  screen:look():click({ tag = "a" }, nth - PER_PAGE * (page - 1))
end)
