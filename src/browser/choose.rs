//! Choosing from lists: a `<select>` at once, lists that a page has made itself (ARIA listbox and combobox) by real clicks.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use super::element::Element;
use super::form::{CHANGED, Choice, Chosen, PACE};
use super::input::Modifiers;
use super::interact::Click;
use super::locate::Found;
use super::page_error::PageError;
use super::world::CALL;

/// How long a field may take to show its list before something is typed into it: most show none until then.
const SOON: Duration = Duration::from_millis(500);
/// Options that an error names.
const NAMED: usize = 20;

/// A list that shows.
#[derive(Deserialize)]
struct List {
    multiple: bool,
    options: Vec<Entry>,
}

#[derive(Clone, Deserialize)]
struct Entry {
    number: u64,
    what: String,
    index: u32,
    value: String,
    label: String,
    selected: bool,
    disabled: bool,
}

impl Element {
    /// Chooses options of a list of any kind, in place of those that were chosen; what is chosen then.
    pub async fn choose(&self, choices: &[Choice]) -> Result<Vec<Chosen>, PageError> {
        match self.kind().await?.as_str() {
            "listbox" | "combobox" => self.choose_all(choices).await,
            _ => self.select(choices).await,
        }
    }

    async fn choose_all(&self, choices: &[Choice]) -> Result<Vec<Chosen>, PageError> {
        let list = self.opened().await?;
        if list.as_ref().is_some_and(|list| list.multiple) {
            return self.choose_several(choices).await;
        }
        let [choice] = choices else {
            return Err(self.refused("it takes one choice only"));
        };
        let entry = self.entry(list, choice).await?;
        if !entry.selected {
            self.click_option(&entry, Modifiers::default()).await?;
        }
        self.until_chosen(&entry).await?;
        Ok(vec![entry.chosen()])
    }

    /// Each option is clicked with Control until exactly the wanted ones are chosen.
    async fn choose_several(&self, choices: &[Choice]) -> Result<Vec<Chosen>, PageError> {
        let mut wanted = Vec::with_capacity(choices.len());
        for choice in choices {
            wanted.push(self.entry(self.opened().await?, choice).await?);
        }
        let is_wanted = |entry: &Entry| wanted.iter().any(|wanted| wanted.number == entry.number);
        let control = Modifiers {
            control: true,
            ..Modifiers::default()
        };
        let list = self.opened().await?.map(|list| list.options).unwrap_or_default();
        for entry in list.iter().filter(|entry| entry.selected != is_wanted(entry)) {
            self.opened().await?;
            self.click_option(entry, control).await?;
        }
        let until = Instant::now() + CHANGED;
        loop {
            let list = self.opened().await?.map(|list| list.options).unwrap_or_default();
            if !list.is_empty() && list.iter().all(|entry| entry.selected == is_wanted(entry)) {
                return Ok(wanted.iter().map(Entry::chosen).collect());
            }
            if Instant::now() >= until {
                return Err(self.refused("clicks on its options did not choose exactly these"));
            }
            tokio::time::sleep(PACE).await;
        }
    }

    /// Its list, opened if it is not; none when it does not open.
    async fn opened(&self) -> Result<Option<List>, PageError> {
        if let Some(list) = self.list().await? {
            return Ok(Some(list));
        }
        self.click(Click::default()).await?;
        if let Some(list) = self.awaited().await? {
            return Ok(Some(list));
        }
        // Some lists open by this key only.
        match self.focus().await {
            Err(PageError::NotInteractable { .. }) => return Ok(None),
            other => other?,
        }
        self.tab.press("ArrowDown").await?;
        self.awaited().await
    }

    async fn awaited(&self) -> Result<Option<List>, PageError> {
        let until = Instant::now() + if self.is_input() { SOON } else { CHANGED };
        loop {
            let list = self.list().await?.filter(|list| !list.options.is_empty());
            if list.is_some() || Instant::now() >= until {
                return Ok(list);
            }
            tokio::time::sleep(PACE).await;
        }
    }

    async fn list(&self) -> Result<Option<List>, PageError> {
        #[derive(Deserialize)]
        struct Told {
            value: Option<List>,
        }
        let told: Told = self.ask("options", &(self.number,), CALL).await?;
        Ok(told.value)
    }

    /// The option that a choice means. Lists may be filled late, or only with what was typed into the field.
    async fn entry(&self, mut list: Option<List>, choice: &Choice) -> Result<Entry, PageError> {
        let mut typed = false;
        let mut until = Instant::now() + CHANGED;
        loop {
            let options = list.as_ref().map(|list| list.options.as_slice()).unwrap_or_default();
            if let Some(entry) = options.iter().find(|entry| entry.fits(choice)) {
                if entry.disabled {
                    return Err(self.refused(format!("its option '{}' is disabled", entry.label)));
                }
                return Ok(entry.clone());
            }
            if Instant::now() >= until || (list.is_none() && !typed) {
                match choice {
                    Choice::Label(text) | Choice::Any(text) if !typed && self.is_input() => {
                        (typed, until) = (true, Instant::now() + CHANGED);
                        self.fill(text).await?;
                    }
                    _ => return Err(self.none_of(list, choice, typed).await),
                }
            }
            tokio::time::sleep(PACE).await;
            list = self.list().await?;
        }
    }

    /// Whether text can be typed into it, by which many lists are filtered.
    fn is_input(&self) -> bool {
        self.what.starts_with("<input")
    }

    /// No option fits; what was opened and typed for it is taken back.
    async fn none_of(&self, list: Option<List>, choice: &Choice, typed: bool) -> PageError {
        if typed {
            let _ = self.fill("").await;
        }
        if list.is_some() && matches!(self.kind().await.as_deref(), Ok("combobox")) {
            let _ = self.tab.press("Escape").await;
        }
        let Some(list) = list else {
            return self.refused("a click on it opens no list of options (role=option)");
        };
        let known: Vec<String> = list
            .options
            .iter()
            .take(NAMED)
            .map(|entry| entry.label.clone())
            .collect();
        let choice = match choice {
            Choice::Value(text) | Choice::Label(text) | Choice::Any(text) => text.clone(),
            Choice::Index(index) => index.to_string(),
        };
        self.no_option(choice, &known, list.options.len())
    }

    async fn click_option(&self, entry: &Entry, modifiers: Modifiers) -> Result<(), PageError> {
        let found = Found::new(entry.number, &entry.what);
        let click = Click {
            modifiers,
            ..Click::default()
        };
        self.beside(found).click(click).await.map(drop)
    }

    async fn until_chosen(&self, entry: &Entry) -> Result<(), PageError> {
        let until = Instant::now() + CHANGED;
        loop {
            let args = (self.number, entry.number, &entry.label);
            if self.held("isChosen", &args).await?.as_bool() == Some(true) {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(self.refused(format!("a click on its option '{}' did not choose it", entry.label)));
            }
            tokio::time::sleep(PACE).await;
        }
    }
}

// === impl Entry ===

impl Entry {
    fn fits(&self, choice: &Choice) -> bool {
        let clean = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        match choice {
            Choice::Value(value) => self.value == *value,
            Choice::Label(label) => clean(&self.label) == clean(label),
            Choice::Index(index) => self.index == *index,
            Choice::Any(text) => self.value == *text || clean(&self.label) == clean(text),
        }
    }

    fn chosen(&self) -> Chosen {
        Chosen {
            value: self.value.clone(),
            label: self.label.clone(),
            index: self.index,
        }
    }
}
