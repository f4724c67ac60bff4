//! Credentials that agents have at sites, kept in the file of the original Python program.
//!
//! Only reading is here: find the credential for a site, or list what there is. Used by `actions`.
//! **Invariant:** a key has a type that cannot be printed, and no error of this module repeats what stands in the file.

mod domain;
mod entry;
mod error;

use std::io::Read;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::Value;

pub use domain::Domain;
pub use entry::Credential;
pub use error::Error;

use crate::config;

/// A larger file is none that the program has written.
const MOST_BYTES: u64 = 16 << 20;

/// The registry's file; cheap to clone. It is read anew for every question, since other programs write it too.
#[derive(Clone, Debug)]
pub struct Registry {
    file: PathBuf,
}

impl Registry {
    /// The registry that the settings name.
    pub fn new(config: &config::Registry) -> Self {
        let file = match config.file.as_str() {
            // Without a home there is no such file, and a registry without a file is empty.
            "auto" => dirs::config_dir()
                .unwrap_or_default()
                .join("browseruse")
                .join("config.json"),
            path => PathBuf::from(path),
        };
        Self { file }
    }

    /// The usable credential for a site that was used last, or made last; with a name, that agent's only.
    pub fn find(
        &self,
        site: &Domain,
        agent_name: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Option<Credential>, Error> {
        let all = self.list(Some(site), now)?;
        Ok(all
            .into_iter()
            .find(|one| agent_name.is_none_or(|name| one.agent_name == name)))
    }

    /// Every usable credential (active, not expired), of one site or of all, the one that was used last first.
    pub fn list(&self, site: Option<&Domain>, now: DateTime<Utc>) -> Result<Vec<Credential>, Error> {
        let mut all = self.read()?;
        all.retain(|one| one.is_usable(now) && site.is_none_or(|site| one.domain == *site));
        all.sort_by(|a, b| b.latest().cmp(&a.latest()).then_with(|| a.agent_id.cmp(&b.agent_id)));
        Ok(all)
    }

    fn read(&self) -> Result<Vec<Credential>, Error> {
        let Some(text) = text(&self.file)? else {
            return Ok(Vec::new());
        };
        let file: Value = serde_json::from_str(&text).map_err(|error| Error::Parse {
            file: self.file.clone(),
            line: error.line(),
        })?;
        let entries = match file.get("agent_credentials") {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Object(entries)) => entries,
            Some(_) => return Err(Error::Shape(self.file.clone())),
        };
        let read = |(id, entry): (&String, &Value)| {
            let credential = Credential::read(id, entry);
            if credential.is_none() {
                tracing::warn!(agent = %id, file = %self.file.display(), "an entry of the registry cannot be read and is left out");
            }
            credential
        };
        Ok(entries.iter().filter_map(read).collect())
    }
}

/// The file's text; none where there is no file.
fn text(path: &Path) -> Result<Option<String>, Error> {
    let failed = |source| Error::Read {
        file: path.to_owned(),
        source,
    };
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut text = String::new();
    let read = file.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if read as u64 > MOST_BYTES {
        return Err(Error::Shape(path.to_owned()));
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests;
