//! Encryption, with a certificate authority that the server makes for itself.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

pub(super) const HOST: &str = "localhost";

/// How connections are encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    #[default]
    None,
    /// From the `STARTTLS` command on, which has to come before a login or a mail.
    StartTls,
    /// From the first byte on.
    ImplicitTls,
}

pub(super) struct Tls {
    pub(super) acceptor: TlsAcceptor,
    pub(super) ca_pem: String,
    pub(super) is_implicit: bool,
}

impl Tls {
    /// An authority, and a certificate of it for [`HOST`], both new. `None` if there is nothing to encrypt.
    pub(super) fn new(security: Security) -> Option<Self> {
        if security == Security::None {
            return None;
        }
        let (acceptor, ca_pem) = certified();
        Some(Self { acceptor, ca_pem, is_implicit: security == Security::ImplicitTls })
    }
}

/// What a server on this machine encrypts with, and the authority that it should be trusted by, as PEM.
pub(crate) fn certified() -> (TlsAcceptor, String) {
    identity().expect("certificates can be made without anything from outside")
}

fn identity() -> Result<(TlsAcceptor, String), Box<dyn std::error::Error>> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate()?;
    let ca_pem = authority.self_signed(&authority_key)?.pem();

    let key = KeyPair::generate()?;
    let names = [HOST.to_owned(), "127.0.0.1".to_owned()];
    let certificate =
        CertificateParams::new(names)?.signed_by(&key, &Issuer::new(authority, authority_key))?;

    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())?;
    Ok((TlsAcceptor::from(Arc::new(config)), ca_pem))
}
