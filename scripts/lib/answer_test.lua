-- What actions answer with about the page they have left behind.

local answer = require("lib.answer")

describe("answer", function()
  it("adds where the page is", function()
    local ctx = test.page({ url = "https://shop.example/", title = "Shop" })
    expect(answer.with_page(ctx, { index = 1 })).to_equal({ index = 1, url = "https://shop.example/", title = "Shop" })
  end)

  it("passes on a navigation that went well", function()
    local done = { url = "https://shop.example/", title = "Shop", status = 200 }
    expect(answer.navigation(done)).to_be(done)
    expect(answer.navigation({ url = "about:blank" }).status).to_be(nil)
  end)

  it("tells a server's refusal by what may be done about it", function()
    for status, code in pairs({ [404] = "action_failed", [429] = "rate_limited", [500] = "network_error", [503] = "network_error" }) do
      expect(function()
        answer.navigation({ url = "https://shop.example/", status = status })
      end).to_raise(code)
    end
  end)
end)
