-- The action that takes pictures; it has two names.

local target = require("lib.target")

local side = { type = "number", minimum = 1, maximum = 16384 }
local place = { type = "number", minimum = 0 }

return {
  description = "Take a picture of what the viewport shows, of the whole page, of a part or of an element; answers it "
    .. "as base64",
  params = {
    type = "object",
    properties = target.element_properties({
      full_page = { type = "boolean", default = false, description = "The whole page, not only the viewport" },
      clip = {
        type = "object",
        properties = { x = place, y = place, width = side, height = side },
        required = { "x", "y", "width", "height" },
        description = "Only this part, in CSS pixels of the viewport, or with full_page of the whole page",
      },
      format = { enum = { "png", "jpeg" }, default = "png", description = "The picture's format" },
      quality = { type = "integer", minimum = 1, maximum = 100, default = 80, description = "Of a JPEG" },
    }),
  },
  idempotent = true,

  run = function(ctx, params)
    local element = nil
    if target.names_element(params) then
      if params.full_page or params.clip then
        host.fail("invalid_params", "a picture is of an element, of a part or of the whole page; give one of them")
      end
      element = { index = params.index, revision = params.revision, selector = params.selector }
    end
    local picture = ctx.page:screenshot({
      full_page = params.full_page,
      clip = params.clip,
      element = element,
      format = params.format,
      quality = params.quality,
    })
    picture.index = params.index
    return picture
  end,
}
