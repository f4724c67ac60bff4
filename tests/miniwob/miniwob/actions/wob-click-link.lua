-- MiniWoB++ click-link: a word that works like a link.

local words = require("lib.words")

return require("lib.policy")("Click the link with the quoted text", function(screen, utterance)
  screen:click(words.quoted(utterance))
end)
