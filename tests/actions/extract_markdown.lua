-- The page as Markdown.
return {
  {
    name = "structure is kept",
    page = "article.html",
    data = { title = "Article", truncated = false },
    has = { "characters", "url" },
    shows = {
      "# The *moon*", "Goes around the [earth]({site}/second.html) in `27.3` days.", "Slowly \\* and # surely.", "- near",
      "  - nearer", "- far", "3. third", "4. fourth", "| Phase", "| New", "| Full", "```lua\nlocal day = 27\nreturn day\n```", "> One small step",
      "![Picture of the moon]({site}/moon.png)", "From the shadow", "## In a frame", "Framed", "### [Card", "Home", "Site footer",
    },
  },
  { name = "without what is hidden", page = "article.html", lacks = "Secret paragraph" },
  { name = "without what cannot be seen", page = "article.html", lacks = "Unseen" },
  { name = "without passwords", page = "article.html", lacks = "hunter2" },
  { name = "without what fields hold", page = "article.html", lacks = "typed text" },
  { name = "without scripts", page = "article.html", lacks = "script text" },
  { name = "only the main part", page = "article.html", params = { main_only = true }, lacks = "Site footer", shows = { "# The *moon*" } },
  {
    name = "without the page's own surroundings when it names no main part",
    page = "article.html",
    setup = "document.querySelector('main').outerHTML = '<div><p>Body text</p></div>'",
    params = { main_only = true },
    lacks = "Site header",
    shows = { "Body text" },
  },
  {
    name = "not longer than asked for",
    page = "article.html",
    params = { max_chars = 100 },
    data = { truncated = true },
    lacks = "fourth",
  },
  { name = "an empty page", blank = true, data = { markdown = "", characters = 0, truncated = false } },
  { name = "no such limit", page = "article.html", params = { max_chars = 1 }, fails = "invalid_params", says = "max_chars" },
}
