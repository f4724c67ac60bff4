-- Which button answers a banner, and on which sites.

local banner = test.lib("banner")

local function button(text)
  return { tag = "button", text = text, index = 0 }
end

describe("the button", function()
  local accept, reject = button("Accept all"), button("Reject all cookies")

  it("is what the operator wants", function()
    expect(banner.button({ accept, reject }, "reject")).to_be(reject)
    expect(banner.button({ accept, reject }, "accept")).to_be(accept)
  end)

  it("is the other one where there is only that", function()
    expect(banner.button({ accept }, "reject")).to_be(accept)
  end)

  it("is none that only opens settings, and no long text", function()
    local long = button("Accept " .. string.rep("x", 100))
    expect(banner.button({ button("Settings"), long }, "accept")).to_be(nil)
  end)

  it("is looked for only where cookies are spoken of", function()
    expect(banner.is_topic("We use COOKIES")).to_be(true)
    expect(banner.is_topic("Reject the order?")).to_be(false)
  end)
end)

describe("sites", function()
  it("are names, their sub-domains with a star, or all", function()
    expect(banner.is_site("a.test", { "a.test" })).to_be(true)
    expect(banner.is_site("www.a.test", { "a.test" })).to_be(false)
    expect(banner.is_site("www.a.test", { "*.a.test" })).to_be(true)
    expect(banner.is_site("nota.test", { "*.a.test" })).to_be(false)
    expect(banner.is_site("anything", { "*" })).to_be(true)
    expect(banner.is_site("anything", {})).to_be(false)
  end)
end)

describe("the handler", function()
  local handler = test.event("answer")
  local event = { type = "page_load_complete", url = "https://shop.test/", title = "Shop" }

  local function page(sites)
    return test.page({
      url = event.url,
      config = { sites = sites, answer = "reject", wait_ms = 500 },
      evaluate = function()
        return "We use cookies"
      end,
      elements = { { tag = "button", text = "Accept" }, { tag = "button", text = "Decline" } },
      answers = { ["events:emit"] = true },
    })
  end

  it("presses the button", function()
    local ctx = page({ "shop.test" })
    handler.send(ctx, event)
    expect(ctx.calls).to_contain({ name = "element:click" })
  end)

  it("does nothing elsewhere", function()
    local ctx = page({ "other.test" })
    handler.send(ctx, event)
    expect(#ctx.calls).to_be(0)
  end)
end)
