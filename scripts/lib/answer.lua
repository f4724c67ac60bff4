-- What several actions answer with.

local answer = {}

-- Where the page is now, beside what the action has to say itself.
function answer.with_page(ctx, data)
  data.url = ctx.page:url()
  data.title = ctx.page:title()
  return data
end

-- A navigation that has ended; a server's refusal is a failure, since what was asked for is not there.
function answer.navigation(done)
  local status = done.status
  if status ~= nil and status >= 400 then
    local code = "action_failed"
    if status == 429 then
      code = "rate_limited"
    elseif status >= 500 then
      code = "network_error"
    end
    host.fail(
      code,
      "the server answered " .. done.url .. " with HTTP status " .. status
        .. "; its error page is shown: check the address, or read the page with get_screen_content",
      done
    )
  end
  return done
end

-- What was raised, as a part of an answer: error type and sentence.
function answer.failure(err)
  if type(err) ~= "string" and err ~= nil and err.code then
    return err.code, err.message
  end
  return "handler_error", tostring(err)
end

return answer
