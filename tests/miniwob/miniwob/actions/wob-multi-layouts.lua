-- MiniWoB++ multi-layouts: a form whose fields change their order; only words beside the fields tell them apart.

-- A word of what stands beside the field.
local function named(...)
  local names = { ... }
  return function(text)
    for _, name in ipairs(names) do
      if string.find(text or "", name, 1, true) then
        return true
      end
    end
    return false
  end
end

local BUTTONS = { ["Submit"] = true, ["Search"] = true, ["Go!"] = true }

return require("lib.policy")("Fill the search form and send it", function(screen, utterance)
  local genre, director, year = string.match(utterance, "^Search for (.-) movies directed by (.-) from year (%d+)")
  screen:type({ tag = "input", text = named("Genre") }, genre)
  screen:type({ tag = "input", text = named("Director") }, director)
  screen:type({ tag = "input", text = named("Year", "Date") }, year)
  screen:click({ text = function(text)
    return BUTTONS[text or ""] == true
  end })
end)
