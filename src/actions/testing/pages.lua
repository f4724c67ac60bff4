-- What the page of a fake world does by itself.

local kit = ...
local fake = kit.fake
local page = {}
fake.behaviours.page = page

-- A description with everything that is needed; its elements are numbered from 0.
function fake.open(description)
  local opened = description
  opened.url = opened.url or "about:blank"
  opened.title = opened.title or ""
  opened.elements = opened.elements or {}
  opened.revision = opened.revision or 0
  opened.scroll_x, opened.scroll_y = opened.scroll_x or 0, opened.scroll_y or 0
  return opened
end

-- The page that is shown, as the test described it and as it has become; tests' functions get it.
function fake.page(world)
  local shown = world.tabs[world.active]
  for at, element in ipairs(shown.elements) do
    element.index = at - 1
  end
  return shown
end

-- Shows the page that the test has described for an address.
function fake.go(world, url, history)
  local shown = world.tabs[world.active]
  local next_page = world.pages[url]
  if type(next_page) == "function" then
    next_page = next_page()
  end
  if next_page == nil then
    if url ~= "about:blank" then
      error('the fake site has no page "' .. url .. '"; describe it: test.page({ pages = { ["' .. url .. '"] = { title = ... } } })', 0)
    end
    next_page = {}
  end
  next_page.url = next_page.url or url
  local opened = fake.open(next_page)
  if not history then
    history = { at = shown.history.at + 1 }
    table.move(shown.history, 1, shown.history.at, 1, history)
    history[history.at] = url
  end
  opened.history = history
  world.tabs[world.active] = opened
  return { url = opened.url, title = opened.title, status = opened.status or 200, load_time_ms = 0 }
end

local function travel(world, by)
  local history = fake.page(world).history
  local url = history[history.at + by]
  if url == nil then
    host.fail("action_failed", by < 0 and "there is no page to go back to" or "there is no page to go forward to")
  end
  history.at = history.at + by
  world.pages[url] = world.pages[url] or world.first
  return fake.go(world, url, history)
end

function page.check(_, _, url)
  if not string.find(url, "^https?://") and url ~= "about:blank" then
    host.fail("invalid_params", string.format("%q is no address; write it like https://example.com/page", url))
  end
end

function page.navigate(world, _, url)
  page.check(world, nil, url)
  return fake.go(world, url)
end

function page.back(world)
  return travel(world, -1)
end

function page.forward(world)
  return travel(world, 1)
end

function page.reload(world)
  return travel(world, 0)
end

function page.wait_for_load()
  return true
end

function page.url(world)
  return fake.page(world).url
end

function page.title(world)
  return fake.page(world).title
end

function page.state(world)
  local shown = fake.page(world)
  local state = { ready_state = "complete", viewport_width = 1280, viewport_height = 720, cursor_x = 0, cursor_y = 0 }
  for _, name in ipairs({ "url", "title", "scroll_x", "scroll_y" }) do
    state[name] = shown[name]
  end
  return state
end

function page.screenshot(_, _, options)
  return { format = (options or {}).format or "png", width = 1280, height = 720, data = "" }
end

function page.evaluate(world, _, code, ...)
  local answer = fake.page(world).evaluate or world.first.evaluate
  if type(answer) == "function" then
    return answer(code, ...)
  elseif type(answer) == "table" and answer[code] ~= nil then
    return answer[code]
  end
  error("the fake page runs no JavaScript; say what it gives: test.page({ evaluate = function(code) ... end })", 0)
end
