//! Settings of the server: flags over `TANDEM_*` variables over one TOML file over the defaults.
//!
//! The names are the same everywhere: `--http-listen`, `TANDEM_HTTP_LISTEN`, `http_listen = "..."`.

pub mod detect;
pub mod drills;
pub mod file;
pub mod notify;
pub mod oidc;
pub mod paths;
pub mod units;

use crate::limits::{MAX_LEASE, TELEMETRY_LEASE};
use crate::server::listen::{self, Listen};
use anyhow::{Context as _, Result};
use clap::Args;
use receive::redact::Redactor;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;
use units::{Age, Size};

/// What can be set, by flag, variable or file.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Folder that everything is kept in.
    #[arg(long, env = "TANDEM_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Address of the web page and the API [default: 127.0.0.1:7400].
    #[arg(long, env = "TANDEM_HTTP_LISTEN", value_name = "ADDRESS")]
    pub http_listen: Option<Listen>,
    /// Address for OTLP over gRPC, or `off` [default: 127.0.0.1:4317].
    #[arg(long, env = "TANDEM_OTLP_GRPC_LISTEN", value_name = "ADDRESS")]
    pub otlp_grpc_listen: Option<Listen>,
    /// Address for OTLP over HTTP, or `off` [default: 127.0.0.1:4318].
    #[arg(long, env = "TANDEM_OTLP_HTTP_LISTEN", value_name = "ADDRESS")]
    pub otlp_http_listen: Option<Listen>,
    /// Address for syslog over UDP and TCP, or `off` [default: 127.0.0.1:5514].
    #[arg(long, env = "TANDEM_SYSLOG_LISTEN", value_name = "ADDRESS")]
    pub syslog_listen: Option<Listen>,
    /// Certificate chain (PEM) for HTTPS and gRPC with TLS.
    #[arg(long, env = "TANDEM_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Private key (PEM) of the certificate.
    #[arg(long, env = "TANDEM_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// TLS with a certificate that is made in the data folder and signed by itself, for trials.
    #[arg(long, env = "TANDEM_TLS_SELF_SIGNED", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub tls_self_signed: Option<bool>,
    /// Listen beyond this machine without TLS, and take events from there without a token.
    #[arg(long, env = "TANDEM_INSECURE", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub insecure: Option<bool>,
    /// File of ingest tokens, one `token [dataset]` a line; then every sender needs one.
    #[arg(long, env = "TANDEM_INGEST_TOKEN_FILE", value_name = "FILE")]
    pub ingest_token_file: Option<PathBuf>,
    /// One ingest token. A variable rather than a flag: flags are seen by every user of the machine.
    #[arg(skip)]
    #[serde(skip)]
    pub ingest_token: Option<String>,
    /// File of API tokens, one a line; each is an admin of everything.
    #[arg(long, env = "TANDEM_API_TOKEN_FILE", value_name = "FILE")]
    pub api_token_file: Option<PathBuf>,
    /// One API token, from the variable.
    #[arg(skip)]
    #[serde(skip)]
    pub api_token: Option<String>,
    /// File with the secret of GitHub's webhooks, which are then taken at /api/v1/hooks/github.
    #[arg(long, env = "TANDEM_GITHUB_SECRET_FILE", value_name = "FILE")]
    pub github_secret_file: Option<PathBuf>,
    /// File with the secret of GitLab's webhooks, which are then taken at /api/v1/hooks/gitlab.
    #[arg(long, env = "TANDEM_GITLAB_SECRET_FILE", value_name = "FILE")]
    pub gitlab_secret_file: Option<PathBuf>,
    /// PostgreSQL that keeps the facts and decisions of several servers: `postgres://user@host/database` [default: a
    /// file in the data folder]. With a password in it, use the variable.
    #[arg(long, env = "TANDEM_LEDGER", value_name = "URL", hide_env_values = true)]
    pub ledger: Option<String>,
    /// A thing that telemetry tells of is there so long after the last it sent [default: 5m].
    #[arg(long, env = "TANDEM_TELEMETRY_LEASE", value_name = "AGE")]
    pub telemetry_lease: Option<Age>,
    /// Events older than this are removed: `30d`, `12h`, or `off` [default: 30d].
    #[arg(long, env = "TANDEM_RETENTION", value_name = "AGE")]
    pub retention: Option<Age>,
    /// Stored bytes beyond this are removed, oldest day first: `100GiB`.
    #[arg(long, env = "TANDEM_RETENTION_BYTES", value_name = "SIZE")]
    pub retention_bytes: Option<Size>,
    /// Memory for events that are not in files yet [default: 160MiB].
    #[arg(long, env = "TANDEM_MEMORY", value_name = "SIZE")]
    pub memory: Option<Size>,
    /// Memory of all queries together [default: 256MiB].
    #[arg(long, env = "TANDEM_QUERY_MEMORY", value_name = "SIZE")]
    pub query_memory: Option<Size>,
    /// Time one query may take [default: 60s].
    #[arg(long, env = "TANDEM_QUERY_TIMEOUT", value_name = "AGE")]
    pub query_timeout: Option<Age>,
    /// Events stay in memory at most this long before they go to files [default: 10m].
    #[arg(long, env = "TANDEM_FLUSH_AGE", value_name = "AGE")]
    pub flush_age: Option<Age>,
    /// Keep secrets in events as they came. Masking them is the default.
    #[arg(long, env = "TANDEM_NO_REDACT", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub no_redact: Option<bool>,
    /// Do not keep Tandem's own logs, spans and metrics.
    #[arg(long, env = "TANDEM_NO_SELF", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub no_self: Option<bool>,
    /// What is masked, in the file alone.
    #[arg(skip)]
    pub redact: Option<receive::redact::RedactConfig>,
    /// Log-ins at the organisation's provider.
    #[command(flatten)]
    pub oidc: oidc::OidcOptions,
    /// The layers of responsibility; in the file alone.
    #[arg(skip)]
    pub layer_policy: Option<know::layers::Policy>,
    /// What agents look at, this machine's too; in the file alone.
    #[arg(skip)]
    pub agent_policy: Option<watch::facts::Policy>,
    /// Where notices go; in the file alone.
    #[arg(skip)]
    pub notify: Option<notify::NotifyOptions>,
    /// How soon, how often and whom alerts are told; in the file alone.
    #[arg(skip)]
    pub respond: Option<respond::Policy>,
    /// Folder of runbooks, controls, meetings and the roadmap; may be given several times.
    #[arg(long, env = "TANDEM_KNOWLEDGE", value_delimiter = ',', value_name = "DIR")]
    pub knowledge: Vec<PathBuf>,
    /// Folder of checks and of policies in Rego, beside the checks that are built in; may be given several times.
    #[arg(long, env = "TANDEM_POLICY", value_delimiter = ',', value_name = "DIR")]
    pub policy: Vec<PathBuf>,
    /// What probes of drills may ask.
    #[command(flatten)]
    pub drills: drills::DrillOptions,
    /// Which rules are used.
    #[command(flatten)]
    pub detect: detect::DetectOptions,
    /// What is watched on this machine.
    #[command(flatten)]
    pub watch: WatchOptions,
}

