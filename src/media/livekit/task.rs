//! The task that carries out what `join.rs` decides.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot, watch};

use super::join::{Effect, Effects, Input, Join, Refusal, Standing};
use super::rtc::{Peer, PeerEvent};
use super::signal::{Message, Session};
use super::{Access, Error, LivekitState, StreamEvent, Video};
use crate::config::units::Secret;
use crate::media::{EncodedFrame, Fanout, Subscriber};

/// How long a join under way is waited for when we leave.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// How it is, for the handles.
#[derive(Clone, Debug)]
pub(super) struct Status {
    pub(super) standing: Standing,
    pub(super) state: LivekitState,
    pub(super) reason: Option<String>,
}

/// What a handle wants.
pub(super) enum Call {
    /// The track there or not; the reply comes when it is so, or never will be.
    Change {
        wanted: Standing,
        reply: oneshot::Sender<Result<(), String>>,
    },
    /// The end.
    Stop,
}

/// Where the task tells what it learns.
pub(super) struct Outlets {
    pub(super) events: mpsc::Sender<StreamEvent>,
    pub(super) status: watch::Sender<Status>,
}

/// Something slow that is under way.
type Work = BoxFuture<'static, Done>;

enum Done {
    Joined(Result<Box<Joined>, Refusal>),
    /// The error: whether the session is gone.
    Resumed(Result<(), bool>),
}

struct Joined {
    session: Session,
    others: Vec<String>,
    peer: Peer,
}

/// Owns the session with the server and both connections.
pub(super) struct Task {
    access: Access,
    video: Video,
    fanout: Fanout,
    join: Join,
    outlets: Outlets,
    session: Option<Session>,
    /// The connection we publish by.
    peer: Option<Peer>,
    /// The connection by which the server would send to us, if our token lets us subscribe.
    receiver: Option<Peer>,
    /// There while somebody watches.
    frames: Option<Subscriber>,
    work: Option<Work>,
    callers: Vec<(Standing, oneshot::Sender<Result<(), String>>)>,
    renewed: Option<Secret>,
    offers: u32,
    inputs: VecDeque<Input>,
}

impl Task {
    pub(super) fn new(access: Access, video: Video, fanout: Fanout, join: Join, outlets: Outlets) -> Self {
        Self {
            access,
            video,
            fanout,
            join,
            outlets,
            session: None,
            peer: None,
            receiver: None,
            frames: None,
            work: None,
            callers: Vec::new(),
            renewed: None,
            offers: 0,
            inputs: VecDeque::new(),
        }
    }

    /// Runs until the stream ends, the last handle is dropped, or nothing can be done any more.
    pub(super) async fn run(mut self, mut calls: mpsc::Receiver<Call>) {
        self.give(Input::Begin).await;
        let fanout = self.fanout.clone();
        while !matches!(self.join.standing(), Standing::Over(_)) {
            let deadline = self.join.deadline();
            tokio::select! {
                call = calls.recv() => self.call(call).await,
                () = fanout.ended() => self.give(Input::Stop).await,
                () = until(deadline) => self.give(Input::Timeout).await,
                done = work(&mut self.work) => self.done(done).await,
                message = message(&mut self.session) => self.message(message).await,
                event = event(&mut self.peer) => self.event(event).await,
                _ = event(&mut self.receiver) => {}
                frame = frame(&mut self.frames) => self.send(frame),
            }
        }
        tracing::debug!(reason = ?self.join.standing(), "LiveKit publisher ended");
    }

    async fn call(&mut self, call: Option<Call>) {
        match call {
            Some(Call::Change { wanted, reply }) => {
                let input = if wanted == Standing::Paused {
                    Input::Pause
                } else {
                    Input::Resume
                };
                let (same, others) = self.callers.drain(..).partition(|(theirs, _)| *theirs == wanted);
                self.callers = same;
                for (_, reply) in others {
                    let _ = reply.send(Err("the opposite was asked meanwhile".to_owned()));
                }
                self.callers.push((wanted, reply));
                self.give(input).await;
            }
            Some(Call::Stop) | None => self.give(Input::Stop).await,
        }
    }

