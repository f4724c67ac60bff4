//! Dialogs of pages are answered at once: nobody sits in front of the browser, and an open dialog holds every command.

use chromiumoxide_cdp::cdp::browser_protocol::page::HandleJavaScriptDialogParams;
use serde::Deserialize;

use super::BrowserEvent;
use super::cdp::{CdpEvent, Target};

/// The parts of `Page.javascriptDialogOpening` that count. Own type: a kind of dialog that is new must be answered too.
#[derive(Deserialize)]
struct Opening {
    #[serde(default)]
    message: String,
    #[serde(default)]
    r#type: String,
}

/// Answers the dialog that the event tells of, without waiting, and returns what to report.
pub(super) fn answer(target: &Target, event: &CdpEvent) -> BrowserEvent {
    let opening = event.params().unwrap_or(Opening {
        message: String::new(),
        r#type: String::new(),
    });
    let accepted = accepts(&opening.r#type);
    drop(target.post(HandleJavaScriptDialogParams::new(accepted)));
    BrowserEvent::Dialog {
        kind: opening.r#type,
        message: opening.message,
        accepted,
    }
}

/// An alert has only one answer, and leaving a page was asked for; questions are answered with no.
fn accepts(kind: &str) -> bool {
    matches!(kind, "alert" | "beforeunload")
}

#[cfg(test)]
mod tests {
    use super::accepts;

    #[test]
    fn questions_are_declined() {
        let answers = ["alert", "beforeunload", "confirm", "prompt", "something-new"].map(accepts);
        assert_eq!(answers, [true, true, false, false, false]);
    }
}
