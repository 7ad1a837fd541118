//! Settings of log-ins at the organisation's provider (OpenID Connect).

use anyhow::{Context as _, Result, bail};
use clap::Args;
use model::{Datasets, Grant, Role};
use serde::Deserialize;
use std::path::PathBuf;

/// Largest file of a secret; what is longer is another file.
const MAX_SECRET_BYTES: u64 = 4096;
/// The claim that most providers put groups into.
const GROUPS: &str = "groups";

/// What can be set; the groups in the file alone.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OidcOptions {
    /// Address of the OpenID Connect provider, as it calls itself; with it people log in there.
    #[arg(long = "oidc-issuer", env = "TANDEM_OIDC_ISSUER", value_name = "URL")]
    pub issuer: Option<String>,
    /// Name of this server at the provider.
    #[arg(long = "oidc-client-id", env = "TANDEM_OIDC_CLIENT_ID", value_name = "ID")]
    pub client_id: Option<String>,
    /// File of the secret that this server shows to the provider.
    #[arg(long = "oidc-client-secret-file", env = "TANDEM_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,
    /// Address by which people open this server; the provider sends them back to `URL/api/v1/oidc/callback`.
    #[arg(long = "public-url", env = "TANDEM_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Claim that names a person's groups [default: groups].
    #[arg(long = "oidc-groups-claim", env = "TANDEM_OIDC_GROUPS_CLAIM", value_name = "NAME")]
    pub groups_claim: Option<String>,
    /// The provider is in a private network, or speaks plain HTTP.
    #[arg(long = "oidc-allow-private", env = "TANDEM_OIDC_ALLOW_PRIVATE", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub allow_private: Option<bool>,
    /// What members of a group may do.
    #[arg(skip)]
    pub groups: Vec<GroupGrant>,
}

/// What members of a group of the provider may do.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct GroupGrant {
    /// The group, as the claim names it.
    pub group: String,
    /// The role.
    pub role: Role,
    /// The team; `*` is all of them.
    pub team: String,
    /// The datasets; `*` is all of them.
    pub datasets: Vec<String>,
}

impl GroupGrant {
    /// The grant.
    pub fn grant(&self) -> Grant {
        grant(self.role, &self.team, &self.datasets)
    }
}

/// A grant from the words of a person, where `*` is all.
pub fn grant(role: Role, team: &str, datasets: &[String]) -> Grant {
    let all = datasets.iter().any(|dataset| dataset == "*");
    Grant {
        role,
        team: (team != "*").then(|| team.to_owned()),
        datasets: if all { Datasets::All } else { Datasets::only(datasets) },
    }
}

/// Settings ready for use.
#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// The provider.
    pub issuer: String,
    /// This server's name there.
    pub client_id: String,
    /// This server's secret there; none when it is a public client.
    pub client_secret: Option<String>,
    /// Where people come back to.
    pub redirect: String,
    /// The claim of groups.
    pub groups_claim: String,
    /// Whether the provider may be inside.
    pub allow_private: bool,
    /// What groups may do.
    pub groups: Vec<GroupGrant>,
}

impl OidcOptions {
    /// These over those of the file.
    pub fn over(self, file: OidcOptions) -> OidcOptions {
        OidcOptions {
            issuer: self.issuer.or(file.issuer),
            client_id: self.client_id.or(file.client_id),
            client_secret_file: self.client_secret_file.or(file.client_secret_file),
            public_url: self.public_url.or(file.public_url),
            groups_claim: self.groups_claim.or(file.groups_claim),
            allow_private: self.allow_private.or(file.allow_private),
            groups: if self.groups.is_empty() { file.groups } else { self.groups },
        }
    }

