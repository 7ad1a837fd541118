//! Where notices go: `[notify]` of the configuration file. Addresses are named here and nowhere else, so that a rule or a
//! playbook can only ask for a channel that somebody who runs the server has made.

use anyhow::{Context as _, Result, bail, ensure};
use model::Level;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Channels that there may be.
const MAX_CHANNELS: usize = 100;
/// Largest file of an address, a password or a template.
const MAX_FILE_BYTES: u64 = 64 * 1024;
/// Notices that a channel takes in a minute, where nothing else is said: what a person can still read.
const PER_MINUTE: usize = 20;
/// What a webhook gets without a template of its own.
const TEMPLATE: &str = r#"{"kind": "{{kind}}", "title": "{{title}}", "level": "{{level}}", "team": "{{team}}", "dataset": "{{dataset}}",
 "entity": "{{entity}}", "why": "{{why}}", "runbook": "{{runbook}}", "suspect": "{{suspect}}", "last": "{{last}}",
 "count": "{{count}}", "time": "{{time}}", "link": "{{link}}", "text": "{{text}}"}"#;

/// What can be set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotifyOptions {
    /// Whether channels may lead into one's own network, or use plain HTTP.
    pub allow_private: bool,
    /// How mail leaves.
    pub mail: Option<MailOptions>,
    /// The channels.
    pub channels: Vec<ChannelOptions>,
}

/// How mail leaves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailOptions {
    /// The server that takes it, `host` or `host:port`.
    pub server: String,
    /// Who it is from.
    pub from: String,
    /// How the connection is kept secret.
    #[serde(default)]
    pub tls: MailTls,
    /// The name to log in with.
    pub user: Option<String>,
    /// File of the password.
    pub password_file: Option<PathBuf>,
}

/// How a connection to a mail server is kept secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// It begins in the clear, and nothing is said before it is secret.
    #[default]
    Starttls,
    /// From the first byte.
    Tls,
    /// Not at all: for a server on this machine.
    None,
}

/// How a notice looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// As Alertmanager sends it to its webhooks.
    Alertmanager,
    /// As Slack's incoming webhooks take it; Mattermost and others do too.
    Slack,
    /// Our own JSON, or a template's text.
    Webhook,
    /// A mail.
    Email,
}

/// A way that notices go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelOptions {
    /// Its name.
    pub name: String,
    /// How a notice looks there.
    pub kind: ChannelKind,
    /// The address.
    pub url: Option<String>,
    /// File of the address, where the address is itself a secret.
    pub url_file: Option<PathBuf>,
    /// File of a token that is sent as `Authorization: Bearer`.
    pub token_file: Option<PathBuf>,
    /// File of the text of a notice, with `{{names}}` in it.
    pub template_file: Option<PathBuf>,
    /// Who gets the mail.
    #[serde(default)]
    pub to: Vec<String>,
    /// The teams whose notices go here; none for those of all, and of what nobody owns.
    #[serde(default)]
    pub teams: Vec<String>,
    /// The datasets whose notices go here; none for all.
    #[serde(default)]
    pub datasets: Vec<String>,
    /// What is less bad than this does not go here.
    #[serde(default)]
    pub least: Level,
    /// Notices in a minute; what is more waits.
    pub per_minute: Option<usize>,
}

/// A channel ready for use.
#[derive(Clone, Debug)]
pub struct Channel {
    /// What is known of it to those who decide what goes there.
    pub known: respond::Channel,
    /// Where it goes; none for mail.
    pub url: Option<ureq::http::Uri>,
    /// What is sent as a token.
    pub token: Option<String>,
    /// Who gets the mail.
    pub to: Vec<String>,
}

/// How mail leaves, ready for use.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Host.
    pub host: String,
    /// Port.
    pub port: Option<u16>,
    /// Who it is from.
    pub from: String,
    /// How the connection is kept secret.
    pub tls: MailTls,
    /// Name and password.
    pub login: Option<(String, String)>,
}

