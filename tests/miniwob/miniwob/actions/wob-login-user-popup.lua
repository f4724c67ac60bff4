-- MiniWoB++ login-user-popup: name and password, and a question that comes in between.

local words = require("lib.words")

-- The question comes when a field gets the focus, and locks the form.
local function type_through(screen, kind, text)
  screen:click({ type = kind })
  if screen:look():find("Cancel") then
    screen:click("Cancel")
    screen:look()
  end
  screen:type({ type = kind }, text)
end

return require("lib.policy")("Type name and password, refuse to leave, and log in", function(screen, utterance)
  type_through(screen, "text", words.quoted(utterance, 1))
  type_through(screen, "password", words.quoted(utterance, 2))
  screen:click({ tag = "button", text = "OK" })
end)
