-- Moves what is selected into the room's clipboard.

local clipboard = require("lib.clipboard")

return {
  description = "Copy what is selected into the clipboard of the room and remove it from its field; from password fields "
    .. "nothing is cut",
  params = { type = "object" },

  run = function(ctx)
    return clipboard.copied(ctx.clipboard:cut())
  end,
}
