//! What probes of drills may ask: `[drills]` of the configuration file. Files of drills come from whoever may write into a
//! folder of knowledge; the addresses that this server then calls are named by whoever runs it.

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde::Deserialize;
use ureq::http::Uri;

/// Addresses at most: a drill looks at a few.
const MAX_ALLOWED: usize = 100;

/// What can be set.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DrillOptions {
    /// Address below which probes of drills may ask, such as `https://orders.example/health`; may be given several times.
    /// Without one no probe asks anything over HTTP.
    #[arg(long = "drill-allow", env = "TANDEM_DRILL_ALLOW", value_delimiter = ',', value_name = "ADDRESS")]
    pub allow: Vec<String>,
}

impl DrillOptions {
    /// These over those of the file.
    pub fn over(self, file: DrillOptions) -> DrillOptions {
        DrillOptions { allow: if self.allow.is_empty() { file.allow } else { self.allow } }
    }

    /// Checked.
    pub fn settle(&self) -> Result<Vec<Allowed>> {
        ensure!(self.allow.len() <= MAX_ALLOWED, "--drill-allow: at most {MAX_ALLOWED} addresses");
        self.allow.iter().map(|text| Allowed::read(text).with_context(|| format!("--drill-allow {text:?}"))).collect()
    }
}

/// An address below which probes may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    scheme: String,
    host: String,
    port: u16,
    path: String,
}

impl Allowed {
    fn read(text: &str) -> Result<Allowed> {
        let uri: Uri = text.parse().context("this is no address")?;
        ensure!(uri.query().is_none(), "it has a query: write it up to the path");
        let (scheme, host, port) =
            place(&uri).context("it begins with http:// or https://, and names a host, no user")?;
        Ok(Allowed { scheme, host, port, path: uri.path().trim_end_matches('/').to_owned() })
    }

    /// Whether an address is the same place, and the same path or below it. A path with dots or escapes may be another one
    /// for whoever answers, so that it is below nothing.
    pub fn allows(&self, uri: &Uri) -> bool {
        let same = place(uri).is_some_and(|place| place == (self.scheme.clone(), self.host.clone(), self.port));
        let path = uri.path();
        let plain = self.path.is_empty() || !(path.contains("..") || path.contains('%') || path.contains('\\'));
        let below = path.strip_prefix(self.path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        same && plain && below
    }
}

/// Scheme, host and port, as they are compared.
fn place(uri: &Uri) -> Option<(String, String, u16)> {
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let host = uri.host().filter(|host| !host.is_empty())?.to_ascii_lowercase();
    let named = !uri.authority()?.as_str().contains('@');
    named.then(|| (scheme, host, uri.port_u16().unwrap_or(usual)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_an_address_is_allowed() {
        let allows = |allowed: &str, url: &str| Allowed::read(allowed).unwrap().allows(&url.parse().unwrap());
        for (allowed, url) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/health?x=1"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("https://Orders.example/", "https://orders.example:443/a%20b"),
            ("https://orders.example/health", "https://orders.example/health/deep"),
            ("https://orders.example/health/", "https://orders.example/health"),
        ] {
            assert!(allows(allowed, url), "{allowed} {url}");
        }
        for (allowed, url) in [
            ("https://orders.example", "https://orders.example.evil.example/"),
            ("https://orders.example", "http://orders.example/"),
            ("https://orders.example", "https://orders.example:8443/"),
            ("https://orders.example", "https://me@orders.example/"),
            ("https://orders.example/health", "https://orders.example/healthy"),
            ("https://orders.example/health", "https://orders.example/health/../admin"),
            ("https://orders.example/health", "https://orders.example/health/%2e%2e/admin"),
            ("https://orders.example/health", "https://orders.example/"),
        ] {
            assert!(!allows(allowed, url), "{allowed} {url}");
        }
        for wrong in
            ["orders.example", "ftp://orders.example/", "https://me:x@orders.example/", "https:///x", "https://a/?b"]
        {
            assert!(Allowed::read(wrong).is_err(), "{wrong}");
        }
    }
}
