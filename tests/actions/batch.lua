-- Several actions as one command.
return {
  {
    name = "each in order, each with its outcome",
    page = "form.html",
    params = {
      actions = {
        { action_type = "execute_javascript", params = { code = "document.title = 'one'; 1" } },
        { action_type = "execute_javascript", params = { code = "document.title += ' two'; 2" } },
        { action_type = "wait", params = { seconds = 0 } },
      },
    },
    data = { completed = 3 },
    shows = { '"result":1', '"result":2', '"action_type":"wait"' },
    state = { ["document.title"] = "one two" },
  },
  {
    name = "the first failure ends it and says what was done",
    page = "form.html",
    params = {
      actions = {
        { action_type = "execute_javascript", params = { code = "document.title = 'done'" } },
        { action_type = "click", params = { selector = "#nowhere" } },
        { action_type = "execute_javascript", params = { code = "document.title = 'never'" } },
      },
    },
    fails = "element_not_found",
    says = "action 2 of 3 (click) failed",
    state = { ["document.title"] = "done" },
  },
  {
    name = "parameters are checked as for a command",
    page = "form.html",
    params = { actions = { { action_type = "wait", params = { secnds = 1 } } } },
    fails = "invalid_params",
    says = "did you mean `seconds`",
  },
  {
    name = "an unknown action",
    page = "form.html",
    params = { actions = { { action_type = "fly" } } },
    fails = "unknown_action",
    says = "action 1 of 1",
  },
  {
    name = "no batch in a batch",
    page = "form.html",
    params = { actions = { { action_type = "batch", params = { actions = { { action_type = "wait" } } } } } },
    fails = "invalid_params",
    says = "cannot hold another batch",
  },
}
