-- What lies beyond the page in a test: HTTP with described answers, kept values, events, credentials without secrets.

local kit = ...
local fake = kit.fake

-- Nouns that are described by the test also where the page is real.
fake.services = { http = true, events = true, store = true, credentials = true }

-- world.http: "GET https://example.com/x" to { status, headers, body or json }, or to a function of the request.
local function request(world, method, url, options)
  local wanted = { method = method, url = url }
  for name, value in pairs(options or {}) do
    wanted[name] = wanted[name] or value
  end
  wanted.method = string.upper(wanted.method or "GET")
  local key = wanted.method .. " " .. tostring(wanted.url)
  local answer = world.http[key]
  if type(answer) == "function" then
    answer = answer(wanted)
  end
  if not answer then
    error('no answer is described for this request; say it: test.page({ http = { ["' .. key .. '"] = { status = 200, body = "" } } })', 0)
  end
  local body = answer.body
  if body == nil then
    body = answer.json ~= nil and host.json.encode(answer.json) or ""
  end
  return { status = answer.status or 200, url = answer.url or wanted.url, headers = answer.headers or {}, body = body, json = answer.json }
end

fake.behaviours.http = {
  request = function(world, _, options)
    return request(world, nil, nil, options)
  end,
  get = function(world, _, url, options)
    return request(world, "GET", url, options)
  end,
  post = function(world, _, url, options)
    return request(world, "POST", url, options)
  end,
}

fake.behaviours.events = {
  emit = function() end,
}

-- `own.data` is the table that the test has given, so that it sees what is kept.
fake.behaviours.store = {
  get = function(_, own, key)
    return own.data[key]
  end,
  set = function(_, own, key, value)
    own.data[key] = value
  end,
  incr = function(_, own, key, by)
    own.data[key] = (own.data[key] or 0) + (by or 1)
    return own.data[key]
  end,
  cas = function(_, own, key, old, new)
    if own.data[key] ~= old then
      return false
    end
    own.data[key] = new
    return true
  end,
  keys = function(_, own)
    local keys = host.json.array()
    for key in pairs(own.data) do
      table.insert(keys, key)
    end
    table.sort(keys)
    return keys
  end,
}

local function credential(world, domain, described)
  local own = { agent_id = "agent", agent_name = "agent", domain = domain, permissions = {} }
  for name, value in pairs(described) do
    own[name] = value
  end
  return fake.object(world, "credential", own)
end

-- world.credentials: a site to what an agent is there: { agent_name, permissions, secret, ... }.
fake.behaviours.credentials = {
  get = function(world, _, domain, name)
    local described = world.credentials[domain]
    if described == nil or (name ~= nil and described.agent_name ~= name) then
      return nil
    end
    return credential(world, domain, described)
  end,
  list = function(world, _, domain)
    local all = {}
    for site, described in pairs(world.credentials) do
      if domain == nil or site == domain then
        table.insert(all, credential(world, site, described))
      end
    end
    return all
  end,
}

fake.behaviours.credential = {
  secret = function(_, own)
    if own.secret == nil then
      host.fail("permission_denied", "the key may not be read; describe it with secret = ... when the plugin has the permission")
    end
    return own.secret
  end,
}
