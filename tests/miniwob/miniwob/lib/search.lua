-- Something that is behind one of several tabs or sections.

local words = require("lib.words")

-- A section that unfolds shows what is in it after a moment.
local LOOKS = 5
local PACE_MS = 60

local function appears(screen, wanted)
  for _ = 1, LOOKS do
    if screen:look():find(wanted) then
      return true
    end
    screen.ctx.sleep(PACE_MS)
  end
  return false
end

-- What still unfolds may slip away; when the task has ended, its cover says START.
local function click_through(screen, wanted)
  for _ = 1, 3 do
    screen:click(wanted)
    if screen:look():find("START") then
      return
    end
  end
end

-- Opens one after the other until the quoted text is there, and clicks that. `header` is what opens them.
return function(header)
  return function(screen, utterance)
    local wanted = { tag = "span", text = words.quoted(utterance) }
    for nth = 1, #screen:all(header) do
      local opener = screen:get(header, nth)
      if not (opener.selected and opener.expanded) then
        screen:click(opener)
      end
      if appears(screen, wanted) then
        return click_through(screen, wanted)
      end
    end
    host.fail("element_not_found", wanted.text .. " is behind none of them")
  end
end