    /// Checked; none when there is no provider.
    pub fn settle(&self) -> Result<Option<OidcSettings>> {
        let Some(issuer) = &self.issuer else {
            if self.client_id.is_some() || self.client_secret_file.is_some() || !self.groups.is_empty() {
                bail!("log-ins at a provider need its address: --oidc-issuer");
            }
            return Ok(None);
        };
        let allow_private = self.allow_private.unwrap_or(false);
        let client_id = self.client_id.clone().context("--oidc-issuer needs --oidc-client-id")?;
        let public = self.public_url.as_ref().context("--oidc-issuer needs --public-url, where people come back to")?;
        for (name, url) in [("oidc-issuer", issuer), ("public-url", public)] {
            let uri = url.parse().with_context(|| format!("--{name} {url:?} is no address"))?;
            // On this machine people open the server without TLS.
            crate::access::outbound::check(&uri, allow_private || name == "public-url")
                .with_context(|| format!("--{name} is wrong"))?;
        }
        let secret = |path: &PathBuf| -> Result<String> {
            let secret = std::fs::metadata(path)
                .and_then(|about| {
                    if about.len() > MAX_SECRET_BYTES { Ok(String::new()) } else { std::fs::read_to_string(path) }
                })
                .with_context(|| format!("cannot read the secret {}", path.display()))?;
            match secret.trim() {
                "" => bail!("{} holds no secret of at most {MAX_SECRET_BYTES} bytes", path.display()),
                secret => Ok(secret.to_owned()),
            }
        };
        for group in &self.groups {
            if group.group.is_empty() || group.team.is_empty() || group.datasets.is_empty() {
                bail!("[[oidc.groups]] needs group, role, team and datasets; `*` is all teams or datasets");
            }
        }
        Ok(Some(OidcSettings {
            issuer: issuer.clone(),
            client_id,
            client_secret: self.client_secret_file.as_ref().map(secret).transpose()?,
            redirect: format!("{}/api/v1/oidc/callback", public.trim_end_matches('/')),
            groups_claim: self.groups_claim.clone().unwrap_or_else(|| GROUPS.to_owned()),
            allow_private,
            groups: self.groups.clone(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> OidcOptions {
        OidcOptions {
            issuer: Some("https://id.example".to_owned()),
            client_id: Some("tandem".to_owned()),
            public_url: Some("https://tandem.example/".to_owned()),
            ..OidcOptions::default()
        }
    }

    #[test]
    fn settings_are_whole_or_say_what_is_missing() {
        assert!(OidcOptions::default().settle().unwrap().is_none());
        let settings = options().settle().unwrap().unwrap();
        assert_eq!(settings.redirect, "https://tandem.example/api/v1/oidc/callback");
        assert_eq!((settings.groups_claim.as_str(), settings.client_secret), ("groups", None));
        let wrong = |change: fn(&mut OidcOptions)| {
            let mut options = options();
            change(&mut options);
            format!("{:#}", options.settle().unwrap_err())
        };
        assert!(wrong(|options| options.issuer = None).contains("--oidc-issuer"));
        assert!(wrong(|options| options.client_id = None).contains("--oidc-client-id"));
        assert!(wrong(|options| options.public_url = None).contains("--public-url"));
        assert!(wrong(|options| options.issuer = Some("http://id.example".to_owned())).contains("https://"));
        assert!(wrong(|options| options.public_url = Some("not an address".to_owned())).contains("--public-url"));
        assert!(wrong(|options| options.client_secret_file = Some("/missing".into())).contains("/missing"));
    }

    #[test]
    fn groups_are_read_from_the_file() {
        let text = r#"
            [[groups]]
            group = "sre"
            role = "responder"
            team = "platform"
            datasets = ["web", "app"]
            [[groups]]
            group = "heads"
            role = "viewer"
            team = "*"
            datasets = ["*"]
        "#;
        let options: OidcOptions = toml::from_str(text).unwrap();
        let grants: Vec<Grant> = options.groups.iter().map(GroupGrant::grant).collect();
        let platform = Some("platform".to_owned());
        let first = Grant { role: Role::Responder, team: platform, datasets: Datasets::only(["app", "web"]) };
        assert_eq!(grants, [first, Grant::everywhere(Role::Viewer)]);
        assert!(
            toml::from_str::<OidcOptions>("[[groups]]\ngroup = \"a\"\nrole = \"root\"\nteam = \"*\"\ndatasets = []")
                .is_err()
        );
    }
}
