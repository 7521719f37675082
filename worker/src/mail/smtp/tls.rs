//! TLS to the mail server: trusts the certificates of the operating system, and those of `mail.smtp.ca_file`.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use lettre::transport::smtp::client::{AsyncTokioStream, Certificate, TlsParameters};
use rustls_native_certs::load_native_certs;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

use crate::{ConfigError, mail::SmtpConfig};

/// TLS from the first byte.
pub(super) struct Implicit {
    connector: TlsConnector,
    server: ServerName<'static>,
}

impl Implicit {
    pub(super) fn new(config: &SmtpConfig) -> Result<Self, ConfigError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(load_native_certs().certs);
        for certificate in own_certificates(config)? {
            roots.add(certificate).map_err(|error| wrong_ca_file(&error))?;
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows the default versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let server = ServerName::try_from(config.host.clone()).map_err(|_| wrong_host())?;
        Ok(Self { connector: Arc::new(tls).into(), server })
    }

    pub(super) async fn connect(&self, tcp: TcpStream) -> io::Result<Encrypted> {
        let stream = self.connector.connect(self.server.clone(), tcp).await?;
        Ok(Encrypted(stream))
    }
}

/// For a connection that begins in the clear: lettre has the same roots by itself, but for our own.
pub(super) fn starttls(config: &SmtpConfig) -> Result<TlsParameters, ConfigError> {
    ServerName::try_from(config.host.as_str()).map_err(|_| wrong_host())?;
    let mut parameters = TlsParameters::builder(config.host.clone());
    for certificate in own_certificates(config)? {
        let certificate =
            Certificate::from_der(certificate.to_vec()).map_err(|error| wrong_ca_file(&error))?;
        parameters = parameters.add_root_certificate(certificate);
    }
    parameters.build().map_err(|error| wrong_ca_file(&error))
}

fn own_certificates(config: &SmtpConfig) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    if config.ca_file.as_os_str().is_empty() {
        return Ok(Vec::new());
    }
    let certificates: Vec<_> = CertificateDer::pem_file_iter(&config.ca_file)
        .and_then(Iterator::collect)
        .map_err(|error| wrong_ca_file(&error))?;
    if certificates.is_empty() {
        Err(wrong_ca_file(&"it has no certificate in it"))
    } else {
        Ok(certificates)
    }
}

fn wrong_ca_file(error: &dyn std::fmt::Display) -> ConfigError {
    ConfigError::new("mail.smtp.ca_file", format!("should be a PEM file with certificates: {error}."))
}

fn wrong_host() -> ConfigError {
    ConfigError::new("mail.smtp.host", "should be the name or IP address of your mail server.")
}

/// What lettre wants of a stream; tokio-rustls cannot know.
#[derive(Debug)]
pub(super) struct Encrypted(TlsStream<TcpStream>);

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
