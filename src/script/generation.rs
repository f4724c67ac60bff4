//! One numbered, unchangeable set of scripts: a call takes one and stays with it to its end.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::Value;

use super::loader::Source;
use super::manifest::Plugin;
use super::schema::Params;
use crate::protocol::{ErrorType, Failure, Object};

/// What a script is for; the folder it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A verb on a page: `actions/NAME.lua`.
    Action,
    /// A decision kept apart from mechanism: `policies/NAME.lua`.
    Policy,
    /// Shared by the others: `lib/NAME.lua`.
    Lib,
    /// Wraps actions: `middleware/NAME.lua`.
    Middleware,
    /// Runs when something has happened in a session: `events/NAME.lua`.
    Event,
    /// Runs again and again in a session: `timers/NAME.lua`.
    Timer,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Action,
        Self::Policy,
        Self::Lib,
        Self::Middleware,
        Self::Event,
        Self::Timer,
    ];

    /// The folder of scripts of this kind.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Action => "actions",
            Self::Policy => "policies",
            Self::Lib => "lib",
            Self::Middleware => "middleware",
            Self::Event => "events",
            Self::Timer => "timers",
        }
    }

    /// Whether one script of a name takes the place of another; the other kinds add up.
    pub(super) const fn is_called_by_name(self) -> bool {
        matches!(self, Self::Action | Self::Policy)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Action => "action",
            Self::Policy => "policy",
            Self::Lib => "lib",
            Self::Middleware => "middleware",
            Self::Event => "event handler",
            Self::Timer => "timer",
        })
    }
}

/// Where a script came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Part of the program.
    Shipped,
    /// The folder of the setting `script.scripts`.
    Folder,
    /// The plugin of this name.
    Plugin(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shipped => f.write_str("shipped"),
            Self::Folder => f.write_str("scripts folder"),
            Self::Plugin(name) => write!(f, "plugin {name}"),
        }
    }
}

/// One compiled text of a script, linked to the versions of what it requires.
pub(super) struct Version {
    /// Rises with every new version of any script.
    pub(super) id: u64,
    /// The file, as messages name it.
    pub(super) file: String,
    pub(super) origin: Origin,
    pub(super) plugin: Option<Arc<Plugin>>,
    pub(super) kind: Kind,
    pub(super) source: Arc<str>,
    /// Made by our compiler from `source`, never read from outside: Luau does not verify it.
    pub(super) bytecode: Arc<[u8]>,
    /// Known once it has been checked.
    pub(super) linked: OnceLock<Linked>,
}

impl Version {
    fn name(&self) -> &str {
        name_of(&self.file)
    }

    /// The text with all that was known before it was compiled.
    pub(super) fn as_source(&self) -> Source {
        Source {
            file: self.file.clone(),
            kind: self.kind,
            origin: self.origin.clone(),
            plugin: self.plugin.clone(),
            text: Arc::clone(&self.source),
        }
    }

    fn is_plugin(&self) -> bool {
        matches!(self.origin, Origin::Plugin(_))
    }

    /// What it requires: the name and the file that it meant.
    pub(super) fn deps(&self) -> &[(String, String)] {
        self.linked
            .get()
            .map(|linked| linked.deps.as_slice())
            .unwrap_or_default()
    }
}

/// `plugins/x/actions/echo.lua` to `echo`.
pub(super) fn name_of(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// What checking a version has found.
pub(super) struct Linked {
    /// What it requires: the name and the file that it meant.
    pub(super) deps: Vec<(String, String)>,
    pub(super) meta: Meta,
}

/// What a script says about itself.
#[derive(Clone)]
pub(super) struct Meta {
    pub(super) description: String,
    pub(super) schema: Arc<Value>,
    pub(super) params: Arc<Params>,
    pub(super) timeout: Option<Duration>,
    pub(super) idempotent: bool,
    pub(super) retry: Option<String>,
    pub(super) hook: Hook,
}

/// When a script runs that nobody calls by its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Hook {
    /// It is called by its name.
    #[default]
    None,
    /// Around these actions; `*` is all.
    Wraps(Vec<String>),
    /// When these events have happened.
    On(Vec<String>),
    /// Again and again.
    Every(Duration),
}

