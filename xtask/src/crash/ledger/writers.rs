//! Persons who decide, hand over and record, each by a session of its own, until every request is acknowledged.

use crate::crash::aim::{Aim, Open};
use crate::http::{Answer, Client};
use crate::server::Server;
use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

/// Services of one writer that change hands.
pub const SERVICES: u64 = 4;
/// Time between two facts of a writer.
const STEP_NANOS: i64 = 1_000_000;
/// Everything was a while ago, so that "now" is after all of it.
const AGO_NANOS: i64 = 86_400 * 1_000_000_000;

/// Somebody who has logged in.
#[derive(Clone)]
pub struct Person {
    /// The log-in.
    pub name: String,
    cookie: String,
    csrf: String,
}

impl Person {
    /// Makes a user who may edit, and logs in.
    pub fn join(server: &Server, name: &str) -> Result<Person> {
        let json = |answer: Answer| -> Result<Value> {
            ensure!(answer.status == 200, "{name} was answered {}: {}", answer.status, answer.text());
            Ok(serde_json::from_slice(&answer.body)?)
        };
        let grant = json!({"role": "editor", "team": "*", "datasets": ["*"]});
        let made = server.api().post_json("/api/v1/users", &json!({"login": name, "grants": [grant]}))?;
        let password = json(made)?["password"].take();
        let mut client = Client::new(server.http, crate::server::ANSWER_TIMEOUT);
        let mut answer = client.post_json("/api/v1/login", &json!({"login": name, "password": password}))?;
        let cookie = answer.cookie.take().context("a log-in sets no cookie")?;
        let csrf = json(answer)?["csrf"].as_str().context("a log-in answers no csrf")?.to_owned();
        Ok(Person { name: name.to_owned(), cookie, csrf })
    }

    fn post(&self, client: &mut Client, path: &str, body: &str) -> Result<Answer> {
        let headers =
            [("content-type", "application/json"), ("cookie", self.cookie.as_str()), ("x-csrf-token", &self.csrf)];
        client.request("POST", path, &headers, body.as_bytes())
    }
}

/// What one request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A decision that cites the one before.
    Decision,
    /// A decision with the claim that follows from it.
    HandOver,
    /// A service that was seen, and its deployment.
    Facts,
}

/// One request: everything in it follows from writer and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Op {
    /// Whose.
    pub writer: u64,
    /// Which.
    pub number: u64,
}

impl Op {
    /// What is asked for.
    pub fn kind(self) -> Kind {
        [Kind::Decision, Kind::HandOver, Kind::Facts][(self.number % 3) as usize]
    }

    /// Its name: the reason of a decision, the key and version of a change.
    pub fn name(self) -> String {
        format!("crash {} {}", self.writer, self.number)
    }

    /// The request by its name.
    pub fn named(name: &str) -> Option<Op> {
        let (writer, number) = name.strip_prefix("crash ")?.split_once(' ')?;
        Some(Op { writer: writer.parse().ok()?, number: number.parse().ok()? })
    }

    /// The service that it is about.
    pub fn service(self) -> String {
        match self.kind() {
            Kind::Decision => format!("decided-{}", self.writer),
            Kind::HandOver => format!("handed-{}-{}", self.writer, self.number / 3 % SERVICES),
            Kind::Facts => format!("seen-{}-{}", self.writer, self.number),
        }
    }

    /// The team that it names.
    pub fn team(self) -> String {
        format!("team-{}-{}", self.writer, self.number)
    }

    /// When that was so.
    pub fn at(self, base: i64) -> i64 {
        base + self.number as i64 * STEP_NANOS
    }

    /// Path and body.
    fn request(self, base: i64, cites: Option<i64>) -> (&'static str, Value) {
        let (at, service) = (self.at(base), json!({"kind": "service", "key": self.service()}));
        match self.kind() {
            Kind::Decision => {
                let cites: Vec<Value> = cites.map(|id| json!({"fact": id})).into_iter().collect();
                let team = json!({"kind": "team", "key": self.team()});
                let body = json!({"key": self.name(), "kind": "triage", "at": at, "entity": service,
                    "reason": self.name(), "owner": team, "cites": cites, "body": {"number": self.number}});
                ("/api/v1/decisions", body)
            }
            Kind::HandOver => {
                let of = format!("service:{}", self.service());
                ("/api/v1/owners", json!({"entity": of, "owner": self.team(), "reason": self.name(), "at": at}))
            }
            Kind::Facts => {
                let seen = json!({"about": {"entity": service}, "at": at, "attributes": {"name": self.name()}});
                let change = json!({"key": self.name(), "kind": "deployment", "entity": service, "at": at,
                    "version": self.name()});
                ("/api/v1/facts", json!({"origin": "crash", "observations": [seen], "changes": [change]}))
            }
        }
    }
}

