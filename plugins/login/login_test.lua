-- Signing in, on forms that are described here.

describe("login", function()
  local login = test.action("login")
  local form = { username_index = 0, password_index = 1, submit_index = 2 }
  local none = { username_index = host.json.null, password_index = host.json.null, submit_index = host.json.null }

  local function page(credentials, after)
    local asked = 0
    return test.page({
      url = "https://shop.test/login",
      title = "Shop",
      credentials = credentials,
      elements = { { tag = "input", name = "user" }, { tag = "input", type = "password" }, { tag = "button", text = "Sign in" } },
      answers = {
        ["run:find_form_fields"] = function()
          asked = asked + 1
          return asked == 1 and form or after
        end,
        ["run:type"] = {},
        ["run:click"] = {},
        ["element:fill_credential"] = true,
        ["page:wait_for_load"] = true,
      },
    })
  end

  it("gives name and key and sends the form", function()
    local ctx = page({ ["shop.test"] = { agent_name = "crawler", secret = "s" } }, none)
    local done = login(ctx, {})
    expect(done).to_contain({ status = "signed_in", agent_name = "crawler" })
    expect(ctx.calls).to_contain({ name = "element:fill_credential" })
  end)

  it("says so when the site shows its form again", function()
    local ctx = page({ ["shop.test"] = { agent_name = "crawler", secret = "s" } }, form)
    expect(function()
      login(ctx, {})
    end).to_raise("unauthorized")
  end)

  it("needs a credential", function()
    local ctx = page({}, none)
    expect(function()
      login(ctx, {})
    end).to_raise("credential_error")
  end)
end)
