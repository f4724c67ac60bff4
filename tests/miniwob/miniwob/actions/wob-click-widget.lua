-- MiniWoB++ click-widget: an element by its kind.

local words = require("lib.words")

local KINDS = {
  radio = { tag = "input", type = "radio" },
  checkbox = { tag = "input", type = "checkbox" },
  text = { tag = "input", type = "text" },
  textarea = { tag = "textarea" },
  button = { tag = "button" },
}

return require("lib.policy")("Click an element of the kind that is named", function(screen, utterance)
  screen:click(KINDS[words.quoted(utterance)])
end)
