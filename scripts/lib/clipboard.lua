-- What copy and cut answer, and what they refuse.

local clipboard = {}

-- The answer of a copy or cut; fails unless something is in the clipboard now.
function clipboard.copied(done)
  if done.state == "secret" then
    host.fail("not_interactable", "the selection is in a field whose content is secret; nothing is copied from there")
  end
  if done.state == "nothing" then
    host.fail("action_failed", "nothing is selected; use select_all or drag over the text, then copy it")
  end
  if done.state == "fixed" then
    host.fail("not_interactable", "what is selected cannot be removed from the page; use copy")
  end
  return { characters = done.characters }
end

return clipboard
