-- MiniWoB++ click-collapsible-nodelay: a section is opened before the form is sent.

return require("lib.policy")("Open the section and submit", function(screen)
  screen:click({ role = "tab", text = function(text)
    return string.find(text, "^Section") ~= nil
  end })
  -- The button moves while the section unfolds, and may slip away; when the task has ended, its cover says START.
  for _ = 1, 3 do
    screen:look():click({ tag = "button", text = "Submit" })
    if screen:look():find("START") then
      return
    end
  end
end)
