//! An append-only record of what was done and what was refused: one JSON object a line in `audit.jsonl`.
//!
//! One thread owns the file; recording never waits for the disk. When the disk cannot keep up or refuses, the number of
//! lines that were lost is itself recorded as soon as that is possible.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use chrono::{DateTime, SecondsFormat};
use serde::{Serialize, Serializer};

use super::domains::Denied;
use super::mask::{redact, scrub};
use crate::protocol::{Command, CommandId, ErrorType, Object, Origin, Outcome, Room, SessionId};

/// Lines that may wait for the disk: at about 300 bytes each, a few MiB.
const MOST_WAITING: usize = 8192;

/// The record; cheap to clone. The last clone to go waits until everything is on the disk.
#[derive(Clone, Debug)]
pub struct Audit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lines: Option<SyncSender<AuditEntry>>,
    lost: Arc<AtomicU64>,
    writer: Option<JoinHandle<()>>,
}

/// What a line of the record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// A command came to its end.
    Command,
    /// A page or a command tried to reach a forbidden address.
    Violation,
    /// A script used a credential; `reason` says what for.
    Credential,
    /// Lines before this one could not be written; `reason` says how many.
    Lost,
}

/// One line of the record; keys without a value are left out.
#[derive(Clone, Debug, Serialize)]
pub struct AuditEntry {
    /// Seconds since 1970; written as a date.
    #[serde(serialize_with = "date")]
    pub at: f64,
    /// What the line is about.
    pub kind: AuditKind,
    /// The room.
    #[serde(rename = "room_name", skip_serializing_if = "Option::is_none")]
    pub room: Option<Room>,
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// The command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command_id: Option<CommandId>,
    /// Where the command came from: `queue`, `http` or `host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<&'static str>,
    /// The job that carried the command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// The name of the action or of the lifecycle verb.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Its parameters, redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<Object>,
    /// `success` or `failure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// The code of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_type: Option<ErrorType>,
    /// The forbidden host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The address that was asked for, without query and user information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What happened, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

// === impl AuditEntry ===

impl AuditEntry {
    /// The line of a command that ended; its parameters are redacted here.
    pub fn command(session_id: Option<SessionId>, command: &Command, outcome: &Outcome) -> Self {
        let failure = outcome.result.as_ref().err();
        let (origin, job_id) = match &command.origin {
            Origin::Queue { job_id } => ("queue", Some(job_id.clone())),
            Origin::Http => ("http", None),
            Origin::Host => ("host", None),
        };
        Self {
            room: Some(command.room.clone()),
            session_id,
            command_id: Some(command.id.clone()),
            origin: Some(origin),
            job_id,
            action: Some(command.verb.name().to_owned()),
            params: Some(redact(&command.params)),
            outcome: Some(if failure.is_none() { "success" } else { "failure" }),
            error_type: failure.map(|f| f.error_type),
            reason: failure.map(|f| scrub(&f.message).into_owned()),
            ..Self::empty(outcome.timestamp, AuditKind::Command)
        }
    }

    /// The line of an attempt to reach a forbidden address.
    pub fn violation(at: f64, room: &Room, session_id: SessionId, url: &str, denied: &Denied) -> Self {
        let url = scrub(url.split(['?', '#']).next().unwrap_or_default()).into_owned();
        Self {
            room: Some(room.clone()),
            session_id: Some(session_id),
            domain: Some(denied.domain.clone()),
            url: Some(url),
            reason: Some(denied.reason.clone()),
            ..Self::empty(at, AuditKind::Violation)
        }
    }

    /// The line of a credential that a script used: for which site, whose script, and what for. Never the key.
    pub fn credential(at: f64, room: &Room, session_id: SessionId, domain: &str, reason: String) -> Self {
        Self {
            room: Some(room.clone()),
            session_id: Some(session_id),
            domain: Some(domain.to_owned()),
            reason: Some(reason),
            ..Self::empty(at, AuditKind::Credential)
        }
    }

    fn lost(at: f64, lines: u64) -> Self {
        let reason = format!("{lines} lines before this one could not be written");
        Self {
            reason: Some(reason),
            ..Self::empty(at, AuditKind::Lost)
        }
    }

    fn empty(at: f64, kind: AuditKind) -> Self {
        Self {
            at,
            kind,
            room: None,
            session_id: None,
            command_id: None,
            origin: None,
            job_id: None,
            action: None,
            params: None,
            outcome: None,
            error_type: None,
            domain: None,
            url: None,
            reason: None,
        }
    }
}

// === impl Audit ===

impl Audit {
    /// Opens `audit.jsonl` in the folder, which is made when it is missing; both are private to the user.
    pub fn open(folder: &Path) -> io::Result<Self> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .mode(0o600)
            .open(folder.join("audit.jsonl"))?;
        end_last_line(&mut file)?;
        let (lines, waiting) = sync_channel(MOST_WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let writer = Writer {
            file,
            lost: lost.clone(),
            buffer: Vec::new(),
        };
        let writer = std::thread::Builder::new()
            .name("audit".into())
            .spawn(move || writer.run(&waiting))?;
        Ok(Self(Arc::new(Inner {
            lines: Some(lines),
            lost,
            writer: Some(writer),
        })))
    }

    /// Adds a line; returns at once. A line for which there is no place is counted and the count is recorded.
    pub fn record(&self, entry: AuditEntry) {
        let sent = self.0.lines.as_ref().is_some_and(|lines| lines.try_send(entry).is_ok());
        if !sent && self.0.lost.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::error!("the audit record cannot keep up; lines are being lost");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.lines = None;
        if let Some(writer) = self.writer.take() {
            // A panic of the writer has been printed by the panic hook; there is nobody left to tell.
            let _ = writer.join();
        }
    }
}

/// The thread's side: takes what waits, writes it in one go.
struct Writer {
    file: File,
    lost: Arc<AtomicU64>,
    buffer: Vec<u8>,
}

impl Writer {
    fn run(mut self, waiting: &Receiver<AuditEntry>) {
        while let Ok(first) = waiting.recv() {
            let at = first.at;
            let mut lines = 0;
            for entry in std::iter::once(first).chain(waiting.try_iter().take(1000)) {
                self.add(&entry);
                lines += 1;
            }
            let lost = self.lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                self.add(&AuditEntry::lost(at, lost));
            }
            if let Err(error) = self.file.write_all(&self.buffer) {
                tracing::error!(%error, lines, "the audit record cannot be written");
                self.lost.fetch_add(lost + lines, Ordering::Relaxed);
            }
            self.buffer.clear();
        }
        if let Err(error) = self.file.sync_data() {
            tracing::error!(%error, "the audit record may not be on the disk");
        }
    }

    fn add(&mut self, entry: &AuditEntry) {
        serde_json::to_writer(&mut self.buffer, entry).expect("an entry is JSON, and memory takes it");
        self.buffer.push(b'\n');
    }
}

/// A host that was killed may have left half a line; the next one must not be glued to it.
fn end_last_line(file: &mut File) -> io::Result<()> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(());
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    if last != *b"\n" {
        file.write_all(b"\n")?;
    }
    Ok(())
}

fn date<S: Serializer>(at: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let date = DateTime::from_timestamp_micros((at * 1e6) as i64).unwrap_or_default();
    serializer.serialize_str(&date.to_rfc3339_opts(SecondsFormat::Millis, true))
}

#[cfg(test)]
mod tests;
