//! Tabs that were closed, and opening the last one again.
//!
//! DevTools cannot give a tab the history of another, so a tab comes back at its last address with a history of its own.

use std::sync::{Mutex, PoisonError};

use url::Url;

use super::{Context, Error, Tab};

/// Closed tabs that are remembered.
const REMEMBERED: usize = 25;

/// The addresses of closed tabs, the latest last.
#[derive(Default)]
pub(super) struct ClosedTabs(Mutex<Vec<Url>>);

impl ClosedTabs {
    /// Remembers a tab that is being closed, unless it was empty.
    pub(super) fn note(&self, tab: &Tab) {
        let Ok(url) = Url::parse(&tab.url()) else { return };
        if !matches!(url.scheme(), "http" | "https") {
            return;
        }
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() == REMEMBERED {
            list.remove(0);
        }
        list.push(url);
    }

    fn take(&self) -> Option<Url> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Context {
    /// Opens the tab that was closed last once more and shows it.
    pub async fn reopen_tab(&self) -> Result<Tab, Error> {
        let url = self.shared.closed_tabs.take().ok_or(Error::NothingClosed)?;
        self.new_tab(Some(&url)).await
    }

    /// How many closed tabs can be opened again.
    pub fn closed_tabs(&self) -> usize {
        self.shared.closed_tabs.len()
    }
}
