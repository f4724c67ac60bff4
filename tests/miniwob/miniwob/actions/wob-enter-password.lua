-- MiniWoB++ enter-password: the same into two password fields.

local words = require("lib.words")

return require("lib.policy")("Type the quoted password into both fields and submit", function(screen, utterance)
  for nth = 1, 2 do
    screen:type({ type = "password" }, words.quoted(utterance), nth)
  end
  screen:click("Submit")
end)
