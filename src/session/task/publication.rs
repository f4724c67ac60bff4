//! What others see of a room: its events, in their order, and what it looks like now.

use std::sync::Arc;

use super::Task;
use crate::actions::Notice;
use crate::events::Subject;
use crate::protocol::{Command, Event, Phase};
use crate::session::record::{event_of, told};
use crate::session::{LivekitView, Submitted, View};

impl Task {
    /// Passes on what a script has told.
    pub(super) fn told(&mut self, notice: Notice, about: Option<Arc<Command>>) {
        match (told(&self.parts, &self.room, self.id, notice), about) {
            (Some(event), Some(command)) => self.publish_about(&command, event),
            (Some(event), None) => self.publish(event),
            (None, _) => {}
        }
    }

    pub(super) fn publish(&mut self, event: Event) {
        self.notice(&event);
        self.events.publish(&Subject::session(Some(self.id)), event);
    }

    pub(super) fn publish_about(&mut self, command: &Command, event: Event) {
        self.notice(&event);
        self.events.publish(&Subject::command(Some(self.id), command), event);
    }

    pub(super) fn publish_start(&mut self, submitted: &Submitted) {
        let action = submitted.action.clone();
        self.publish_about(&submitted.command, Event::ActionStarted { action });
    }

    /// Lets the handlers of an event run when their turn comes.
    fn notice(&mut self, event: &Event) {
        let handlers = self.parts.actions.handlers(event.name());
        if handlers.is_empty() || self.browsing.is_none() {
            return;
        }
        let event = event_of(event, &self.room, self.id);
        for file in self.hooks.happened(handlers, &event) {
            tracing::warn!(room = %self.room, file, "too many events wait for their handlers; one was dropped");
        }
    }

    pub(super) fn publish_crash(&mut self, error: String) {
        let event = Event::BrowserError {
            error,
            url: self.memory.url.clone(),
            recoverable: true,
        };
        self.publish(event);
    }

    pub(super) fn enter(&mut self, phase: Phase) {
        if self.phase != phase {
            self.phase = phase;
            self.publish(Event::SessionState { phase });
        }
        self.show();
    }

    pub(super) fn show(&self) {
        self.view.send_replace(View {
            phase: self.phase,
            session_id: self.id,
            started_at: self.started_at,
            context: self.browsing.as_ref().map(|b| b.context.clone()),
            stream: self.picture.as_ref().map(|p| p.stream.clone()),
            livekit: self.picture.as_ref().map_or(LivekitView::OFF, |p| p.livekit.clone()),
            last_url: self.memory.url.clone(),
            running: self.running.as_ref().and_then(|running| running.name().map(Into::into)),
        });
    }
}
