-- Reads several pages as Markdown, one after another, with a pause for each host.

-- When the host may be asked again: sessions share the time, and each takes its turn before it waits.
local function turn(ctx, host_name, interval)
  while true do
    local before = ctx.shared:get(host_name)
    local at = math.max(ctx.now(), (before or 0) + interval)
    if ctx.shared:cas(host_name, before, at) then
      return at
    end
  end
end

return {
  description = "Read pages as Markdown, one after another, never two of one host within the plugin's interval",
  params = {
    type = "object",
    properties = {
      urls = {
        type = "array",
        minItems = 1,
        maxItems = 1000,
        items = { type = "string", minLength = 1 },
        description = "The pages",
      },
      max_chars = { type = "integer", minimum = 100, maximum = 1000000, default = 20000, description = "Of each page" },
    },
    required = { "urls" },
  },
  timeout_ms = 600000,
  idempotent = true,
  retry = "polite",

  run = function(ctx, params)
    if #params.urls > ctx.config.max_pages then
      host.fail("invalid_params", "at most " .. ctx.config.max_pages .. " pages at a time (max_pages in config.toml)")
    end
    -- What an attempt before this one has read is not read again.
    local done = ctx.state:get("pages:" .. ctx.command.id) or {}
    for at = #done + 1, #params.urls do
      local url = params.urls[at]
      local host_name = string.match(url, "^https?://([^/]+)") or url
      ctx.sleep(math.max(0, turn(ctx, host_name, ctx.config.interval_ms) - ctx.now()))
      local page = ctx.run("navigate", { url = url })
      local article = ctx.run("extract_markdown", { max_chars = params.max_chars })
      done[at] = { url = page.url, title = page.title, markdown = article.markdown, truncated = article.truncated }
      -- What does not fit into the store is read again, should another attempt be needed.
      pcall(function()
        ctx.state:set("pages:" .. ctx.command.id, done)
      end)
    end
    ctx.state:set("pages:" .. ctx.command.id, nil)
    return { pages = host.json.array(done) }
  end,
}
