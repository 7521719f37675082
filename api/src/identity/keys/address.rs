//! The addresses that keys may be fetched from.

use std::net::IpAddr;

use ureq::http::Uri;

/// An address of an identity provider that can be trusted to be its own: over TLS, or on this machine. The error says
/// what it should look like.
pub(crate) fn checked(address: &str) -> Result<Uri, &'static str> {
    const EXAMPLE: &str = "it should look like https://id.example.com";
    let uri: Uri = address.parse().map_err(|_| EXAMPLE)?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or(EXAMPLE)?;
    if address.contains(['@', '#']) {
        return Err("it should be without a user and without #");
    }
    match uri.scheme_str() {
        Some("https") => Ok(uri),
        Some("http") if is_loopback(host) => Ok(uri),
        Some("http") => Err("http:// is for this machine only; it should be https://"),
        _ => Err(EXAMPLE),
    }
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_of_tls_or_of_this_machine() {
        for right in [
            "https://id.example.com",
            "https://id.example.com:8443/realms/acme/",
            "https://id.example.com/keys?version=2",
            "http://localhost:4444",
            "http://127.0.0.1:4444/jwks",
            "http://[::1]:4444",
        ] {
            assert!(checked(right).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "roster",
            "id.example.com",
            "/jwks",
            "https://",
            "http://id.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "ftp://id.example.com",
            "file:///etc/passwd",
            "https://user:password@id.example.com",
            "http://127.0.0.1@id.example.com",
            "https://id.example.com#keys",
            "https://id.example.com/a b",
        ] {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
    }
}