    async fn done(&mut self, done: Done) {
        self.work = None;
        let input = match done {
            Done::Joined(Ok(joined)) => {
                self.session = Some(joined.session);
                self.peer = Some(joined.peer);
                Input::Joined { others: joined.others }
            }
            Done::Joined(Err(refusal)) => Input::JoinFailed(refusal),
            Done::Resumed(Ok(())) => Input::Resumed,
            Done::Resumed(Err(gone)) => Input::ResumeFailed { gone },
        };
        self.give(input).await;
    }

    async fn message(&mut self, message: Message) {
        match message {
            Message::Input(input) => self.give(input).await,
            Message::Answer { sdp, id } => self.answer(&sdp, id).await,
            Message::Offer { sdp, id } => self.offer_of_server(&sdp, id).await,
            Message::Candidate { publisher, init } => {
                let peer = if publisher { &mut self.peer } else { &mut self.receiver };
                if let Some(peer) = peer {
                    peer.add_candidate(&init);
                }
            }
        }
    }

    async fn answer(&mut self, sdp: &str, id: u32) {
        // Old servers do not number their answers.
        if id != 0 && id != self.offers {
            return;
        }
        let Some(peer) = self.peer.as_mut() else { return };
        let input = match peer.accept_answer(sdp) {
            Ok(()) => Input::Answered {
                connected: peer.is_connected(),
            },
            Err(error) => Input::OfferFailed(error.to_string()),
        };
        self.give(input).await;
    }

    /// A token that lets us subscribe makes the server offer a connection, and it counts us as present when that stands.
    async fn offer_of_server(&mut self, sdp: &str, id: u32) {
        if self.receiver.is_none() {
            match open_peer(&self.access.url, self.video).await {
                Ok(peer) => self.receiver = Some(peer),
                Err(error) => tracing::warn!(%error, "no connection for the LiveKit server to send by"),
            }
        }
        let (Some(receiver), Some(session)) = (self.receiver.as_mut(), self.session.as_ref()) else {
            return;
        };
        match receiver.accept_offer(sdp) {
            Ok(answer) => session.line().answer(answer, id).await,
            Err(error) => tracing::warn!(%error, "the LiveKit server's offer cannot be used"),
        }
    }

    async fn event(&mut self, event: PeerEvent) {
        match event {
            PeerEvent::Connected => self.give(Input::MediaConnected).await,
            PeerEvent::Lost => self.give(Input::MediaLost).await,
            // The server asks each second for the first picture of a track that nobody watches.
            PeerEvent::KeyFrame if self.frames.is_none() => {}
            PeerEvent::KeyFrame => self.fanout.request_key_frame(),
            PeerEvent::Bitrate(bps) => {
                if let Some(frames) = &self.frames {
                    frames.set_bitrate(bps);
                }
            }
        }
    }

    fn send(&mut self, frame: Option<Arc<EncodedFrame>>) {
        match (frame, self.peer.as_mut()) {
            (Some(frame), Some(peer)) => peer.write(&frame),
            (Some(_), None) => {}
            (None, _) => self.frames = None,
        }
    }

    // === what the state machine wants ===

    async fn give(&mut self, input: Input) {
        self.inputs.push_back(input);
        while let Some(input) = self.inputs.pop_front() {
            tracing::trace!(?input, "LiveKit");
            let effects = self.join.handle(input, Instant::now());
            self.perform(effects).await;
        }
        self.tell_callers();
    }

    async fn perform(&mut self, effects: Effects) {
        for effect in effects {
            tracing::debug!(?effect, "LiveKit");
            match effect {
                Effect::Connect => self.connect(),
                Effect::ResumeSignal { media_lost } => self.resume(media_lost),
                Effect::Watch(watched) => self.watch(watched),
                Effect::KeyFrame => self.fanout.request_key_frame(),
                Effect::Event(event) => self.tell(event),
                Effect::Leave => self.leave().await,
                other => self.signal(other).await,
            }
        }
    }

    async fn signal(&mut self, effect: Effect) {
        let Some(line) = self.session.as_ref().map(|session| session.line().clone()) else {
            return;
        };
        match effect {
            Effect::SyncState => line.sync_state(self.join.live_track()).await,
            Effect::ConfirmResume => line.confirm_resume().await,
            Effect::AddTrack { cid } => line.add_track(&cid, self.video).await,
            Effect::Offer(change) => match self.peer.as_mut().map(|peer| peer.offer(&change)) {
                Some(Ok(sdp)) => {
                    self.offers += 1;
                    line.offer(sdp, self.offers).await;
                }
                Some(Err(error)) => self.inputs.push_back(Input::OfferFailed(error.to_string())),
                None => {}
            },
            _ => {}
        }
    }

