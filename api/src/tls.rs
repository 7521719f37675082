//! TLS of the HTTP client: ring, and the certificates of the operating system.

use std::sync::Arc;

use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

/// What servers are checked with. The error says what to do if nothing is found.
pub(crate) fn of_the_system() -> Result<TlsConfig, String> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let reasons: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
        let message = format!(
            "No certificates are found that servers could be checked with. Install the package ca-certificates, or name a file in SSL_CERT_FILE. {}",
            reasons.join(" ")
        );
        return Err(message.trim_end().to_owned());
    }
    let roots: Vec<_> = found.certs.iter().map(|cert| Certificate::from_der(cert).to_owned()).collect();
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::new_with_certs(&roots))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build())
}
