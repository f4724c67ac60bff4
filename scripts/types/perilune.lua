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
---@field evaluate fun(self, code: string, world?: 'main'|'isolated', limits?: perilune.ScriptLimits): any Runs JavaScript as a console does and gives its awaited value; null is host.json.null.
---@field wait_for fun(self, condition: perilune.Condition, ms: number): string? Waits until a text, an element, an address or a state of loading is there; gives what it was; raises timeout with what is there instead.
---@field article fun(self, options?: perilune.ArticleOptions): perilune.Article What the page says, as Markdown; without what is hidden and what fields hold.
---@field screenshot fun(self, options?: perilune.Screenshot): perilune.Picture Takes a picture; its data is base64.

-- One element of the page, in whichever frame or shadow root.
---@class perilune.Element
---@field click fun(self, button?: 'left'|'right'|'middle', count?: integer, held?: string[]): perilune.Point Clicks it where it can be hit, once it is visible, enabled, still and not covered; held are keys such as Control.
---@field hover fun(self): perilune.Point Moves the mouse over it, once it is visible, still and not covered.
---@field focus fun(self) Gives it the keyboard.
---@field focus_at_end fun(self) Gives it the keyboard, the caret behind its text; raises not_interactable when no text can be typed into it.
---@field clear fun(self) Empties the field.
---@field kind fun(self): perilune.FieldKind What kind of field it is.
---@field fill fun(self, text: string): 'same'|'other'|'empty'|'unchanged' Puts text in place of what the field holds; says what the page has made of it.
---@field fill_credential fun(self, credential: perilune.Credential) Puts the credential's key in place of what a text field holds, only on a page of the credential's own site; the script does not see the key.
---@field select_all fun(self): integer? Selects all that it holds; how many characters, nil when they are secret.
---@field select fun(self, option: perilune.Option): perilune.Chosen Chooses an option of a list, also of one made of ARIA roles.
---@field select_many fun(self, options: perilune.Option[]): perilune.Chosen[] Chooses exactly these options of a list that takes several.
---@field is_checked fun(self): boolean Whether a tick box, radio button or switch is on.
---@field set_checked fun(self, on: boolean) Turns a tick box, radio button or switch on or off by a click, if it is not so already.
---@field is_selected fun(self): boolean? Whether it is chosen among others; nil for what says nothing about it.
---@field radio fun(self, wanted: string): perilune.Element The radio button of its group that has this value or these words.
---@field upload fun(self, paths: string[]): string[] Puts files of the upload folders into its file field or the one that it opens a dialog for; their names.
---@field submit fun(self): perilune.Submitted Sends its form, if validation lets it through.
---@field reset fun(self): string Gives the fields of its form their first content again; the form's tag.
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
---@field drag fun(self, from: perilune.Place, to: perilune.Place): perilune.Dragged Drags from one place to the other, by the page's drag events or by those of the mouse, as the page will have it.
---@field scroll fun(self, dx: number, dy: number, at?: perilune.Point): perilune.Scrolled Turns the wheel over a point (the middle of the viewport when not given) and waits until the page rests.

-- Keys, to whatever has the focus.
---@class perilune.Keyboard
---@field type fun(self, text: string, delay_ms?: number) Types a text by real key events, with a pause between them; what has no key is inserted as an input method would.
---@field press fun(self, keys: string) Presses a key or a combination, for instance Enter or Control+A.

-- What the room has copied; other rooms and the machine have clipboards of their own.
---@class perilune.Clipboard
---@field copy fun(self): perilune.Copied Copies what is selected where the focus is; from secret fields nothing.
---@field cut fun(self): perilune.Copied Copies what is selected and removes it.
---@field paste fun(self): perilune.Pasted Inserts what was copied where the caret is.
---@field selected fun(self): integer? How many characters are selected where the focus is; nil for secret fields.

-- The session's tabs, numbered from 0.
---@class perilune.Tabs
---@field list fun(self): perilune.Tab[] All open tabs.
---@field open fun(self): perilune.Tab Opens an empty tab and shows it.
---@field switch fun(self, index: integer): perilune.Tab Shows a tab.
---@field reopen fun(self): perilune.Tab Opens the tab that was closed last once more, at its last address.
---@field refresh fun(self) Reads titles that pages have changed meanwhile.
---@field close fun(self, index?: integer): perilune.Tab Closes a tab, by default the one that is shown; gives what it was.

