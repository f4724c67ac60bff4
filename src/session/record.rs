//! What others get to hear and keep of a session: the events of its commands and its browser, lines in the audit record.

use super::directory::{Parts, unix_now};
use crate::browser::BrowserEvent;
use crate::policy::{AuditEntry, Denied};
use crate::protocol::{ActionRef, Command, Event, Failure, Object, Outcome, Room, SessionId};

/// Writes a command's line into the audit record.
pub(super) fn audit(parts: &Parts, session: Option<SessionId>, command: &Command, outcome: &Outcome) {
    if let Some(audit) = &parts.audit {
        audit.record(AuditEntry::command(session, command, outcome));
    }
}

/// Writes a violation of the domain rules into the audit record.
pub(super) fn audit_violation(parts: &Parts, room: &Room, session: SessionId, url: &str, denied: &Denied) {
    if let Some(audit) = &parts.audit {
        audit.record(AuditEntry::violation(unix_now(), room, session, url, denied));
    }
}

/// A command's data as its event shows it: a picture or another long text is left to the outcome.
pub(super) fn event_result(data: &Object) -> serde_json::Value {
    crate::policy::redact(data).into()
}

/// The action of a command as events show it: secrets redacted.
pub(super) fn action_ref(command: &Command) -> ActionRef {
    ActionRef {
        action_type: command.verb.name().to_owned(),
        params: crate::policy::redact(&command.params),
    }
}

/// The event of a failed command.
pub(super) fn error_event(action: ActionRef, failure: &Failure, attempt: u32) -> Event {
    Event::ActionError {
        action,
        error: failure.message.clone(),
        error_type: failure.error_type,
        retryable: failure.retryable,
        attempt,
    }
}

/// What happens in the browser, as an event; none for what only the session itself has to know.
pub(super) fn browser_event(event: BrowserEvent) -> Option<Event> {
    Some(match event {
        BrowserEvent::Navigated { url, title } => Event::PageNavigation { url, title },
        BrowserEvent::Loaded { url, title, load_time } => Event::PageLoadComplete {
            url,
            title,
            load_time_ms: load_time.as_secs_f64() * 1000.0,
        },
        BrowserEvent::TabOpened { index, url } => Event::TabOpened { index, url },
        BrowserEvent::TabClosed { index } => Event::TabClosed { index },
        BrowserEvent::Dialog {
            kind,
            message,
            accepted,
        } => Event::DialogOpened {
            kind,
            message,
            accepted,
        },
        BrowserEvent::Violation { url, denied } => Event::DomainViolation {
            url,
            domain: denied.domain,
            reason: denied.reason,
        },
        BrowserEvent::TabSwitched { .. } | BrowserEvent::Crashed { .. } => return None,
    })
}
