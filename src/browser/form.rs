//! Form fields: new text for a field, choices of a list, tick boxes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::element::{Element, Nothing, Origin};
use super::interact::{Check, Click};
use super::locate::Found;
use super::page_error::PageError;
use super::world::CALL;
use crate::config::units::Secret;

/// One option of a drop-down list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "by", content = "value", rename_all = "lowercase")]
pub enum Choice {
    /// By its value.
    Value(String),
    /// By the words people see.
    Label(String),
    /// By its position, from 0.
    Index(u32),
    /// By its value or, if none has it, by the words people see.
    Any(String),
}

/// An option that is chosen now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    /// Its value.
    pub value: String,
    /// The words people see.
    pub label: String,
    /// Its position, from 0.
    pub index: u32,
}

/// What a field holds after new text was put into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// The text.
    Same,
    /// Something else, as fields have it that format or shorten.
    Other,
    /// Nothing.
    Empty,
    /// What it held before.
    Unchanged,
}

/// How long a page may take to show the effect of a click on a box or an option.
pub(super) const CHANGED: Duration = Duration::from_secs(2);
/// How often it is looked for.
pub(super) const PACE: Duration = Duration::from_millis(25);

impl Element {
    /// Chooses options of a `<select>`, in place of those that were chosen; what is chosen then.
    pub async fn select(&self, choices: &[Choice]) -> Result<Vec<Chosen>, PageError> {
        #[derive(Deserialize)]
        struct Told {
            #[serde(default)]
            value: Vec<Chosen>,
            missing: Option<String>,
            #[serde(default)]
            known: Vec<String>,
            #[serde(default)]
            total: usize,
        }
        let told: Told = self.ask("choose", &(self.number, choices), CALL).await?;
        let Some(choice) = told.missing else {
            return Ok(told.value);
        };
        Err(self.no_option(choice, &told.known, told.total))
    }

    /// The list has other options than the wanted one.
    pub(super) fn no_option(&self, choice: String, known: &[String], total: usize) -> PageError {
        let mut names = known.join(", ");
        if total > known.len() {
            names.push_str(&format!(" and {} more", total - known.len()));
        }
        PageError::NoOption {
            what: self.what.to_string(),
            choice,
            known: names,
        }
    }

    /// Puts new text in place of what a field holds. Date, colour and range fields take their value as the page writes it.
    pub async fn fill(&self, text: &str) -> Result<(), PageError> {
        self.point(Check {
            on_top: false,
            ..Check::default()
        })
        .await?;
        let state = self.held("fill", &(self.number, text)).await?;
        match (state.as_str(), text.is_empty()) {
            (Some("done"), _) | (Some("empty"), true) => Ok(()),
            (_, true) => self.tab.press("Delete").await,
            (_, false) => self.tab.insert_text(text).await,
        }
    }

    /// The origin of the element's document and those of the documents around it, innermost first. `null` is one that
    /// nobody else shares.
    pub async fn origins(&self) -> Result<Vec<String>, PageError> {
        let origins = self.held("origins", &(self.number,)).await?;
        let texts = origins.as_array().into_iter().flatten();
        Ok(texts.filter_map(|origin| origin.as_str().map(str::to_owned)).collect())
    }

    /// Puts a secret into a text field, if its document is still of that origin. The field counts as secret from then on.
    pub async fn entrust(&self, origin: &str, secret: &Secret) -> Result<(), PageError> {
        self.point(Check {
            on_top: false,
            ..Check::default()
        })
        .await?;
        let args = (self.number, origin, secret.reveal());
        self.ask::<Nothing>("entrust", &args, CALL).await.map(drop)
    }

    /// Empties a field.
    pub async fn clear(&self) -> Result<(), PageError> {
        self.fill("").await
    }

    /// Turns a tick box, radio button or switch on or off by clicking it, if it is not so already.
    pub async fn set_checked(&self, on: bool) -> Result<(), PageError> {
        if self.is_checked().await? == on {
            return Ok(());
        }
        self.click(Click::default()).await?;
        // Pages that draw their own boxes take a moment.
        let until = Instant::now() + CHANGED;
        loop {
            if self.is_checked().await? == on {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(self.refused("a click did not change it"));
            }
            tokio::time::sleep(PACE).await;
        }
    }

    /// Puts new text in place of what a field holds, and says what the page's script has made of it.
    pub async fn put(&self, text: &str) -> Result<Became, PageError> {
        self.ask::<Nothing>("remember", &(self.number,), CALL).await?;
        self.fill(text).await?;
        let became = self.held("became", &(self.number, text)).await?;
        Ok(match became.as_str() {
            Some("same") => Became::Same,
            Some("other") => Became::Other,
            Some("empty") => Became::Empty,
            _ => Became::Unchanged,
        })
    }

    /// What kind of field it is: `text`, `checkbox`, `radio`, `select`, `select-multiple`, `listbox`, `combobox`, `file`,
    /// `button`, `hidden` or `other`.
    pub async fn kind(&self) -> Result<String, PageError> {
        let kind = self.held("kind", &(self.number,)).await?;
        Ok(kind.as_str().unwrap_or("other").to_owned())
    }

    /// Whether it is chosen among others; none for what cannot be.
    pub async fn is_selected(&self) -> Result<Option<bool>, PageError> {
        Ok(self.held("isSelected", &(self.number,)).await?.as_bool())
    }

    /// Selects all that it holds; how many characters that are, unless they are secret.
    pub async fn select_all(&self) -> Result<Option<u64>, PageError> {
        Ok(self.held("selectAll", &(self.number,)).await?.as_u64())
    }

    /// The radio button of its group that has this value or these words.
    pub async fn radio(&self, wanted: &str) -> Result<Self, PageError> {
        let found: Found = self.ask("radio", &(self.number, wanted), CALL).await?;
        Ok(self.beside(found))
    }

    /// An element of the same frame.
    pub(super) fn beside(&self, found: Found) -> Self {
        self.tab.element((*self.frame).clone(), found, Origin::Other)
    }
}
