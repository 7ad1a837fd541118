//! HTTP as the tests speak it: every status is an answer.

use crate::schema;
use crate::server::DEADLINE;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use ureq::http::{HeaderMap, Request};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, BodyReader};

/// Who signed the server's certificate: itself.
pub const CERTIFICATE: &[u8] = include_bytes!("tls/cert.pem");

/// A client; with a certificate it trusts that one alone.
pub fn agent(certificate: Option<&[u8]>) -> Agent {
    let roots = certificate.map(|pem| {
        let certificate = Certificate::from_pem(pem).unwrap();
        TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[certificate])).build()
    });
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(DEADLINE));
    config.tls_config(roots.unwrap_or_default()).build().into()
}

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// As text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// As lines of JSON.
    pub fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks the status, and that the text names all of these.
    pub fn says(&self, status: u16, parts: &[&str]) {
        let text = self.text();
        assert_eq!(self.status, status, "{text}");
        for part in parts {
            assert!(text.contains(part), "{part:?} is missing in: {text}");
        }
    }

    /// Checks an error of the API: its status, and that message and remedy together name all of these.
    pub fn refuses(&self, status: u16, parts: &[&str]) {
        self.says(status, parts);
        let error = &self.json()["error"];
        assert!(error["message"].is_string() && error["help"].is_string(), "no message or no remedy: {error}");
    }
}

/// Sends a request; answers as soon as the headers are there.
pub fn open(
    agent: &Agent,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> ureq::http::Response<Body> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = if matches!(method, "GET" | "HEAD" | "DELETE" | "OPTIONS") {
        agent.run(request.body(()).unwrap())
    } else {
        agent.run(request.body(body).unwrap())
    };
    answer.unwrap_or_else(|error| panic!("{method} {url}: {error}"))
}

/// Sends a request and reads the whole answer.
pub fn send(agent: &Agent, method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let answer = open(agent, method, url, headers, body);
    let (parts, mut body) = answer.into_parts();
    let mut bytes = Vec::new();
    body.as_reader().read_to_end(&mut bytes).unwrap();
    let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body: bytes };
    // Every test guards the description of the API.
    let address = url.split_once("//").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
    if address.starts_with("/api/v1/") {
        let kind = answer.header("content-type");
        let differs = schema::differs(schema::document(), method, address, answer.status, kind, &answer.body);
        assert!(differs.is_none(), "{}\n{}", differs.unwrap_or_default(), answer.text());
    }
    answer
}

/// The lines of an answer as they come.
pub fn lines(answer: ureq::http::Response<Body>) -> Lines<BufReader<BodyReader<'static>>> {
    BufReader::new(answer.into_body().into_reader()).lines()
}

/// Compressed by gzip.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
