-- expect(value).to_...: what a test expects; `.never` turns it round. Fields are read raw: described things refuse others.

local kit = ...

local function same(a, b, seen)
  if a == b or (a ~= a and b ~= b) then
    return true
  end
  if type(a) ~= "table" or type(b) ~= "table" or seen[a] == b then
    return type(a) == "table" and seen[a] == b
  end
  seen[a] = b
  for key, value in pairs(a) do
    if not same(value, rawget(b, key), seen) then
      return false
    end
  end
  for key in pairs(b) do
    if rawget(a, key) == nil then
      return false
    end
  end
  return true
end

local function equal(a, b)
  return same(a, b, {})
end

-- Whether a text has a part, a list an item, or a table these fields.
local contains
function contains(whole, part)
  if type(whole) == "string" then
    return string.find(whole, tostring(part), 1, true) ~= nil
  end
  if type(whole) ~= "table" then
    return false
  end
  local function fits(one, wanted)
    return equal(one, wanted) or (type(one) == "table" and type(wanted) == "table" and contains(one, wanted))
  end
  for _, item in ipairs(whole) do
    if fits(item, part) then
      return true
    end
  end
  if type(part) ~= "table" or next(part) == nil then
    return false
  end
  for key, value in pairs(part) do
    if not fits(rawget(whole, key), value) then
      return false
    end
  end
  return true
end

-- What a function raised, as text or as a failure with a code.
local function raised(fn)
  if type(fn) ~= "function" then
    error("to_raise needs expect(function() ... end)", 4)
  end
  local ok, err = pcall(fn)
  return not ok, err
end

local function fits(err, wanted)
  if wanted == nil then
    return true
  end
  local kind = type(err)
  local code = (kind == "userdata" or kind == "table") and err.code or nil
  local text = code and err.message or err
  return code == wanted or (type(text) == "string" and string.find(text, wanted, 1, true) ~= nil)
end

local checks = {
  to_be = { "", function(got, wanted) return got == wanted end },
  to_equal = { "equal to ", equal },
  to_contain = { "something with ", contains },
  to_match = { "text that matches ", function(got, pattern) return string.find(tostring(got), pattern) ~= nil end },
  to_be_a = { "a value of type ", function(got, kind) return type(got) == kind end },
  to_be_truthy = { "neither nil nor false", function(got) return not not got end },
}

local function report(never, what, got)
  kit.mismatch((never and "not " or "") .. what, got)
end

local function matchers(value, never)
  local all = {}
  for name, check in pairs(checks) do
    all[name] = function(...)
      local wanted = select(select(1, ...) == all and 2 or 1, ...)
      if (not check[2](value, wanted)) ~= never then
        report(never, check[1] .. (name == "to_be_truthy" and "" or kit.show(wanted)), kit.show(value))
      end
    end
  end
  function all.to_be_between(low, high)
    local is_between = type(value) == "number" and value >= low and value <= high
    if is_between == never then
      report(never, "a number from " .. low .. " to " .. high, kit.show(value))
    end
  end
  function all.to_raise(wanted)
    local did, err = raised(value)
    if (did and fits(err, wanted)) == never then
      local what = "an error" .. (wanted and " with " .. kit.show(wanted) or "")
      report(never, what, did and "the error " .. tostring(err) or "no error")
    end
  end
  return all
end

function kit.words.expect(value)
  local all = matchers(value, false)
  all.never = matchers(value, true)
  return all
end
