-- Takes a picture of the page.

return require("lib.picture")
