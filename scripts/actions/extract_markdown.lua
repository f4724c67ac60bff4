-- Reads the page as Markdown.

return {
  description = "Read what the page says as Markdown: headings, lists, tables, links, code and the alternative texts of "
    .. "pictures, frames included; what is hidden and what fields hold is left out",
  params = {
    type = "object",
    properties = {
      main_only = { type = "boolean", default = false, description = "Only the main part, without navigation and the like" },
      max_chars = {
        type = "integer",
        minimum = 100,
        maximum = 1000000,
        default = 100000,
        description = "Characters at most; truncated says whether some is left out",
      },
    },
  },
  timeout_ms = 30000,
  idempotent = true,

  run = function(ctx, params)
    local data = ctx.page:article({ main_only = params.main_only, max_chars = params.max_chars })
    data.url = ctx.page:url()
    data.title = ctx.page:title()
    return data
  end,
}
