//! plugin.toml and config.toml of a plugin's folder: what it is, what it may, and how it is set.
//!
//! A folder without a plugin.toml is a plugin that may use the page and nothing else.
//! **Invariant:** what is not granted here no script of the plugin gets, whatever other scripts it runs.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::loader::Problem;
use super::schema::Params;
use crate::policy::Pattern;
use crate::protocol::Object;

/// The version of the contract between host and plugins.
const API: i64 = 1;

/// What a folder of plugins/ says about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Plugin {
    /// Its folder's name.
    pub name: String,
    /// Its version, as its author counts.
    pub version: String,
    /// One sentence.
    pub description: String,
    /// Plugins whose middleware and handlers come after its own.
    pub before: Vec<String>,
    /// Plugins whose middleware and handlers come before its own.
    pub after: Vec<String>,
    /// Where neither says more: lower comes first.
    pub priority: i64,
    /// What its scripts may use beyond the page.
    pub grants: Grants,
    /// Its settings: what config.toml holds, defaults filled in.
    pub config: Value,
    /// The longest time that one call of its scripts may take.
    pub timeout: Option<Duration>,
}

/// What a plugin's scripts may use beyond the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grants {
    /// Hosts that `ctx.http` may reach.
    pub http: Vec<Pattern>,
    /// Sites whose credentials may be used.
    pub credentials: Vec<Pattern>,
    /// Whether a credential's key may be read as text.
    pub secrets: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    name: Option<String>,
    #[serde(default)]
    version: String,
    #[serde(default)]
    description: String,
    #[serde(rename = "api")]
    _api: Option<i64>,
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    after: Vec<String>,
    #[serde(default)]
    priority: i64,
    #[serde(default)]
    permissions: Permissions,
    #[serde(default)]
    limits: Limits,
    config: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Permissions {
    http: Vec<Domain>,
    credentials: Vec<Domain>,
    secrets: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Limits {
    timeout_ms: Option<f64>,
}

/// A pattern, so that a wrong one is told with its line.
struct Domain(Pattern);

impl<'de> Deserialize<'de> for Domain {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl Plugin {
    /// A plugin that says nothing about itself.
    pub(super) fn bare(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: String::new(),
            description: String::new(),
            before: Vec::new(),
            after: Vec::new(),
            priority: 0,
            grants: Grants::default(),
            config: Value::Object(Object::new()),
            timeout: None,
        }
    }

    /// Reads plugin.toml and config.toml of a plugin's folder.
    pub(super) fn read(folder: &Path, name: &str) -> Result<Self, Problem> {
        let file = format!("plugins/{name}/plugin.toml");
        let settings = format!("plugins/{name}/config.toml");
        let given = text(&folder.join("config.toml"), &settings)?;
        let mut plugin = Self::bare(name);
        let schema = match text(&folder.join("plugin.toml"), &file)? {
            None => None,
            Some(text) => plugin.apply(&text, &file)?,
        };
        let params =
            Params::new(schema).map_err(|error| Problem::new(&file, error.replace("`params", "`config")).at(None))?;
        let given: Object = given.map_or_else(|| Ok(Object::new()), |text| parse(&text, &settings))?;
        let config = params
            .check(&format!("plugin {name}"), &given)
            .map_err(|failure| Problem::new(&settings, failure.message))?;
        plugin.config = Value::Object(config);
        Ok(plugin)
    }

    /// Takes over what a plugin.toml says; gives the schema of the settings.
    fn apply(&mut self, text: &str, file: &str) -> Result<Option<Value>, Problem> {
        let table: toml::Table = parse(text, file)?;
        // First of all: what a newer host understands may well be unknown here.
        match table.get("api").map(|api| (api.as_integer(), api)) {
            None | Some((Some(API), _)) => {}
            Some((_, api)) => {
                let error =
                    format!("the plugin wants api = {api}, this host has api = {API}; the plugin is not loaded");
                return Err(Problem::new(file, error).at(line_of(text, "api")));
            }
        }
        let manifest: Manifest = parse(text, file)?;
        if let Some(name) = manifest.name.filter(|name| *name != self.name) {
            let error = format!(
                "the plugin is named `{name}`, but its folder `{}`; they must be the same",
                self.name
            );
            return Err(Problem::new(file, error).at(line_of(text, "name")));
        }
        self.timeout = match manifest
            .limits
            .timeout_ms
            .map(|ms| Duration::try_from_secs_f64(ms / 1000.0))
        {
            None => None,
            Some(Ok(timeout)) if !timeout.is_zero() => Some(timeout),
            Some(_) => {
                return Err(
                    Problem::new(file, "`limits.timeout_ms` must be more than 0").at(line_of(text, "timeout_ms"))
                );
            }
        };
        self.version = manifest.version;
        self.description = manifest.description;
        self.before = manifest.before;
        self.after = manifest.after;
        self.priority = manifest.priority;
        let patterns = |all: Vec<Domain>| all.into_iter().map(|domain| domain.0).collect();
        self.grants = Grants {
            http: patterns(manifest.permissions.http),
            credentials: patterns(manifest.permissions.credentials),
            secrets: manifest.permissions.secrets,
        };
        Ok(manifest.config)
    }
}

/// A file's text; none where there is no file.
fn text(path: &Path, file: &str) -> Result<Option<String>, Problem> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Problem::new(file, error.to_string())),
    }
}

