-- Typing into fields that take the text, and into one that does not.

describe("type", function()
  local type_text = test.action("type")
  local name, email

  local function page(more)
    name, email = { tag = "input", id = "name", value = "A" }, { tag = "input", id = "email" }
    return test.page({ elements = { { tag = "button", text = "Go" }, name, email, more } })
  end

  it("adds to the first field when none is named", function()
    local ctx = page()
    expect(type_text(ctx, { text = "da" }).characters).to_be(2)
    expect(name.value).to_be("Ada")
  end)

  it("empties the field first when asked to", function()
    type_text(page(), { text = "Grace", selector = "#name", clear = true })
    expect(name.value).to_be("Grace")
  end)

  it("does not say it typed when the field stayed as it was", function()
    local ctx = page({ tag = "input", id = "fixed", value = "x", read_only = true })
    expect(function()
      type_text(ctx, { text = "y", selector = "#fixed" })
    end).to_raise("action_failed")
  end)

  it("gives the field back to the page when a line ends", function()
    local ctx = page()
    email.on_input = function(shown, value)
      if string.find(value, "\n", 1, true) then
        shown.elements[3].value = ""
      end
    end
    type_text(ctx, { text = "a@b.example\n", selector = "#email" })
    expect(email.value).to_be("")
    expect(ctx.calls).to_contain({ name = "keyboard:type", "a@b.example\n" })
  end)
end)
