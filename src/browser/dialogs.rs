//! Dialogs of pages are answered at once: nobody sits in front of the browser, and an open dialog holds every command.
//!
//! How the next questions are answered can be said in advance; what was asked and answered is remembered.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use chromiumoxide_cdp::cdp::browser_protocol::page::HandleJavaScriptDialogParams;
use serde::{Deserialize, Serialize};

use super::cdp::{CdpEvent, Target};
use super::{BrowserEvent, Context};

/// Dialogs that are remembered.
const REMEMBERED: usize = 50;
/// A page may say any number of characters; this many are kept.
const WORDS: usize = 4000;

/// How the next questions are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialogAnswer {
    /// Yes or no.
    pub accept: bool,
    /// What a prompt gets with a yes; none: the text that the page proposed.
    pub text: Option<String>,
    /// How many questions get this answer.
    pub times: u32,
}

/// A dialog that was answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dialog {
    /// `alert`, `confirm`, `prompt` or `beforeunload`.
    pub kind: String,
    /// What the page said.
    pub message: String,
    /// The text that a prompt proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_text: Option<String>,
    /// Whether the answer was yes.
    pub accepted: bool,
    /// What a prompt was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When, in seconds since 1970.
    pub timestamp: f64,
}

/// A context's dialogs.
#[derive(Default)]
pub(super) struct Dialogs(Mutex<State>);

#[derive(Default)]
struct State {
    next: Option<DialogAnswer>,
    recent: VecDeque<Dialog>,
}

/// The parts of `Page.javascriptDialogOpening` that count. Own type: a kind of dialog that is new must be answered too.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opening {
    #[serde(default)]
    message: String,
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    default_prompt: String,
}

impl Context {
    /// Says how the next questions of the session's pages are answered; none: as usual.
    pub fn answer_dialogs(&self, next: Option<DialogAnswer>) {
        self.shared.dialogs.lock().next = next.filter(|next| next.times > 0);
    }

    /// The answer that is ready for the next questions.
    pub fn next_dialog_answer(&self) -> Option<DialogAnswer> {
        self.shared.dialogs.lock().next.clone()
    }

    /// The latest dialogs of the session's pages, the oldest first.
    pub fn dialogs(&self) -> Vec<Dialog> {
        self.shared.dialogs.lock().recent.iter().cloned().collect()
    }
}

// === impl Dialogs ===

impl Dialogs {
    /// Answers the dialog that the event tells of, without waiting, and returns what to report.
    pub(super) fn answer(&self, target: &Target, event: &CdpEvent) -> BrowserEvent {
        let dialog = self.decide(event.params().unwrap_or_default());
        let mut answer = HandleJavaScriptDialogParams::new(dialog.accepted);
        answer.prompt_text.clone_from(&dialog.text);
        drop(target.post(answer));
        BrowserEvent::Dialog(dialog)
    }

    fn decide(&self, opening: Opening) -> Dialog {
        let mut state = self.lock();
        let said = is_question(&opening.r#type).then(|| state.take()).flatten();
        let is_prompt = opening.r#type == "prompt";
        let default_text = is_prompt.then(|| cut(&opening.default_prompt));
        let (accepted, text) = match said {
            Some((accept, text)) => (accept, text.or_else(|| is_prompt.then_some(opening.default_prompt))),
            None => (accepts(&opening.r#type), None),
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let dialog = Dialog {
            kind: opening.r#type,
            message: cut(&opening.message),
            default_text,
            accepted,
            text: text.filter(|_| accepted && is_prompt),
            timestamp: now.map_or(0.0, |now| now.as_secs_f64()),
        };
        if state.recent.len() == REMEMBERED {
            state.recent.pop_front();
        }
        state.recent.push_back(dialog.clone());
        dialog
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// One use of the answer that is ready.
    fn take(&mut self) -> Option<(bool, Option<String>)> {
        let next = self.next.as_mut()?;
        next.times -= 1;
        let said = (next.accept, next.text.clone());
        if next.times == 0 {
            self.next = None;
        }
        Some(said)
    }
}

/// An alert has only one answer, so none is used up for it.
fn is_question(kind: &str) -> bool {
    kind != "alert"
}

/// What is answered when nothing was said: leaving a page was asked for; questions are answered with no.
fn accepts(kind: &str) -> bool {
    matches!(kind, "alert" | "beforeunload")
}

fn cut(text: &str) -> String {
    text.chars().take(WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(kind: &str) -> Opening {
        Opening {
            message: "sure?".into(),
            r#type: kind.into(),
            default_prompt: "you".into(),
        }
    }

    #[test]
    fn questions_are_declined() {
        let answers = ["alert", "beforeunload", "confirm", "prompt", "something-new"].map(accepts);
        assert_eq!(answers, [true, true, false, false, false]);
    }

    #[test]
    fn an_answer_is_used_for_questions_only_and_as_often_as_said() {
        let dialogs = Dialogs::default();
        let say = |text: Option<&str>, times| {
            dialogs.lock().next = Some(DialogAnswer {
                accept: true,
                text: text.map(str::to_owned),
                times,
            });
        };
        let given = |kind| {
            let dialog = dialogs.decide(opening(kind));
            (dialog.accepted, dialog.text)
        };
        say(Some("me"), 2);
        assert_eq!(given("alert"), (true, None));
        assert_eq!(given("confirm"), (true, None));
        assert_eq!(given("prompt"), (true, Some("me".into())));
        assert_eq!(given("prompt"), (false, None), "used up");
        say(None, 1);
        assert_eq!(given("prompt"), (true, Some("you".into())), "the page's own text");
        (0..2 * REMEMBERED).for_each(|_| drop(dialogs.decide(opening("alert"))));
        assert_eq!(dialogs.lock().recent.len(), REMEMBERED);
    }
}
