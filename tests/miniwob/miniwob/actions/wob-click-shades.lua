-- MiniWoB++ click-shades: all shades of a colour, which their styles tell.

-- The main part of a colour such as rgb(10, 200, 30).
local function main_part(style)
  local parts = {}
  for part in string.gmatch(string.match(style, "rgb%((.-)%)"), "%d+") do
    table.insert(parts, tonumber(part))
  end
  if parts[1] > parts[2] and parts[1] > parts[3] then
    return "red"
  end
  return parts[2] > parts[3] and "green" or "blue"
end

return require("lib.policy")("Choose all shades of the colour and submit", function(screen, utterance)
  local colour = string.match(utterance, "shades of (%w+)")
  for _, shade in ipairs(screen:all({ tag = "span" })) do
    if main_part(screen:attribute(shade, "style")) == colour then
      screen:click(shade)
    end
  end
  screen:click("Submit")
end)
