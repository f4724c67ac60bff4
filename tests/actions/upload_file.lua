-- Putting files into file fields. The upload folder of these tests holds hello.txt, world.txt, inner/deep.txt and
-- link.txt, which leads out of it.
return {
  {
    name = "the first field",
    page = "uploads.html",
    params = { file_path = "hello.txt" },
    has = { "files" },
    state = { ["names.join()"] = "hello.txt", ["texts.join()"] = "hello", ["events.join()"] = "change:one" },
  },
  { name = "by index, in a folder of the folder", page = "uploads.html", params = { index = 0, file_path = "inner/deep.txt" }, data = { index = 0 }, state = { ["texts.join()"] = "deep" } },
  { name = "by its whole path", page = "uploads.html", params = { file_path = "{uploads}/hello.txt" }, state = { ["texts.join()"] = "hello" } },
  { name = "several", page = "uploads.html", params = { selector = "#several", file_paths = { "hello.txt", "world.txt" } }, state = { ["[...several.files].map(f => f.name).join()"] = "hello.txt,world.txt" } },
  { name = "behind a button", page = "uploads.html", params = { selector = "#button", file_path = "hello.txt" }, state = { ["hidden.files.length"] = 1, ["texts.join()"] = "hello" } },
  { name = "behind a button, into a field that is not in the page", page = "uploads.html", params = { selector = "#loose", file_paths = { "hello.txt", "world.txt" } }, state = { ["names.join()"] = "hello.txt,world.txt" } },
  { name = "by a label", page = "uploads.html", params = { selector = "#label", file_path = "hello.txt" }, state = { ["labelled.files.length"] = 1 } },
  { name = "by the place around a field", page = "uploads.html", params = { selector = "#zone", file_path = "hello.txt" }, state = { ["texts.join()"] = "hello" } },
  { name = "two into a field of one", page = "uploads.html", params = { selector = "#one", file_paths = { "hello.txt", "world.txt" } }, fails = "not_interactable", says = "one file", state = { ["one.files.length"] = 0 } },
  { name = "not out of the folder", page = "uploads.html", params = { file_path = "../secret.txt" }, fails = "permission_denied", says = "upload_folders", state = { ["one.files.length"] = 0 } },
  { name = "not any file of the machine", page = "uploads.html", params = { file_path = "/etc/passwd" }, fails = "permission_denied", state = { ["one.files.length"] = 0 } },
  { name = "not by a link that leads out", page = "uploads.html", params = { file_path = "link.txt" }, fails = "permission_denied", state = { ["one.files.length"] = 0 } },
  { name = "not a file that is missing", page = "uploads.html", params = { file_path = "missing.txt" }, fails = "invalid_params", says = "missing.txt" },
  { name = "not a folder", page = "uploads.html", params = { file_path = "inner" }, fails = "invalid_params" },
  { name = "not into a disabled field", page = "uploads.html", params = { selector = "#off", file_path = "hello.txt" }, fails = "not_interactable", says = "disabled" },
  { name = "a button without dialog", page = "uploads.html", params = { selector = "#nothing", file_path = "hello.txt" }, fails = "not_interactable", says = "no file dialog" },
  { name = "no field on the page", page = "second.html", params = { file_path = "hello.txt" }, fails = "element_not_found" },
  { name = "no file", page = "uploads.html", params = {}, fails = "invalid_params", says = "file_path" },
}
