//! What the settings of identity providers may be, and what is said where they are wrong.

use std::fs;

use super::{super::Config, *};

/// A production that lacks nothing, with these variables for its providers.
fn serve(variables: &[(&str, &str)]) -> Result<Config, String> {
    let needed = [
        ("ROSTER_DATABASE__URL", "postgres://roster@127.0.0.1/roster"),
        ("ROSTER_QUEUE__URL", "redis://127.0.0.1"),
        ("ROSTER_INVITATIONS__LINK", "https://app.example.com/#token={token}"),
        ("ROSTER_INVITATIONS__LINK_KEY", "0123456789abcdef0123456789abcdef"),
    ];
    let variables = needed.iter().chain(variables).map(|(name, value)| (name.to_string(), value.to_string()));
    let config = Config::from_sources(None, variables.collect()).map_err(|error| error.to_string())?;
    config.check(Process::Serve).map_err(|error| error.to_string())?;
    Ok(config)
}

const ISSUER: (&str, &str) = ("ROSTER_AUTH__ISSUER", "https://id.example.com");

#[test]
fn the_address_of_the_provider_is_enough() {
    let config = serve(&[ISSUER]).unwrap();
    assert_eq!(config.auth.key_source(), Some(KeySource::Discovery));
}

#[test]
fn further_providers_come_from_the_environment_and_have_the_defaults_not_the_first_ones_settings() {
    let config = serve(&[
        ("ROSTER_AUTH__HS256_SECRET", "0123456789abcdef0123456789abcdef"),
        ("ROSTER_AUTH__LEEWAY_SECONDS", "7"),
        ("ROSTER_AUTH__CLAIMS__NAME", "nickname"),
        ("ROSTER_AUTH__OTHERS__PARTNER__ISSUER", "https://login.partner.example"),
        ("ROSTER_AUTH__OTHERS__PARTNER__AUDIENCE", "acme"),
        ("ROSTER_AUTH__OTHERS__PARTNER__ALGORITHMS", "PS256, ES384"),
        ("ROSTER_AUTH__OTHERS__PARTNER__CLAIMS__SUBJECT", "oid"),
        ("ROSTER_AUTH__OTHERS__PARTNER__CLAIMS__VERIFIED_DOMAINS", "partner.example, Partner.Example.com"),
    ])
    .unwrap();

    let [(_, first), (name, partner)] = config.auth.providers().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!((first.leeway_seconds, first.key_source()), (7, Some(KeySource::Secret)));
    assert_eq!(name, "auth.others.partner");
    assert_eq!((partner.leeway_seconds, partner.key_source()), (60, Some(KeySource::Discovery)));
    assert_eq!(partner.algorithms, [Algorithm::PS256, Algorithm::ES384]);
    let claims = &partner.claims;
    assert_eq!(
        (claims.subject.as_str(), claims.name.as_str(), claims.email.as_str()),
        ("oid", "name", "email")
    );
    assert_eq!(claims.verified_domains.0.len(), 2);
}

#[test]
fn a_file_can_name_further_providers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roster.toml");
    fs::write(
        &file,
        "[auth.others.acme-2]\nissuer = 'https://a.example'\naudience = 'x'\n[auth.others.acme-2.fetch]\npause_seconds = 3",
    )
    .unwrap();

    let config = Config::from_sources(Some(&file), [].into()).unwrap();

    let other = &config.auth.others["acme-2"];
    assert_eq!((other.fetch.pause_seconds, other.fetch.timeout_seconds), (3, 5));
}

