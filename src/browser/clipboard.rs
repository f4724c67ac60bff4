//! The clipboard of a room: text that is kept here, never in Chromium, whose clipboard all rooms of a process share.
//!
//! A copy asks the page what is selected and gives it its `copy` event; what the page's own script puts in counts as
//! in any browser. The keys (Control+C and the like) reach the page as key events and then come here.
//! **Invariant:** what a secret field holds is never copied.

use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use super::Tab;
use super::input::{LARGEST, keyed};
use super::keys::{ClipboardKey, Stroke};
use super::page_error::PageError;
use super::world::CALL;

/// What a room has copied last.
#[derive(Default)]
pub(super) struct Clipboard(Mutex<Clip>);

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Clip {
    text: String,
    html: String,
}

/// What came of a copy or a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// So many characters are in the clipboard now.
    Text(usize),
    /// Nothing was selected; the clipboard is as it was.
    Nothing,
    /// The selection is in a secret field.
    Secret,
    /// It is in the clipboard, but the page does not let it be removed.
    Fixed,
}

/// What came of pasting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pasted {
    /// So many characters were inserted.
    Inserted(usize),
    /// The page's own script has taken so many.
    Taken(usize),
    /// Nothing that takes text has the focus.
    Refused,
    /// The clipboard is empty.
    Empty,
}

/// The answer of our JavaScript about a copy.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Out {
    kept: bool,
    secret: bool,
    fixed: bool,
    #[serde(flatten)]
    clip: Clip,
}

// === impl Clipboard ===

impl Clipboard {
    fn read(&self) -> Clip {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self, clip: Clip) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = clip;
    }
}

impl Tab {
    /// Copies what is selected where the focus is.
    pub async fn copy(&self) -> Result<Copied, PageError> {
        self.copy_out(false, false).await
    }

    /// Copies what is selected and removes it.
    pub async fn cut(&self) -> Result<Copied, PageError> {
        self.copy_out(true, false).await
    }

    /// Inserts what the room has copied where the caret is.
    pub async fn paste(&self) -> Result<Pasted, PageError> {
        self.paste_in(false).await
    }

    /// How many characters are selected where the focus is; none said of secret fields.
    pub async fn selected(&self) -> Result<Option<usize>, PageError> {
        let frame = self.focused_frame().await?;
        self.world_call(&frame, "selected", &[(); 0], CALL).await
    }

    /// Presses a key that concerns the clipboard: the page gets its events, and unless its script keeps the key from
    /// having an effect, the effect is on the room's clipboard.
    pub(super) async fn clipboard_stroke(&self, stroke: &Stroke, key: ClipboardKey) -> Result<(), PageError> {
        let mut down = stroke.events();
        let released = down
            .iter()
            .position(|event| event.kind == "keyUp")
            .unwrap_or(down.len());
        let up = down.split_off(released);
        let frame = self.focused_frame().await?;
        let _: Option<()> = self.world_call(&frame, "armKeys", &[(); 0], CALL).await?;
        keyed(self.post_keys(down)).await?;
        let done = match key {
            ClipboardKey::Copy => self.copy_out(false, true).await.map(drop),
            ClipboardKey::Cut => self.copy_out(true, true).await.map(drop),
            ClipboardKey::Paste => self.paste_in(true).await.map(drop),
        };
        keyed(self.post_keys(up)).await?;
        done
    }

    async fn copy_out(&self, cuts: bool, by_key: bool) -> Result<Copied, PageError> {
        let frame = self.focused_frame().await?;
        let out: Out = self.world_call(&frame, "copyOut", &(cuts, by_key), CALL).await?;
        let bytes = out.clip.text.len().max(out.clip.html.len());
        if bytes > LARGEST {
            return Err(PageError::TooLarge {
                what: "the text",
                bytes,
                limit: LARGEST,
            });
        }
        match out {
            Out { secret: true, .. } => Ok(Copied::Secret),
            Out { fixed: true, .. } => Ok(Copied::Fixed),
            Out { kept: true, .. } => Ok(Copied::Nothing),
            Out { clip, .. } if clip.text.is_empty() && clip.html.is_empty() => Ok(Copied::Nothing),
            Out { clip, .. } => {
                let characters = clip.text.chars().count();
                self.context().clipboard.write(clip);
                Ok(Copied::Text(characters))
            }
        }
    }

    async fn paste_in(&self, by_key: bool) -> Result<Pasted, PageError> {
        #[derive(Deserialize)]
        struct Told {
            value: String,
        }
        let Clip { text, html } = self.context().clipboard.read();
        let frame = self.focused_frame().await?;
        let told: Told = self
            .world_call(&frame, "pasteIn", &(&text, &html, by_key), CALL)
            .await?;
        let characters = text.chars().count();
        match told.value.as_str() {
            "kept" | "taken" => return Ok(Pasted::Taken(characters)),
            _ if text.is_empty() => return Ok(Pasted::Empty),
            // A field of one line takes several as one, as when a person pastes.
            "line" => self.insert_text(&one_line(&text)).await?,
            "text" => self.insert_text(&text).await?,
            _ => return Ok(Pasted::Refused),
        }
        Ok(Pasted::Inserted(characters))
    }
}

/// Line breaks at the end go, the others become spaces.
fn one_line(text: &str) -> String {
    let text = text.trim_end_matches(['\r', '\n']);
    text.replace("\r\n", " ").replace(['\r', '\n'], " ")
}
