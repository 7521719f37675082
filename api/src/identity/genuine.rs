//! Tokens that were found genuine before, as clients send the same one again and again: checking a signature costs more than
//! all else that is done to know who calls.
//!
//! What is kept is a hash of the token and the key together. With a key that its issuer does not publish any more nothing is found,
//! and nobody can read a token here.

use std::sync::Arc;

use jsonwebtoken::{DecodingKey, DecodingKeyKind};
use sha2::{Digest, Sha256};

use super::Claims;
use crate::recent::{Recent, Room};

/// How many tokens are kept, and how long they are together and each, in bytes: what they say takes about as much.
const ROOM: Room = Room { entries: 4_096, weight: 4 << 20, heaviest: 8 << 10 };

/// The tokens that were asked for last, with what they say.
pub(super) struct Genuine(Recent<Seal, Arc<Claims>>);

/// A token that was checked with a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Seal([u8; 32]);

impl Seal {
    pub(super) fn of(token: &str, key: &DecodingKey) -> Self {
        let mut hash = Sha256::new();
        let mut add = |part: &[u8]| {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        };
        match key.kind() {
            DecodingKeyKind::SecretOrDer(key) => add(key),
            DecodingKeyKind::RsaModulusExponent { n, e } => [n, e].into_iter().for_each(|part| add(part)),
        }
        add(token.as_bytes());
        Self(hash.finalize().into())
    }
}

impl Default for Genuine {
    fn default() -> Self {
        Self(Recent::new(ROOM))
    }
}

impl Genuine {
    /// What a token says that was found genuine.
    pub(super) fn get(&self, seal: &Seal) -> Option<Arc<Claims>> {
        self.0.get(seal)
    }

    /// Keeps what a genuine token says, and forgets others until there is room for it.
    pub(super) fn put(&self, seal: Seal, token: &str, claims: Arc<Claims>) {
        self.0.put(seal, claims, token.len() as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_of_one_token_and_one_key() {
        let key = |secret: &str| DecodingKey::from_secret(secret.as_bytes());
        let rsa = |n: &[u8], e: &[u8]| DecodingKey::from_rsa_raw_components(n, e);
        let seals = [
            Seal::of("token", &key("secret")),
            Seal::of("token2", &key("secret")),
            Seal::of("oken", &key("secrett")),
            Seal::of("token", &key("other")),
            Seal::of("token", &rsa(b"secret", b"")),
            Seal::of("token", &rsa(b"secre", b"t")),
        ];
        let different: std::collections::HashSet<_> = seals.into_iter().collect();
        assert_eq!(different.len(), seals.len());
        assert!(different.contains(&Seal::of("token", &key("secret"))));
    }
}
