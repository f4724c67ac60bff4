---@meta
-- Written by `perilune script types` from the host's own list of functions; do not edit.

-- The document that the session shows, whichever tab that is at the moment.
---@class perilune.Page
---@field navigate fun(self, url: string): perilune.Navigation Opens an address and waits until it has loaded.
---@field check fun(self, url: string) Raises what navigate would raise about an address that is none or is forbidden.
---@field back fun(self): perilune.Navigation Goes back one page in the history.
---@field forward fun(self): perilune.Navigation Goes forward one page in the history.
---@field reload fun(self): perilune.Navigation Loads the page again.
---@field wait_for_load fun(self, ms?: number): boolean Waits until nothing loads any more; false when something still does after ms (10,000 when not given).
---@field url fun(self): string Its address.
---@field title fun(self): string Its title.
---@field state fun(self): perilune.PageState Address, title, ready state, scroll position, viewport and mouse.
---@field snapshot fun(self): perilune.Snapshot Numbers the interactive elements anew; raises the revision.
---@field locate fun(self, target: perilune.Target): perilune.Element The element that a target means.
---@field evaluate fun(self, code: string, world?: 'main'|'isolated'): any Runs JavaScript as a console does and gives its awaited value; null is host.json.null.
---@field screenshot fun(self, options?: perilune.Screenshot): perilune.Picture Takes a picture; its data is base64.

-- One element of the page, in whichever frame or shadow root.
---@class perilune.Element
---@field click fun(self, button?: 'left'|'right'|'middle', count?: integer): perilune.Point Clicks it where it can be hit, once it is visible, enabled, still and not covered.
---@field hover fun(self): perilune.Point Moves the mouse over it, once it is visible, still and not covered.
---@field focus fun(self) Gives it the keyboard.
---@field focus_at_end fun(self) Gives it the keyboard, the caret behind its text; raises not_interactable when no text can be typed into it.
---@field clear fun(self) Empties the field.
---@field select fun(self, option: perilune.Option): perilune.Chosen Chooses an option of a dropdown list.
---@field scroll_into_view fun(self) Scrolls until it is in the viewport.
---@field point fun(self): perilune.Point Where the mouse would hit it in the viewport.
---@field text fun(self): string Its text as a person sees it.
---@field value fun(self): any What the field holds; nil when it is no field, or holds a secret.
---@field attribute fun(self, name: string): string? An attribute's value.
---@field describe fun(self): string Its tag with the attributes that tell it from others; never what it holds.

-- Pointing at places of the viewport, whatever is there.
---@class perilune.Mouse
---@field click fun(self, x: number, y: number, button?: 'left'|'right'|'middle', count?: integer) Clicks a point of the viewport.
---@field move fun(self, x: number, y: number) Moves to a point of the viewport.
---@field scroll fun(self, dx: number, dy: number, at?: perilune.Point): perilune.Scrolled Turns the wheel over a point (the middle of the viewport when not given) and waits until the page rests.

-- Keys, to whatever has the focus.
---@class perilune.Keyboard
---@field type fun(self, text: string) Types a text by real key events; what has no key is inserted as an input method would.
---@field press fun(self, keys: string) Presses a key or a combination, for instance Enter or Control+A.

-- The session's tabs, numbered from 0.
---@class perilune.Tabs
---@field list fun(self): perilune.Tab[] All open tabs.
---@field open fun(self): perilune.Tab Opens an empty tab and shows it.
---@field switch fun(self, index: integer): perilune.Tab Shows a tab.
---@field close fun(self, index?: integer): perilune.Tab Closes a tab, by default the one that is shown; gives what it was.

---@alias perilune.ErrorType
---| 'invalid_command' # The command cannot be understood.
---| 'invalid_params' # A parameter is missing, unknown or of the wrong type.
---| 'unknown_action' # There is no action of that name.
---| 'unknown_tool' # There is no tool of that name.
---| 'session_not_found' # The room has no session; start one first.
---| 'busy' # The host or the room has no place for another command now.
---| 'rate_limited' # Too many calls; wait and try again.
---| 'element_not_found' # No element of the page fits the target.
---| 'stale_index' # The index belongs to an older snapshot; take a new one.
---| 'not_interactable' # The element is there, but cannot be acted on.
---| 'navigation_timeout' # The page did not load in time.
---| 'network_error' # The address could not be reached.
---| 'timeout' # The command did not end in time.
---| 'action_failed' # The page refused what the action did.
---| 'domain_blocked' # The domain rules forbid the address.
---| 'human_in_control' # A person has taken over the session.
---| 'browser_crashed' # The session's browser is gone; start the session again.
---| 'stream_error' # The picture could not be published.
---| 'handler_error' # The action's script raised an error.
---| 'handler_timeout' # The action's script was stopped at its deadline.
---| 'permission_denied' # The caller may not do this.
---| 'unauthorized' # The call carries no valid token.
---| 'consent_required' # A person has to agree first.
---| 'consent_denied' # A person has said no.
---| 'awi_not_found' # The site has no Agent Web Interface.
---| 'awi_error' # The site's Agent Web Interface answered with an error.
---| 'credential_error' # The credential registry could not be read or written.
---| 'in_doubt' # The command may have had its effect before the host died; look before repeating it.
---| 'cancelled' # The command was cancelled before it ended.
---| 'unsupported' # This host cannot do that.
---| 'internal' # A fault of perilune itself; its log says more.

