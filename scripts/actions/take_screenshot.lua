-- Takes a picture of the page.

return {
  description = "Take a picture of what the viewport shows, or of the whole page; answers it as base64",
  params = {
    type = "object",
    properties = {
      full_page = { type = "boolean", default = false, description = "The whole page, not only the viewport" },
      format = { enum = { "png", "jpeg" }, default = "png", description = "The picture's format" },
      quality = { type = "integer", minimum = 1, maximum = 100, default = 80, description = "Of a JPEG" },
    },
  },
  idempotent = true,

  run = function(ctx, params)
    return ctx.page:screenshot({ full_page = params.full_page, format = params.format, quality = params.quality })
  end,
}
