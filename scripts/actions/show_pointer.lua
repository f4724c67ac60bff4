-- Draws a mouse pointer for people who watch.

return {
  description = "Draw a pointer at a point of the viewport, or where the mouse is; it follows the mouse from there and "
    .. "stays until it is hidden with visible = false. The page's own mouse is not moved",
  params = {
    type = "object",
    properties = {
      x = { type = "number", minimum = 0, description = "CSS pixels from the left edge of the viewport" },
      y = { type = "number", minimum = 0, description = "CSS pixels from the top edge of the viewport" },
      visible = { type = "boolean", default = true, description = "false hides it" },
    },
  },
  idempotent = true,

  run = function(ctx, params)
    if not params.visible then
      ctx.screen:pointer()
      return { visible = false }
    end
    if (params.x == nil) ~= (params.y == nil) then
      host.fail("invalid_params", "a point needs both x and y; give the missing one, or neither")
    end
    local state = ctx.page:state()
    local at = { x = params.x or state.cursor_x, y = params.y or state.cursor_y }
    if at.x >= state.viewport_width or at.y >= state.viewport_height then
      host.fail(
        "invalid_params",
        "the point " .. at.x .. ", " .. at.y .. " is outside the viewport, which is " .. state.viewport_width .. " by "
          .. state.viewport_height .. " pixels"
      )
    end
    ctx.screen:pointer(at)
    return { x = at.x, y = at.y, visible = true }
  end,
}
