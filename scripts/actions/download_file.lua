-- Downloads a file into the session's folder and waits until it is whole.

local target = require("lib.target")

return {
  description = "Download the file at an address, or what a link, picture or button leads to, into the session's "
    .. "folder; answers its name, size and path when it is whole",
  params = {
    type = "object",
    properties = target.element_properties({
      url = {
        type = "string",
        minLength = 1,
        maxLength = 65536,
        description = "The file's address; fetched with the session's cookies, the page that is shown stays",
      },
    }),
  },
  timeout_ms = 300000,

  run = function(ctx, params)
    local by_element = target.names_element(params)
    if by_element == (params.url ~= nil) then
      host.fail("invalid_params", "which file? give either url, or index or selector of what leads to it")
    end
    local done
    if by_element then
      done = ctx.downloads:from(target.element(ctx, params))
    else
      done = ctx.downloads:fetch(params.url)
    end
    return {
      index = params.index,
      id = done.id,
      url = done.url,
      file_name = done.file_name,
      suggested_name = done.suggested_name,
      bytes = done.bytes,
      path = done.path,
    }
  end,
}
