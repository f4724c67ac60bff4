//! One element of a page: what it says and holds, and the way to it.
//!
//! An [`Element`] is a number in its frame's isolated world. It means this element for ever: when the element has left
//! the page, every method says so.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::cdp::CdpError;
use super::page_error::PageError;
use super::world::{CALL, WorldError};
use super::{FrameRef, Tab};

/// One element; cheap to clone.
#[derive(Clone)]
pub struct Element {
    pub(super) tab: Tab,
    pub(super) frame: Arc<FrameRef>,
    pub(super) number: u64,
    pub(super) what: Arc<str>,
    pub(super) origin: Origin,
}

/// How an element was found; decides how its loss is told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin {
    /// By a number of a snapshot.
    Index {
        /// The number.
        index: u32,
        /// The snapshot.
        revision: u64,
    },
    /// In another way.
    Other,
}

/// The answer of our JavaScript about one element.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told<T> {
    Gone {
        #[serde(rename = "gone")]
        _gone: bool,
    },
    Refused {
        why: String,
    },
    Facts(T),
}

/// The usual fact: a value.
#[derive(Deserialize)]
struct Held {
    #[serde(default)]
    value: Value,
}

/// No facts.
#[derive(Deserialize)]
pub(super) struct Nothing {}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element")
            .field("what", &self.what)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Element {
    /// Its opening tag, shortened, for messages.
    pub fn describe(&self) -> &str {
        &self.what
    }

    /// The text in it as it is drawn; a field's content, except that of secret fields.
    pub async fn text(&self) -> Result<String, PageError> {
        Ok(self
            .held("text", &(self.number,))
            .await?
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// An attribute; `href` and `src` as whole addresses. None when it has none, or when it is a secret field's value.
    pub async fn attribute(&self, name: &str) -> Result<Option<String>, PageError> {
        Ok(self
            .held("attribute", &(self.number, name))
            .await?
            .as_str()
            .map(str::to_owned))
    }

    /// What a field holds: text, a list for a multiple choice, true or false for a tick box; null for secret fields.
    pub async fn value(&self) -> Result<Value, PageError> {
        self.held("value", &(self.number,)).await
    }

    /// Whether a tick box, radio button or switch is on.
    pub async fn is_checked(&self) -> Result<bool, PageError> {
        Ok(self.held("checked", &(self.number,)).await?.as_bool().unwrap_or(false))
    }

    /// Gives it the keyboard.
    pub async fn focus(&self) -> Result<(), PageError> {
        self.acted_upon().await;
        self.ask::<Nothing>("focus", &(self.number,), CALL).await.map(drop)
    }

    /// Gives it the keyboard with the caret behind its text; an error when no text can be typed into it.
    pub async fn focus_at_end(&self) -> Result<(), PageError> {
        self.acted_upon().await;
        self.ask::<Nothing>("caret", &(self.number,), CALL).await.map(drop)
    }

    /// Scrolls until it shows, if it does not.
    pub async fn scroll_into_view(&self) -> Result<(), PageError> {
        self.ask::<Nothing>("reveal", &(self.number,), CALL).await.map(drop)
    }

    pub(super) async fn held(&self, method: &str, args: &impl Serialize) -> Result<Value, PageError> {
        Ok(self.ask::<Held>(method, args, CALL).await?.value)
    }

    /// Asks our JavaScript about this element; its two refusals become errors.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        args: &impl Serialize,
        within: Duration,
    ) -> Result<T, PageError> {
        match self.tab.world_ask::<Told<T>>(&self.frame, method, args, within).await {
            Ok(Told::Gone { .. }) => Err(self.gone()),
            Ok(Told::Refused { why }) => Err(self.refused(why)),
            Ok(Told::Facts(facts)) => Ok(facts),
            Err(WorldError::Lost) => Err(self.gone()),
            Err(WorldError::Other(PageError::Cdp(CdpError::Detached))) if self.frame.parent.is_some() => {
                Err(self.gone())
            }
            Err(WorldError::Other(error)) => Err(error),
        }
    }

    pub(super) fn refused(&self, why: impl Into<String>) -> PageError {
        PageError::NotInteractable {
            what: self.what.to_string(),
            why: why.into(),
        }
    }

    /// It has left the page.
    pub(super) fn gone(&self) -> PageError {
        match self.origin {
            Origin::Index { index, revision } => PageError::StaleIndex {
                index,
                revision,
                current: self.tab.page_ops().revision(),
            },
            Origin::Other => PageError::Gone {
                what: self.what.to_string(),
            },
        }
    }
}
