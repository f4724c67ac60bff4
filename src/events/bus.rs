//! In-process publish and subscribe with a sequence number per room.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::broadcast;

use super::connection::RedisHandle;
use super::redis::{self, Outlet};
use crate::protocol::{Command, CommandId, Event, Origin, Published, Room, SessionId};

/// Events of one room that stay for `?since=SEQ`.
const REPLAY: usize = 1024;
/// Events that a slow listener may be behind before it loses the oldest.
const BEHIND: usize = 1024;
/// Rooms whose numbers stay in memory although nobody holds their events.
const IDLE_ROOMS: usize = 1024;

/// One event as it goes out.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its number in its room.
    pub seq: u64,
    /// The JSON text.
    pub json: Arc<str>,
}

/// What an event belongs to, beside its room.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The session.
    pub session_id: Option<SessionId>,
    /// The command.
    pub command_id: Option<CommandId>,
    /// The job that carried the command.
    pub job_id: Option<String>,
}

impl Subject {
    /// A session's own events.
    pub fn session(id: Option<SessionId>) -> Self {
        Self {
            session_id: id,
            ..Self::default()
        }
    }

    /// The events of a command.
    pub fn command(session_id: Option<SessionId>, command: &Command) -> Self {
        let job_id = match &command.origin {
            Origin::Queue { job_id } => Some(job_id.clone()),
            Origin::Http | Origin::Host => None,
        };
        Self {
            session_id,
            command_id: Some(command.id.clone()),
            job_id,
        }
    }
}

/// All rooms' events; cheap to clone.
#[derive(Clone)]
pub struct Bus {
    inner: Arc<Inner>,
}

struct Inner {
    rooms: Mutex<HashMap<Option<Room>, Arc<Channel>>>,
    redis: Option<RedisHandle>,
    outlet: Option<Outlet>,
}

/// One room's events, or the host's own; cheap to clone.
#[derive(Clone)]
pub struct RoomEvents {
    channel: Arc<Channel>,
    bus: Weak<Inner>,
}

struct Channel {
    room: Option<Room>,
    state: Mutex<ChannelState>,
    sender: broadcast::Sender<Message>,
}

struct ChannelState {
    seq: u64,
    replay: VecDeque<Message>,
}

/// A listener: first what it missed, then what happens.
pub struct Subscription {
    replay: VecDeque<Message>,
    receiver: broadcast::Receiver<Message>,
    seen: u64,
    channel: Arc<Channel>,
}

// === impl Bus ===

impl Bus {
    /// A bus that also publishes to Redis, if there is one. Its outlet's task ends with the last clone.
    pub fn new(redis: Option<RedisHandle>) -> Self {
        let outlet = redis.clone().map(Outlet::start);
        Self {
            inner: Arc::new(Inner {
                rooms: Mutex::default(),
                redis,
                outlet,
            }),
        }
    }

    /// The events of a room, or of the host (`None`). Reads the room's last number from Redis the first time.
    pub async fn room(&self, room: Option<&Room>) -> RoomEvents {
        if let Some(channel) = self.inner.lock().get(&room.cloned()) {
            return self.events(channel.clone());
        }
        let last = match &self.inner.redis {
            Some(redis) => redis::last_seq(redis, room).await,
            None => 0,
        };
        let mut rooms = self.inner.lock();
        if rooms.len() >= IDLE_ROOMS {
            rooms.retain(|_, channel| Arc::strong_count(channel) > 1);
        }
        let channel = rooms.entry(room.cloned()).or_insert_with(|| {
            let state = Mutex::new(ChannelState {
                seq: last,
                replay: VecDeque::new(),
            });
            Arc::new(Channel {
                room: room.cloned(),
                state,
                sender: broadcast::Sender::new(BEHIND),
            })
        });
        self.events(channel.clone())
    }

    /// Waits until Redis has what was published so far, at most this long; what is left then is lost with the host.
    pub async fn flush(&self, within: std::time::Duration) {
        if let Some(outlet) = &self.inner.outlet {
            outlet.flush(within).await;
        }
    }

