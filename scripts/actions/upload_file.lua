-- Puts files into a file field.

local answer = require("lib.answer")
local target = require("lib.target")

return {
  description = "Put a file, or several, into a file field or into the field behind a button that opens a file dialog; "
    .. "without index or selector into the first file field of the page. Files come from the folders of the setting "
    .. "browser.upload_folders only",
  params = {
    type = "object",
    properties = target.element_properties({
      file_path = { type = "string", minLength = 1, maxLength = 4096, description = "The file: its name in such a folder" },
      file_paths = {
        type = "array",
        minItems = 1,
        maxItems = 100,
        items = { type = "string", minLength = 1, maxLength = 4096 },
        description = "Several files, in place of file_path",
      },
    }),
  },
  timeout_ms = 60000,

  run = function(ctx, params)
    if (params.file_path == nil) == (params.file_paths == nil) then
      host.fail("invalid_params", "which file? give either file_path or file_paths")
    end
    local element
    if target.names_element(params) then
      element = target.element(ctx, params)
    else
      element = ctx.page:locate({ selector = "input[type=file]" })
    end
    local described = element:describe()
    local files = element:upload(params.file_paths or { params.file_path })
    -- Some pages send what was chosen at once.
    ctx.page:wait_for_load()
    return answer.with_page(ctx, { index = params.index, element = described, files = host.json.array(files) })
  end,
}