/// Settings ready for use.
#[derive(Clone, Debug, Default)]
pub struct NotifySettings {
    /// Whether channels may lead into one's own network.
    pub allow_private: bool,
    /// How mail leaves.
    pub mail: Option<Mail>,
    /// The channels.
    pub channels: Vec<Channel>,
}

impl NotifyOptions {
    /// Checked, with what the files hold.
    pub fn settle(&self) -> Result<NotifySettings> {
        ensure!(self.channels.len() <= MAX_CHANNELS, "more than {MAX_CHANNELS} channels");
        let mail = self.mail.as_ref().map(MailOptions::settle).transpose().context("[notify.mail] is wrong")?;
        let mut channels: Vec<Channel> = Vec::with_capacity(self.channels.len());
        for options in &self.channels {
            let name = &options.name;
            ensure!(!name.is_empty() && name.len() <= 64, "a channel's name has 1 to 64 bytes: {name:?}");
            ensure!(channels.iter().all(|other| other.known.name != *name), "there are two channels called {name:?}");
            let channel = options.settle(self.allow_private, mail.is_some());
            channels.push(channel.with_context(|| format!("the channel {name:?} of [notify] is wrong"))?);
        }
        Ok(NotifySettings { allow_private: self.allow_private, mail, channels })
    }
}

impl NotifySettings {
    /// What decides about alerts, with these channels.
    pub fn policy(&self, mut policy: respond::Policy) -> Result<respond::Policy> {
        ensure!(policy.channels.is_empty(), "channels are in [[notify.channels]], not in [respond]");
        policy.channels = self.channels.iter().map(|channel| channel.known.clone()).collect();
        match policy.problem() {
            Some(problem) => bail!("the [respond] part of the configuration is wrong: {problem}"),
            None => Ok(policy),
        }
    }
}

impl ChannelOptions {
    fn settle(&self, allow_private: bool, mail: bool) -> Result<Channel> {
        let url = match (&self.url, &self.url_file) {
            (Some(_), Some(_)) => bail!("url and url_file do not go together: give one of them"),
            (Some(url), None) => Some(url.clone()),
            (None, Some(file)) => Some(read(file)?),
            (None, None) => None,
        };
        let url = match (self.kind, url) {
            (ChannelKind::Email, Some(_)) => bail!("mail goes to people: give `to`, and no address"),
            (ChannelKind::Email, None) => {
                ensure!(mail, "mail needs a server: fill [notify.mail]");
                ensure!(!self.to.is_empty(), "`to` names nobody");
                for to in &self.to {
                    mailbox(to)?;
                }
                None
            }
            (_, None) => bail!("it needs an address: url or url_file"),
            (_, Some(url)) => {
                ensure!(self.to.is_empty(), "`to` is for mail");
                // The address may be a secret: it is in no message.
                let url = url.parse().map_err(|_| anyhow::anyhow!("its address cannot be read"))?;
                crate::access::outbound::check(&url, allow_private)
                    .context("allow_private = true allows plain HTTP and addresses of one's own network")?;
                Some(url)
            }
        };
        if self.template_file.is_some() && self.kind != ChannelKind::Webhook {
            bail!("template_file is for kind = \"webhook\"");
        }
        let template = self.template_file.as_deref().map(text).transpose()?;
        let known = respond::Channel {
            name: self.name.clone(),
            kind: match self.kind {
                ChannelKind::Alertmanager => respond::ChannelKind::Alertmanager,
                ChannelKind::Slack => respond::ChannelKind::Slack,
                ChannelKind::Email => respond::ChannelKind::Email,
                ChannelKind::Webhook => {
                    respond::ChannelKind::Generic { template: template.unwrap_or_else(|| TEMPLATE.to_owned()) }
                }
            },
            teams: self.teams.clone(),
            datasets: self.datasets.clone(),
            least: self.least,
            per_minute: self.per_minute.unwrap_or(PER_MINUTE).max(1),
        };
        Ok(Channel { known, url, token: self.token_file.as_deref().map(read).transpose()?, to: self.to.clone() })
    }
}

