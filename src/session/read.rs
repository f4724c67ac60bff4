//! Reading a session beside the commands that run in it: what its page looks like to an agent.

use serde_json::Value;

use super::{Session, lifecycle};
use crate::browser::{SnapshotOptions, TEXT_LIMIT, Tab};
use crate::protocol::{Failure, Object};

impl Session {
    /// The tab that commands act on.
    fn active_tab(&self) -> Result<Tab, Failure> {
        let context = self.view.borrow().context.clone();
        match context {
            Some(context) => context.active().map_err(Failure::from),
            None => lifecycle::admits_action(self.phase(), &self.room).and(Err(lifecycle::crashed(&self.room))),
        }
    }

    /// Address, title, load state, scroll and cursor position: the answer of `get_browser_context`.
    pub async fn page_state(&self) -> Result<Object, Failure> {
        let state = self.active_tab()?.page_state().await.map_err(Failure::from)?;
        Ok(object(&state))
    }

    /// The page's state and its numbered elements as text, what is visible first: the answer of `get_screen_content`.
    pub async fn screen_content(&self) -> Result<Object, Failure> {
        let tab = self.active_tab()?;
        let state = tab.page_state().await.map_err(Failure::from)?;
        let snapshot = tab.snapshot(SnapshotOptions::default()).await.map_err(Failure::from)?;
        let mut answer = object(&state);
        answer.insert("revision".into(), snapshot.revision.into());
        answer.insert("dom_summary".into(), snapshot.text(TEXT_LIMIT).into());
        answer.insert("visible_elements_count".into(), snapshot.total_elements.into());
        Ok(answer)
    }
}

fn object(value: &impl serde::Serialize) -> Object {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        _ => unreachable!("these types are JSON objects"),
    }
}