/// What a writer was told of its requests, from number 0 on: ids of decisions.
pub type Told = Vec<Option<i64>>;

struct Shared {
    aim: Aim<SocketAddr>,
    base: i64,
    told: Vec<Mutex<Told>>,
    retried: AtomicU64,
    repeated: AtomicU64,
}

/// Writers at work.
pub struct Writers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// What was written in the end.
pub struct Written {
    /// What each writer was told.
    pub told: Vec<Told>,
    /// Requests that were sent more than once.
    pub retried: u64,
    /// Decisions that were there already when they were sent again.
    pub repeated: u64,
}

/// Decisions and other requests.
pub fn counts(told: &[Told]) -> (usize, usize) {
    let decisions = told.iter().flatten().flatten().count();
    (decisions, told.iter().map(Vec::len).sum::<usize>() - decisions)
}

impl Writers {
    /// One for each person; they wait until they are aimed at a server.
    pub fn start(persons: &[Person]) -> Result<Writers> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as i64;
        let shared = Arc::new(Shared {
            aim: Aim::default(),
            base: now - AGO_NANOS,
            told: persons.iter().map(|_| Mutex::default()).collect(),
            retried: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
        });
        let mut threads = Vec::new();
        for (writer, person) in persons.iter().cloned().enumerate() {
            let shared = shared.clone();
            threads.push(std::thread::Builder::new().spawn(move || shared.write(writer as u64, &person))?);
        }
        Ok(Writers { shared, threads })
    }

    /// Points the writers at a server, or makes them wait.
    pub fn aim(&self, server: Option<SocketAddr>) {
        self.shared.aim.at(server);
    }

    /// When request 0 says that it was.
    pub fn base(&self) -> i64 {
        self.shared.base
    }

    /// What each writer was told so far. Fails when one was told what nobody sends again.
    pub fn told(&self) -> Result<Vec<Told>> {
        self.shared.aim.fatal()?;
        Ok(self.shared.told.iter().map(|told| told.lock().unwrap_or_else(PoisonError::into_inner).clone()).collect())
    }

    /// Lets every writer finish the request that it is at.
    pub fn finish(mut self) -> Result<Written> {
        self.shared.aim.stop();
        for thread in self.threads.drain(..) {
            thread.join().map_err(|_| anyhow!("a writer panicked"))?;
        }
        let count = |count: &AtomicU64| count.load(Ordering::SeqCst);
        let (retried, repeated) = (count(&self.shared.retried), count(&self.shared.repeated));
        Ok(Written { told: self.told()?, retried, repeated })
    }
}

impl Shared {
    fn write(&self, writer: u64, person: &Person) {
        let (mut open, mut before) = (None, None);
        for number in 0.. {
            if self.aim.is_stopped() {
                return;
            }
            match self.deliver(Op { writer, number }, person, before, &mut open) {
                Ok(decision) => {
                    before = decision.or(before);
                    self.told[writer as usize].lock().unwrap_or_else(PoisonError::into_inner).push(decision);
                }
                Err(error) => return self.aim.fail(format!("writer {writer}, request {number}: {error:#}")),
            }
        }
    }

    fn deliver(&self, op: Op, person: &Person, cites: Option<i64>, open: &mut Open<SocketAddr>) -> Result<Option<i64>> {
        let (path, body) = op.request(self.base, cites);
        let body = body.to_string();
        let (answer, attempts) = self.aim.deliver(|server| server, open, |client| person.post(client, path, &body))?;
        if attempts > 1 {
            self.retried.fetch_add(1, Ordering::SeqCst);
        }
        let answer: Value = serde_json::from_slice(&answer.body).context("an answer is not JSON")?;
        if op.kind() == Kind::Facts {
            return Ok(None);
        }
        if answer["repeated"] == true {
            self.repeated.fetch_add(1, Ordering::SeqCst);
        }
        Ok(Some(answer["decision"].as_i64().context("a decision has no id")?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_known_by_their_names() {
        for number in 0..3 {
            let op = Op { writer: 2, number };
            assert_eq!(Op::named(&op.name()), Some(op));
            assert!(op.request(7, None).1.to_string().contains(&op.name()));
        }
        assert_eq!(Op::named("another reason"), None);
        assert_eq!(counts(&[vec![Some(1), Some(2), None], vec![Some(3)]]), (3, 1));
    }
}
