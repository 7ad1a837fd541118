//! Client commands: finding the server and asking it.

use crate::config::paths::{SERVER_FILE, default_data_dir};
use crate::limits::CONNECT_TIMEOUT;
use crate::server::Addresses;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use ureq::{Agent, Body};

/// Which server is asked.
#[derive(Args, Clone)]
pub struct ServerChoice {
    /// Address of the server [default: the one that runs on the data folder].
    #[arg(long, env = "TANDEM_URL", value_name = "URL")]
    pub url: Option<String>,
    /// Data folder of a server on this machine.
    #[arg(long, env = "TANDEM_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

/// A server, found.
pub struct Client {
    agent: Agent,
    url: String,
    token: Option<String>,
}

impl ServerChoice {
    /// The address, by what was said or by the file of a running server.
    pub fn url(&self) -> Result<String> {
        if let Some(url) = &self.url {
            return Ok(url.trim_end_matches('/').to_owned());
        }
        let data_dir = self.data_dir.clone().map_or_else(default_data_dir, Ok)?;
        let file = data_dir.join(SERVER_FILE);
        let bytes = std::fs::read(&file).map_err(|_| {
            anyhow::anyhow!(
                "no server runs on {}: start one with `tandem up`, or name it with TANDEM_URL or --data-dir",
                data_dir.display()
            )
        })?;
        let addresses: Addresses =
            serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged; start the server again", file.display()))?;
        Ok(addresses.http)
    }

    /// A client of it.
    pub fn client(&self) -> Result<Client> {
        let token = std::env::var("TANDEM_TOKEN").ok().filter(|token| !token.is_empty());
        Ok(Client { agent: agent(), url: self.url()?, token })
    }
}

/// HTTP as all commands speak it: errors are answers, and no answer is too long in coming.
pub fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .user_agent(concat!("tandem/", env!("CARGO_PKG_VERSION")));
    config.build().into()
}

impl Client {
    /// Posts parameters and reads the answer as it comes.
    pub fn post(&self, path: &str, parameters: &Value) -> Result<Body> {
        let mut request = self.agent.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = request.send(parameters.to_string().as_bytes()).map_err(|error| self.unreachable(&error))?;
        checked(answer)
    }

    /// Gets a path.
    pub fn get(&self, path: &str, accept: &str) -> Result<Body> {
        let mut request = self.agent.get(format!("{}{path}", self.url)).header("accept", accept);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = request.call().map_err(|error| self.unreachable(&error))?;
        checked(answer)
    }

    fn unreachable(&self, error: &ureq::Error) -> anyhow::Error {
        anyhow::anyhow!("no answer from {} ({error}): is the server running? `tandem up` starts one", self.url)
    }
}

fn checked(answer: http::Response<Body>) -> Result<Body> {
    let status = answer.status();
    let mut body = answer.into_body();
    if status.is_success() {
        return Ok(body);
    }
    let text = body.read_to_string().unwrap_or_default();
    match serde_json::from_str::<Value>(&text) {
        Ok(value) if value["error"].is_object() => Err(error(&value["error"])),
        _ => bail!("the server answered {status}: {}", text.trim()),
    }
}

/// An error of the API as people read it.
pub fn error(error: &Value) -> anyhow::Error {
    let message = error["message"].as_str().unwrap_or("unknown error");
    match error["help"].as_str() {
        Some(help) if help.contains('\n') => anyhow::anyhow!("{help}"),
        Some(help) => anyhow::anyhow!("{message}\nhelp: {help}"),
        None => anyhow::anyhow!("{message}"),
    }
}

/// Lines of JSON as they come.
pub fn lines(body: Body) -> impl Iterator<Item = Result<Value>> {
    let reader = BufReader::new(body.into_reader());
    reader.lines().filter(|line| !line.as_ref().is_ok_and(|line| line.trim().is_empty())).map(|line| {
        let line = line.context("the answer broke off")?;
        serde_json::from_str(&line).context("the server answered something that is not JSON")
    })
}
