//! One WebRTC connection to the LiveKit server: timers and descriptions around str0m, which has none of its own.
//!
//! [`Peer`] publishes, or only answers (the connection by which the server would send to us). Every change of str0m's state is
//! followed by [`Peer::drain`], as str0m asks; what comes of it waits in `events` until [`Peer::next`] hands it out.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use str0m::bwe::{Bitrate, BweKind};
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, Reliability};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc};
use tokio::time::Sleep;

use super::join::Change;
use super::sockets::Sockets;
use super::{Error, Video};
use crate::media::EncodedFrame;

/// The largest packet that can arrive.
const MTU: usize = 2000;
/// The part of the estimated bandwidth that the picture may use.
const SHARE: f64 = 0.9;
/// A connection that has sent no frame for so long rests.
const REST_AFTER: Duration = Duration::from_millis(500);
/// While it rests, str0m's timers (padding above all: 160 packets a second) run at most this often.
const REST_TICK: Duration = Duration::from_millis(200);

/// What a connection has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PeerEvent {
    /// Media can flow.
    Connected,
    /// Media cannot flow any more.
    Lost,
    /// The server needs a key frame.
    KeyFrame,
    /// What the network can carry, in bits per second.
    Bitrate(u32),
}

/// One connection.
pub(super) struct Peer {
    rtc: Rtc,
    sockets: Sockets,
    timer: Pin<Box<Sleep>>,
    events: VecDeque<PeerEvent>,
    pending: Option<SdpPendingOffer>,
    /// The server's addresses that came while its description was still missing.
    early: Vec<Candidate>,
    described: bool,
    opened: bool,
    track: Option<Track>,
    max_bitrate: u32,
    last_frame: Instant,
    buffer: Vec<u8>,
}

struct Track {
    mid: Mid,
    pt: Option<Pt>,
    sequence: u64,
}

impl Peer {
    /// A connection to the server at `host`; it begins with an offer of either side.
    pub(super) async fn open(host: &str, port: u16, video: Video) -> Result<Self, Error> {
        let sockets = Sockets::bind(host, port).await.map_err(Error::media)?;
        let now = Instant::now();
        let mut rtc = Rtc::builder()
            .clear_codecs()
            .enable_vp8(true)
            .set_rtp_mode(true)
            .enable_bwe(Some(Bitrate::bps(video.bitrate.into())))
            .build(now);
        for address in sockets.addresses() {
            rtc.add_local_candidate(Candidate::host(address, Protocol::Udp).map_err(Error::media)?);
        }
        let mut peer = Self {
            rtc,
            sockets,
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
            events: VecDeque::new(),
            pending: None,
            early: Vec::new(),
            described: false,
            opened: false,
            track: None,
            max_bitrate: video.max_bitrate,
            last_frame: now,
            buffer: vec![0; MTU],
        };
        peer.drain(now);
        Ok(peer)
    }

    // === descriptions ===

    /// Makes an offer; [`Peer::accept_answer`] or another offer ends it.
    pub(super) fn offer(&mut self, change: &Change) -> Result<String, Error> {
        let stopped = self.track.take_if(|_| *change == Change::Unpublish);
        let mut api = self.rtc.sdp_api();
        if !std::mem::replace(&mut self.opened, true) {
            api.add_channel_with_config(ChannelConfig {
                label: "_reliable".to_owned(),
                ordered: true,
                reliability: Reliability::Reliable,
                ..ChannelConfig::default()
            });
        }
        match change {
            Change::Open => {}
            Change::Publish { cid } => {
                let (stream, track) = (Some("browser".to_owned()), Some(cid.clone()));
                let mid = api.add_media(MediaKind::Video, Direction::SendOnly, stream, track, None);
                // str0m wants the first number without a rollover, and the receiver some distance to it.
                let sequence = u64::from(rand::random::<u16>() >> 1);
                self.track = Some(Track {
                    mid,
                    pt: None,
                    sequence,
                });
            }
            Change::Unpublish => {
                if let Some(track) = stopped {
                    api.stop_media(track.mid);
                }
            }
            Change::RestartIce => {
                api.ice_restart(true);
                // The server's new addresses belong to the new credentials, which come with the answer.
                self.described = false;
            }
        }
        let (offer, pending) = api
            .apply()
            .ok_or_else(|| Error::Media(format!("nothing to offer for {change:?}")))?;
        self.pending = Some(pending);
        self.drain(Instant::now());
        Ok(offer.to_sdp_string())
    }

