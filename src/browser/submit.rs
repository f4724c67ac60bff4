//! Sending and resetting forms as their own buttons do it.

use serde::{Deserialize, Serialize};

use super::element::Element;
use super::page_error::PageError;
use super::world::CALL;

/// What came of sending a form.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Submitted {
    /// Whether validation let it through.
    pub sent: bool,
    /// Whether the page's own script does the rest.
    #[serde(default)]
    pub by_page: bool,
    /// The form's opening tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// The opening tag of the button that it was sent by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub button: Option<String>,
    /// The fields that validation found fault with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invalid: Vec<Complaint>,
}

/// A field that is not valid.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Complaint {
    /// Its opening tag.
    pub element: String,
    /// Its name in the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The words beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What the browser says about it.
    pub message: String,
}

impl Element {
    /// Sends the form that it is or belongs to, by itself if it is a submit button, else by the form's first one.
    pub async fn submit(&self) -> Result<Submitted, PageError> {
        self.ask("submit", &(self.number,), CALL).await
    }

    /// Gives all fields of its form their first content again; the form's opening tag.
    pub async fn reset(&self) -> Result<String, PageError> {
        let form = self.held("reset", &(self.number,)).await?;
        Ok(form.as_str().unwrap_or_default().to_owned())
    }
}