/// What is known about one script.
pub struct Script {
    /// What it is for.
    pub kind: Kind,
    /// Its file's name without suffix; an action's name on the wire.
    pub name: String,
    /// Where it came from.
    pub origin: Origin,
    /// Its file, relative to the root that holds it: `actions/click.lua`, `plugins/x/actions/echo.lua`.
    pub file: String,
    /// One sentence for callers.
    pub description: String,
    /// JSON Schema of its parameters; always an object schema.
    pub params: Arc<Value>,
    /// How long one call may take, where the script says so.
    pub timeout: Option<Duration>,
    /// Whether running it twice does the same as once.
    pub idempotent: bool,
    /// The retry policy it names.
    pub retry: Option<String>,
    /// When it runs by itself.
    pub hook: Hook,
    /// The script it replaces came from here.
    pub overrides: Option<Origin>,
    /// The plugin that it belongs to.
    pub plugin: Option<Arc<Plugin>>,
    pub(super) check: Arc<Params>,
    pub(super) version: Arc<Version>,
}

/// A numbered set of scripts.
///
/// **Invariant:** never changes once published, so every `require` of one call resolves in the same set.
pub struct Generation {
    pub(super) id: u64,
    /// Every script in use or required by one, by file.
    pub(super) versions: BTreeMap<String, Arc<Version>>,
    /// Sorted by kind, plugins' order, name and file.
    pub(super) scripts: Vec<Script>,
    /// What `require` means by a name, for all scripts but those of a plugin that has its own.
    pub(super) libs: HashMap<String, Arc<Version>>,
    /// Which script answers to a kind and name.
    pub(super) names: [HashMap<String, usize>; Kind::ALL.len()],
    /// The middleware around each action that has some, outermost first.
    pub(super) chains: HashMap<String, Vec<Arc<Version>>>,
}

impl Generation {
    pub(super) fn empty() -> Self {
        Self {
            id: 0,
            versions: BTreeMap::new(),
            scripts: Vec::new(),
            libs: HashMap::new(),
            names: Default::default(),
            chains: HashMap::new(),
        }
    }

    /// This set as it goes out: numbered, with its scripts by name and its plugins in that order.
    pub(super) fn published(mut self, id: u64, plugins: &[String]) -> Self {
        self.id = id;
        let mut scripts: Vec<_> = self
            .versions
            .values()
            .filter_map(|version| self.script(version))
            .collect();
        let place = |script: &Script| {
            let plugin = script.plugin.as_ref().filter(|_| !script.kind.is_called_by_name());
            plugin.map(|plugin| plugins.iter().position(|name| *name == plugin.name))
        };
        scripts.sort_by(|a, b| (a.kind, place(a), &a.name, &a.file).cmp(&(b.kind, place(b), &b.name, &b.file)));
        for (at, script) in scripts.iter().enumerate() {
            if script.kind.is_called_by_name() || (script.kind == Kind::Lib && self.is_shared(&script.version)) {
                self.names[script.kind as usize].insert(script.name.clone(), at);
            }
        }
        for action in self.names[Kind::Action as usize].keys() {
            let around: Vec<_> = scripts
                .iter()
                .filter(|script| matches!(&script.hook, Hook::Wraps(names) if names.iter().any(|n| n == action || n == "*")))
                .map(|script| Arc::clone(&script.version))
                .collect();
            if !around.is_empty() {
                self.chains.insert(action.clone(), around);
            }
        }
        self.scripts = scripts;
        self
    }