impl MailOptions {
    fn settle(&self) -> Result<Mail> {
        mailbox(&self.from)?;
        let (host, port) = match self.server.rsplit_once(':') {
            Some((host, port)) => {
                let port = port.parse().with_context(|| format!("the port of {:?} is no number", self.server))?;
                (host, Some(port))
            }
            None => (self.server.as_str(), None),
        };
        let login = match (&self.user, &self.password_file) {
            (Some(user), Some(file)) => Some((user.clone(), read(file)?)),
            (None, None) => None,
            _ => bail!("user and password_file go together: give both or none"),
        };
        if login.is_some() && self.tls == MailTls::None {
            bail!("a password is not sent in the clear: use tls = \"starttls\" or \"tls\"");
        }
        Ok(Mail { host: host.to_owned(), port, from: self.from.clone(), tls: self.tls, login })
    }
}

fn mailbox(text: &str) -> Result<lettre::message::Mailbox> {
    text.parse().with_context(|| format!("{text:?} is no mail address"))
}

fn text(path: &Path) -> Result<String> {
    let size = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    ensure!(size <= MAX_FILE_BYTES, "{} has {size} bytes, more than {MAX_FILE_BYTES}", path.display());
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// What a file holds on its one line.
fn read(path: &Path) -> Result<String> {
    let text = text(path)?.trim().to_owned();
    ensure!(!text.is_empty() && !text.contains(['\n', '\r']), "{} must hold one line", path.display());
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(text: &str) -> Result<NotifySettings> {
        toml::from_str::<NotifyOptions>(text)?.settle()
    }

    fn why(text: &str) -> String {
        format!("{:#}", settle(text).unwrap_err())
    }

    #[test]
    fn what_is_said_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("url");
        std::fs::write(&file, "https://hooks.example/secret\n").unwrap();
        let text = format!(
            "mail = {{ server = 'mail.example:2525', from = 'Tandem <tandem@example.org>' }}\n\
             [[channels]]\nname = 'chat'\nkind = 'slack'\nurl_file = '{}'\nteams = ['payments']\nleast = 'high'\n\
             [[channels]]\nname = 'mail'\nkind = 'email'\nto = ['ops@example.org']\n",
            file.display()
        );
        let settings = settle(&text).unwrap();
        let [chat, mail] = &settings.channels[..] else { panic!("two channels") };
        assert_eq!(chat.url.as_ref().unwrap().to_string(), "https://hooks.example/secret");
        assert_eq!((chat.known.least, chat.known.per_minute, chat.known.teams.len()), (Level::High, 20, 1));
        assert_eq!((mail.to.len(), mail.known.least), (1, Level::Medium));
        let server = settings.mail.unwrap();
        assert_eq!((server.host.as_str(), server.port, server.tls), ("mail.example", Some(2525), MailTls::Starttls));
    }

    #[test]
    fn what_cannot_work_is_refused_at_the_start() {
        let channel = |rest: &str| format!("[[channels]]\nname = 'a'\n{rest}");
        assert!(why(&channel("kind = 'slack'")).contains("needs an address"));
        assert!(why(&channel("kind = 'email'\nto = ['a@b.example']")).contains("fill [notify.mail]"));
        let plain = why(&channel("kind = 'slack'\nurl = 'http://hooks.example/geheim'"));
        assert!(plain.contains("allow_private") && !plain.contains("geheim"), "{plain}");
        assert!(settle(&format!("allow_private = true\n{}", channel("kind = 'slack'\nurl = 'http://h/'"))).is_ok());
        let twice = format!("{0}{0}", channel("kind = 'slack'\nurl = 'https://h.example/'\n"));
        assert!(why(&twice).contains("two channels"));
        let mail = "[mail]\nserver = 'm'\nfrom = 'x@y.example'\n";
        assert!(why(&format!("{mail}user = 'u'\n")).contains("go together"));
        assert!(why(&mail.replace("x@y.example", "nobody")).contains("no mail address"));
        assert!(why(&format!("{mail}{}", channel("kind = 'email'"))).contains("names nobody"));
    }
}
