//! Tokens: who may send, who may ask. They come from a file or a variable until there are users.

use crate::config::Options;
use crate::limits::{MAX_CONFIG_BYTES, MAX_TOKENS, MIN_TOKEN_BYTES};
use anyhow::{Context as _, Result, bail};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use model::DEFAULT_DATASET;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::path::Path;

/// Tokens by their digest, so that looking one up takes the same time however much of it is right.
#[derive(Debug, Default)]
pub struct Tokens {
    datasets: HashMap<[u8; 32], String>,
}

/// The sender of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Sender {
    /// What its events are stamped with.
    pub dataset: String,
    /// Tells senders apart when retries are recognised: the token's digest in hex.
    pub credential: Option<String>,
}

impl Tokens {
    /// The ingest tokens.
    pub fn ingest(options: &Options) -> Result<Tokens> {
        Self::load(options.ingest_token_file.as_deref(), options.ingest_token.as_deref(), "TANDEM_INGEST_TOKEN")
    }

    /// The API tokens.
    pub fn api(options: &Options) -> Result<Tokens> {
        Self::load(options.api_token_file.as_deref(), options.api_token.as_deref(), "TANDEM_API_TOKEN")
    }

    fn load(file: Option<&Path>, single: Option<&str>, variable: &str) -> Result<Tokens> {
        let mut tokens = Tokens::default();
        if let Some(single) = single {
            tokens.add(single).with_context(|| format!("{variable} is wrong"))?;
        }
        let Some(path) = file else { return Ok(tokens) };
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read the tokens {}", path.display()))?;
        if text.len() as u64 > MAX_CONFIG_BYTES {
            bail!("{} is larger than {MAX_CONFIG_BYTES} bytes", path.display());
        }
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                tokens.add(line).with_context(|| format!("{}:{}", path.display(), index + 1))?;
            }
        }
        if tokens.is_empty() {
            bail!("{} has no token: write one `token [dataset]` a line", path.display());
        }
        Ok(tokens)
    }

    /// These tokens, for tests of who may come in.
    #[cfg(test)]
    pub fn of(tokens: &[&str]) -> Tokens {
        let mut all = Tokens::default();
        tokens.iter().for_each(|token| all.add(token).unwrap());
        all
    }

    /// Adds `token [dataset]`.
    fn add(&mut self, line: &str) -> Result<()> {
        let mut words = line.split_whitespace();
        let (token, dataset) = (words.next().unwrap_or(""), words.next().unwrap_or(DEFAULT_DATASET));
        if words.next().is_some() {
            bail!("a line is `token [dataset]`");
        }
        if token.len() < MIN_TOKEN_BYTES {
            bail!("a token has at least {MIN_TOKEN_BYTES} characters, such as `openssl rand -hex 24` prints");
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if dataset.len() > model::limits::MAX_DATASET_BYTES || !dataset.chars().all(plain) {
            bail!(
                "a dataset is named with at most {} letters, digits, `-`, `_`, `.`",
                model::limits::MAX_DATASET_BYTES
            );
        }
        if self.datasets.len() >= MAX_TOKENS {
            bail!("there are more than {MAX_TOKENS} tokens");
        }
        self.datasets.insert(digest(token), dataset.to_owned());
        Ok(())
    }

    /// Whether none is needed.
    pub fn is_empty(&self) -> bool {
        self.datasets.is_empty()
    }

    /// Whether a token is one of these.
    pub fn knows(&self, token: &str) -> bool {
        self.datasets.contains_key(&digest(token))
    }

    /// Who sends with one of these.
    pub fn known(&self, headers: &HeaderMap) -> Option<Sender> {
        if self.is_empty() { None } else { self.sender(headers) }
    }

    /// Who sends; `None` when a token is needed and none that is known was given.
    pub fn sender(&self, headers: &HeaderMap) -> Option<Sender> {
        if self.is_empty() {
            return Some(Sender { dataset: DEFAULT_DATASET.to_owned(), credential: None });
        }
        let digest = digest(&token(headers)?);
        let dataset = self.datasets.get(&digest)?.clone();
        Some(Sender { dataset, credential: Some(model::hex::encode(&digest)) })
    }
}

/// Secrets that webhooks are signed with.
#[derive(Debug, Default)]
pub struct Hooks {
    /// Of GitHub.
    pub github: Option<String>,
    /// Of GitLab.
    pub gitlab: Option<String>,
}

impl Hooks {
    /// From the files that were named.
    pub fn load(options: &Options) -> Result<Hooks> {
        let secret = |file: &Option<std::path::PathBuf>| file.as_deref().map(secret).transpose();
        Ok(Hooks { github: secret(&options.github_secret_file)?, gitlab: secret(&options.gitlab_secret_file)? })
    }
}

/// The first line of a file that holds a secret.
fn secret(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the secret {}", path.display()))?;
    let secret = text.lines().next().unwrap_or("").trim();
    if secret.len() < MIN_TOKEN_BYTES {
        bail!("{} has no secret of at least {MIN_TOKEN_BYTES} characters in its first line", path.display());
    }
    Ok(secret.to_owned())
}

/// Whether a request carries a token, readable or not.
pub fn has_token(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION)
}

/// The token of `Authorization: Bearer`, `ApiKey` (base64 of `id:key`) or `Basic` (the password).
pub fn token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, rest) = value.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.to_owned());
    }
    if scheme.eq_ignore_ascii_case("apikey") {
        // Elasticsearch clients encode `id:key`; a bare token is taken as well.
        let decoded = decode(rest).and_then(|text| text.split_once(':').map(|(_, key)| key.to_owned()));
        return Some(decoded.unwrap_or_else(|| rest.to_owned()));
    }
    if scheme.eq_ignore_ascii_case("basic") {
        return decode(rest)?.split_once(':').map(|(_, password)| password.to_owned());
    }
    None
}

fn decode(text: &str) -> Option<String> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    String::from_utf8(bytes).ok()
}

/// SHA-256, for comparing secrets.
pub fn digest(secret: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(secret.as_ref()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())])
    }

    #[test]
    fn tokens_open_the_door() {
        let mut tokens = Tokens::default();
        assert_eq!(tokens.sender(&HeaderMap::new()).unwrap().dataset, "default");
        tokens.add("0123456789abcdef web").unwrap();
        tokens.add("fedcba9876543210").unwrap();
        assert_eq!(tokens.sender(&HeaderMap::new()), None);
        assert_eq!(tokens.sender(&with("Bearer 0123456789abcdeX")), None);
        assert_eq!(tokens.sender(&with("bearer 0123456789abcdef")).unwrap().dataset, "web");
        assert_eq!(tokens.sender(&with("Bearer fedcba9876543210")).unwrap().dataset, "default");
        // echo -n elastic:0123456789abcdef | base64
        assert_eq!(tokens.sender(&with("Basic ZWxhc3RpYzowMTIzNDU2Nzg5YWJjZGVm")).unwrap().dataset, "web");
        assert_eq!(tokens.sender(&with("ApiKey ZWxhc3RpYzowMTIzNDU2Nzg5YWJjZGVm")).unwrap().dataset, "web");
    }

    #[test]
    fn poor_tokens_are_refused() {
        let mut tokens = Tokens::default();
        for line in ["short", "0123456789abcdef a b", "0123456789abcdef ../etc"] {
            assert!(tokens.add(line).is_err(), "{line}");
        }
    }
}
