-- Finds the button that answers a cookie banner among a snapshot's elements.

local banner = {}

-- Words of buttons, in the order in which they are looked for. What only opens settings is no answer.
local WORDS = {
  reject = { "reject all", "reject", "decline", "refuse", "only necessary", "necessary only", "alle ablehnen", "ablehnen", "tout refuser", "refuser" },
  accept = { "accept all", "accept", "agree", "allow all", "got it", "alle akzeptieren", "akzeptieren", "tout accepter", "accepter" },
}
-- A page must speak of it somewhere, so that no "Reject" of an order is pressed.
local TOPICS = { "cookie", "consent", "privacy", "datenschutz", "rgpd" }

local function has_any(text, words)
  text = string.lower(text or "")
  for _, word in ipairs(words) do
    if string.find(text, word, 1, true) then
      return word
    end
  end
  return nil
end

-- Whether the text of a page speaks of cookies.
function banner.is_topic(text)
  return has_any(text, TOPICS) ~= nil
end

-- The element to press, or nil.
function banner.button(elements, answer)
  local other = answer == "reject" and "accept" or "reject"
  for _, kind in ipairs({ answer, other }) do
    for _, word in ipairs(WORDS[kind]) do
      for _, element in ipairs(elements) do
        local is_button = element.tag == "button" or element.tag == "a" or element.role == "button" or element.type == "submit"
        local text = string.lower(element.text or element.value or "")
        -- A long text is no button of a banner.
        if is_button and #text <= 60 and string.find(text, word, 1, true) then
          return element, kind
        end
      end
    end
  end
  return nil
end

-- Whether the plugin is to act on that host.
function banner.is_site(host, sites)
  for _, site in ipairs(sites) do
    local parent = string.match(site, "^%*%.(.+)$")
    if site == "*" or site == host or (parent and (host == parent or string.sub(host, -#parent - 1) == "." .. parent)) then
      return true
    end
  end
  return false
end

return banner
