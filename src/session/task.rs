//! The loop of one room: the only place where its session changes.
//!
//! It takes one action at a time from the mailbox; lifecycle verbs come by a lane of their own and overtake. It ends
//! when the session is closed and nothing waits any more.

mod publication;
mod spawn;

pub(in crate::session) use spawn::spawn;

use std::future::pending;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{mpsc, watch};

use super::browsing::{Browsing, Opening, viewport};
use super::directory::{Parts, unix_now};
use super::grace::Grace;
use super::hooks::Hooks;
use super::lifecycle::{self, Step};
use super::memory::Memory;
use super::params::{merged, start_params};
use super::picture::Picture;
use super::record::{audit, audit_violation, browser_event, error_event, event_result, hook_failed};
use super::recovery::{self, Recovery};
use super::running::{Running, What};
use super::{Submitted, View};
use crate::actions::{Notice, Reach};
use crate::browser::{BrowserEvent, Context};
use crate::events::{RoomEvents, Subject};
use crate::media::livekit::StreamEvent;
use crate::protocol::{Command, ErrorType, Event, Failure, Object, Outcome, Phase, Room, SessionId, StartParams, Verb};

struct Task {
    room: Room,
    parts: Arc<Parts>,
    events: RoomEvents,
    phase: Phase,
    id: SessionId,
    started_at: f64,
    memory: Memory,
    browsing: Option<Browsing>,
    picture: Option<Picture>,
    running: Option<Running>,
    hooks: Hooks,
    reach: Reach,
    notices: mpsc::Receiver<Notice>,
    recovery: Recovery,
    grace: Grace,
    /// Tells when other scripts are in use.
    scripts: watch::Receiver<u64>,
    view: watch::Sender<View>,
}

enum Wake {
    Lifecycle(Option<Submitted>),
    Action(Option<Submitted>),
    Ended(Outcome),
    Browser(BrowserEvent),
    Picture(StreamEvent),
    Told(Notice),
    Saved,
    Grace,
    Hook,
    Timer,
    Recover,
    Scripts,
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => pending().await,
    }
}

// === impl Task ===

impl Task {
    async fn run(&mut self, mut lifecycle: mpsc::Receiver<Submitted>, mut actions: mpsc::Receiver<Submitted>) {
        loop {
            match self.wait(&mut lifecycle, &mut actions).await {
                Wake::Lifecycle(Some(submitted)) => self.lifecycle(submitted).await,
                Wake::Action(Some(submitted)) => self.begin(submitted),
                Wake::Lifecycle(None) | Wake::Action(None) => break,
                Wake::Ended(outcome) => self.end(outcome),
                Wake::Browser(event) => self.on_browser(event).await,
                Wake::Picture(event) => self.on_picture(event),
                Wake::Told(notice) => self.told(notice, self.running.as_ref().and_then(|r| r.what.command())),
                Wake::Saved => {}
                Wake::Grace => self.close("the LiveKit room stayed empty").await,
                Wake::Hook => self.begin_hook(),
                Wake::Timer => self.hooks.tick(Instant::now()),
                Wake::Recover => self.recover().await,
                Wake::Scripts => self.hooks.set_timers(self.parts.actions.timers(), Instant::now()),
            }
            if self.phase == Phase::Closed {
                // What waits now is answered; what comes later finds no session and makes a new one.
                lifecycle.close();
                actions.close();
                while let Ok(submitted) = actions.try_recv() {
                    self.refuse(submitted, lifecycle::not_found(&self.room));
                }
                // Those in the lifecycle lane go back to the directory, which starts a new task for a start.
                break;
            }
        }
        if self.phase != Phase::Closed {
            self.close("nobody holds the session any more").await;
        }
    }

    async fn wait(
        &mut self,
        lifecycle: &mut mpsc::Receiver<Submitted>,
        actions: &mut mpsc::Receiver<Submitted>,
    ) -> Wake {
        let idle = self.running.is_none();
        let (grace, timer, recovery) = (self.grace.deadline(), self.hooks.deadline(), self.recovery.deadline());
        let has_hook = idle && self.hooks.is_next(!actions.is_empty());
        tokio::select! {
            biased;
            submitted = lifecycle.recv() => Wake::Lifecycle(submitted),
            outcome = async { match &mut self.running { Some(r) => r.ended().await, None => pending().await } } => Wake::Ended(outcome),
            event = async { match &mut self.browsing { Some(b) => b.next_event().await, None => pending().await } } => Wake::Browser(event),
            event = async { match &mut self.picture { Some(p) => p.next_event().await, None => pending().await } } => Wake::Picture(event),
            Some(notice) = self.notices.recv() => Wake::Told(notice),
            () = self.memory.saved() => Wake::Saved,
            () = until(grace) => Wake::Grace,
            () = until(timer) => Wake::Timer,
            () = until(recovery) => Wake::Recover,
            // Not before the first command: a task that has nothing to do then ends.
            Ok(()) = self.scripts.changed(), if self.phase != Phase::Closed => Wake::Scripts,
            () = std::future::ready(()), if has_hook => Wake::Hook,
            submitted = actions.recv(), if idle => Wake::Action(submitted),
        }
    }

