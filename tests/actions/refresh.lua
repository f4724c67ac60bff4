-- Loading again.
return {
  {
    name = "starts the page afresh",
    page = "form.html",
    setup = "window.mark = 1",
    data = { title = "Form", status = 200 },
    state = { ["typeof window.mark"] = "undefined" },
  },
}
