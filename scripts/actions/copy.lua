-- Copies what is selected into the room's clipboard.

local clipboard = require("lib.clipboard")

return {
  description = "Copy what is selected into the clipboard of the room, which no other room and no program can read; "
    .. "from password fields nothing is copied",
  params = { type = "object" },
  idempotent = true,

  run = function(ctx)
    return clipboard.copied(ctx.clipboard:copy())
  end,
}
