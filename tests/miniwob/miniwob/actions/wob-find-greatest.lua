-- MiniWoB++ find-greatest: the card with the greatest number.

return require("lib.policy")("Choose the greatest card and submit", function(screen)
  local best
  for _, card in ipairs(screen:all({ tag = "div" })) do
    if best == nil or tonumber(card.text) > tonumber(best.text) then
      best = card
    end
  end
  screen:click(best)
  screen:click("Submit")
end)
