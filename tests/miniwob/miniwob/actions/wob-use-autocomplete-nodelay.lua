-- MiniWoB++ use-autocomplete-nodelay: an entry of a list that opens while one types.

local words = require("lib.words")

return require("lib.policy")("Type the beginning, choose what ends as wanted, submit", function(screen, utterance)
  local beginning, ending = words.quoted(utterance, 1), words.quoted(utterance, 2) or ""
  -- The pointer would stand on the list that opens, and choose from it.
  screen:click({ type = "text" })
  screen:type({ type = "text" }, beginning)
  screen:click(screen:await({ tag = function(tag)
    return tag == "li"
  end, text = function(text)
    text = text or ""
    return string.sub(text, 1, #beginning) == beginning and string.sub(text, #text - #ending + 1) == ending
  end }))
  screen:look():click("Submit")
end)
