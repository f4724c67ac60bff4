-- How long a scraper waits, without waiting.

local polite = test.policy("polite")

it("waits longer each time, up to a minute", function()
  local waits = test.attempts(polite, { attempts = 8, err = { code = "network_error", retryable = true } })
  expect(waits).to_equal({ 2000, 4000, 8000, 16000, 32000, 60000, 60000 })
end)

it("waits as the site asks, but never less than two seconds", function()
  local err = { code = "rate_limited", retryable = true, retry_after_ms = 30000 }
  expect(test.attempts(polite, { attempts = 3, err = err })).to_equal({ 30000, 30000 })
  err.retry_after_ms = 100
  expect(test.attempts(polite, { attempts = 2, err = err })).to_equal({ 2000 })
end)

it("does not repeat what will not change", function()
  expect(test.attempts(polite, { attempts = 5, err = { code = "domain_blocked", retryable = false } })).to_equal({})
end)

describe("scrape", function()
  local scrape = test.action("scrape")

  it("leaves time between two pages of one host, and none between two hosts", function()
    local ctx = test.page({
      config = { interval_ms = 1000, max_pages = 10 },
      command = { id = "c1" },
      answers = {
        ["run:navigate"] = { url = "https://a.test/", title = "A" },
        ["run:extract_markdown"] = { markdown = "# A", truncated = false },
      },
    })
    local began = ctx.now()
    local read = scrape(ctx, { urls = { "https://a.test/1", "https://b.test/1", "https://a.test/2", "https://a.test/3" } })
    expect(#read.pages).to_be(4)
    expect(ctx.now() - began).to_be(2000)
  end)

  it("refuses more than the operator allows", function()
    local ctx = test.page({ config = { interval_ms = 0, max_pages = 1 }, command = { id = "c2" } })
    expect(function()
      scrape(ctx, { urls = { "https://a.test/1", "https://a.test/2" } })
    end).to_raise("max_pages")
  end)
end)
