//! What the scripts of one plugin may use beyond the page, and the sentences for what they may not.

use std::sync::Arc;

use serde_json::Value;
use url::Url;

use crate::protocol::{ErrorType, Failure, Object};
use crate::registry::Domain;
use crate::script::{Caller, Plugin};

/// Whose script a `ctx` is for, and what it may.
#[derive(Clone, Debug)]
pub(super) struct Allowed {
    /// None: a script of the program or of the operator's folder, which may use everything.
    plugin: Option<Arc<Plugin>>,
}

impl Allowed {
    /// What a caller may.
    pub(super) fn of(caller: &Caller) -> Self {
        Self {
            plugin: caller.plugin.clone(),
        }
    }

    /// The name-space of what its scripts keep; that of all scripts outside plugins has no name.
    pub(super) fn space(&self) -> &str {
        self.plugin.as_ref().map_or("", |plugin| plugin.name.as_str())
    }

    /// The plugin's settings; a script outside plugins has none.
    pub(super) fn config(&self) -> Value {
        let config = self.plugin.as_ref().map(|plugin| plugin.config.clone());
        config.unwrap_or_else(|| Object::new().into())
    }

    /// How events and the record call the script.
    pub(super) fn script(&self, action: Option<&str>) -> String {
        match (&self.plugin, action) {
            (Some(plugin), _) => format!("plugins/{}", plugin.name),
            (None, Some(action)) => format!("actions/{action}"),
            (None, None) => "scripts".to_owned(),
        }
    }

    /// Whether `ctx.http` may ask that address.
    pub(super) fn check_http(&self, url: &Url) -> Result<(), Failure> {
        let Some(plugin) = &self.plugin else {
            return Ok(());
        };
        if plugin.grants.http.iter().any(|pattern| pattern.allows_url(url)) {
            return Ok(());
        }
        let domain = Domain::of(url).map_or_else(|| "an address without a host".to_owned(), |site| site.to_string());
        let what = format!("make requests to {domain}");
        Err(denied(plugin, &what, &format!("\"{domain}\" to `http`")).with("domain", domain))
    }

    /// Whether credentials of that site may be used.
    pub(super) fn check_credentials(&self, site: &Domain) -> Result<(), Failure> {
        match &self.plugin {
            Some(plugin) if !uses(plugin, site) => {
                let what = format!("use credentials of {site}");
                Err(denied(plugin, &what, &format!("\"{site}\" to `credentials`")).with("domain", site.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// Whether any credentials may be used.
    pub(super) fn check_any_credentials(&self) -> Result<(), Failure> {
        match &self.plugin {
            Some(plugin) if plugin.grants.credentials.is_empty() => {
                Err(denied(plugin, "use credentials", "the sites to `credentials`"))
            }
            _ => Ok(()),
        }
    }

    /// Whether a key may be read as text.
    pub(super) fn check_secrets(&self) -> Result<(), Failure> {
        match &self.plugin {
            Some(plugin) if !plugin.grants.secrets => Err(denied(
                plugin,
                "read a key as text, only use it with fill_credential and ctx.http",
                "`secrets = true`",
            )),
            _ => Ok(()),
        }
    }

    /// Whether a key may be read as text, without a sentence.
    pub(super) fn reads_secrets(&self) -> bool {
        self.check_secrets().is_ok()
    }
}

fn uses(plugin: &Plugin, site: &Domain) -> bool {
    let patterns = &plugin.grants.credentials;
    patterns
        .iter()
        .any(|pattern| pattern.allows_site(&site.host(), site.port()))
}

fn denied(plugin: &Plugin, what: &str, line: &str) -> Failure {
    let name = &plugin.name;
    let sentence =
        format!("the plugin {name} may not {what}; add {line} under [permissions] in plugins/{name}/plugin.toml");
    Failure::new(ErrorType::PermissionDenied, sentence).with("plugin", name.as_str())
}
