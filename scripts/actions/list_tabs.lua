-- Lists the open tabs.

return {
  description = "List the open tabs: place, address, title, and which one is shown",
  params = { type = "object" },
  idempotent = true,

  run = function(ctx)
    ctx.tabs:refresh()
    local tabs = ctx.tabs:list()
    local active = nil
    for _, tab in ipairs(tabs) do
      if tab.active then
        active = tab.index
      end
    end
    return { tabs = tabs, count = #tabs, active = active }
  end,
}