    // --- actions ---

    /// The browser context, if actions may use it now.
    fn context(&self) -> Result<Context, Failure> {
        lifecycle::admits_action(self.phase, &self.room)?;
        let context = self.browsing.as_ref().map(|browsing| browsing.context.clone());
        context.ok_or_else(|| lifecycle::crashed(&self.room))
    }

    fn begin_hook(&mut self) {
        match self.context() {
            Ok(context) => {
                let (parts, reach) = (&self.parts, self.reach.clone());
                self.running = self
                    .hooks
                    .begin()
                    .map(|hook| Running::hook(parts, context, reach, hook));
            }
            Err(_) => self.hooks.clear(),
        }
    }

    fn begin(&mut self, submitted: Submitted) {
        let context = match self.context() {
            Ok(context) => context,
            Err(failure) => return self.refuse(submitted, failure),
        };
        self.publish_start(&submitted);
        self.hooks.yielded();
        self.running = Some(Running::command(&self.parts, context, self.reach.clone(), submitted));
        self.show();
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(running) = self.running.take() {
            self.ended(running.what, outcome);
            self.show();
        }
    }

    fn ended(&mut self, what: What, outcome: Outcome) {
        // What its scripts have told comes before its end.
        while let Ok(notice) = self.notices.try_recv() {
            self.told(notice, what.command());
        }
        self.hooks.ended();
        match (what, outcome.result) {
            (What::Command(submitted), result) => {
                self.grace.used(Instant::now());
                self.finish(submitted, Outcome { result, ..outcome });
            }
            (What::Hook, Ok(_)) => {}
            (What::Hook, Err(failure)) if failure.error_type == ErrorType::Cancelled => {}
            // Not for handlers: one that fails at each failure would never come to an end.
            (What::Hook, Err(failure)) => {
                let event = hook_failed(&failure);
                self.events.publish(&Subject::session(Some(self.id)), event);
            }
        }
    }

    /// Publishes what a command came to, records it and answers.
    fn finish(&mut self, submitted: Submitted, outcome: Outcome) {
        let Submitted { command, action, reply } = submitted;
        let event = match &outcome.result {
            Ok(data) => Event::ActionCompleted {
                action,
                success: true,
                index: command.params.get("index").and_then(serde_json::Value::as_u64),
                result: event_result(data),
                duration_ms: outcome.duration.as_micros() as f64 / 1000.0,
                attempts: outcome.attempts,
            },
            Err(failure) => error_event(action, failure, outcome.attempts),
        };
        self.publish_about(&command, event);
        audit(&self.parts, Some(self.id), &command, &outcome);
        // The caller may be gone.
        let _ = reply.send(outcome);
    }

    fn refuse(&mut self, submitted: Submitted, failure: Failure) {
        self.publish_start(&submitted);
        self.finish(submitted, Outcome::refused(failure, unix_now()));
    }

    /// Cancels what runs and waits for its end.
    async fn cancel(&mut self) {
        if let Some(running) = self.running.take() {
            let (what, outcome) = running.cancel().await;
            self.ended(what, outcome);
        }
    }

    // --- lifecycle ---

    async fn lifecycle(&mut self, submitted: Submitted) {
        let Verb::Lifecycle(verb) = submitted.command.verb else {
            return self.refuse(
                submitted,
                Failure::new(ErrorType::Internal, "an action came by the lifecycle lane"),
            );
        };
        let began = Instant::now();
        self.publish_start(&submitted);
        let result = match lifecycle::step(self.phase, verb, &self.room) {
            Ok(step) => self.take(step, &submitted.command).await.map(|()| {
                let livekit = self.picture.as_ref().is_some_and(|p| p.livekit.configured);
                lifecycle::answer(verb, step, &self.room, self.id, livekit, &self.parts.links)
            }),
            Err(failure) => Err(failure),
        };
        self.grace.used(Instant::now());
        let outcome = Outcome {
            result,
            timestamp: unix_now(),
            duration: began.elapsed(),
            attempts: 1,
        };
        self.finish(submitted, outcome);
        self.show();
    }

    async fn take(&mut self, step: Step, command: &Command) -> Result<(), Failure> {
        match step {
            Step::Begin => self.open(&command.params).await,
            Step::Pause => {
                let paused = self.picture()?.pause().await;
                self.enter(Phase::Paused);
                paused
            }
            Step::Resume => {
                self.picture()?.resume().await?;
                self.enter(Phase::Active);
                Ok(())
            }
            Step::Close => {
                self.close("").await;
                Ok(())
            }
            Step::AlreadyRunning | Step::Nothing => Ok(()),
        }
    }

