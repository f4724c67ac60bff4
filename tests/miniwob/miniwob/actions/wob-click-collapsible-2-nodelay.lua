-- MiniWoB++ click-collapsible-2-nodelay: a word that works like a link, behind one of several sections.

local search = require("lib.search")

return require("lib.policy")("Find the link among the sections and click it", search({ role = "tab" }))
