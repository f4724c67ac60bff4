-- Opening addresses, and what a server's refusal becomes.

describe("navigate", function()
  local navigate = test.action("navigate")
  local pages = {
    ["https://shop.example/"] = { title = "Shop" },
    ["https://shop.example/gone"] = { title = "Gone", status = 404 },
    ["https://shop.example/full"] = { title = "Full", status = 503 },
  }

  it("answers where it came to", function()
    expect(navigate(test.page({ pages = pages }), { url = "https://shop.example/" })).to_contain({ title = "Shop", status = 200 })
  end)

  it("opens a new tab only for an address that is one", function()
    local ctx = test.page({ pages = pages })
    expect(function()
      navigate(ctx, { url = "nonsense", new_tab = true })
    end).to_raise("invalid_params")
    expect(#ctx.tabs:list()).to_be(1)
    navigate(ctx, { url = "https://shop.example/", new_tab = true })
    expect(#ctx.tabs:list()).to_be(2)
  end)

  it("fails when the server refuses, and says whether to try again", function()
    local ctx = test.page({ pages = pages })
    expect(function()
      navigate(ctx, { url = "https://shop.example/gone" })
    end).to_raise("action_failed")
    expect(function()
      navigate(ctx, { url = "https://shop.example/full" })
    end).to_raise("network_error")
  end)
end)
