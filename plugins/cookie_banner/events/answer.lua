-- Answers a cookie banner when a page has loaded.

local banner = require("lib.banner")

return {
  description = "Answers cookie banners on the sites of its settings",

  on = {
    page_load_complete = function(ctx, event)
      local host = string.match(event.url or "", "^https?://([^/:]+)")
      if host == nil or not banner.is_site(host, ctx.config.sites) then
        return
      end
      -- Many banners come a moment after the page.
      local until_ms = ctx.now() + ctx.config.wait_ms
      repeat
        local about = ctx.page:evaluate("document.body ? document.body.innerText.slice(0, 200000) : ''", "isolated")
        if banner.is_topic(about) then
          local button, kind = banner.button(ctx.page:snapshot().elements, ctx.config.answer)
          if button ~= nil then
            ctx.page:locate({ index = button.index }):click()
            ctx.events:emit("cookie_banner_answered", { host = host, answer = kind, text = button.text })
            return
          end
        end
        ctx.sleep(250)
      until ctx.now() >= until_ms
    end,
  },
}
