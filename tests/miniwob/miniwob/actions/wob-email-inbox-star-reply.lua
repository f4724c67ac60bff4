-- MiniWoB++ email-inbox-star-reply: what is to be done with one message.

return require("lib.policy")("Find the message and do what is asked for", require("lib.inbox"))
