//! The signalling socket in our words. The only file that knows the `livekit-signaling` crate and LiveKit's messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use livekit_protocol as proto;
use livekit_signaling::{SignalClient, SignalError, SignalEvent, SignalEvents, SignalOptions};
use proto::signal_request::Message as Request;
use proto::signal_response::Message as Response;

use super::Video;
use super::join::{Input, Leave, Refusal};
use crate::config::units::Secret;

/// A message that cannot be written within this time is lost with its socket.
const SEND_TIMEOUT: Duration = Duration::from_secs(2);
/// A socket that does not close within this time is left to itself.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// Version of the signalling protocol whose data channels are negotiated in band.
const PROTOCOL: u32 = 16;

/// What the server says, as far as it concerns a publisher.
#[derive(Debug)]
pub(super) enum Message {
    /// For the state machine.
    Input(Input),
    /// The answer to our offer of that number.
    Answer { sdp: String, id: u32 },
    /// The server offers the connection by which it would send to us.
    Offer { sdp: String, id: u32 },
    /// An address of the server's end of the connection we publish by, or else of the other one.
    Candidate { publisher: bool, init: String },
}

/// A session with the server.
pub(super) struct Session {
    line: Line,
    events: SignalEvents,
    closed: u32,
    own_sid: String,
}

/// The sending half of a session; clones write to the same socket.
#[derive(Clone)]
pub(super) struct Line {
    client: Arc<SignalClient>,
    /// How many sockets the session has had. Each of them reports its end once, also when we replaced it ourselves.
    sockets: Arc<AtomicU32>,
}

impl Session {
    /// Joins; gives the session and who else is in the room.
    pub(super) async fn join(url: &str, token: &Secret) -> Result<(Self, Vec<String>), Refusal> {
        let (client, join, events) = SignalClient::connect(url, token.reveal(), options(), None)
            .await
            .map_err(|error| refusal(url, &error))?;
        let me = join.participant.unwrap_or_default();
        let others = join
            .other_participants
            .iter()
            .filter(|p| p.identity != me.identity)
            .map(|p| p.sid.clone());
        let others = others.collect();
        let line = Line {
            client: Arc::new(client),
            sockets: Arc::new(AtomicU32::new(1)),
        };
        Ok((
            Self {
                line,
                events,
                closed: 0,
                own_sid: me.sid,
            },
            others,
        ))
    }

    /// The sending half.
    pub(super) fn line(&self) -> &Line {
        &self.line
    }

    /// What the server says next. Cancel safe.
    pub(super) async fn next(&mut self) -> Message {
        loop {
            match self.events.recv().await {
                Some(SignalEvent::Message(message)) => {
                    if let Some(message) = self.understand(*message) {
                        return message;
                    }
                }
                Some(SignalEvent::Close(why)) => {
                    self.closed += 1;
                    // A socket that `resume` replaced reports its end too.
                    if self.closed >= self.line.sockets.load(Ordering::SeqCst) {
                        return Message::Input(Input::SignalLost(format!("the LiveKit server hung up ({why})")));
                    }
                }
                // The emitter lives in the client, which we hold.
                None => std::future::pending().await,
            }
        }
    }

    fn understand(&self, message: Response) -> Option<Message> {
        let input = match message {
            Response::Answer(sdp) => {
                return Some(Message::Answer {
                    sdp: sdp.sdp,
                    id: sdp.id,
                });
            }
            Response::Offer(sdp) => {
                return Some(Message::Offer {
                    sdp: sdp.sdp,
                    id: sdp.id,
                });
            }
            Response::Trickle(trickle) => {
                let publisher = trickle.target() == proto::SignalTarget::Publisher;
                return Some(Message::Candidate {
                    publisher,
                    init: trickle.candidate_init,
                });
            }
            Response::TrackPublished(track) => Input::TrackPublished {
                cid: track.cid,
                sid: track.track.unwrap_or_default().sid,
            },
            Response::TrackUnpublished(track) => Input::TrackUnpublished { sid: track.track_sid },
            Response::SubscribedQualityUpdate(update) => watched(update),
            Response::TrackSubscribed(track) => Input::Watched {
                sid: track.track_sid,
                watched: true,
            },
            Response::RequestResponse(answer) => Input::TrackRefused(refused_track(&answer)?),
            Response::Update(update) => Input::Others(self.others(update.participants)),
            Response::Leave(leave) => Input::Left(leaving(&leave)),
            _ => return None,
        };
        Some(Message::Input(input))
    }