    fn events(&self, channel: Arc<Channel>) -> RoomEvents {
        RoomEvents {
            channel,
            bus: Arc::downgrade(&self.inner),
        }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, HashMap<Option<Room>, Arc<Channel>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl RoomEvents ===

impl RoomEvents {
    /// Publishes an event and returns its number.
    pub fn publish(&self, subject: &Subject, event: Event) -> u64 {
        let mut state = self.channel.lock();
        state.seq += 1;
        let published = Published {
            room: self.channel.room.clone(),
            session_id: subject.session_id,
            command_id: subject.command_id.clone(),
            job_id: subject.job_id.clone(),
            seq: state.seq,
            timestamp: unix_now(),
            event,
        };
        let message = Message {
            seq: state.seq,
            json: published.to_json().into(),
        };
        if state.replay.len() == REPLAY {
            state.replay.pop_front();
        }
        state.replay.push_back(message.clone());
        // Nobody may be listening.
        let _ = self.channel.sender.send(message.clone());
        // Under the lock, so that Redis gets a room's events in the order of their numbers.
        if let Some(outlet) = self.bus.upgrade().as_ref().and_then(|bus| bus.outlet.as_ref()) {
            outlet.send(self.channel.room.as_ref(), &message);
        }
        state.seq
    }

    /// Listens from now on, or from the event after `since` as far as it is kept.
    pub fn subscribe(&self, since: Option<u64>) -> Subscription {
        let state = self.channel.lock();
        let seen = since.unwrap_or(state.seq).min(state.seq);
        Subscription {
            replay: state.replay.iter().filter(|m| m.seq > seen).cloned().collect(),
            receiver: self.channel.sender.subscribe(),
            seen,
            channel: self.channel.clone(),
        }
    }

    /// How many listen now in this process.
    pub fn listeners(&self) -> usize {
        self.channel.sender.receiver_count()
    }
}

impl Channel {
    fn lock(&self) -> MutexGuard<'_, ChannelState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Subscription ===

impl Subscription {
    /// The next event. A listener that fell behind continues from what is kept.
    pub async fn next(&mut self) -> Message {
        loop {
            if let Some(message) = self.replay.pop_front() {
                self.seen = message.seq;
                return message;
            }
            match self.receiver.recv().await {
                Ok(message) if message.seq > self.seen => {
                    self.seen = message.seq;
                    return message;
                }
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    let state = self.channel.lock();
                    self.replay = state.replay.iter().filter(|m| m.seq > self.seen).cloned().collect();
                }
                // The channel lives as long as this subscription holds it.
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

/// Seconds since 1970 with fractions.
fn unix_now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |d| d.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(url: &str) -> Event {
        Event::SessionRecovered { url: url.to_owned() }
    }

    #[tokio::test]
    async fn numbers_have_no_holes_and_missed_events_are_replayed() {
        let bus = Bus::new(None);
        let room = Room::new("r").expect("a name");
        let events = bus.room(Some(&room)).await;
        let mut early = events.subscribe(None);
        for i in 0..5 {
            assert_eq!(events.publish(&Subject::default(), event(&i.to_string())), i + 1);
        }
        let mut late = bus.room(Some(&room)).await.subscribe(Some(3));
        assert_eq!((late.next().await.seq, late.next().await.seq), (4, 5));
        assert_eq!(early.next().await.seq, 1);
    }

    #[tokio::test]
    async fn a_slow_listener_loses_nothing_that_is_kept() {
        let bus = Bus::new(None);
        let events = bus.room(None).await;
        let mut slow = events.subscribe(None);
        for _ in 0..BEHIND + 200 {
            events.publish(&Subject::default(), event("x"));
        }
        let first = slow.next().await.seq;
        assert_eq!(first, 201);
        assert_eq!(slow.next().await.seq, 202);
    }
}
