-- MiniWoB++ click-shape: a shape or character of a size, a colour and a kind.

local TAGS = { circle = "circle", rectangle = "rect", triangle = "polygon" }
-- Small shapes are 10 pixels wide, large ones 20; characters in proportion.
local LARGE = { text = 15, other = 14 }

local function is_of_kind(shape, kind)
  if kind == "item" then
    return true
  elseif shape.tag ~= "text" then
    return kind == "shape" or shape.tag == TAGS[kind]
  elseif kind == "digit" then
    return string.find(shape.text, "%d") ~= nil
  elseif kind == "letter" then
    return string.find(shape.text, "%a") ~= nil
  end
  return shape.text == kind
end

local function fits(screen, shape, size, colour, kind)
  if not is_of_kind(shape, kind) then
    return false
  end
  local limit = shape.tag == "text" and LARGE.text or LARGE.other
  if size ~= nil and (shape.rect.height > limit) ~= (size == "large") then
    return false
  end
  return colour == nil or screen:attribute(shape, "fill") == colour
end

return require("lib.policy")("Click a shape that is as described", function(screen, utterance)
  local wanted = {}
  for word in string.gmatch(string.match(utterance, "^Click on an? (.*)$"), "%S+") do
    table.insert(wanted, word)
  end
  local kind = table.remove(wanted)
  local size = (wanted[1] == "large" or wanted[1] == "small") and table.remove(wanted, 1) or nil
  for _, shape in ipairs(screen.shot.elements) do
    if shape.tag ~= "svg" and fits(screen, shape, size, wanted[1], kind) then
      return screen:click(shape)
    end
  end
  host.fail("element_not_found", "there is no such shape")
end)