-- The page's videos and sounds; without a target its main one, which is the largest that shows. What does not happen raises.
---@class perilune.Media
---@field state fun(self, target?: perilune.Target): perilune.MediaState What it is doing.
---@field play fun(self, target?: perilune.Target): perilune.MediaState Plays it.
---@field pause fun(self, target?: perilune.Target): perilune.MediaState Pauses it.
---@field seek fun(self, seconds: number, target?: perilune.Target): perilune.MediaState Goes to a time.
---@field volume fun(self, volume: number, target?: perilune.Target): perilune.MediaState Sets the volume, 0 to 1.
---@field mute fun(self, on?: boolean, target?: perilune.Target): perilune.MediaState Switches its sound off or on; without a word, to what it is not.
---@field fullscreen fun(self, on?: boolean, target?: perilune.Target): perilune.MediaState Puts it, or any other element, on the whole screen or back; on a page without video and sound the page itself.

-- How large the tab that is shown draws its pages, in percent.
---@class perilune.Zoom
---@field get fun(self): integer The percentage.
---@field larger fun(self): integer One of a browser's steps larger, 500 at most; gives the new percentage.
---@field smaller fun(self): integer One step smaller, 25 at least.
---@field set fun(self, percent: integer): integer To a percentage from 25 to 500.

-- Files that the session's pages hand out; they are kept in a folder of the session.
---@class perilune.Downloads
---@field fetch fun(self, url: string): perilune.Download Downloads an address with the session's cookies and waits until the file is whole; the page that is shown stays.
---@field from fun(self, element: perilune.Element): perilune.Download Downloads what a link, a picture or a click on the element leads to.
---@field list fun(self): perilune.Download[] The latest downloads, the oldest first.

-- What pages ask in dialogs. Each is answered at once, so that nothing hangs; the answer can be said in advance.
---@class perilune.Dialogs
---@field answer fun(self, answer?: perilune.DialogAnswer) How the next questions (confirm, prompt, leaving a page) are answered; nothing: as usual.
---@field next fun(self): perilune.DialogAnswer? The answer that is ready.
---@field list fun(self): perilune.Dialog[] The latest dialogs with their answers, the oldest first.

-- What the shown tab's console said and what the tab requested, over its navigations; the latest 500 of each. Recorded from the first question on, which still learns of the present document.
---@class perilune.Records
---@field console fun(self, filter?: perilune.RecordFilter): perilune.ConsoleRecord Messages of the console, uncaught exceptions and the browser's remarks, the oldest first.
---@field requests fun(self, filter?: perilune.RecordFilter): perilune.RequestRecord Requests, the oldest first.

-- What people who watch see beside the page; the page's own script can neither see nor change it.
---@class perilune.Screen
---@field present fun(self, enabled: boolean) Turns presentation mode on or off: a large pointer, and marks on what is acted upon, on every page that is shown.
---@field presents fun(self): boolean Whether presentation mode is on.
---@field pointer fun(self, at?: perilune.Point) Draws a pointer at a point of the viewport, from where it follows the mouse; nil takes it away.
---@field mark_element fun(self, element: perilune.Element, ink: perilune.Ink): perilune.Rect Scrolls to an element and puts a frame around it that follows it.
---@field mark_box fun(self, box: perilune.Rect, ink: perilune.Ink): perilune.Rect Puts a frame around a box of the viewport.
---@field mark_path fun(self, points: perilune.Point[], width: number, ink: perilune.Ink): perilune.Rect Draws a line through points of the viewport.
---@field glide fun(self, dx: number, dy: number, ms: number, element?: perilune.Element): perilune.Glided Scrolls slowly what is in the middle of the view, or around the element.

-- Values that outlast a call, each plugin's own; all scripts outside plugins share one.
---@class perilune.Store
---@field get fun(self, key: string): any What is kept under the key; nil when there is nothing.
---@field set fun(self, key: string, value: any) Keeps a value that has a form in JSON; nil deletes.
---@field incr fun(self, key: string, by?: number): number Adds to a number, by 1 when not said, and gives the sum; what is not there counts as 0.
---@field cas fun(self, key: string, old: any, new: any): boolean Keeps new only if old is what is kept now, and tells whether it did; nil stands for nothing.
---@field keys fun(self): string[] All keys in order.

