//! A JWKS document (RFC 7517): which of its keys verify which algorithms.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// The most keys of a document. Providers have two to ten.
const MAX_KEYS: usize = 100;

/// The bits of an RSA key: at least as RFC 7518, section 3.3 asks; at most as the library verifies.
pub(super) const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// The algorithms that an RSA key verifies if it does not say which.
pub(super) const OF_RSA: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// A public key, and what it verifies.
#[derive(Clone)]
pub(in crate::identity) struct Key {
    pub(super) id: Option<String>,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) key: DecodingKey,
}

/// The keys of a provider.
pub(super) struct KeySet(Vec<Key>);

/// Which key a token names.
pub(super) enum Found<'a> {
    /// This one.
    Key(&'a DecodingKey),
    /// One that is not here.
    Unknown,
    /// One that does not verify this algorithm.
    Unfit,
    /// Several.
    Ambiguous,
}

/// The members of a JWK that matter. Others are passed over: certificates are not followed.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// There is one in a private key only.
    d: Option<Value>,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// The keys that can be used. One that cannot is passed over, so that it does not take the others with it.
    pub(super) fn read(document: &[u8]) -> Result<Self, String> {
        let document: Document =
            serde_json::from_slice(document).map_err(|e| format!("is no JWKS document: {e}"))?;
        if document.keys.len() > MAX_KEYS {
            return Err(format!("has {} keys; more than {MAX_KEYS} are not taken", document.keys.len()));
        }
        let mut keys = Vec::new();
        for value in document.keys {
            match serde_json::from_value(value).map_err(|_| "it is no JWK").and_then(Key::read) {
                Ok(key) => keys.push(key),
                Err(reason) => tracing::debug!(reason, "a key of an identity provider is passed over"),
            }
        }
        if keys.is_empty() { Err("has no key that can be used".to_owned()) } else { Ok(Self(keys)) }
    }

    /// The one key that a token names. Without a key id there must be only one that it can be.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Found<'_> {
        let mut named = self.0.iter().filter(|key| kid.is_none() || key.id.as_deref() == kid).peekable();
        if named.peek().is_none() {
            return Found::Unknown;
        }
        let mut fit = named.filter(|key| key.algorithms.contains(&algorithm));
        match (fit.next(), fit.next()) {
            (Some(key), None) => Found::Key(&key.key),
            (None, _) => Found::Unfit,
            _ => Found::Ambiguous,
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Key {
    /// The key, if it is a public one for signatures, well formed and strong enough.
    fn read(jwk: Jwk) -> Result<Self, &'static str> {
        if jwk.d.is_some() {
            return Err("it is a private key: everybody can sign with it");
        }
        if jwk.usage.as_deref().is_some_and(|usage| usage != "sig")
            || jwk.key_ops.as_ref().is_some_and(|uses| !uses.iter().any(|one| one == "verify"))
        {
            return Err("it is not for signatures");
        }
        let (of_its_kind, key): (&[Algorithm], _) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => (OF_RSA, rsa(&jwk)?),
            ("EC", Some("P-256")) => (&[Algorithm::ES256], point(&jwk, 32)?),
            ("EC", Some("P-384")) => (&[Algorithm::ES384], point(&jwk, 48)?),
            ("OKP", Some("Ed25519")) => (&[Algorithm::EdDSA], ed25519(&jwk)?),
            _ => return Err("its kind is not supported"),
        };
        let algorithms = match jwk.alg.as_deref() {
            None => of_its_kind.to_vec(),
            // The name of RFC 9864.
            Some("Ed25519") if of_its_kind.contains(&Algorithm::EdDSA) => of_its_kind.to_vec(),
            Some(alg) => of_its_kind.iter().copied().filter(|of| alg.parse() == Ok(*of)).collect(),
        };
        let first = *algorithms.first().ok_or("it is for an algorithm that does not fit it")?;
        // The library looks at a key when it verifies: a bad signature is refused, a bad key is an error.
        jsonwebtoken::crypto::verify("", b"", &key, first).map_err(|_| "it is not on its curve")?;
        Ok(Self { id: jwk.kid, algorithms, key })
    }
}

fn decoded(member: Option<&String>) -> Result<Vec<u8>, &'static str> {
    let text = member.ok_or("it lacks a member")?;
    BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| "it is not in base64url")
}

fn rsa(jwk: &Jwk) -> Result<DecodingKey, &'static str> {
    let (modulus, exponent) = (decoded(jwk.n.as_ref())?, decoded(jwk.e.as_ref())?);
    if !RSA_BITS.contains(&bits(&modulus)) {
        return Err("RSA keys should have 2048 to 4096 bits");
    }
    // 3 and 65537 are usual. 1 would let everybody sign, and even ones are no exponents.
    if bits(&exponent) < 2 || bits(&exponent) > 32 || exponent.last().is_none_or(|last| last % 2 == 0) {
        return Err("its exponent is wrong");
    }
    Ok(DecodingKey::from_rsa_raw_components(&modulus, &exponent))
}

/// How long a number is, without leading zeros.
pub(super) fn bits(number: &[u8]) -> usize {
    let Some(first) = number.iter().position(|byte| *byte != 0) else { return 0 };
    (number.len() - first) * 8 - number[first].leading_zeros() as usize
}

/// A point on a curve whose coordinates have so many bytes, as SEC 1 writes it.
fn point(jwk: &Jwk, length: usize) -> Result<DecodingKey, &'static str> {
    let (x, y) = (decoded(jwk.x.as_ref())?, decoded(jwk.y.as_ref())?);
    if x.len() != length || y.len() != length {
        return Err("its point does not fit its curve");
    }
    Ok(DecodingKey::from_ec_der(&[&[4], x.as_slice(), &y].concat()))
}

fn ed25519(jwk: &Jwk) -> Result<DecodingKey, &'static str> {
    let x = decoded(jwk.x.as_ref())?;
    // The library would panic at a shorter one.
    if x.len() != 32 {
        return Err("its point does not fit its curve");
    }
    Ok(DecodingKey::from_ed_der(&x))
}