    /// What is known about a version; none if another takes its place.
    fn script(&self, version: &Arc<Version>) -> Option<Script> {
        let rival = |is_plugin: bool| {
            let same = |other: &&Arc<Version>| other.kind == version.kind && other.name() == version.name();
            self.versions
                .values()
                .filter(same)
                .find(|other| other.is_plugin() == is_plugin)
        };
        let is_overridden = match version.kind {
            Kind::Lib => !version.is_plugin() && !self.is_shared(version),
            kind => kind.is_called_by_name() && !version.is_plugin() && rival(true).is_some(),
        };
        let meta = version.linked.get().filter(|_| !is_overridden)?.meta.clone();
        let replaces = version.is_plugin() && (version.kind.is_called_by_name() || self.is_shared(version));
        Some(Script {
            kind: version.kind,
            name: version.name().to_owned(),
            origin: version.origin.clone(),
            file: version.file.clone(),
            description: meta.description,
            params: meta.schema,
            timeout: meta.timeout,
            idempotent: meta.idempotent,
            retry: meta.retry,
            hook: meta.hook,
            overrides: rival(false).filter(|_| replaces).map(|below| below.origin.clone()),
            plugin: version.plugin.clone(),
            check: meta.params,
            version: Arc::clone(version),
        })
    }

    fn is_shared(&self, version: &Version) -> bool {
        version.kind == Kind::Lib
            && self
                .libs
                .get(version.name())
                .is_some_and(|lib| lib.file == version.file)
    }

    /// Its number.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The script of that name, overriding rules applied.
    pub fn get(&self, kind: Kind, name: &str) -> Option<&Script> {
        self.names[kind as usize]
            .get(name)
            .and_then(|index| self.scripts.get(*index))
    }

    /// Every script in use, and every plugin's own helpers, by kind and name.
    pub fn scripts(&self) -> impl Iterator<Item = &Script> {
        self.scripts.iter()
    }

    /// What runs when an event of that type has happened in a session, in order.
    pub fn handlers(&self, event: &str) -> impl Iterator<Item = &Script> {
        let is_on =
            move |script: &&Script| matches!(&script.hook, Hook::On(types) if types.iter().any(|on| on == event));
        self.scripts.iter().filter(is_on)
    }

    /// What runs again and again in each session, and how often.
    pub fn timers(&self) -> impl Iterator<Item = (&Script, Duration)> {
        self.scripts.iter().filter_map(|script| match script.hook {
            Hook::Every(every) => Some((script, every)),
            _ => None,
        })
    }

    /// The script of that file, as long as it is in use.
    pub fn by_file(&self, file: &str) -> Option<&Script> {
        self.scripts.iter().find(|script| script.file == file)
    }

    /// The middleware around an action, outermost first.
    pub(super) fn chain(&self, action: &str) -> &[Arc<Version>] {
        self.chains.get(action).map(Vec::as_slice).unwrap_or_default()
    }

    /// The files of the set with their texts.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.versions
            .iter()
            .map(|(file, version)| (file.as_str(), &*version.source))
    }

    /// The parameters of an action with defaults filled in, or what is wrong with them.
    pub fn check_params(&self, name: &str, params: &Object) -> Result<Object, Failure> {
        let script = self
            .get(Kind::Action, name)
            .ok_or_else(|| Failure::new(ErrorType::UnknownAction, format!("There is no action `{name}`.")))?;
        script.check.check(name, params)
    }

    /// The text of the file in use.
    pub fn source(&self, file: &str) -> Option<&str> {
        self.versions.get(file).map(|version| &*version.source)
    }

    /// The file that `require("lib.NAME")` means in a script of that origin: the plugin's own, then what all share.
    pub(super) fn resolve(&self, origin: &Origin, name: &str) -> Option<&Arc<Version>> {
        if let Origin::Plugin(plugin) = origin {
            for suffix in super::loader::SUFFIXES {
                if let Some(own) = self.versions.get(&format!("plugins/{plugin}/lib/{name}.{suffix}")) {
                    return Some(own);
                }
            }
        }
        self.libs.get(name)
    }
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation")
            .field("id", &self.id)
            .field("scripts", &self.scripts.len())
            .finish()
    }
}