-- Facts for everybody who listens to the room.
---@class perilune.Events
---@field emit fun(self, name: string, payload?: any) Publishes the event script_event with this name and payload; 16 KiB at most, 50 a second in a session. Texts and secrets are cut and starred as in every event.

-- Requests to sites without the browser: where the plugin's permission and the session's domain rules both allow it, redirects included.
---@class perilune.Http
---@field request fun(self, request: perilune.Request): perilune.Response Sends a request; raises when there is no answer. A status is data, whatever it says.
---@field get fun(self, url: string, options?: perilune.Request): perilune.Response The same with GET.
---@field post fun(self, url: string, options?: perilune.Request): perilune.Response The same with POST.

-- What agents are at sites, from the host's registry: active ones that have not expired.
---@class perilune.Credentials
---@field get fun(self, domain: string, agent_name?: string): perilune.Credential? The one for a site that was used last; nil when there is none.
---@field list fun(self, domain?: string): perilune.Credential[] All of a site, or of every site that the plugin may use; the one used last comes first.

-- What an agent is at a site. Its key goes into pages and requests without the script seeing it.
---@class perilune.Credential
---@field agent_id string The agent's id at the site.
---@field agent_name string Its name.
---@field domain string The site.
---@field permissions string[] What the agent may do there.
---@field secret fun(self): string The key itself; only for plugins with secrets = true under [permissions].

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
---@field clip? perilune.Rect only this part: of the viewport, or with full_page of the whole page
---@field element? perilune.Target only this element
---@field format? 'png'|'jpeg'
---@field quality? integer of a JPEG, 1 to 100

---@class perilune.Picture
---@field format 'png'|'jpeg'
---@field width integer
---@field height integer
---@field data string base64

---@class perilune.ScriptLimits
---@field timeout_ms? number after which it is stopped; never later than the action itself
---@field max_bytes? integer of the result as JSON, 2097152 at most

---@class perilune.MediaState
---@field kind? 'video'|'audio' nil for other elements, which have only fullscreen
---@field paused? boolean
---@field ended? boolean
---@field current_time? number seconds
---@field duration? number seconds; nil while unknown and for what is live
---@field volume? number 0 to 1
---@field muted? boolean
---@field playback_rate? number
---@field fullscreen boolean

---@class perilune.Download
---@field id string
---@field url string
---@field suggested_name string what the server or the page proposed
---@field state 'running'|'completed'|'failed'
---@field file_name? string in the session's folder
---@field path? string on the host
---@field bytes integer
---@field error? string

---@class perilune.DialogAnswer
---@field accept boolean
---@field text? string for a prompt; nil: the text that the page proposes
---@field times? integer how many questions get this answer; 1 when not given

---@class perilune.Dialog
---@field kind 'alert'|'confirm'|'prompt'|'beforeunload'
---@field message string
---@field default_text? string
---@field accepted boolean
---@field text? string what a prompt was given
---@field timestamp number seconds since 1970

---@class perilune.RecordFilter
---@field since? number seconds since 1970
---@field level? 'debug'|'log'|'info'|'warning'|'error' this one and more severe ones
---@field url? string part of a request's address
---@field limit? integer the latest of them; 100 when not given
---@field clear? boolean forget all entries afterwards

---@class perilune.ConsoleRecord
---@field entries table[] level, kind ('console'|'exception'|'browser'), text, source?, line?, timestamp
---@field total integer how many entries fit the filter

---@class perilune.RequestRecord
---@field entries table[] method?, url, status?, resource_type, duration_ms?, bytes?, failure?, timestamp
---@field total integer how many entries fit the filter
---@class perilune.Condition
---@field text? string words that people see, in any frame
---@field selector? string CSS
---@field state? 'visible'|'hidden'|'attached' of the text or the element
---@field url? string a part of the address, or its form with * for anything
---@field load_state? 'load'|'network_idle'

---@class perilune.ArticleOptions
---@field main_only? boolean without navigation and the like
---@field max_chars? integer 100,000 when not given

---@class perilune.Article
---@field markdown string
---@field characters integer
---@field truncated boolean whether some is left out

---@class perilune.Ink
---@field color string a CSS name, or #rrggbb
---@field ms number how long it is seen

---@class perilune.Rect
---@field x number CSS pixels from the left edge of the viewport
---@field y number CSS pixels from the top edge of the viewport

