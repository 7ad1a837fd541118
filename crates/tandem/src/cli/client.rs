//! Finding the server and asking it.

use crate::config::paths::default_data_dir;
use crate::failure::{Failure, INCOMPLETE, Outcome, WRONG_USE, wrong_use};
use crate::limits::CONNECT_TIMEOUT;
use crate::server::serverfile::{CONTROL_HEADER, ServerFile};
use anyhow::{Context as _, anyhow};
use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, RequestBuilder};

/// Which server is asked.
#[derive(Args, Clone)]
pub struct ServerChoice {
    /// Address of the server [default: the one that runs on the data folder].
    #[arg(long, env = "TANDEM_URL", value_name = "URL")]
    url: Option<String>,
    /// Data folder of a server on this machine.
    #[arg(long, env = "TANDEM_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(flatten)]
    trust: Trust,
}

/// By whom the certificate of a server must be signed.
#[derive(Args, Clone)]
pub struct Trust {
    /// Certificates (PEM) that the server's must be, or be signed by [default: the public certificate authorities].
    #[arg(long, env = "TANDEM_CA_CERT", value_name = "FILE")]
    ca_cert: Option<PathBuf>,
}

/// A server, found.
pub struct Client {
    agent: Agent,
    url: String,
    token: Option<String>,
    control: Option<String>,
}

impl ServerChoice {
    /// The server at an address; without one, as the environment says, or the one that runs on the data folder.
    pub fn named(url: Option<&str>, trust: &Trust) -> ServerChoice {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        ServerChoice {
            url: url.map(str::to_owned).or_else(|| variable("TANDEM_URL")),
            data_dir: variable("TANDEM_DATA_DIR").map(PathBuf::from),
            trust: trust.clone(),
        }
    }

    /// The data folder that was named, or the default one.
    pub fn data_dir(&self) -> Outcome<PathBuf> {
        self.data_dir.clone().map_or_else(default_data_dir, Ok).map_err(wrong_use)
    }

    /// Whether the server was named by its address.
    pub fn has_url(&self) -> bool {
        self.url.is_some()
    }

    /// A client of the server, by what was said or by the file of a running server.
    pub fn client(&self) -> Outcome<Client> {
        let agent = self.trust.http()?;
        let token = token();
        if let Some(url) = &self.url {
            return Ok(Client { agent, url: url.trim_end_matches('/').to_owned(), token, control: None });
        }
        let data_dir = self.data_dir()?;
        let file = ServerFile::read(&data_dir).map_err(|_| {
            wrong_use(anyhow!(
                "no server runs on {}: start one with `tandem up`, or name it with TANDEM_URL or --data-dir",
                data_dir.display()
            ))
        })?;
        Ok(Client { agent, url: file.http, token, control: Some(file.control) })
    }

    /// A client with the control key, which only the server's own user can read. An address gets it only when the
    /// data folder is named with it, and not by a variable that is set for good, so that no other server learns it.
    pub fn owner(&self) -> Outcome<Client> {
        let mut client = self.client()?;
        let usual = std::env::var_os("TANDEM_DATA_DIR").map(PathBuf::from);
        if client.control.is_none() && self.data_dir != usual {
            let file = self.data_dir.as_deref().and_then(|data_dir| ServerFile::read(data_dir).ok());
            client.control = file.map(|file| file.control);
        }
        Ok(client)
    }
}

/// The API token of the client commands, the ingest token of the agent.
pub fn token() -> Option<String> {
    std::env::var("TANDEM_TOKEN").ok().filter(|token| !token.is_empty())
}

impl Trust {
    /// HTTP as all commands speak it: an error status is an answer, and an absent server is soon known.
    pub fn http(&self) -> Outcome<Agent> {
        let roots = match &self.ca_cert {
            Some(path) => certificates(path).map_err(wrong_use)?,
            None => RootCerts::WebPki,
        };
        Ok(Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .user_agent(concat!("tandem/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build()
            .into())
    }
}

/// The certificates of a file. One that does not read would else be left out without a word.
fn certificates(path: &Path) -> anyhow::Result<RootCerts> {
    let found = CertificateDer::pem_file_iter(path)
        .and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>())
        .with_context(|| format!("cannot read the certificates {}", path.display()))?;
    if found.is_empty() {
        anyhow::bail!("{} has no certificate: it must be PEM", path.display());
    }
    let mut roots = rustls::RootCertStore::empty();
    for certificate in &found {
        roots.add(certificate.clone()).with_context(|| format!("a certificate in {} is damaged", path.display()))?;
    }
    Ok(found.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).into())
}

