//! The scripts in use, as an operator sees them.

use serde::Serialize;

use crate::script::{Engine, Script};

/// Looks at a host's scripts; cheap to clone.
#[derive(Clone)]
pub struct Scripts(Engine);

/// Every script of the generation in use.
#[derive(Clone, Debug, Serialize)]
pub struct Listing {
    /// The generation's number.
    pub generation: u64,
    /// By kind and name.
    pub scripts: Vec<Listed>,
}

/// One script.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// `action`, `lib` or `policy`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Whose it is: the program's, a folder's or a plugin's.
    pub origin: String,
    /// Whose script of this name it replaces.
    pub overrides: Option<String>,
    /// Its file, relative to its folder.
    pub file: String,
    /// What it does.
    pub description: String,
}

impl Scripts {
    /// The scripts of this engine.
    pub fn new(engine: Engine) -> Self {
        Self(engine)
    }

    /// What is in use now.
    pub fn list(&self) -> Listing {
        let generation = self.0.generation();
        Listing {
            generation: generation.id(),
            scripts: generation.scripts().map(listed).collect(),
        }
    }
}

fn listed(script: &Script) -> Listed {
    Listed {
        kind: script.kind.to_string(),
        name: script.name.clone(),
        origin: script.origin.to_string(),
        overrides: script.overrides.as_ref().map(ToString::to_string),
        file: script.file.clone(),
        description: script.description.clone(),
    }
}
