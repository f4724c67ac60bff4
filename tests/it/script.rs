//! The script engine through the library: hostile scripts, failures, policies, plugins, and files saved under it.

mod bed;
mod calls;
mod failures;
mod history;
mod hostile;
mod plugins;
mod policies;
mod saves;