-- What nouns take and give, and what scripts return; a part of the editor annotations.
---@class perilune.Target
---@field index? integer number of the element in the latest snapshot
---@field revision? integer revision of the snapshot that the index was read from
---@field selector? string CSS
---@field x? number CSS pixels from the left edge of the viewport
---@field y? number CSS pixels from the top edge of the viewport
---@field focused? boolean whatever has the focus
---@field first_input? boolean the first field of the page that takes text

---@class perilune.Point
---@field x number CSS pixels from the left edge of the viewport
---@field y number CSS pixels from the top edge of the viewport

---@class perilune.Navigation
---@field url string
---@field title string
---@field status? integer of HTTP; nil where the page came without
---@field load_time_ms number

---@class perilune.PageState
---@field url string
---@field title string
---@field ready_state 'loading'|'interactive'|'complete'
---@field scroll_x number
---@field scroll_y number
---@field viewport_width number
---@field viewport_height number
---@field cursor_x number
---@field cursor_y number

---@class perilune.Snapshot
---@field revision integer
---@field url string
---@field title string
---@field elements table[]
---@field total_elements integer
---@field truncated boolean

---@class perilune.Screenshot
---@field full_page? boolean the whole page, not only the viewport
---@field format? 'png'|'jpeg'
---@field quality? integer of a JPEG, 1 to 100

---@class perilune.Picture
---@field format 'png'|'jpeg'
---@field width integer
---@field height integer
---@field data string base64

---@class perilune.Scrolled
---@field scroll_x number of the page
---@field scroll_y number of the page
---@field moved boolean whether the page, or what was scrolled in it, moved

---@class perilune.Option
---@field value? string
---@field text? string
---@field option_index? integer

---@class perilune.Chosen
---@field value string
---@field text string
---@field option_index integer

---@class perilune.Tab
---@field index integer
---@field url string
---@field title string
---@field active boolean

---@class perilune.Command
---@field id string
---@field room_name string
---@field action string
---@field attempt integer 1 for the first

---@class perilune.Log
---@field debug fun(text: string, fields?: table)
---@field info fun(text: string, fields?: table)
---@field warn fun(text: string, fields?: table)
---@field error fun(text: string, fields?: table)

-- What an action's `run` gets beside its parameters.
---@class perilune.Context
---@field page perilune.Page
---@field mouse perilune.Mouse
---@field keyboard perilune.Keyboard
---@field tabs perilune.Tabs
---@field command perilune.Command
---@field log perilune.Log
---@field sleep fun(ms: number) waits; the action's own deadline ends a longer wait
---@field now fun(): number milliseconds since 1970

---@class perilune.Action
---@field description string one sentence for callers
---@field params table JSON Schema of the parameters
---@field timeout_ms? number how long one call may take
---@field idempotent? boolean whether doing it twice is as good as once
---@field retry? string the policy that decides about retries
---@field run fun(ctx: perilune.Context, params: table): table?

---@class perilune.Failure
---@field code perilune.ErrorType
---@field error_type perilune.ErrorType
---@field message string
---@field retryable boolean
---@field retry_after_ms? number
---@field details? table

---@class perilune.RetryContext
---@field action string
---@field idempotent boolean
---@field attempts integer the most that the caller allows
---@field max_backoff_ms number
---@field backoff? { exponential: boolean, delay_ms: number, jitter: number } what the caller asked for

---@class perilune.RetryPolicy
---@field description? string
---@field decide fun(attempt: integer, err: perilune.Failure, ctx: perilune.RetryContext): { retry: boolean, after_ms?: number }

---@class perilune.Json
---@field null any JSON's null
---@field array fun(list?: table): table a list, also when it is empty
---@field encode fun(value: any): string
---@field decode fun(text: string): any

---@class perilune.Backoff
---@field exponential fun(attempt: number, base: number, max: number): number base, doubled with each attempt
---@field full_jitter fun(attempt: number, base: number, max: number): number a random part of that

---@class perilune.Host
---@field fail fun(code: perilune.ErrorType, sentence?: string, details?: table) ends the call with a typed failure
---@field json perilune.Json
---@field backoff perilune.Backoff
host = {}
