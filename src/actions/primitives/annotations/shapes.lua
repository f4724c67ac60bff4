---@meta
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