    /// Puts the open offer into effect.
    pub(super) fn accept_answer(&mut self, sdp: &str) -> Result<(), Error> {
        let Some(pending) = self.pending.take() else {
            return Ok(());
        };
        let answer = SdpAnswer::from_sdp_string(sdp).map_err(Error::media)?;
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .map_err(Error::media)?;
        self.add_early_candidates();
        self.drain(Instant::now());
        self.prepare_track()
    }

    /// Answers an offer of the server.
    pub(super) fn accept_offer(&mut self, sdp: &str) -> Result<String, Error> {
        let offer = SdpOffer::from_sdp_string(sdp).map_err(Error::media)?;
        let answer = self.rtc.sdp_api().accept_offer(offer).map_err(Error::media)?;
        self.add_early_candidates();
        self.drain(Instant::now());
        Ok(answer.to_sdp_string())
    }

    /// Takes an address of the server, as its JSON has it.
    pub(super) fn add_candidate(&mut self, init: &str) {
        let Ok(init) = serde_json::from_str::<serde_json::Value>(init) else {
            return;
        };
        let Some(line) = init
            .get("candidate")
            .and_then(|line| line.as_str())
            .filter(|line| !line.is_empty())
        else {
            return;
        };
        // There is no ICE over TCP here; str0m would only collect the addresses.
        let Ok(candidate) = Candidate::from_sdp_string(line) else {
            return;
        };
        if candidate.proto() != Protocol::Udp {
            return;
        }
        if self.described {
            self.rtc.add_remote_candidate(candidate);
            self.drain(Instant::now());
        } else {
            self.early.push(candidate);
        }
    }

    fn add_early_candidates(&mut self) {
        self.described = true;
        for candidate in std::mem::take(&mut self.early) {
            self.rtc.add_remote_candidate(candidate);
        }
    }

