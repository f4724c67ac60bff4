-- Which failures the shipped policy tries again, and how long it waits; no time passes meanwhile.

describe("retry", function()
  local retry = test.policy("retry")
  local busy = { code = "busy", message = "full", retryable = true }

  it("waits longer each time, with full jitter", function()
    local waits = test.attempts(retry, { attempts = 5, err = busy })
    expect(#waits).to_be(4)
    for attempt, wait in ipairs(waits) do
      expect(wait).to_be_between(0, 250 * 2 ^ (attempt - 1))
    end
  end)

  it("never waits longer than its ceiling", function()
    for _, wait in ipairs(test.attempts(retry, { attempts = 20, err = busy })) do
      expect(wait).to_be_between(0, 8000)
    end
  end)

  it("takes no time to be tested", function()
    local began = test.clock.now()
    local waits = test.attempts(retry, { attempts = 5, err = { code = "rate_limited", retryable = true, retry_after_ms = 9000 } })
    expect(waits).to_equal({ 9000, 9000, 9000, 9000 })
    expect(test.clock.now() - began).to_be(36000)
  end)

  it("gives up what does not pass by itself", function()
    expect(test.attempts(retry, { attempts = 5, err = { code = "invalid_params", retryable = false } })).to_equal({})
  end)

  it("keeps to what the caller allows", function()
    expect(retry.decide(3, busy, { attempts = 3, max_backoff_ms = 60000 })).to_equal({ retry = false })
  end)

  it("waits as the caller has asked", function()
    local backoff = { exponential = true, delay_ms = 100, jitter = 0 }
    local waits = test.attempts(retry, { attempts = 4, err = busy, ctx = { backoff = backoff } })
    expect(waits).to_equal({ 100, 200, 400 })
    backoff = { exponential = false, delay_ms = 100, jitter = 0.5 }
    for _, wait in ipairs(test.attempts(retry, { attempts = 10, err = busy, ctx = { backoff = backoff } })) do
      expect(wait).to_be_between(50, 100)
    end
  end)
end)
