-- What the actions on videos and sounds have in common.

local target = require("lib.target")

local media = {}

-- Adds the parameters that name a video or a sound to an action's own.
function media.properties(own)
  return target.element_properties(own)
end

-- What the parameters name, or nil: the page's main video or sound.
function media.target(params)
  if not target.names_element(params) then
    return nil
  end
  return { index = params.index, revision = params.revision, selector = params.selector }
end

-- The state as an action answers it.
function media.answer(params, state)
  state.index = params.index
  return state
end

return media
