-- {name}: what several scripts share, by require("lib.{name}").
--
-- What this file returns is made once and shared, so it is read-only: it defines functions and keeps no state.

local M = {}

-- A text without the white space around it.
function M.trim(text)
  return (string.gsub(text, "^%s*(.-)%s*$", "%1"))
end

return M
