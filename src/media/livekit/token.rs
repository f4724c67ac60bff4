//! Access tokens: given by the caller, or made from key and secret for one participant of one room.

use std::time::Duration;

use livekit_token::{AccessToken, VideoGrants};

use super::Error;
use crate::config::units::Secret;

/// How long a token that we make is good for joining; each join gets a new one, and the server renews it while we are there.
const TTL: Duration = Duration::from_secs(6 * 60 * 60);

/// Which server, and with what right.
#[derive(Clone, Debug)]
pub struct Access {
    /// Address of the server: `ws://` or `wss://`.
    pub url: String,
    /// The right to be in the room.
    pub token: TokenSource,
}

/// Where the access token comes from.
#[derive(Clone, Debug)]
pub enum TokenSource {
    /// The caller made it; room and identity are those in it.
    Given(Secret),
    /// We make it.
    Made {
        /// Key of the server.
        key: String,
        /// The key's secret.
        secret: Secret,
        /// The room.
        room: String,
        /// Who we are there.
        identity: String,
        /// What people see.
        name: String,
    },
}

impl TokenSource {
    /// A token for the next join. `renewed`: what the server sent last in place of a given one.
    pub(super) fn token(&self, renewed: Option<&Secret>) -> Result<Secret, Error> {
        match self {
            Self::Given(token) => Ok(renewed.unwrap_or(token).clone()),
            Self::Made {
                key,
                secret,
                room,
                identity,
                name,
            } => make(key, secret, room, identity, name),
        }
    }
}

fn make(key: &str, secret: &Secret, room: &str, identity: &str, name: &str) -> Result<Secret, Error> {
    let grants = VideoGrants {
        room_join: true,
        room: room.to_owned(),
        can_publish: Some(true),
        can_subscribe: Some(false),
        can_publish_data: Some(true),
        ..VideoGrants::default()
    };
    AccessToken::with_api_key(key, secret.reveal())
        .with_ttl(TTL)
        .with_identity(identity)
        .with_name(name)
        .with_grants(grants)
        .to_jwt()
        .map(Secret::new)
        .map_err(|error| Error::Token(error.to_string()))
}

#[cfg(test)]
mod tests {
    use livekit_token::TokenVerifier;

    use super::*;

    fn made(key: &str) -> TokenSource {
        let secret = Secret::new("a secret of at least thirty-two characters");
        let (room, identity) = ("shop".to_owned(), "browser-automation".to_owned());
        TokenSource::Made {
            key: key.to_owned(),
            secret,
            room,
            identity,
            name: "Agent".to_owned(),
        }
    }

    #[test]
    fn a_made_token_allows_publishing_in_its_room_and_nothing_else() {
        let token = made("devkey").token(None).expect("a token");
        let verifier = TokenVerifier::with_api_key("devkey", "a secret of at least thirty-two characters");
        let claims = verifier.verify(token.reveal()).expect("a valid token");
        assert_eq!(
            (claims.sub.as_str(), claims.name.as_str()),
            ("browser-automation", "Agent")
        );
        let video = claims.video;
        assert_eq!(
            (video.room.as_str(), video.room_join, video.hidden),
            ("shop", true, false)
        );
        assert!(video.can_publish() && video.can_publish_data() && !video.can_subscribe());
        assert!(!video.room_admin && !video.room_create);
    }

    #[test]
    fn a_given_token_is_used_until_the_server_renews_it() {
        let given = TokenSource::Given(Secret::new("first"));
        assert_eq!(given.token(None).expect("a token").reveal(), "first");
        let renewed = Secret::new("second");
        assert_eq!(given.token(Some(&renewed)).expect("a token").reveal(), "second");
        assert!(made("").token(None).is_err(), "no key");
    }
}
