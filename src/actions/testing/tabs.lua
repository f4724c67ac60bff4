-- What the tabs of a fake world do by themselves.

local kit = ...
local fake = kit.fake
local tabs = {}
fake.behaviours.tabs = tabs

local function tab(world, at)
  local shown = world.tabs[at]
  return { index = at - 1, url = shown.url, title = shown.title, active = at == world.active }
end

local function known(world, index)
  if world.tabs[index + 1] == nil then
    host.fail("invalid_params", "there is no tab " .. index .. "; there are " .. #world.tabs)
  end
  return index + 1
end

function tabs.list(world)
  local all = host.json.array()
  for at in ipairs(world.tabs) do
    table.insert(all, tab(world, at))
  end
  return all
end

function tabs.open(world)
  local opened = fake.open({})
  opened.history = { opened.url, at = 1 }
  table.insert(world.tabs, opened)
  world.active = #world.tabs
  return tab(world, world.active)
end

function tabs.switch(world, _, index)
  world.active = known(world, index)
  return tab(world, world.active)
end

function tabs.close(world, _, index)
  local at = index and known(world, index) or world.active
  local closed = tab(world, at)
  table.remove(world.tabs, at)
  if #world.tabs == 0 then
    tabs.open(world)
  end
  world.active = math.max(1, math.min(#world.tabs, at < world.active and world.active - 1 or world.active))
  return closed
end
