//! The pointer and the keyboard of a tab.
//!
//! All events of one gesture are sent at once and then awaited together: Chromium keeps their order. An event that
//! opens a dialog is only answered when the dialog is, so no answer is awaited for longer than [`TAKEN`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;

use super::Tab;
use super::cdp::{Answer, CdpError};
use super::geometry::Point;
use super::keys::{self, Stroke};
use super::page_error::PageError;
use super::wire::{Ignored, InsertText, KeyEvent, MouseEvent};
use super::world::CALL;

/// How long a page may take over an event.
pub(super) const TAKEN: Duration = Duration::from_secs(10);
/// Key events that are on their way at once.
const IN_FLIGHT: usize = 256;
/// Longer text is inserted as pasted text is, without a key event for each character.
const TYPED: usize = 2_000;
/// The largest text.
pub(super) const LARGEST: usize = 1 << 20;
/// A wheel that moves nothing is told by this much quiet.
const QUIET: Duration = Duration::from_millis(120);
/// The longest smooth scroll.
const SCROLL: Duration = Duration::from_millis(1500);

/// A button of the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// The main one.
    Left,
    /// The one of context menus.
    Right,
    /// The wheel.
    Middle,
}

impl Button {
    /// DevTools' name and its bit in the set of pressed buttons.
    fn wire(self) -> (&'static str, u32) {
        match self {
            Self::Left => ("left", 1),
            Self::Right => ("right", 2),
            Self::Middle => ("middle", 4),
        }
    }
}

/// Keys that are held during an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// Alt.
    pub alt: bool,
    /// Control.
    pub control: bool,
    /// Meta, the command key.
    pub meta: bool,
    /// Shift.
    pub shift: bool,
}

impl Modifiers {
    /// DevTools' bits.
    pub(super) fn bits(self) -> u32 {
        u32::from(self.alt) | u32::from(self.control) << 1 | u32::from(self.meta) << 2 | u32::from(self.shift) << 3
    }
}

impl Tab {
    /// Moves the pointer.
    pub async fn mouse_move(&self, x: f64, y: f64) -> Result<(), PageError> {
        self.page_ops().lock().cursor = Point { x, y };
        taken([self.post_mouse("mouseMoved", Point { x, y }, Button::Left, 0, 0, Modifiers::default())]).await
    }

    /// Presses a button at a point and keeps it down.
    pub async fn mouse_down(&self, point: Point, button: Button) -> Result<(), PageError> {
        self.page_ops().lock().cursor = point;
        taken([self.post_mouse("mousePressed", point, button, button.wire().1, 1, Modifiers::default())]).await
    }

    /// Releases a button at a point.
    pub async fn mouse_up(&self, point: Point, button: Button) -> Result<(), PageError> {
        self.page_ops().lock().cursor = point;
        taken([self.post_mouse("mouseReleased", point, button, 0, 1, Modifiers::default())]).await
    }

    /// Clicks at a point, whatever is there.
    pub async fn click_at(
        &self,
        point: Point,
        button: Button,
        count: u32,
        modifiers: Modifiers,
    ) -> Result<(), PageError> {
        self.page_ops().lock().cursor = point;
        let mut answers = vec![self.post_mouse("mouseMoved", point, button, 0, 0, modifiers)];
        for click in 1..=count.clamp(1, 3) {
            answers.push(self.post_mouse("mousePressed", point, button, button.wire().1, click, modifiers));
            answers.push(self.post_mouse("mouseReleased", point, button, 0, click, modifiers));
        }
        taken(answers).await
    }

    /// Turns the wheel over a point and waits until the page has come to rest.
    pub async fn wheel(&self, x: f64, y: f64, delta_x: f64, delta_y: f64) -> Result<(), PageError> {
        self.page_ops().lock().cursor = Point { x, y };
        let frame = self.frames().into_iter().next();
        let turned = AtomicBool::new(false);
        let rest = async {
            let args = (QUIET.as_millis() as u64, SCROLL.as_millis() as u64);
            let Some(frame) = &frame else { return Ok(()) };
            loop {
                // Quiet from before the wheel has turned says nothing: a busy machine takes its time.
                let tells = turned.load(Ordering::Acquire);
                if self.world_call::<bool>(frame, "scrolled", &args, CALL).await? || tells {
                    return Ok(());
                }
            }
        };
        if let Some(frame) = &frame {
            // The watcher must be there before the wheel turns.
            let _ = self.ensure_world(frame).await;
        }
        let event = MouseEvent {
            kind: "mouseWheel",
            x,
            y,
            delta_x,
            delta_y,
            button: "none",
            ..MouseEvent::default()
        };
        let turn = async {
            let answer = taken([self.target().post_within(TAKEN, event)]).await;
            turned.store(true, Ordering::Release);
            answer
        };
        // In this order: the watcher's call is sent first.
        let (rest, turn) = futures_util::future::join(rest, turn).await;
        turn?;
        match rest {
            // The page was left meanwhile; it rests as a new one.
            Err(PageError::Gone { .. } | PageError::Timeout { .. }) => Ok(()),
            other => other,
        }
    }

