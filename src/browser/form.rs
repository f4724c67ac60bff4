//! Form fields: new text for a field, choices of a list, tick boxes.

use serde::{Deserialize, Serialize};

use super::element::Element;
use super::interact::{Check, Click};
use super::page_error::PageError;
use super::world::CALL;

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

impl Element {
    /// Chooses options of a list, in place of those that were chosen; what is chosen then.
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
        let mut known = told.known.join(", ");
        if told.total > told.known.len() {
            known.push_str(&format!(" and {} more", told.total - told.known.len()));
        }
        Err(PageError::NoOption {
            what: self.what.to_string(),
            choice,
            known,
        })
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
        if self.is_checked().await? == on {
            Ok(())
        } else {
            Err(self.refused("a click did not change it"))
        }
    }
}