impl Client {
    /// Posts parameters and reads the answer as it comes.
    pub fn post(&self, path: &str, parameters: &Value) -> Outcome<Body> {
        let request = self.agent.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        let answer =
            self.signed(request).send(parameters.to_string().as_bytes()).map_err(|error| self.unreachable(&error))?;
        checked(answer)
    }

    /// Posts a document, compressed, and reads the answer; with a token that is not for asking, to where such are taken.
    pub fn post_or(&self, path: &str, ingest: &str, document: &Value) -> Outcome<Value> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(document.to_string().as_bytes())?;
        let packed = packed.finish()?;
        let send = |path: &str| {
            let request = self.agent.post(format!("{}{path}", self.url)).header("content-type", "application/json");
            let request = self.signed(request.header("content-encoding", "gzip"));
            request.send(&packed[..]).map_err(|error| self.unreachable(&error))
        };
        let mut answer = send(path)?;
        if self.token.is_some() && matches!(answer.status().as_u16(), 401 | 403) {
            let other = send(ingest)?;
            // What the first said is what there is to be known, when neither takes it.
            if other.status().is_success() {
                answer = other;
            }
        }
        Ok(serde_json::from_reader(checked(answer)?.as_reader()).context("the answer broke off")?)
    }

    /// Posts bytes as they are.
    pub fn send(&self, path: &str, query: &[(&str, &str)], bytes: &[u8]) -> Outcome<Body> {
        let request = self.agent.post(format!("{}{path}", self.url)).header("content-type", "application/octet-stream");
        let request = query.iter().fold(request, |request, (name, value)| request.query(*name, *value));
        checked(self.signed(request).send(bytes).map_err(|error| self.unreachable(&error))?)
    }

    /// With the token, or the key that shows the server's own user.
    fn signed<B>(&self, mut request: RequestBuilder<B>) -> RequestBuilder<B> {
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(control) = &self.control {
            request = request.header(CONTROL_HEADER, control);
        }
        request
    }

    /// Gets a path with a query.
    pub fn get(&self, path: &str, query: &[(&str, &str)]) -> Outcome<Body> {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        for (name, value) in query {
            request = request.query(*name, *value);
        }
        let answer = self.signed(request).call().map_err(|error| self.unreachable(&error))?;
        checked(answer)
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        let message = format!("no answer from {} ({error}): is the server running? `tandem up` starts one", self.url);
        Failure { code: INCOMPLETE, error: anyhow!(message) }
    }
}

fn checked(answer: ureq::http::Response<Body>) -> Outcome<Body> {
    let status = answer.status();
    let mut body = answer.into_body();
    if status.is_success() {
        return Ok(body);
    }
    let text = body.read_to_string().unwrap_or_default();
    let code = if status.is_client_error() { WRONG_USE } else { INCOMPLETE };
    match serde_json::from_str::<Value>(&text) {
        Ok(value) if value["error"].is_object() => Err(Failure { code, error: error(&value["error"]) }),
        _ => Err(Failure { code, error: anyhow!("the server answered {status}: {}", text.trim()) }),
    }
}

/// An error of the API as people read it.
pub fn error(error: &Value) -> anyhow::Error {
    let message = error["message"].as_str().unwrap_or("unknown error");
    match error["help"].as_str() {
        // The query with a caret below it: only at the start of a line the caret is where it belongs.
        Some(help) if help.contains('\n') => anyhow!("the query is wrong:\n{help}"),
        Some(help) => anyhow!("{message}\nhelp: {help}"),
        None => anyhow!("{message}"),
    }
}

/// Lines of the answer as they come.
pub fn lines(body: Body) -> impl Iterator<Item = anyhow::Result<String>> {
    BufReader::new(body.into_reader()).lines().map(|line| line.context("the answer broke off"))
}
