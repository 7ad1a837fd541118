//! TLS for the listeners, from a certificate and a key in PEM.

use anyhow::{Context as _, Result, bail};
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;

/// A certificate that is ready for use.
pub struct Tls {
    config: RustlsConfig,
}

impl Tls {
    /// Reads both files.
    pub fn load(cert: &Path, key: &Path) -> Result<Tls> {
        let chain = CertificateDer::pem_file_iter(cert)
            .and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>())
            .with_context(|| format!("cannot read the certificate {}", cert.display()))?;
        if chain.is_empty() {
            bail!("{} has no certificate: it must be PEM, the server's own first", cert.display());
        }
        let key =
            PrivateKeyDer::from_pem_file(key).with_context(|| format!("cannot read the key {}", key.display()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("certificate and key do not fit")?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Tls { config: RustlsConfig::from_config(Arc::new(config)) })
    }

    /// What listeners take connections with.
    pub fn acceptor(&self) -> RustlsAcceptor {
        RustlsAcceptor::new(self.config.clone())
    }
}