    fn post_mouse(
        &self,
        kind: &str,
        point: Point,
        button: Button,
        buttons: u32,
        click_count: u32,
        modifiers: Modifiers,
    ) -> Answer<Ignored> {
        self.pointed(point);
        let button = if kind == "mouseMoved" { "none" } else { button.wire().0 };
        let modifiers = modifiers.bits();
        let Point { x, y } = point;
        let event = MouseEvent {
            kind,
            x,
            y,
            modifiers,
            button,
            buttons,
            click_count,
            ..MouseEvent::default()
        };
        self.target().post_within(TAKEN, event)
    }

    /// Types text as a person does: a key event for each character that has a key, and an insertion for the others.
    /// Line breaks are Enter. Very long text is inserted as if it were pasted.
    pub async fn type_text(&self, text: &str) -> Result<(), PageError> {
        if text.len() > LARGEST {
            return Err(PageError::TooLarge {
                what: "the text",
                bytes: text.len(),
                limit: LARGEST,
            });
        }
        if text.chars().nth(TYPED).is_some() {
            return self.insert_text(text).await;
        }
        let text = text.replace("\r\n", "\n");
        let mut answers = Vec::with_capacity(IN_FLIGHT + 2);
        let mut unkeyed = String::new();
        for char in text.chars() {
            match keys::for_char(char) {
                Some(stroke) => {
                    self.flush_unkeyed(&mut unkeyed, &mut answers);
                    answers.extend(self.post_stroke(&stroke));
                }
                None => unkeyed.push(char),
            }
            if answers.len() >= IN_FLIGHT {
                keyed(answers.drain(..)).await?;
            }
        }
        self.flush_unkeyed(&mut unkeyed, &mut answers);
        keyed(answers).await
    }

    /// Characters without a key that stand together stay together: parts of one sign must not be torn apart.
    fn flush_unkeyed(&self, text: &mut String, answers: &mut Vec<Answer<Ignored>>) {
        if !text.is_empty() {
            answers.push(self.target().post_within(TAKEN, InsertText { text }));
            text.clear();
        }
    }

    /// Inserts text where the caret is, as if it were pasted.
    pub async fn insert_text(&self, text: &str) -> Result<(), PageError> {
        if text.len() > LARGEST {
            return Err(PageError::TooLarge {
                what: "the text",
                bytes: text.len(),
                limit: LARGEST,
            });
        }
        keyed([self.target().post_within(TAKEN, InsertText { text })]).await
    }

    /// Presses keys: `Enter`, `Control+A`, `Shift+Tab`, several after one another with spaces between them.
    pub async fn press(&self, keys: &str) -> Result<(), PageError> {
        let mut answers = Vec::new();
        for stroke in &keys::parse(keys)? {
            match stroke.clipboard() {
                None => answers.extend(self.post_stroke(stroke)),
                Some(key) => {
                    keyed(answers.drain(..)).await?;
                    self.clipboard_stroke(stroke, key).await?;
                }
            }
        }
        keyed(answers).await
    }

    fn post_stroke(&self, stroke: &Stroke) -> Vec<Answer<Ignored>> {
        self.post_keys(stroke.events())
    }

    pub(super) fn post_keys(&self, events: Vec<KeyEvent>) -> Vec<Answer<Ignored>> {
        let post = |event| self.target().post_within(TAKEN, event);
        events.into_iter().map(post).collect()
    }
}

/// The events were sent and have had their effect, or their page is busy with a dialog or a long task.
pub(super) async fn taken(answers: impl IntoIterator<Item = Answer<Ignored>>) -> Result<(), PageError> {
    for answer in join_all(answers).await {
        match answer {
            Ok(_) | Err(CdpError::Deadline { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// All keys were taken; a page that does not take them in time has not had all of them.
pub(super) async fn keyed(answers: impl IntoIterator<Item = Answer<Ignored>>) -> Result<(), PageError> {
    for answer in join_all(answers).await {
        match answer {
            Ok(_) => {}
            Err(CdpError::Deadline { .. }) => {
                return Err(PageError::Timeout {
                    what: "typing",
                    after: TAKEN,
                });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
