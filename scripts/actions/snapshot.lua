-- Numbers the interactive elements of the page.

return {
  description = "Number the interactive elements of the page anew, with their boxes and states; the numbers are what "
    .. "index means in other actions, until the next snapshot",
  params = {
    type = "object",
    properties = {
      in_viewport = { type = "boolean", default = false, description = "Tell only of those that show now" },
      max_elements = { type = "integer", minimum = 1, maximum = 20000, default = 2000, description = "Tell of so many" },
    },
  },
  idempotent = true,

  run = function(ctx, params)
    local data = ctx.page:snapshot()
    local kept = {}
    for _, element in ipairs(data.elements) do
      if #kept < params.max_elements and (element.in_viewport or not params.in_viewport) then
        kept[#kept + 1] = element
      end
    end
    data.truncated = data.truncated or (#kept == params.max_elements and #kept < #data.elements)
    data.elements = host.json.array(kept)
    return data
  end,
}
