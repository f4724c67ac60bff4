-- Takes a picture of the page: take_screenshot by its short name.

return require("lib.picture")
