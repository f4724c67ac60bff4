-- An inbox: messages with a waste bin and a star each, and what opens from them.

local words = require("lib.words")

local function mark(screen, row, class)
  for _, icon in ipairs(screen:all({ tag = "span", class = class })) do
    if icon.index > row.index then
      return screen:click(icon)
    end
  end
  return screen:get({ tag = "span", class = class })
end

local function starts(with)
  return function(text)
    return text ~= nil and string.sub(text, 1, #with) == with
  end
end

return function(screen, utterance)
  local row = screen:get({ tag = "div", text = starts(string.match(utterance, "email by ([%a%-]+)") .. " ") })
  if string.find(utterance, "trash icon", 1, true) then
    return mark(screen, row, "trash")
  elseif string.find(utterance, "star icon", 1, true) then
    return mark(screen, row, "star")
  end
  screen:click(row)
  local to = string.match(utterance, "forward that email to ([%a%-]+)")
  screen:look():click(to and "Forward" or "Reply")
  screen:look()
  if to then
    screen:type({ type = "text" }, to)
    screen:click({ id = "send-forward" })
  else
    screen:type({ tag = "textarea" }, words.quoted(utterance))
    screen:click({ id = "send-reply" })
  end
end