/// What `up` and `agent` watch.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WatchOptions {
    /// Log files to follow, as patterns; may be given several times [default: the usual ones].
    #[arg(long = "watch-file", env = "TANDEM_WATCH_FILES", value_delimiter = ',', value_name = "PATTERN")]
    pub files: Vec<String>,
    /// Files not to follow, as patterns.
    #[arg(long = "watch-exclude", env = "TANDEM_WATCH_EXCLUDE", value_delimiter = ',', value_name = "PATTERN")]
    pub exclude: Vec<String>,
    /// How their lines are read: json, logfmt, access, syslog, plain or auto [default: auto].
    #[arg(long = "watch-format", env = "TANDEM_WATCH_FORMAT", value_name = "FORMAT")]
    pub format: Option<String>,
    /// Do not read the systemd journal.
    #[arg(long = "no-journal", env = "TANDEM_NO_JOURNAL", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub no_journal: Option<bool>,
    /// Do not report facts of this machine: packages, sockets, processes, containers, accounts, sensitive files.
    #[arg(long, env = "TANDEM_NO_HOST_FACTS", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub no_host_facts: Option<bool>,
    /// Do not read host metrics.
    #[arg(long, env = "TANDEM_NO_HOST_METRICS", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub no_host_metrics: Option<bool>,
}

/// The certificate of TLS.
#[derive(Clone, Debug)]
pub enum Certificate {
    /// Chain and key, in PEM.
    Files {
        /// The chain.
        cert: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// Made here.
    SelfSigned,
}

/// Settings ready for use.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Of the store.
    pub store: store::Config,
    /// Of the ledger.
    pub ledger: ledger::Config,
    /// How long telemetry speaks for a thing.
    pub telemetry_lease: Duration,
    /// Web page and API.
    pub http: Listen,
    /// OTLP over gRPC.
    pub otlp_grpc: Listen,
    /// OTLP over HTTP.
    pub otlp_http: Listen,
    /// Syslog.
    pub syslog: Listen,
    /// Certificate and key.
    pub tls: Option<Certificate>,
    /// Where notices go.
    pub notify: notify::NotifySettings,
    /// How soon, how often and whom alerts are told.
    pub respond: respond::Policy,
    /// Which rules are used.
    pub detect: detect::DetectSettings,
    /// What probes of drills may ask.
    pub drills: Vec<drills::Allowed>,
    /// Whether the listen rules are off.
    pub insecure: bool,
    /// Everything else as it was given.
    pub options: Options,
}

