-- Signs in on the page that is shown, with a credential from the registry.

-- find_form_fields says null for what is not there.
local function fields_of(ctx)
  local fields = ctx.run("find_form_fields", {})
  for name, index in pairs(fields) do
    if index == host.json.null then
      fields[name] = nil
    end
  end
  return fields
end

return {
  description = "Sign in on the page that is shown with a stored credential: its agent's name and key. Finds the fields, "
    .. "sends the form and looks whether it worked; does nothing where nobody asks for a password",
  params = {
    type = "object",
    properties = {
      agent_name = { type = "string", minLength = 1, description = "Which credential, where the site has several" },
    },
  },
  timeout_ms = 60000,

  run = function(ctx, params)
    local url = ctx.page:url()
    local site = string.match(url, "^https?://([^/?#]+)")
    if site == nil then
      host.fail("invalid_params", "the page " .. url .. " is no site; navigate to its sign-in page first")
    end
    local fields = fields_of(ctx)
    if fields.password_index == nil then
      return { status = "no_form", url = url }
    end
    local account = ctx.credentials:get(site, params.agent_name)
    if account == nil then
      host.fail("credential_error", "there is no active credential for " .. site .. "; put one into the registry")
    end
    if fields.username_index ~= nil then
      ctx.run("type", { index = fields.username_index, text = account.agent_name, clear = true })
    end
    local password = ctx.page:locate({ index = fields.password_index })
    password:fill_credential(account)
    if fields.submit_index ~= nil then
      ctx.run("click", { index = fields.submit_index })
    else
      password:submit()
    end
    ctx.page:wait_for_load()
    -- A site that refuses shows its form again.
    if fields_of(ctx).password_index ~= nil then
      host.fail("unauthorized", site .. " still asks for a password; look at the page, and at the stored credential")
    end
    return { status = "signed_in", agent_name = account.agent_name, url = ctx.page:url(), title = ctx.page:title() }
  end,
}
