-- What parameters point at, and what is said when they point at nothing or at several things.

local target = require("lib.target")

describe("target", function()
  local ctx = test.page({ elements = { { tag = "button", id = "a" }, { tag = "button", id = "b" } } })

  it("finds elements by index, 0 included, and by selector", function()
    expect(target.element(ctx, { index = 0 }):describe()).to_contain("id='a'")
    expect(target.element(ctx, { selector = "#b" }):describe()).to_contain("id='b'")
  end)

  it("takes a point as it is", function()
    local point, element = target.either(ctx, { coordinate_x = 0, coordinate_y = 7 })
    expect(point).to_equal({ x = 0, y = 7 })
    expect(element).to_be(nil)
  end)

  it("refuses what is half, double or nothing", function()
    local wrong = {
      { coordinate_x = 1 },
      { coordinate_x = 1, coordinate_y = 2, index = 0 },
      { index = 0, selector = "#a" },
      { revision = 3 },
      {},
    }
    for _, params in ipairs(wrong) do
      expect(function()
        target.either(ctx, params)
      end).to_raise("invalid_params")
    end
  end)

  it("describes each parameter for callers", function()
    for _, property in pairs(target.properties({})) do
      expect(property.description).to_be_a("string")
    end
  end)
end)