    fn others(&self, participants: Vec<proto::ParticipantInfo>) -> Vec<(String, bool)> {
        let here = |p: &proto::ParticipantInfo| p.state() != proto::participant_info::State::Disconnected;
        participants
            .into_iter()
            .filter(|p| p.sid != self.own_sid)
            .map(|p| (p.sid.clone(), here(&p)))
            .collect()
    }
}

impl Line {
    /// Opens another socket into the same session; on failure, whether the session is gone.
    pub(super) async fn resume(&self, media_lost: bool) -> Result<(), bool> {
        let reason = if media_lost {
            proto::ReconnectReason::RrPublisherFailed
        } else {
            proto::ReconnectReason::RrSignalDisconnected
        };
        match self.client.restart(reason).await {
            Ok(_) => {
                self.sockets.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
            Err(SignalError::LeaveRequest { .. } | SignalError::Client(..) | SignalError::InvalidState(_)) => Err(true),
            Err(_) => Err(false),
        }
    }

    /// After a resume: requests that were held back go out.
    pub(super) async fn confirm_resume(&self) {
        let _ = tokio::time::timeout(SEND_TIMEOUT, self.client.set_reconnected()).await;
    }

    /// The token with which to join next time: the server renews it.
    pub(super) fn token(&self) -> Secret {
        Secret::new(self.client.token())
    }

    /// Announces the track.
    pub(super) async fn add_track(&self, cid: &str, video: Video) {
        let layer = proto::VideoLayer {
            quality: proto::VideoQuality::High as i32,
            width: video.width,
            height: video.height,
            bitrate: video.bitrate,
            ..Default::default()
        };
        let codec = proto::SimulcastCodec {
            codec: "vp8".to_owned(),
            cid: cid.to_owned(),
            ..Default::default()
        };
        let request = proto::AddTrackRequest {
            cid: cid.to_owned(),
            name: "browser".to_owned(),
            r#type: proto::TrackType::Video as i32,
            source: proto::TrackSource::ScreenShare as i32,
            width: video.width,
            height: video.height,
            layers: vec![layer],
            simulcast_codecs: vec![codec],
            ..Default::default()
        };
        self.send(Request::AddTrack(request)).await;
    }

    /// Sends an offer for the connection we publish by.
    pub(super) async fn offer(&self, sdp: String, id: u32) {
        self.send(Request::Offer(description("offer", sdp, id))).await;
    }

    /// Answers the server's offer for the other connection.
    pub(super) async fn answer(&self, sdp: String, id: u32) {
        self.send(Request::Answer(description("answer", sdp, id))).await;
    }

    /// After a resume: what we believe to be published.
    pub(super) async fn sync_state(&self, track: Option<(&str, &str)>) {
        let published = |(cid, sid): (&str, &str)| proto::TrackPublishedResponse {
            cid: cid.to_owned(),
            track: Some(proto::TrackInfo {
                sid: sid.to_owned(),
                ..Default::default()
            }),
        };
        let publish_tracks = track.map(published).into_iter().collect();
        let subscription = Some(proto::UpdateSubscription::default());
        let state = proto::SyncState {
            publish_tracks,
            subscription,
            ..Default::default()
        };
        self.send(Request::SyncState(state)).await;
    }

    /// Says goodbye: the participant disappears at once.
    pub(super) async fn leave(&self) {
        let leave = proto::LeaveRequest {
            reason: proto::DisconnectReason::ClientInitiated as i32,
            action: proto::leave_request::Action::Disconnect as i32,
            ..Default::default()
        };
        self.send(Request::Leave(leave)).await;
    }

    /// Closes the socket.
    pub(super) async fn close(&self) {
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.client.close()).await;
    }

