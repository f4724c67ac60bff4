-- What {name} does. Run it with: perilune script test

describe("{name}", function()
  -- The script as the host calls it: parameters are checked and get their defaults.
  local action = test.action("{name}")

  it("answers where the page is", function()
    -- A page that is described here; no browser is needed.
    local ctx = test.page({
      url = "https://shop.example/",
      title = "Shop",
      elements = { { tag = "button", text = "Buy", id = "buy" } },
    })
    expect(action.run(ctx, {})).to_equal({ greeting = "hello", url = "https://shop.example/", title = "Shop" })
  end)

  it("refuses what it does not know", function()
    local ctx = test.page({})
    expect(function()
      action.run(ctx, { greting = "hi" })
    end).to_raise("invalid_params")
  end)
end)
