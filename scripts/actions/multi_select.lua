-- Selects several elements, as Control and clicks do.

local target = require("lib.target")

-- Those that tell of themselves that they are not selected.
local function unselected(elements)
  local names = {}
  for _, element in ipairs(elements) do
    if element:is_selected() == false then
      names[#names + 1] = element:describe()
    end
  end
  return names
end

local function by_clicks(ctx, params)
  local elements, described = {}, {}
  for at, index in ipairs(params.indices) do
    elements[at] = target.element(ctx, { index = index, revision = params.revision })
    described[at] = elements[at]:describe()
  end
  for _, element in ipairs(elements) do
    -- A click with Control takes away what is selected already.
    if element:is_selected() ~= true then
      element:click("left", 1, { "Control" })
    end
  end
  local missing = unselected(elements)
  for _ = 1, 20 do
    if #missing == 0 then
      break
    end
    ctx.sleep(50)
    missing = unselected(elements)
  end
  if #missing > 0 then
    host.fail("action_failed", "clicks with Control did not select " .. table.concat(missing, ", "), { missing = missing })
  end
  return { indices = host.json.array(params.indices), elements = host.json.array(described) }
end

return {
  description = "Select several elements by clicking each with Control held (indices), or several options of one list "
    .. "(index and values, as select_multiple)",
  params = {
    type = "object",
    properties = target.element_properties({
      indices = {
        type = "array",
        minItems = 1,
        maxItems = 200,
        items = { type = "integer", minimum = 0 },
        description = "Numbers of the elements in the latest snapshot",
      },
      values = {
        type = "array",
        maxItems = 1000,
        items = { type = "string" },
        description = "Values or texts of the options of the list that index or selector names",
      },
    }),
  },

  run = function(ctx, params)
    if (params.indices == nil) == (params.values == nil) then
      host.fail("invalid_params", "what is to be selected? give either indices, or index and values")
    end
    if params.indices then
      if params.index ~= nil or params.selector ~= nil then
        host.fail("invalid_params", "indices name the elements already; leave index and selector out")
      end
      return by_clicks(ctx, params)
    end
    local element, options = target.element(ctx, params), {}
    for at, value in ipairs(params.values) do
      options[at] = { any = value }
    end
    local chosen = element:select_many(options)
    return { index = params.index, element = element:describe(), chosen = host.json.array(chosen) }
  end,
}