impl Options {
    /// These over those of the file.
    pub fn over(self, file: Options) -> Options {
        let Options { watch, oidc, detect, drills, knowledge, policy, .. } = self.clone();
        let policy = if policy.is_empty() { file.policy } else { policy };
        let knowledge = if knowledge.is_empty() { file.knowledge } else { knowledge };
        macro_rules! first {
            ($($name:ident),*) => { Options { watch: watch.over(file.watch), oidc: oidc.over(file.oidc), detect: detect.over(file.detect), drills: drills.over(file.drills), knowledge, policy, $($name: self.$name.or(file.$name)),* } };
        }
        first!(
            data_dir,
            http_listen,
            otlp_grpc_listen,
            otlp_http_listen,
            syslog_listen,
            tls_cert,
            tls_key,
            tls_self_signed,
            insecure,
            ingest_token_file,
            ingest_token,
            api_token_file,
            api_token,
            github_secret_file,
            gitlab_secret_file,
            ledger,
            telemetry_lease,
            retention,
            retention_bytes,
            memory,
            query_memory,
            query_timeout,
            flush_age,
            no_redact,
            no_self,
            redact,
            agent_policy,
            layer_policy,
            notify,
            respond
        )
    }

    /// With the defaults, checked.
    pub fn settle(mut self) -> Result<Settings> {
        self.ingest_token = variable("TANDEM_INGEST_TOKEN").or(self.ingest_token);
        self.api_token = variable("TANDEM_API_TOKEN").or(self.api_token);
        let data_dir = self.data_dir.clone().map_or_else(paths::default_data_dir, Ok)?;
        let mut store = store::Config::new(data_dir);
        if let Some(retention) = self.retention {
            store.retention = retention.0;
        }
        store.retention_bytes = self.retention_bytes.map(|size| size.0);
        let size = |given: Option<Size>, default: usize| given.map_or(default, |size| size.0 as usize);
        store.memory_bytes = size(self.memory, store.memory_bytes);
        store.query_memory_bytes = size(self.query_memory, store.query_memory_bytes);
        store.query_timeout = bounded("query-timeout", self.query_timeout, store.query_timeout)?;
        store.flush_age = bounded("flush-age", self.flush_age, store.flush_age)?;
        let self_signed = self.tls_self_signed.unwrap_or(false);
        let tls = match (self.tls_cert.clone(), self.tls_key.clone()) {
            (Some(_), Some(_)) if self_signed => {
                anyhow::bail!("--tls-self-signed and --tls-cert do not go together: give one of them")
            }
            (Some(cert), Some(key)) => Some(Certificate::Files { cert, key }),
            (None, None) => self_signed.then_some(Certificate::SelfSigned),
            _ => anyhow::bail!("--tls-cert and --tls-key go together: give both or none"),
        };
        let notify = self.notify.as_ref().map_or_else(|| Ok(Default::default()), notify::NotifyOptions::settle)?;
        let settings = Settings {
            telemetry_lease: bounded("telemetry-lease", self.telemetry_lease, TELEMETRY_LEASE)?.min(MAX_LEASE),
            ledger: paths::ledger(&store.data_dir, self.ledger.as_deref())?,
            store,
            http: self.http_listen.unwrap_or(Listen::loopback(7400)),
            otlp_grpc: self.otlp_grpc_listen.unwrap_or(Listen::loopback(4317)),
            otlp_http: self.otlp_http_listen.unwrap_or(Listen::loopback(4318)),
            syslog: self.syslog_listen.unwrap_or(Listen::loopback(5514)),
            tls,
            respond: notify.policy(self.respond.clone().unwrap_or_default())?,
            notify,
            detect: self.detect.settle(),
            drills: self.drills.settle()?,
            insecure: self.insecure.unwrap_or(false),
            options: self,
        };
        if let Some(policy) = &settings.options.agent_policy {
            policy.check().context("the [agent_policy] part of the configuration is wrong")?;
        }
        if let Some(policy) = &settings.options.layer_policy {
            policy.check().context("the [layer_policy] part of the configuration is wrong")?;
        }
        listen::check(&settings)?;
        Ok(settings)
    }

    /// What masks secrets.
    pub fn redactor(&self) -> Result<Redactor> {
        if self.no_redact.unwrap_or(false) {
            return Ok(Redactor::none());
        }
        match &self.redact {
            Some(config) => Redactor::new(config)
                .map_err(|error| anyhow::anyhow!("the [redact] part of the configuration is wrong: {error}")),
            None => Ok(Redactor::default_rules()),
        }
    }
}

impl WatchOptions {
    fn over(self, file: WatchOptions) -> WatchOptions {
        let list = |given: Vec<String>, file: Vec<String>| if given.is_empty() { file } else { given };
        WatchOptions {
            files: list(self.files, file.files),
            exclude: list(self.exclude, file.exclude),
            format: self.format.or(file.format),
            no_journal: self.no_journal.or(file.no_journal),
            no_host_facts: self.no_host_facts.or(file.no_host_facts),
            no_host_metrics: self.no_host_metrics.or(file.no_host_metrics),
        }
    }
}

/// An age where there must be one.
fn bounded(name: &str, given: Option<Age>, default: Duration) -> Result<Duration> {
    match given {
        None => Ok(default),
        Some(Age(Some(age))) => Ok(age),
        Some(Age(None)) => {
            anyhow::bail!(
                "--{name} cannot be off: it is a number with ms, s, m, h, d or w, such as {}s",
                default.as_secs()
            )
        }
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}
