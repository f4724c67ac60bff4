//! Chromium: processes, browser contexts, tabs, and the picture.
//!
//! [`Pool`] owns the processes; [`Context`] is a room's share of one; [`Tab`] is a page in it. What happens by itself comes
//! out as [`BrowserEvent`]s. Everything goes over the DevTools connection in [`cdp`].
//! **Invariant:** nothing here knows rooms, commands or scripts, and no dialog, crash or hanging page can hold a caller
//! beyond a deadline.

pub mod cdp;

mod area;
mod article;
mod binary;
mod capture;
mod choose;
mod clipboard;
mod console;
mod context;
mod dialogs;
mod download_folder;
mod downloads;
mod drag;
mod element;
mod error;
mod evaluate;
mod fetch;
mod form;
mod frames;
mod geometry;
mod input;
mod interact;
mod keys;
mod listeners;
mod locate;
mod media;
mod network;
mod observe;
mod outbox;
mod page_error;
mod page_ops;
mod pool;
mod present;
mod process;
mod profile;
mod proxy;
mod record;
mod reopen;
mod requests;
mod setup;
mod shadows;
mod snapshot;
mod snapshot_text;
mod submit;
mod tab;
mod tabs;
mod traffic;
mod typing;
mod until;
mod upload;
mod walked;
mod wire;
mod world;
mod zoom;

pub use article::{Article, ArticleOptions};
pub use binary::Binary;
pub use capture::{Capture, CapturedFrame, ImageFormat, Screenshot};
pub use clipboard::{Copied, Pasted};
pub use console::{ConsoleEntry, Level};
pub use context::{Context, ContextSpec};
pub use dialogs::{Dialog, DialogAnswer};
pub use downloads::{Download, DownloadState};
pub use drag::{Dragged, Place};
pub use element::Element;
pub use error::Error;
pub use evaluate::{PageState, ScriptOptions, ScriptWorld};
pub use form::{Became, Choice, Chosen};
pub use frames::FrameRef;
pub use geometry::{Point, Rect};
pub use input::{Button, Modifiers};
pub use interact::{Check, Click};
pub use locate::Locator;
pub use media::{MediaDeed, MediaState};
pub use network::Navigation;
pub use outbox::BrowserEvent;
pub use page_error::PageError;
pub use pool::Pool;
pub use present::{Glided, Ink};
pub use record::RecordFilter;
pub use requests::RequestEntry;
pub use snapshot::{Snapshot, SnapshotElement, SnapshotOptions};
pub use snapshot_text::TEXT_LIMIT;
pub use submit::{Complaint, Submitted};
pub use tab::Tab;
pub use until::{Load, Presence, Shown, Shows, Until};
pub use zoom::Zoom;
