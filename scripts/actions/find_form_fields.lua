-- Finds the fields of a login form.

local NAME_WORDS = { "email", "username", "user", "login", "account" }
local SUBMIT_WORDS = { "login", "log in", "sign in", "signin", "submit" }

local function has_any(texts, words)
  for _, text in pairs(texts) do
    local lower = string.lower(text)
    for _, word in ipairs(words) do
      if string.find(lower, word, 1, true) then
        return true
      end
    end
  end
  return false
end

local function is_username(element)
  if element.tag ~= "input" then
    return false
  end
  if element.type == "email" then
    return true
  end
  return element.type == "text"
    and has_any({ a = element.placeholder, b = element.name, c = element.id, d = element.text }, NAME_WORDS)
end

local function is_password(element)
  return element.tag == "input" and element.type == "password"
end

local function is_submit(element)
  if (element.tag == "input" or element.tag == "button") and element.type == "submit" then
    return true
  end
  local is_button = element.tag == "button" or element.role == "button"
  return is_button and has_any({ a = element.text }, SUBMIT_WORDS)
end

-- A button in a form sends it when its type says nothing else.
local function may_submit(element)
  return element.tag == "button" and element.type == nil
end

-- The first that fits, after an element of the same frame where one is given.
local function first(elements, fits, after)
  for _, element in ipairs(elements) do
    local is_there = after == nil or (element.index > after.index and element.frame == after.frame)
    if is_there and not element.disabled and fits(element) then
      return element
    end
  end
  return nil
end

-- Of several names before the password, the nearest: others belong to another form.
local function name_before(elements, password)
  local nearest = nil
  for _, element in ipairs(elements) do
    if element.index < password.index and element.frame == password.frame and is_username(element) then
      nearest = element
    end
  end
  return nearest
end

local function index_of(element)
  return element ~= nil and element.index or host.json.null
end

return {
  description = "Find the fields of a login form: the indexes of the user name, the password and the button that "
    .. "sends them, null where there is none",
  params = { type = "object" },
  idempotent = true,

  run = function(ctx)
    local snapshot = ctx.page:snapshot()
    local elements = snapshot.elements
    local password = first(elements, is_password)
    local username = password ~= nil and name_before(elements, password) or first(elements, is_username)
    local last = password or username
    local submit = first(elements, is_submit, last) or first(elements, may_submit, last)
    if submit == nil and last ~= nil then
      -- A page may show its button above its fields.
      submit = first(elements, is_submit)
    end
    return {
      username_index = index_of(username),
      password_index = index_of(password),
      submit_index = index_of(submit),
      revision = snapshot.revision,
    }
  end,
}