    fn connect(&mut self) {
        let old = self.session.take();
        if let Some(session) = &old {
            self.renewed = Some(session.line().token());
        }
        if let Some(mut peer) = self.peer.take() {
            peer.close();
        }
        self.receiver = None;
        let (url, video) = (self.access.url.clone(), self.video);
        let token = self.access.token.token(self.renewed.as_ref());
        self.work = Some(Box::pin(async move {
            if let Some(session) = old {
                session.line().close().await;
            }
            Done::Joined(join(&url, token, video).await)
        }));
    }

    fn resume(&mut self, media_lost: bool) {
        let Some(line) = self.session.as_ref().map(|session| session.line().clone()) else {
            return;
        };
        self.work = Some(Box::pin(async move { Done::Resumed(line.resume(media_lost).await) }));
    }

    fn watch(&mut self, watched: bool) {
        self.frames = watched.then(|| self.fanout.join());
        if let Some(peer) = self.peer.as_mut() {
            peer.set_wanted_bitrate(watched);
        }
    }

    async fn leave(&mut self) {
        // A join under way may have its place in the room already, and only its end gives us the means to leave it.
        if let Some(work) = self.work.take()
            && let Ok(Done::Joined(Ok(joined))) = tokio::time::timeout(LAST_WAIT, work).await
        {
            self.session = Some(joined.session);
        }
        if let Some(mut peer) = self.peer.take() {
            peer.close();
        }
        self.receiver = None;
        if let Some(session) = self.session.take() {
            session.line().leave().await;
            session.line().close().await;
        }
    }

    fn tell(&mut self, event: StreamEvent) {
        if let StreamEvent::State { state, reason } = &event {
            tracing::info!(%state, reason, "LiveKit");
            self.outlets.status.send_modify(|status| status.state = *state);
        }
        if let Err(error) = self.outlets.events.try_send(event) {
            tracing::warn!(%error, "a stream event was lost");
        }
    }

    fn tell_callers(&mut self) {
        let standing = self.join.standing();
        self.outlets.status.send_if_modified(|status| {
            let changed = status.standing != standing || status.reason.as_deref() != self.join.reason();
            status.standing.clone_from(&standing);
            status.reason = self.join.reason().map(str::to_owned);
            changed
        });
        for (wanted, reply) in std::mem::take(&mut self.callers) {
            match &standing {
                Standing::Over(why) => drop(reply.send(Err(why.clone()))),
                reached if *reached == wanted => drop(reply.send(Ok(()))),
                _ => self.callers.push((wanted, reply)),
            }
        }
    }
}

async fn join(url: &str, token: Result<Secret, Error>, video: Video) -> Result<Box<Joined>, Refusal> {
    let token = token.map_err(|error| Refusal::Final(error.to_string()))?;
    let (session, others) = Session::join(url, &token).await?;
    match open_peer(url, video).await {
        Ok(peer) => Ok(Box::new(Joined { session, others, peer })),
        Err(error) => {
            session.line().close().await;
            Err(Refusal::Passing(error.to_string()))
        }
    }
}

async fn open_peer(url: &str, video: Video) -> Result<Peer, Error> {
    let url = url::Url::parse(url).map_err(Error::media)?;
    let host = url.host_str().unwrap_or_default();
    Peer::open(host, url.port_or_known_default().unwrap_or(443), video).await
}

// === one arm of the loop each; pending while there is nothing to wait for ===

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => pending().await,
    }
}

async fn work(work: &mut Option<Work>) -> Done {
    match work {
        Some(work) => work.await,
        None => pending().await,
    }
}

async fn message(session: &mut Option<Session>) -> Message {
    match session {
        Some(session) => session.next().await,
        None => pending().await,
    }
}

async fn event(peer: &mut Option<Peer>) -> PeerEvent {
    match peer {
        Some(peer) => peer.next().await,
        None => pending().await,
    }
}

async fn frame(frames: &mut Option<Subscriber>) -> Option<Arc<EncodedFrame>> {
    match frames {
        Some(frames) => frames.next().await,
        None => pending().await,
    }
}
