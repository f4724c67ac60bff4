//! One table of failures: code, HTTP status, whether a retry may help, meaning.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! error_types {
    ($($variant:ident $code:literal $status:literal $retryable:literal $meaning:literal,)*) => {
        /// What went wrong; closed list, on the wire as `error_type`.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum ErrorType {
            $(#[doc = $meaning] #[serde(rename = $code)] $variant,)*
        }

        impl ErrorType {
            /// Every error type, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word on the wire.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The HTTP status when the call itself fails with it.
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// Whether trying again may help, unless the failure says otherwise.
            pub const fn retryable(self) -> bool {
                match self { $(Self::$variant => $retryable,)* }
            }

            /// One sentence for readers of the reference.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }

        impl FromStr for ErrorType {
            type Err = ();

            fn from_str(code: &str) -> Result<Self, ()> {
                match code { $($code => Ok(Self::$variant),)* _ => Err(()) }
            }
        }
    };
}

error_types! {
    InvalidCommand "invalid_command" 400 false "The command cannot be understood.",
    InvalidParams "invalid_params" 422 false "A parameter is missing, unknown or of the wrong type.",
    UnknownAction "unknown_action" 404 false "There is no action of that name.",
    UnknownTool "unknown_tool" 404 false "There is no tool of that name.",
    SessionNotFound "session_not_found" 404 false "The room has no session; start one first.",
    Busy "busy" 503 true "The host or the room has no place for another command now.",
    RateLimited "rate_limited" 429 true "Too many calls; wait and try again.",
    ElementNotFound "element_not_found" 404 false "No element of the page fits the target.",
    StaleIndex "stale_index" 409 false "The index belongs to an older snapshot; take a new one.",
    NotInteractable "not_interactable" 409 false "The element is there, but cannot be acted on.",
    NavigationTimeout "navigation_timeout" 504 true "The page did not load in time.",
    NetworkError "network_error" 502 true "The address could not be reached.",
    Timeout "timeout" 504 true "The command did not end in time.",
    ActionFailed "action_failed" 500 false "The page refused what the action did.",
    DomainBlocked "domain_blocked" 403 false "The domain rules forbid the address.",
    HumanInControl "human_in_control" 409 false "A person has taken over the session.",
    BrowserCrashed "browser_crashed" 503 true "The session's browser is gone; start the session again.",
    StreamError "stream_error" 502 false "The picture could not be published.",
    HandlerError "handler_error" 500 false "The action's script raised an error.",
    HandlerTimeout "handler_timeout" 504 false "The action's script was stopped at its deadline.",
    PermissionDenied "permission_denied" 403 false "The caller may not do this.",
    Unauthorized "unauthorized" 401 false "The call carries no valid token.",
    ConsentRequired "consent_required" 403 false "A person has to agree first.",
    ConsentDenied "consent_denied" 403 false "A person has said no.",
    AwiNotFound "awi_not_found" 404 false "The site has no Agent Web Interface.",
    AwiError "awi_error" 502 false "The site's Agent Web Interface answered with an error.",
    CredentialError "credential_error" 500 false "The credential registry could not be read or written.",
    InDoubt "in_doubt" 409 false "The command may have had its effect before the host died; look before repeating it.",
    Cancelled "cancelled" 409 false "The command was cancelled before it ended.",
    Unsupported "unsupported" 501 false "This host cannot do that.",
    Internal "internal" 500 false "A fault of perilune itself; its log says more.",
}

impl fmt::Display for ErrorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        for kind in ErrorType::ALL {
            assert_eq!(kind.code().parse(), Ok(*kind));
            assert!(kind.meaning().ends_with('.'));
        }
    }

    #[test]
    fn the_retryable_ones_are_those_of_the_contract() {
        let retryable: Vec<_> = ErrorType::ALL
            .iter()
            .filter(|k| k.retryable())
            .map(|k| k.code())
            .collect();
        assert_eq!(
            retryable,
            [
                "busy",
                "rate_limited",
                "navigation_timeout",
                "network_error",
                "timeout",
                "browser_crashed"
            ]
        );
    }
}
