-- Shows another tab.

return {
  description = "Show another tab; actions and viewers follow",
  params = {
    type = "object",
    properties = {
      index = { type = "integer", minimum = 0, description = "Place of the tab, from 0" },
    },
    required = { "index" },
  },
  idempotent = true,

  run = function(ctx, params)
    local tab = ctx.tabs:switch(params.index)
    return { index = tab.index, url = tab.url, title = tab.title, tabs = #ctx.tabs:list() }
  end,
}