---@class perilune.Glided
---@field moved boolean
---@field moved_x number
---@field moved_y number
---@field scroll_x number of the page
---@field scroll_y number of the page

---@class perilune.Scrolled
---@field scroll_x number of the page
---@field scroll_y number of the page
---@field moved boolean whether the page, or what was scrolled in it, moved

---@class perilune.Option
---@field value? string
---@field text? string
---@field option_index? integer
---@field any? string its value or, if none has it, its text

---@alias perilune.FieldKind
---| 'text'
---| 'checkbox'
---| 'radio'
---| 'select'
---| 'select-multiple'
---| 'listbox'
---| 'combobox'
---| 'file'
---| 'button'
---| 'hidden'
---| 'other'

---@alias perilune.Place
---| perilune.Element
---| perilune.Point

---@class perilune.Dragged
---@field from perilune.Point where the button was pressed
---@field to perilune.Point where it was released
---@field events 'drag'|'mouse' which events the page has taken it by

---@class perilune.Copied
---@field state 'copied'|'nothing'|'secret'|'fixed'
---@field characters? integer

---@class perilune.Pasted
---@field state 'inserted'|'taken'|'refused'|'empty'
---@field characters? integer

---@class perilune.Submitted
---@field sent boolean whether validation let it through
---@field by_page? boolean whether the page's own script does the rest
---@field form? string
---@field button? string
---@field invalid? table[] fields at fault: element, name, label, message

---@class perilune.Chosen
---@field value string
---@field text string
---@field option_index integer

---@class perilune.Tab
---@field index integer
---@field url string
---@field title string
---@field active boolean

---@class perilune.Session
---@field id string
---@field room_name string

---@class perilune.Request
---@field url? string http or https; `get` and `post` take it apart
---@field method? 'GET'|'HEAD'|'POST'|'PUT'|'PATCH'|'DELETE'|'OPTIONS' GET when not said
---@field headers? table<string, string|number>
---@field body? string
---@field json? any sent as JSON in place of body
---@field timeout_ms? number 30,000 when not said; the call's own deadline ends a longer one
---@field redirects? integer how many are followed, 0 to 5; 5 when not said
---@field credential? perilune.Credential its key goes into a header, and to its own site only
---@field credential_header? string which header; X-Agent-API-Key when not said, Authorization gets `Bearer KEY`

---@class perilune.Response
---@field status integer
---@field url string the address that answered, after redirects
---@field headers table<string, string> names in lower case; several values with commas between, cookies with line ends
---@field body string at most 4 MiB
---@field json? any the body, when its type is JSON

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
---@field clipboard perilune.Clipboard
---@field tabs perilune.Tabs
---@field media perilune.Media
---@field zoom perilune.Zoom
---@field downloads perilune.Downloads
---@field dialogs perilune.Dialogs
---@field records perilune.Records
---@field screen perilune.Screen
---@field command perilune.Command
---@field session perilune.Session
---@field config table the settings of the script's plugin
---@field state perilune.Store values that last as long as the session
---@field shared perilune.Store values that all sessions see, and that last as long as the host
---@field events perilune.Events
---@field http perilune.Http
---@field credentials perilune.Credentials
---@field log perilune.Log
---@field sleep fun(ms: number) waits; the action's own deadline ends a longer wait
---@field now fun(): number milliseconds since 1970
---@field run fun(name: string, params?: table): table another action in the same command; gives its data, raises its failure
---@field spawn fun(start: function, ...: any): perilune.Task a function that runs beside this one and ends with the command

---@class perilune.Task
---@field wait fun(self): any what the function returned, once it has ended

---@class perilune.Action
---@field description string one sentence for callers
---@field params table JSON Schema of the parameters
---@field timeout_ms? number how long one call may take
---@field idempotent? boolean whether doing it twice is as good as once
---@field retry? string the policy that decides about retries
---@field run fun(ctx: perilune.Context, params: table): table?

---@class perilune.Middleware
---@field description? string
---@field wraps string[] names of actions, or '*' for all
---@field run fun(ctx: perilune.Context, params: table, next: fun(params?: table): table): table?

---@class perilune.EventHandler
---@field description? string
---@field on table<string, fun(ctx: perilune.Context, event: table)> by the event's type

---@class perilune.Timer
---@field description? string
---@field every_ms number
---@field run fun(ctx: perilune.Context)

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
