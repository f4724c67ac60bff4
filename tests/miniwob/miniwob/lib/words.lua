-- Words of a task's sentence.

local words = {}

local ORDINALS = { first = 1, second = 2, third = 3, last = -1 }

-- The nth part in double quotes.
function words.quoted(text, nth)
  local at = 0
  for part in string.gmatch(text, '"(.-)"') do
    at = at + 1
    if at == (nth or 1) then
      return part
    end
  end
  return nil
end

-- The parts between ", " in a list.
function words.list(text)
  local parts = {}
  for part in string.gmatch(text .. ", ", "(.-), ") do
    table.insert(parts, part)
  end
  return parts
end

-- The number in words such as "3rd" or "second".
function words.ordinal(text)
  return tonumber(string.match(text, "^(%d+)")) or ORDINALS[text]
end

-- The letters and digits of a text as keys.
function words.keys(text)
  local keys = {}
  for key in string.gmatch(text, "%w") do
    table.insert(keys, key)
  end
  return keys
end

return words
