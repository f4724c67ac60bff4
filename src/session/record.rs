//! What others get to hear and keep of a session: the events of its commands and its browser, lines in the audit record.

use super::directory::{Parts, unix_now};
use crate::actions::Notice;
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

/// Passes on what a script has told: an event to its room, the use of a credential to the audit record.
pub(super) fn told(parts: &Parts, room: &Room, session: SessionId, notice: Notice) -> Option<Event> {
    match notice {
        Notice::Event(event) => return Some(event),
        Notice::CredentialUsed {
            script,
            agent_id,
            domain,
            purpose,
        } => {
            if let Some(audit) = &parts.audit {
                let reason = format!("the key of {agent_id} was {purpose} by {script}");
                audit.record(AuditEntry::credential(unix_now(), room, session, &domain, reason));
            }
        }
    }
    None
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

/// An event as its handlers see it.
pub(super) fn event_of(event: &Event, room: &Room, session: SessionId) -> serde_json::Value {
    let mut seen = serde_json::to_value(event).unwrap_or_default();
    seen["room_name"] = room.as_str().into();
    seen["session_id"] = session.to_string().into();
    seen
}

/// The event of a script that runs by itself and has failed.
pub(super) fn hook_failed(failure: &Failure) -> Event {
    let detail = |name| failure.details.get(name);
    let file = detail("script")
        .or_else(|| detail("file"))
        .and_then(|file| file.as_str());
    Event::ScriptFailed {
        script: file.map(crate::actions::script_of).unwrap_or_default(),
        file: file.unwrap_or_default().to_owned(),
        line: detail("line").and_then(|line| u32::try_from(line.as_u64()?).ok()),
        error: failure.message.clone(),
        text: None,
        hint: None,
        generation: detail("generation").and_then(|id| id.as_u64()).unwrap_or_default(),
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
        BrowserEvent::Presenting { enabled } => Event::PresentationModeEnabled { enabled },
        BrowserEvent::Dialog(dialog) => Event::DialogOpened {
            kind: dialog.kind,
            message: dialog.message,
            default_text: dialog.default_text,
            accepted: dialog.accepted,
            answer: dialog.text,
        },
        BrowserEvent::DownloadStarted(download) => Event::DownloadStarted {
            id: download.id,
            url: crate::policy::scrub(&download.url).into_owned(),
            suggested_name: download.suggested_name,
        },
        BrowserEvent::DownloadEnded(download) => Event::DownloadCompleted {
            id: download.id,
            url: crate::policy::scrub(&download.url).into_owned(),
            success: download.error.is_none(),
            file_name: download.file_name,
            bytes: download.bytes,
            error: download.error,
        },
        BrowserEvent::Violation { url, denied } => Event::DomainViolation {
            url,
            domain: denied.domain,
            reason: denied.reason,
        },
        BrowserEvent::TabSwitched { .. } | BrowserEvent::Crashed { .. } => return None,
    })
}