    fn prepare_track(&mut self) -> Result<(), Error> {
        let Some(track) = self.track.as_mut().filter(|track| track.pt.is_none()) else {
            return Ok(());
        };
        let media = self
            .rtc
            .media(track.mid)
            .ok_or_else(|| Error::Media("the track is not in the answer".to_owned()))?;
        let vp8 = |pt: &&Pt| {
            self.rtc
                .codec_config()
                .params()
                .iter()
                .any(|p| p.pt() == **pt && p.spec().codec == Codec::Vp8)
        };
        let pt = media.remote_pts().iter().find(vp8).copied();
        track.pt = Some(pt.ok_or_else(|| Error::Media("the server does not take VP8".to_owned()))?);
        let (mid, now) = (track.mid, Instant::now());
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
            // Pacing would spread a key frame over half a second.
            stream.set_unpaced(true);
        }
        self.drain(now);
        Ok(())
    }

    // === media ===

    /// Whether media can flow.
    pub(super) fn is_connected(&self) -> bool {
        self.rtc.is_connected()
    }

    /// Sends one frame; without a connection or a track it is lost.
    pub(super) fn write(&mut self, frame: &EncodedFrame) {
        let Some(Track {
            mid,
            pt: Some(pt),
            sequence,
        }) = self.track.as_mut()
        else {
            return;
        };
        let (mid, pt) = (*mid, *pt);
        let last = frame.packets.len().saturating_sub(1);
        let first = *sequence;
        *sequence += frame.packets.len() as u64;
        if !self.rtc.is_connected() {
            return;
        }
        let now = Instant::now();
        self.last_frame = now;
        for (index, payload) in frame.packets.iter().enumerate() {
            let mut api = self.rtc.direct_api();
            let Some(stream) = api.stream_tx_by_mid(mid, None) else {
                return;
            };
            let number = (first + index as u64).into();
            let packet = RtpWrite::new(pt, number, frame.rtp_time, frame.at, payload.clone());
            stream.write_rtp(packet.marker(index == last).nackable(true));
            self.drain(now);
        }
    }

    /// How much more than now the connection shall look for: nothing while nobody watches, so that no padding is sent.
    pub(super) fn set_wanted_bitrate(&mut self, wanted: bool) {
        let most = if wanted { self.max_bitrate.into() } else { 0 };
        self.rtc.bwe().set_bitrate(Bitrate::ZERO, Bitrate::bps(most));
        self.drain(Instant::now());
    }

    /// Waits for what happens next. Cancel safe.
    pub(super) async fn next(&mut self) -> PeerEvent {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// Lets the other side know that the connection ends.
    pub(super) fn close(&mut self) {
        if self.rtc.close().is_ok() {
            self.drain(Instant::now());
        }
    }

    // === the loop ===

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<PeerEvent> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(event);
            }
            self.sockets.poll_flush(cx);
            if self.timer.as_mut().poll(cx).is_ready() {
                let now = Instant::now();
                self.input(Input::Timeout(now), now);
                continue;
            }
            let mut buffer = std::mem::take(&mut self.buffer);
            let received = self.sockets.poll_receive(cx, &mut buffer);
            if let Poll::Ready((source, local, length)) = received {
                let now = Instant::now();
                // What is no WebRTC packet is nobody's.
                if let Ok(packet) = Receive::new(Protocol::Udp, source, local, &buffer[..length]) {
                    self.input(Input::Receive(now, packet), now);
                }
            }
            self.buffer = buffer;
            if received.is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn input(&mut self, input: Input<'_>, now: Instant) {
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(%error, "WebRTC input");
        }
        self.drain(now);
    }

    /// Takes everything str0m has to give and sets the timer.
    fn drain(&mut self, now: Instant) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(packet)) => self.sockets.push(packet),
                Ok(Output::Event(event)) => self.event(event),
                Ok(Output::Timeout(at)) if at <= now && self.rtc.is_alive() => {
                    if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
                        tracing::debug!(%error, "WebRTC timer");
                        return;
                    }
                }
                Ok(Output::Timeout(at)) => {
                    let rests = self.rtc.is_connected() && now > self.last_frame + REST_AFTER;
                    let at = if rests { at.max(now + REST_TICK) } else { at };
                    self.timer.as_mut().reset(at.into());
                    break;
                }
                Err(error) => {
                    tracing::debug!(%error, "WebRTC output");
                    self.rtc.disconnect();
                    self.events.push_back(PeerEvent::Lost);
                    self.timer.as_mut().reset((now + Duration::from_secs(3600)).into());
                    break;
                }
            }
        }
        self.sockets.flush();
    }

    fn event(&mut self, event: Event) {
        let event = match event {
            Event::Connected => PeerEvent::Connected,
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => PeerEvent::Lost,
            // After an ICE restart; the first time `Event::Connected` comes later, when DTLS is up too.
            Event::IceConnectionStateChange(state) if state.is_connected() && self.rtc.is_connected() => {
                PeerEvent::Connected
            }
            Event::KeyframeRequest(_) => PeerEvent::KeyFrame,
            Event::EgressBitrateEstimate(BweKind::Twcc { estimate, .. } | BweKind::Remb { estimate, .. }) => {
                PeerEvent::Bitrate((estimate.as_f64() * SHARE) as u32)
            }
            _ => return,
        };
        self.events.push_back(event);
    }
}