#[test]
fn what_is_wrong_is_named() {
    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    for (variables, told) in [
        (vec![], "auth.issuer (ROSTER_AUTH__ISSUER)"),
        (vec![("ROSTER_AUTH__ISSUER", "http://id.example.com")], "http:// is for this machine only"),
        (
            vec![ISSUER, ("ROSTER_AUTH__JWKS_URL", "id.example.com/jwks")],
            "auth.jwks_url (ROSTER_AUTH__JWKS_URL)",
        ),
        (
            vec![
                ("ROSTER_AUTH__HS256_SECRET", SECRET),
                ("ROSTER_AUTH__JWKS_URL", "https://id.example.com/jwks"),
            ],
            "only one of them should be given",
        ),
        (
            vec![("ROSTER_AUTH__HS256_SECRET", SECRET), ("ROSTER_AUTH__PUBLIC_KEY_FILE", "key.pem")],
            "auth.public_key_file (ROSTER_AUTH__PUBLIC_KEY_FILE)",
        ),
        (vec![("ROSTER_AUTH__HS256_SECRET", "short")], "auth.hs256_secret"),
        (vec![ISSUER, ("ROSTER_AUTH__AUDIENCE", "")], "auth.audience"),
        (vec![ISSUER, ("ROSTER_AUTH__ALGORITHMS", "RS265")], "RS265 is not an algorithm"),
        (vec![ISSUER, ("ROSTER_AUTH__ALGORITHMS", "none")], "none is not an algorithm"),
        (vec![ISSUER, ("ROSTER_AUTH__ALGORITHMS", "RS256,HS256")], "auth.algorithms"),
        (vec![ISSUER, ("ROSTER_AUTH__ALGORITHMS", "")], "auth.algorithms"),
        (vec![ISSUER, ("ROSTER_AUTH__LEEWAY_SECONDS", "301")], "auth.leeway_seconds"),
        (vec![ISSUER, ("ROSTER_AUTH__CLAIMS__EMAIL", "")], "auth.claims.email"),
        (
            vec![ISSUER, ("ROSTER_AUTH__CLAIMS__VERIFIED_DOMAINS", "@example.com")],
            "example.com, without an @",
        ),
        (vec![ISSUER, ("ROSTER_AUTH__FETCH__TIMEOUT_SECONDS", "0")], "auth.fetch.timeout_seconds"),
        (vec![ISSUER, ("ROSTER_AUTH__FETCH__PAUSE_SECONDS", "0")], "auth.fetch.pause_seconds"),
        (vec![ISSUER, ("ROSTER_AUTH__FETCH__FRESH_SECONDS", "59")], "auth.fetch.fresh_seconds"),
        (vec![ISSUER, ("ROSTER_AUTH__FETCH__OUTAGE_SECONDS", "599")], "auth.fetch.outage_seconds"),
        (vec![ISSUER, ("ROSTER_AUTH__CLAIM__EMAIL", "mail")], "claim"),
        (vec![ISSUER, ("ROSTER_AUTH__OTHERS__B__ISSUER", "https://b.example")], "audience"),
        (
            vec![
                ISSUER,
                ("ROSTER_AUTH__OTHERS__B__ISSUER", ISSUER.1),
                ("ROSTER_AUTH__OTHERS__B__AUDIENCE", "b"),
            ],
            "auth.others.b.issuer is the same as auth.issuer",
        ),
        (
            vec![ISSUER, ("ROSTER_AUTH__OTHERS__B__ISSUER", "b"), ("ROSTER_AUTH__OTHERS__B__AUDIENCE", "b")],
            "auth.others.b.issuer (ROSTER_AUTH__OTHERS__B__ISSUER)",
        ),
    ] {
        let error = serve(&variables).map(drop).unwrap_err();
        assert!(error.contains(told), "{variables:?}: {error}");
        assert!(!error.contains(SECRET), "{error}");
    }
}

#[test]
fn the_embedded_default_makes_up_its_secret_and_takes_no_other_keys() {
    let embedded = |variables: &[(&str, &str)]| {
        let variables = variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Config::from_sources(None, variables)
            .unwrap()
            .check(Process::Embedded)
            .map_err(|error| error.to_string())
    };
    embedded(&[]).unwrap();
    embedded(&[
        ("ROSTER_AUTH__OTHERS__B__ISSUER", "https://b.example"),
        ("ROSTER_AUTH__OTHERS__B__AUDIENCE", "b"),
    ])
    .unwrap();
    for (name, value) in
        [("ROSTER_AUTH__JWKS_URL", "https://b.example/jwks"), ("ROSTER_AUTH__PUBLIC_KEY_FILE", "key.pem")]
    {
        assert!(embedded(&[(name, value)]).unwrap_err().contains("mints tokens"));
    }
}