    async fn open(&mut self, params: &Object) -> Result<(), Failure> {
        let crashed = self.phase == Phase::Crashed;
        self.recovery.begun();
        let asked = start_params(params)?;
        let params = if crashed {
            merged(&self.memory.params, asked)
        } else {
            asked
        };
        let url = params
            .initial_url
            .clone()
            .or_else(|| (crashed && !self.memory.url.is_empty()).then(|| self.memory.url.clone()));
        let size = viewport(&self.parts, &params)?;
        if self.picture.is_none() {
            let (stream, livekit) = (&self.parts.stream, &self.parts.livekit);
            self.picture = Some(Picture::open(&self.room, &params, stream, livekit, size)?);
        }
        self.enter(Phase::Starting);
        let picture = self.picture.as_ref().expect("the picture was just opened");
        let cookies = self.memory.cookies();
        let opening = Opening {
            params: &params,
            url: url.as_deref(),
            cookies: &cookies,
            stream: &picture.stream,
        };
        match Browsing::open(&self.parts, opening).await {
            Ok(mut browsing) => {
                let early = browsing.early_events();
                self.browsing = Some(browsing);
                self.memory.params = StartParams {
                    initial_url: None,
                    ..params
                };
                self.started_at = unix_now();
                for event in early {
                    self.on_browser(event).await;
                }
                if self.phase == Phase::Crashed {
                    return Err(lifecycle::crashed(&self.room));
                }
                self.enter(Phase::Active);
                if crashed {
                    let url = url.unwrap_or_default();
                    self.publish(Event::SessionRecovered { url });
                }
                self.save();
                Ok(())
            }
            Err(failure) => {
                if crashed {
                    self.enter(Phase::Crashed);
                } else {
                    self.close("the browser could not be opened").await;
                }
                Err(failure)
            }
        }
    }

    /// Stops publishing, leaves the room, closes the browser, forgets the checkpoint: in this order.
    async fn close(&mut self, reason: &str) {
        self.enter(Phase::Closing);
        self.cancel().await;
        if let Some(picture) = &mut self.picture {
            picture.leave().await;
        }
        if let Some(browsing) = self.browsing.take() {
            browsing.context.close().await;
        }
        if let Some(picture) = self.picture.take() {
            picture.close().await;
        }
        self.memory.forget().await;
        tracing::info!(room = %self.room, session = %self.id, reason, "session closed");
        self.enter(Phase::Closed);
    }

    fn picture(&self) -> Result<&Picture, Failure> {
        self.picture.as_ref().ok_or_else(|| lifecycle::not_found(&self.room))
    }

    // --- what happens by itself ---

    async fn on_browser(&mut self, event: BrowserEvent) {
        match &event {
            BrowserEvent::Navigated { url, .. } => {
                self.memory.url.clone_from(url);
                self.save();
                self.show();
            }
            BrowserEvent::Loaded { .. } => self.save(),
            BrowserEvent::Violation { url, denied } => audit_violation(&self.parts, &self.room, self.id, url, denied),
            BrowserEvent::Crashed { reason, .. } => return self.crashed(reason).await,
            BrowserEvent::TabSwitched { .. } => self.show(),
            _ => {}
        }
        if let Some(event) = browser_event(event) {
            self.publish(event);
        }
    }

    async fn crashed(&mut self, reason: &str) {
        tracing::warn!(room = %self.room, reason, "the session's browser died");
        self.publish_crash(format!(
            "{reason}; call start_browser_session to bring the session back to its last address"
        ));
        self.enter(Phase::Crashed);
        self.cancel().await;
        if let Some(browsing) = self.browsing.take() {
            browsing.context.close().await;
        }
        self.show();
        self.plan_recovery(reason).await;
    }

    /// Asks whether the session is to come back by itself.
    async fn plan_recovery(&mut self, reason: &str) {
        let deaths = self.recovery.died(Instant::now());
        let (actions, url) = (&self.parts.actions, &self.memory.url);
        if let Some(wait) = actions.recovery(deaths, recovery::WINDOW, reason, url).await {
            self.recovery.wait(wait, Instant::now());
        }
    }

    async fn recover(&mut self) {
        if let Err(failure) = self.open(&Object::new()).await {
            tracing::warn!(room = %self.room, %failure, "the session could not be brought back");
            if self.phase == Phase::Crashed && self.recovery.deadline().is_none() {
                self.plan_recovery(&failure.message).await;
            }
        }
    }

    fn on_picture(&mut self, event: StreamEvent) {
        let now = Instant::now();
        let (state, reason) = match event {
            StreamEvent::State { state, reason } => (state.as_str(), reason),
            StreamEvent::RoomOccupied => return self.grace.occupied(),
            StreamEvent::RoomEmpty => return self.grace.empty(now),
            StreamEvent::RoomEnded => {
                self.grace.ended(now);
                ("failed", Some("the room was ended at the server".to_owned()))
            }
            StreamEvent::Failed(reason) => ("failed", Some(reason)),
        };
        if let Some(picture) = &mut self.picture {
            picture.livekit.state = state;
        }
        let event = Event::StreamState {
            state: state.to_owned(),
            reason,
        };
        self.publish(event);
        self.show();
    }

    fn save(&mut self) {
        if let Some(browsing) = &self.browsing {
            self.memory.save(&browsing.context);
        }
    }
}
