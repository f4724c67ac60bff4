//! One viewer's WebRTC connection: the task that feeds str0m with datagrams, frames and time, and sends what it makes of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::bwe::{Bitrate, BweKind};
use str0m::change::SdpOffer;
use str0m::config::DtlsCert;
use str0m::format::Codec;
use str0m::media::{MediaKind, MediaTime, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{Extension, ExtensionValues, RtpWrite};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig, RtcError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Error;
use super::fanout::{EncodedFrame, Fanout, Subscriber};
use super::port::{Datagram, Port};

/// From the answer to the first encrypted packet.
const HANDSHAKE: Duration = Duration::from_secs(15);

/// A viewer that is there sends something every one or two seconds.
const SILENCE: Duration = Duration::from_secs(10);

/// One viewer's requests for key frames are heard this often.
const KEY_GAP: Duration = Duration::from_millis(500);

/// Datagrams of one viewer that may wait for its task.
const MAIL: usize = 256;

/// Turns taken without looking at mail and frames: more than the packets of the largest frame.
const TURNS: usize = 1000;

/// Of the estimated bandwidth, what the encoder may use; the rest is for headers and repeats.
const SHARE: f64 = 0.85;

/// A free id in the library's table of header extensions; the offer's own id replaces it.
const PLAYOUT_DELAY_ID: u8 = 6;

/// Rates, in bits per second.
#[derive(Clone, Copy)]
pub(super) struct Rates {
    pub(super) initial: u32,
    pub(super) max: u32,
}

/// One connection, from the answered offer to its end.
pub(super) struct Peer {
    rtc: Rtc,
    name: String,
    port: Arc<Port>,
    mail: mpsc::Receiver<Datagram>,
    fanout: Fanout,
    viewer: Subscriber,
    mid: Mid,
    pt: Pt,
    sequence: u64,
    connected: bool,
    heard: Instant,
    key_asked: Option<Instant>,
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It was asked to leave, or the host stops.
    Left,
    /// The viewer has closed its side.
    Closed,
    /// The viewer never came, or is gone without a word.
    Silent,
    /// The stream has ended.
    StreamEnded,
    /// Something that the protocol does not allow.
    Broken,
}

impl Peer {
    /// Answers an offer. The viewer counts as watching from here, so that the picture is ready when the connection is.
    pub(super) fn answer(
        port: Arc<Port>,
        fanout: Fanout,
        sdp: &str,
        certificate: DtlsCert,
        rates: Rates,
    ) -> Result<(Self, String), Error> {
        let refused = |error: &dyn std::fmt::Display| Error::Offer(error.to_string());
        let offer = SdpOffer::from_sdp_string(sdp).map_err(|e| refused(&e))?;
        let now = Instant::now();
        let mut rtc = RtcConfig::new()
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .set_dtls_cert(certificate)
            .clear_codecs()
            .enable_vp8(true)
            .set_extension(PLAYOUT_DELAY_ID, Extension::PlayoutDelay)
            .enable_bwe(Some(Bitrate::bps(rates.initial.into())))
            .build(now);
        let candidate = Candidate::host(port.candidate(), Protocol::Udp).map_err(|e| refused(&e))?;
        rtc.add_local_candidate(candidate);
        let answer = rtc.sdp_api().accept_offer(offer).map_err(|e| refused(&e))?;
        let answer = answer.to_sdp_string();
        let (mid, pt) = video(&mut rtc, &answer).ok_or_else(|| refused(&"it does not ask for VP8 video"))?;
        rtc.bwe().set_bitrate(Bitrate::ZERO, Bitrate::bps(rates.max.into()));
        let mut api = rtc.direct_api();
        let name = api.local_ice_credentials().ufrag;
        let stream = api
            .stream_tx_by_mid(mid, None)
            .ok_or_else(|| refused(&"its video cannot be sent to"))?;
        // Paced, a key frame would take half a second at the estimated rate.
        stream.set_unpaced(true);
        let (inbox, mail) = mpsc::channel(MAIL);
        port.register(&name, inbox);
        let viewer = fanout.prepare();
        // Below 65,536, and with some way to go until there.
        let sequence = u64::from(rand::random::<u16>() >> 2);
        let peer = Self {
            rtc,
            name,
            port,
            mail,
            fanout,
            viewer,
            mid,
            pt,
            sequence,
            connected: false,
            heard: now,
            key_asked: None,
        };
        Ok((peer, answer))
    }

    /// Serves the viewer until its end.
    pub(super) async fn run(mut self, leave: CancellationToken) -> End {
        let end = loop {
            let deadline = match self.pump().await {
                Ok(Some(deadline)) => deadline,
                Ok(None) => break End::Closed,
                Err(_) => break End::Broken,
            };
            let patience = self.heard + if self.connected { SILENCE } else { HANDSHAKE };
            let result = tokio::select! {
                biased;
                () = leave.cancelled() => break End::Left,
                Some(datagram) = self.mail.recv() => self.hear(datagram),
                frame = self.viewer.next() => match frame {
                    Some(frame) => self.show(&frame),
                    None => break End::StreamEnded,
                },
                () = tokio::time::sleep_until(deadline.min(patience).into()) => {
                    let now = Instant::now();
                    if now >= patience {
                        break End::Silent;
                    }
                    self.rtc.handle_input(Input::Timeout(now))
                }
            };
            if result.is_err() {
                break End::Broken;
            }
        };
        if matches!(end, End::Left | End::StreamEnded) && self.rtc.close().is_ok() {
            // The viewer learns of it at once; what goes wrong now does not matter any more.
            let _ = self.pump().await;
        }
        end
    }

    /// Sends all that waits; gives the time of the next turn, or none at the end of the connection.
    async fn pump(&mut self) -> Result<Option<Instant>, RtcError> {
        // One packet a turn, the next turn due at once: a timer would add a millisecond to each packet of a frame.
        let mut turns = 0;
        loop {
            if !self.rtc.is_alive() {
                return Ok(None);
            }
            match self.rtc.poll_output()? {
                Output::Transmit(datagram) => self.port.send(datagram.destination, &datagram.contents).await,
                Output::Event(event) => self.notice(event),
                Output::Timeout(at) => {
                    let now = Instant::now();
                    if at > now || turns == TURNS {
                        return Ok(Some(at));
                    }
                    turns += 1;
                    self.rtc.handle_input(Input::Timeout(now))?;
                }
            }
        }
    }

    fn notice(&mut self, event: Event) {
        match event {
            Event::Connected => {
                self.connected = true;
                self.viewer = self.fanout.join();
            }
            Event::KeyframeRequest(_) => {
                let now = Instant::now();
                if self.key_asked.is_none_or(|asked| now >= asked + KEY_GAP) {
                    self.key_asked = Some(now);
                    self.fanout.request_key_frame();
                }
            }
            Event::EgressBitrateEstimate(
                BweKind::Twcc { estimate: rate, .. } | BweKind::Remb { estimate: rate, .. },
            ) => {
                self.viewer.set_bitrate((rate.as_f64() * SHARE) as u32);
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => self.rtc.disconnect(),
            _ => {}
        }
    }

    fn hear(&mut self, datagram: Datagram) -> Result<(), RtcError> {
        let destination = self.port.candidate();
        // What cannot be parsed is not worth the connection: anybody can send it.
        let Ok(received) = Receive::new(Protocol::Udp, datagram.source, destination, &datagram.data) else {
            return Ok(());
        };
        let input = Input::Receive(datagram.at, received);
        if !self.rtc.accepts(&input) {
            return Ok(());
        }
        self.heard = datagram.at;
        self.rtc.handle_input(input)
    }

    fn show(&mut self, frame: &EncodedFrame) -> Result<(), RtcError> {
        if !self.connected {
            return Ok(());
        }
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(self.mid, None) else {
            return Ok(());
        };
        let now = Instant::now();
        // Asks the viewer to show frames as they come instead of smoothing their arrival.
        let (play_delay_min, play_delay_max) = (Some(MediaTime::ZERO), Some(MediaTime::ZERO));
        let extensions = ExtensionValues {
            play_delay_min,
            play_delay_max,
            ..ExtensionValues::default()
        };
        for (index, payload) in frame.packets.iter().enumerate() {
            let last = index + 1 == frame.packets.len();
            let packet = RtpWrite::new(self.pt, self.sequence.into(), frame.rtp_time, now, payload.clone())
                .marker(last)
                .nackable(true)
                .ext_vals(extensions.clone());
            stream.write_rtp(packet);
            self.sequence += 1;
        }
        self.rtc.handle_input(Input::Timeout(now))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.port.unregister(&self.name);
    }
}

/// The offer's first video, and the payload type under which it wants VP8.
fn video(rtc: &mut Rtc, answer: &str) -> Option<(Mid, Pt)> {
    let mid = sending_video(answer)?;
    let media = rtc.media(mid).filter(|media| media.kind() == MediaKind::Video)?;
    let wanted = media.remote_pts().to_vec();
    let params = rtc.codec_config().params();
    let vp8 = |pt: &Pt| params.iter().any(|p| p.pt() == *pt && p.spec().codec == Codec::Vp8);
    wanted.into_iter().find(vp8).map(|pt| (mid, pt))
}

/// The name of the first video section in which the answer says that it sends. (The library tells only once connected.)
fn sending_video(answer: &str) -> Option<Mid> {
    let sections = answer
        .split("\r\nm=")
        .skip(1)
        .filter(|section| section.starts_with("video "));
    sections
        .filter(|section| section.lines().any(|line| line == "a=sendonly" || line == "a=sendrecv"))
        .find_map(|section| section.lines().find_map(|line| line.strip_prefix("a=mid:")))
        .map(Mid::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_video_that_is_sent_is_found_in_the_answer() {
        let answer = "v=0\r\nm=audio 9 X 111\r\na=mid:0\r\na=sendonly\r\nm=video 0 X 0\r\na=mid:1\r\na=inactive\r\n\
                      m=video 9 X 96\r\na=mid:v2\r\na=sendonly\r\n";
        assert_eq!(sending_video(answer), Some(Mid::from("v2")));
        assert_eq!(
            sending_video("v=0\r\nm=audio 9 X 111\r\na=mid:0\r\na=sendonly\r\n"),
            None
        );
    }
}
