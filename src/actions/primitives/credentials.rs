//! `ctx.credentials`: what agents are at sites, as handles that do not show their keys.

use std::sync::Arc;

use mlua::{Lua, UserDataRef, Value};
use url::Url;

use super::grants::Allowed;
use super::target::Element;
use super::{invalid, noun, raise};
use crate::actions::reach::{Notice, Reach};
use crate::config::units::Secret;
use crate::protocol::{ErrorType, Failure};
use crate::registry::{Credential, Domain};

/// The way to the registry.
pub(super) struct Credentials {
    pub(super) reach: Reach,
    pub(super) allowed: Arc<Allowed>,
    pub(super) script: String,
}

/// One credential, without its key.
pub(super) struct Handle {
    credential: Credential,
    reach: Reach,
    allowed: Arc<Allowed>,
    script: String,
}

noun! { Credentials, CREDENTIALS, "perilune.Credentials", "What agents are at sites, from the host's registry: active ones that have not expired.";
    await "get" get "fun(self, domain: string, agent_name?: string): perilune.Credential?" "The one for a site that was used last; nil when there is none.";
    await "list" list "fun(self, domain?: string): perilune.Credential[]" "All of a site, or of every site that the plugin may use; the one used last comes first.";
}

noun! { Handle, CREDENTIAL, "perilune.Credential", "What an agent is at a site. Its key goes into pages and requests without the script seeing it.";
    field "agent_id" agent_id "string" "The agent's id at the site.";
    field "agent_name" agent_name "string" "Its name.";
    field "domain" domain "string" "The site.";
    field "permissions" permissions "string[]" "What the agent may do there.";
    read "secret" secret "fun(self): string" "The key itself; only for plugins with secrets = true under [permissions].";
}

async fn get(
    _: Lua,
    credentials: UserDataRef<Credentials>,
    (domain, name): (String, Option<String>),
) -> mlua::Result<Option<Handle>> {
    let site = site(&domain)?;
    credentials.allowed.check_credentials(&site).map_err(raise)?;
    let all = credentials.reach.credentials(Some(site)).await.map_err(raise)?;
    let found = all
        .into_iter()
        .find(|one| name.as_ref().is_none_or(|name| one.agent_name == *name));
    Ok(found.map(|one| credentials.handle(one)))
}

async fn list(_: Lua, credentials: UserDataRef<Credentials>, domain: Option<String>) -> mlua::Result<Vec<Handle>> {
    let site = domain.as_deref().map(site).transpose()?;
    let allowed = &credentials.allowed;
    match &site {
        Some(site) => allowed.check_credentials(site),
        None => allowed.check_any_credentials(),
    }
    .map_err(raise)?;
    let mut all = credentials.reach.credentials(site).await.map_err(raise)?;
    all.retain(|one| allowed.check_credentials(&one.domain).is_ok());
    Ok(all.into_iter().map(|one| credentials.handle(one)).collect())
}

fn site(domain: &str) -> mlua::Result<Domain> {
    Domain::parse(domain).ok_or_else(|| {
        let shown: String = domain.chars().take(200).collect();
        invalid(format!(
            "{shown:?} names no site; write it like example.com or localhost:5000"
        ))
    })
}

/// `element:fill_credential(handle)`: the key goes into the field, and past the script.
pub(super) async fn fill_credential(_: Lua, element: UserDataRef<Element>, credential: Value) -> mlua::Result<()> {
    let handle = Handle::from(&credential)?;
    let origins = element.0.origins().await.map_err(raise)?;
    // The documents around it too: a site must not lend its fields to a page that frames it.
    let mut key = None;
    for origin in &origins {
        let url = Url::parse(origin).map_err(|_| {
            let sentence =
                "the field is in a document without an origin (a sandboxed frame or an empty page); no key goes there";
            raise(Failure::new(ErrorType::PermissionDenied, sentence))
        })?;
        key = Some(handle.key_for(&url).map_err(raise)?);
    }
    let (Some(own), Some(key)) = (origins.first(), key) else {
        let sentence = "the page told nothing about the field; locate it again";
        return Err(raise(Failure::new(ErrorType::ActionFailed, sentence)));
    };
    handle.used("put into a page").map_err(raise)?;
    element.0.entrust(own, key).await.map_err(raise)
}

fn agent_id(_: &Lua, handle: &Handle) -> mlua::Result<String> {
    Ok(handle.credential.agent_id.clone())
}

fn agent_name(_: &Lua, handle: &Handle) -> mlua::Result<String> {
    Ok(handle.credential.agent_name.clone())
}

fn domain(_: &Lua, handle: &Handle) -> mlua::Result<String> {
    Ok(handle.credential.domain.to_string())
}

fn permissions(_: &Lua, handle: &Handle) -> mlua::Result<Vec<String>> {
    Ok(handle.credential.permissions.clone())
}

fn secret(_: &Lua, handle: &Handle, (): ()) -> mlua::Result<String> {
    handle.allowed.check_secrets().map_err(raise)?;
    handle.used("read as text").map_err(raise)?;
    Ok(handle.key().map_err(raise)?.reveal().to_owned())
}

impl Credentials {
    fn handle(&self, credential: Credential) -> Handle {
        Handle {
            credential,
            reach: self.reach.clone(),
            allowed: Arc::clone(&self.allowed),
            script: self.script.clone(),
        }
    }
}

impl Handle {
    /// The handle that a script hands over.
    pub(super) fn from(value: &Value) -> mlua::Result<UserDataRef<Self>> {
        let handle = value.as_userdata().and_then(|data| data.borrow::<Self>().ok());
        handle.ok_or_else(|| {
            let kind = value.type_name();
            invalid(format!(
                "a credential comes from ctx.credentials:get, not from a {kind}"
            ))
        })
    }

    /// The key for an address of its own site, and for no other.
    pub(super) fn key_for(&self, url: &Url) -> Result<&Secret, Failure> {
        let site = &self.credential.domain;
        if !site.covers(url) {
            let sentence = format!(
                "the credential is for {site} and goes to no other site, not to {}",
                Domain::of(url).map_or_else(|| "a page without a host".to_owned(), |other| other.to_string())
            );
            return Err(Failure::new(ErrorType::PermissionDenied, sentence).with("domain", site.to_string()));
        }
        if !self.credential.is_for(url) {
            let sentence = format!("a key for {site} is not sent unencrypted; use https");
            return Err(Failure::new(ErrorType::PermissionDenied, sentence).with("domain", site.to_string()));
        }
        self.key()
    }

    /// Whether what comes back from the site may show the key to the script.
    pub(super) fn may_be_read(&self) -> bool {
        self.allowed.reads_secrets()
    }

    /// The site, for sentences.
    pub(super) fn site(&self) -> String {
        self.credential.domain.to_string()
    }

    fn key(&self) -> Result<&Secret, Failure> {
        let key = &self.credential.api_key;
        if key.is_empty() {
            let sentence = format!(
                "the registry holds no key for {}; store it again",
                self.credential.domain
            );
            return Err(Failure::new(ErrorType::CredentialError, sentence));
        }
        Ok(key)
    }

    /// Puts a use of the key on record.
    pub(super) fn used(&self, purpose: &'static str) -> Result<(), Failure> {
        self.reach.tell(Notice::CredentialUsed {
            script: self.script.clone(),
            agent_id: self.credential.agent_id.clone(),
            domain: self.credential.domain.to_string(),
            purpose,
        })
    }
}
