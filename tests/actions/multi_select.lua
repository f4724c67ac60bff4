-- Selecting several elements with Control and clicks.
return {
  {
    name = "by indices, what is selected stays so",
    page = "lists.html",
    setup = "for (const node of [plain, several, combo, city, broken]) node.remove()",
    params = { indices = { 0, 1, 2 } },
    has = { "elements" },
    state = {
      ["[...cards.querySelectorAll('[aria-selected=true]')].map(o => o.textContent).join('')"] = "ABC",
      ["clicks.join()"] = "A+,C+",
    },
  },
  {
    name = "an element that does not let itself be selected is no success",
    page = "lists.html",
    setup = "for (const node of [plain, several, combo, city, broken]) node.remove()",
    params = { indices = { 0, 3 } },
    fails = "action_failed",
    says = "did not select",
  },
  { name = "the options of one list", page = "forms.html", params = { selector = "#many", values = { "Ex", "y" } }, state = { ["[...many.selectedOptions].map(o => o.value).join()"] = "x,y" } },
  { name = "plain buttons get clicks with Control", page = "buttons.html", setup = "add.addEventListener('click', (e) => { document.title = 'control ' + e.ctrlKey; })", params = { indices = { 0 } }, state = { clicks = 1, ["document.title"] = "control true" } },
  { name = "both forms", page = "forms.html", params = { indices = { 0 }, values = { "x" } }, fails = "invalid_params" },
  { name = "neither form", page = "forms.html", params = {}, fails = "invalid_params", says = "indices" },
  { name = "an index that is not there", page = "forms.html", params = { indices = { 0, 999 } }, fails = "element_not_found" },
}
