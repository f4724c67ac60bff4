-- MiniWoB++ click-tab-2-medium: a word that works like a link, behind one of several tabs.

local search = require("lib.search")

return require("lib.policy")("Find the link among the tabs and click it", search({ role = "tab" }))