fn parse<T: DeserializeOwned>(text: &str, file: &str) -> Result<T, Problem> {
    toml::from_str(text).map_err(|error| {
        let line = error
            .span()
            .map(|span| 1 + text[..span.start].matches('\n').count() as u32);
        Problem::new(file, error.message()).at(line)
    })
}

/// The line that sets a key.
fn line_of(text: &str, key: &str) -> Option<u32> {
    let sets = |line: &str| {
        line.trim_start()
            .strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    text.lines().position(sets).map(|at| at as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(manifest: &str, config: &str) -> Result<Plugin, Problem> {
        let folder = tempfile::tempdir().expect("a folder");
        for (file, text) in [("plugin.toml", manifest), ("config.toml", config)] {
            if !text.is_empty() {
                fs::write(folder.path().join(file), text).expect("a file");
            }
        }
        Plugin::read(folder.path(), "shop")
    }

    #[test]
    fn a_plugin_says_what_it_needs() {
        let manifest = "name = 'shop'\nversion = '1.2.0'\napi = 1\nafter = ['audit']\n[permissions]\nhttp = ['*.shop.test']\n\
            secrets = true\n[limits]\ntimeout_ms = 1500\n[config.properties.pages]\ntype = 'integer'\ndefault = 3\n";
        let plugin = read(manifest, "").expect("a plugin");
        assert_eq!(plugin.after, ["audit"]);
        assert_eq!(plugin.grants.http[0].to_string(), "*.shop.test");
        assert!(plugin.grants.secrets && plugin.grants.credentials.is_empty());
        assert_eq!(plugin.timeout, Some(Duration::from_millis(1500)));
        assert_eq!(plugin.config["pages"], 3);
        assert_eq!(read(manifest, "pages = 7").expect("a plugin").config["pages"], 7);
        assert_eq!(read("", "").expect("a plugin"), Plugin::bare("shop"));
    }

    #[test]
    fn faults_are_told_with_their_line() {
        for (manifest, config, file, line, part) in [
            ("api = 2\nwhat = 1", "", "plugin.toml", Some(1), "wants api = 2"),
            ("api = 1\nwhat = 1", "", "plugin.toml", Some(2), "unknown field `what`"),
            ("\nname = 'store'", "", "plugin.toml", Some(2), "named `store`"),
            (
                "[permissions]\nhttp = ['a b']",
                "",
                "plugin.toml",
                Some(2),
                "no domain pattern",
            ),
            ("[limits]\ntimeout_ms = 0", "", "plugin.toml", Some(2), "more than 0"),
            (
                "[config]\ntype = 'string'",
                "",
                "plugin.toml",
                None,
                "must describe an object",
            ),
            ("", "pages = 1", "config.toml", None, "knows no parameter `pages`"),
            ("", "pages = \n", "config.toml", Some(1), "value"),
        ] {
            let problem = read(manifest, config).expect_err(manifest);
            assert!(problem.file.ends_with(file), "{problem:?}");
            assert_eq!(problem.line, line, "{problem:?}");
            assert!(problem.error.contains(part), "{problem:?}");
        }
    }
}