    async fn send(&self, request: Request) {
        // A message that is lost shows as an offer without an answer, or as a socket that closes.
        let _ = tokio::time::timeout(SEND_TIMEOUT, self.client.send(request)).await;
    }
}

fn options() -> SignalOptions {
    let mut options = SignalOptions::default();
    options.auto_subscribe = false;
    options.protocol_version = PROTOCOL;
    // The default announces frame trailers, which we neither send nor strip.
    options.client_capabilities = Vec::new();
    options.client_protocol = 0;
    options.region_failover = false;
    options.sdk_options.sdk_version = Some(env!("CARGO_PKG_VERSION").to_owned());
    options
}

fn description(kind: &str, sdp: String, id: u32) -> proto::SessionDescription {
    proto::SessionDescription {
        r#type: kind.to_owned(),
        sdp,
        id,
        ..Default::default()
    }
}

fn watched(update: proto::SubscribedQualityUpdate) -> Input {
    let mut enabled = update
        .subscribed_codecs
        .iter()
        .flat_map(|codec| &codec.qualities)
        .map(|quality| quality.enabled);
    Input::Watched {
        watched: enabled.any(|enabled| enabled),
        sid: update.track_sid,
    }
}

fn refused_track(answer: &proto::RequestResponse) -> Option<String> {
    use proto::request_response::{Reason, Request};
    let reason = answer.reason();
    if matches!(reason, Reason::Ok | Reason::Queued) || !matches!(answer.request, Some(Request::AddTrack(_))) {
        return None;
    }
    Some(match reason {
        Reason::NotAllowed => "the access token does not allow publishing".to_owned(),
        _ => format!(
            "the LiveKit server does not take the track: {} {}",
            reason.as_str_name(),
            answer.message
        ),
    })
}

fn leaving(leave: &proto::LeaveRequest) -> Leave {
    use proto::DisconnectReason as Reason;
    use proto::leave_request::Action;
    match (leave.action(), leave.reason()) {
        (_, Reason::RoomDeleted | Reason::RoomClosed) => Leave::RoomEnded,
        (_, Reason::DuplicateIdentity) => {
            Leave::Final("another participant joined the LiveKit room under the same identity".to_owned())
        }
        (_, Reason::ParticipantRemoved) => Leave::Final("the stream was removed from the LiveKit room".to_owned()),
        (Action::Resume, _) => Leave::Resume,
        (_, reason) => {
            let reason = reason.as_str_name().to_lowercase().replace('_', " ");
            Leave::Rejoin(format!("the LiveKit server ended the connection ({reason})"))
        }
    }
}

fn refusal(url: &str, error: &SignalError) -> Refusal {
    match error {
        SignalError::Client(status, body) if status.as_u16() == 401 || status.as_u16() == 403 => {
            let body = body.trim();
            Refusal::Final(format!(
                "the LiveKit server refused the access token: {body}; check key and secret"
            ))
        }
        SignalError::Client(status, _) if status.as_u16() == 429 => Refusal::Passing(error.to_string()),
        SignalError::Client(status, body) => Refusal::Final(format!(
            "the LiveKit server refused to let us join: {} {}",
            status.as_u16(),
            body.trim()
        )),
        SignalError::UrlParse(why) => Refusal::Final(format!("{url:?} is no address of a LiveKit server: {why}")),
        SignalError::TokenFormat => Refusal::Final("the access token has characters that no token can have".to_owned()),
        SignalError::LeaveRequest { reason, action } => {
            let leave = proto::LeaveRequest {
                reason: *reason as i32,
                action: *action as i32,
                ..Default::default()
            };
            match leaving(&leave) {
                Leave::Final(why) => Refusal::Final(why),
                _ => Refusal::Passing(error.to_string()),
            }
        }
        other => Refusal::Passing(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
