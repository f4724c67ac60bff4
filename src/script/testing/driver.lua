-- describe, it and what runs before and after: collects a file's tests, which the host then runs one by one.

local kit = ...

local root = { name = nil, before = {}, after = {} }
local group = root
local tests = {}
local driver = {}

local function need(kind, name, fn)
  if type(name) ~= "string" or type(fn) ~= "function" then
    error(kind .. " takes a name and a function", 3)
  end
  if driver.is_running then
    error(kind .. " belongs at the top of the file or in describe, not in a test", 3)
  end
end

local function hook(list)
  return function(fn)
    if type(fn) ~= "function" then
      error("before_each and after_each take a function", 2)
    end
    table.insert(group[list], fn)
  end
end

-- Groups tests; a group's name stands before theirs.
function kit.words.describe(name, fn)
  need("describe", name, fn)
  local outer = group
  group = { name = name, outer = outer, before = {}, after = {} }
  fn()
  group = outer
end

-- One test.
function kit.words.it(name, fn)
  need("it", name, fn)
  table.insert(tests, { name = name, fn = fn, group = group })
end

kit.words.before_each = hook("before")
kit.words.after_each = hook("after")

local function chain(test)
  local groups = {}
  local at = test.group
  while at do
    table.insert(groups, 1, at)
    at = at.outer
  end
  return groups
end

-- The tests' names, in order.
function driver.names()
  local names = {}
  for _, test in ipairs(tests) do
    local parts = {}
    for _, at in ipairs(chain(test)) do
      table.insert(parts, at.name)
    end
    table.insert(parts, test.name)
    table.insert(names, table.concat(parts, " > "))
  end
  return names
end

-- Runs what stands before a test, and the test.
function driver.run(index)
  driver.is_running = true
  for _, reset in ipairs(kit.resets) do
    reset()
  end
  local test = tests[index]
  for _, at in ipairs(chain(test)) do
    for _, fn in ipairs(at.before) do
      fn()
    end
  end
  test.fn()
end

-- Runs what stands after a test, from the inside out.
function driver.finish(index)
  local groups = chain(tests[index])
  for at = #groups, 1, -1 do
    for _, fn in ipairs(groups[at].after) do
      fn()
    end
  end
end

return driver
