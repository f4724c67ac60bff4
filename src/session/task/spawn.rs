//! How a room's task begins.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::Task;
use crate::protocol::{Phase, Room, SessionId};
use crate::session::checkpoint::Checkpoint;
use crate::session::directory::{Parts, unix_now};
use crate::session::grace::Grace;
use crate::session::hooks::Hooks;
use crate::session::memory::Memory;
use crate::session::recovery::Recovery;
use crate::session::{LivekitView, MAILBOX, Session, View};

/// Starts the task of a room. It holds the place among the host's sessions until it ends.
pub(in crate::session) fn spawn(
    room: Room,
    parts: Arc<Parts>,
    place: OwnedSemaphorePermit,
    remembered: Option<Checkpoint>,
) -> Session {
    let (actions, action_lane) = mpsc::channel(MAILBOX);
    let (lifecycle, lifecycle_lane) = mpsc::channel(MAILBOX);
    let id = SessionId::random();
    let (view, views) = watch::channel(View {
        phase: if remembered.is_some() {
            Phase::Crashed
        } else {
            Phase::Starting
        },
        session_id: id,
        started_at: unix_now(),
        context: None,
        stream: None,
        livekit: LivekitView::OFF,
        last_url: remembered.as_ref().map(|c| c.url.clone()).unwrap_or_default(),
        running: None,
    });
    let ended = CancellationToken::new();
    let session = Session {
        room: room.clone(),
        actions,
        lifecycle,
        view: views,
        ended: ended.clone(),
    };
    let guard = ended.drop_guard();
    tokio::spawn(async move {
        let events = parts.bus.room(Some(&room)).await;
        let restored = remembered.is_some();
        let mut scripts = parts.actions.generations();
        scripts.mark_changed(); // the timers of those in use now
        let (reach, notices) = parts.actions.reach(id, &room);
        let mut task = Task {
            memory: Memory::new(room.clone(), parts.checkpoints.clone(), remembered),
            grace: Grace::new(parts.livekit.empty_room_grace),
            room,
            parts,
            events,
            phase: if restored { Phase::Crashed } else { Phase::Closed },
            id,
            started_at: unix_now(),
            browsing: None,
            picture: None,
            running: None,
            hooks: Hooks::default(),
            reach,
            notices,
            recovery: Recovery::default(),
            scripts,
            view,
        };
        if restored {
            task.publish_crash("the host died; the session is being restored".to_owned());
        }
        task.run(lifecycle_lane, action_lane).await;
        drop((guard, place));
    });
    session
}
