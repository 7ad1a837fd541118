//! TLS for the listeners, from a certificate and a key in PEM.

use crate::config::Certificate;
use anyhow::{Context as _, Result, bail};
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

/// A certificate that is ready for use.
pub struct Tls {
    config: RustlsConfig,
}

impl Tls {
    /// The one that was asked for.
    pub fn of(certificate: &Certificate, data_dir: &Path) -> Result<Tls> {
        match certificate {
            Certificate::Files { cert, key } => Tls::load(cert, key),
            Certificate::SelfSigned => Tls::self_signed(data_dir),
        }
    }

    /// Reads both files.
    fn load(cert: &Path, key: &Path) -> Result<Tls> {
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

    /// A certificate for trials, signed by itself: made once, kept in the data folder.
    fn self_signed(data_dir: &Path) -> Result<Tls> {
        let folder = data_dir.join("tls");
        let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        if !cert.exists() || !key.exists() {
            std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
            let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
            names.extend(watch::host_name());
            let made = rcgen::generate_simple_self_signed(names).context("no certificate could be made")?;
            private(&key, &made.signing_key.serialize_pem())?;
            std::fs::write(&cert, made.cert.pem()).with_context(|| format!("cannot write {}", cert.display()))?;
        }
        Tls::load(&cert, &key)
    }

    /// What listeners take connections with.
    pub fn acceptor(&self) -> RustlsAcceptor {
        RustlsAcceptor::new(self.config.clone())
    }
}

/// Writes a file that its owner alone can read.
fn private(path: &Path, text: &str) -> Result<()> {
    let open = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    let mut file = open.with_context(|| format!("cannot make {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}
