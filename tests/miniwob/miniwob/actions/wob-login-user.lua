-- MiniWoB++ login-user: name and password.

local words = require("lib.words")

return require("lib.policy")("Type name and password and log in", function(screen, utterance)
  screen:type({ type = "text" }, words.quoted(utterance, 1))
  screen:type({ type = "password" }, words.quoted(utterance, 2))
  screen:click({ tag = "button" })
end)
