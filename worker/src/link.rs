//! The link in an invitation. Its secret is derived from a key and never kept: the email that carries it is the only
//! place where it stands.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use roster_entity::{InvitationId, id::TypedId};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use uuid::Uuid;

/// Writes and checks the tokens of invitation links.
///
/// A token is the invitation's id, the version of its link and an HMAC-SHA256 over both (256 bits), in URL-safe base64.
#[derive(Clone, Debug)]
pub struct InvitationLinks {
    key: SecretString,
    /// Keys that made links earlier, which are still good.
    previous: Vec<SecretString>,
    template: String,
}

/// What a genuine token says. Whether that version is still valid, the invitation's row knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkClaim {
    /// The invitation.
    pub invitation: InvitationId,
    /// The version of its link.
    pub version: i32,
}

/// The id, the version, the MAC.
const LENGTH: usize = 16 + 4 + 32;

impl InvitationLinks {
    /// `key` has at least 32 bytes; `template` is the address of the page that the link opens, with `{token}` in it.
    pub fn new(key: SecretString, template: String) -> Self {
        Self { key, previous: Vec::new(), template }
    }

    /// The same, which also accepts the links that these keys have made. Each has at least 32 bytes.
    pub fn accepting(self, previous: Vec<SecretString>) -> Self {
        Self { previous, ..self }
    }

    /// The secret of one version of an invitation's link.
    pub fn token(&self, claim: LinkClaim) -> String {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.extend(claim.invitation.uuid().as_bytes());
        bytes.extend(claim.version.to_be_bytes());
        let mac = mac(&self.key, &bytes).finalize().into_bytes();
        bytes.extend(mac);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The whole link.
    pub fn url(&self, claim: LinkClaim) -> String {
        self.template.replace("{token}", &self.token(claim))
    }

    /// What a token says, if one of the keys made it. Takes the same time however much of the MAC is right.
    pub fn verify(&self, token: &str) -> Option<LinkClaim> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.trim()).ok().filter(|bytes| bytes.len() == LENGTH)?;
        let (claim, given) = bytes.split_at(LENGTH - 32);
        let mut keys = std::iter::once(&self.key).chain(&self.previous);
        keys.find(|key| mac(key, claim).verify_slice(given).is_ok())?;
        let (id, version) = claim.split_at(16);
        Some(LinkClaim {
            invitation: InvitationId(Uuid::from_slice(id).ok()?),
            version: i32::from_be_bytes(version.try_into().ok()?),
        })
    }
}

fn mac(key: &SecretString, claim: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes())
        .expect("HMAC takes a key of any length");
    // Keeps this use of the key apart from any other.
    mac.update(b"roster invitation link\0");
    mac.update(claim);
    mac
}

#[cfg(test)]
mod tests {
    use roster_entity::Clock;

    use super::*;

    fn links(key: &str) -> InvitationLinks {
        InvitationLinks::new(key.into(), "https://example.com/invitation#{token}".to_owned())
    }

    fn claim() -> LinkClaim {
        LinkClaim { invitation: InvitationId::generate(Clock::system().now()), version: 3 }
    }

    #[test]
    fn a_token_says_which_invitation_and_which_version() {
        let (links, claim) = (links("a key"), claim());
        assert_eq!(links.verify(&links.token(claim)), Some(claim));
    }

    #[test]
    fn a_key_that_was_replaced_is_good_until_it_is_dropped() {
        let claim = claim();
        let (old, new) = (links("an old key").token(claim), links("a new key").token(claim));
        let both = links("a new key").accepting(vec!["another".into(), "an old key".into()]);
        assert_eq!([&old, &new].map(|token| both.verify(token)), [Some(claim), Some(claim)]);
        assert_eq!(both.token(claim), new);
        assert_eq!(links("a new key").verify(&old), None);
        assert_eq!(both.verify(&links("a third key").token(claim)), None);
    }

    #[test]
    fn a_changed_cut_or_foreign_token_says_nothing() {
        let (links_, claim) = (links("a key"), claim());
        let token = links_.token(claim);
        for i in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[i] = if changed[i] == b'A' { b'Q' } else { b'A' };
            assert_eq!(links_.verify(std::str::from_utf8(&changed).unwrap()), None, "changed at {i}");
            assert_eq!(links_.verify(&token[..i]), None, "cut at {i}");
        }
        assert_eq!(links("another key").verify(&token), None);
    }
}
