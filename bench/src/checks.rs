//! `bench checks`: verdicts a second by the admission webhook, over TLS, for 31 services; and how long each takes.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use ureq::Agent;
use ureq::tls::TlsConfig;
use xtask::args::Args;
use xtask::server::{Server, work_dir};

/// Services that grow.
const SERVICES: usize = 31;
/// Verdicts a second that are asked for.
const RATE: f64 = 1_000.0;
/// Milliseconds in which 99 of 100 are answered.
const P99: f64 = 20.0;
/// Once a second so many are asked at this rate: what a cluster that scales everything at once does.
const PACED: f64 = 1_200.0;

/// Runs it.
pub fn run(bin: &Path, args: &Args) -> Result<()> {
    let seconds: u64 = args.number("seconds", 10)?;
    let connections: usize = args.number("connections", 4)?;
    let work = work_dir("bench-checks")?;
    let data = work.join("data");
    let server = Server::start_with(bin, &data, &work.join("server.log"), &["--no-watch", "--tls-self-signed"])?;
    let file: Value = serde_json::from_slice(&std::fs::read(data.join("server.json"))?)?;
    let url = file["http"].as_str().context("server.json names no address")?.to_owned();
    let control = file["control"].as_str().context("server.json has no key")?.to_owned();
    ensure!(url.starts_with("https://"), "{url} is not TLS");
    let asking = Asking { url, control };
    fill(&asking)?;
    // What is written down once is written now.
    let agent = agent();
    (0..SERVICES).try_for_each(|service| asking.ask(&agent, service).map(drop))?;
    for (name, pace) in [("as fast as it goes", None), ("at 1,200 a second", Some(PACED))] {
        let took = drive(&asking, connections, Duration::from_secs(seconds), pace)?;
        let (rate, p50, p99, worst) = figures(took, seconds);
        println!("{name}: {rate:.0} verdicts a second, p50 {p50:.1} ms, p99 {p99:.1} ms, slowest {worst:.1} ms");
        let reached = if pace.is_some() { p99 < P99 && rate >= RATE } else { rate >= RATE };
        println!("  {} (asked: {RATE:.0} a second, p99 {P99:.0} ms)", if reached { "reached" } else { "MISSED" });
    }
    server.stop()?;
    std::fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))
}

/// A server with TLS, and its own user's key.
struct Asking {
    url: String,
    control: String,
}

fn agent() -> Agent {
    // The certificate is the server's own, made for this run.
    let tls = TlsConfig::builder().disable_verification(true).build();
    Agent::config_builder().http_status_as_error(false).tls_config(tls).build().into()
}

impl Asking {
    fn post(&self, agent: &Agent, path: &str, body: &Value) -> Result<Value> {
        let request = agent.post(format!("{}{path}", self.url)).header("x-tandem-control", &self.control);
        let mut answer = request.header("content-type", "application/json").send(body.to_string())?;
        let text = answer.body_mut().read_to_string()?;
        ensure!(answer.status() == 200, "{path}: {}: {text}", answer.status());
        Ok(serde_json::from_str(&text)?)
    }

    /// Asks what a cluster asks when a service grows.
    fn ask(&self, agent: &Agent, service: usize) -> Result<Value> {
        let name = format!("shop-{service}");
        let object = |replicas: u32| {
            json!({"metadata": {"name": name, "namespace": "web"}, "spec": {"replicas": replicas},
            "status": {"replicas": 10, "selector": format!("app.kubernetes.io/name={name}")}})
        };
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
            "uid": name, "kind": {"group": "autoscaling", "version": "v1", "kind": "Scale"}, "subResource": "scale",
            "name": name, "namespace": "web", "operation": "UPDATE", "object": object(1_000), "oldObject": object(10)}});
        let answer = self.post(agent, "/api/v1/admission?environment=production", &review)?;
        ensure!(answer["response"]["auditAnnotations"]["verdict"].is_string(), "no verdict was kept: {answer}");
        Ok(answer)
    }
}

/// Services that are known and owned.
fn fill(asking: &Asking) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as i64;
    let agent = agent();
    let team = json!({"kind": "team", "key": "shop"});
    let mut observations = Vec::new();
    for number in 0..SERVICES {
        let service = json!({"kind": "service", "key": format!("shop-{number}")});
        observations.push(json!({"about": {"entity": service}, "at": now, "attributes": {"tier": "1"}}));
        let owned = json!({"kind": "owned_by", "from": service, "to": team});
        observations.push(json!({"about": {"relation": owned}, "at": now}));
    }
    asking.post(&agent, "/api/v1/facts", &json!({"origin": "catalog", "observations": observations})).map(drop)
}

/// Milliseconds of each answer, over some connections; with a pace, those of a fixed timetable, so that waiting counts.
fn drive(asking: &Asking, connections: usize, time: Duration, pace: Option<f64>) -> Result<Vec<f64>> {
    let all = Mutex::new(Vec::new());
    let started = Instant::now();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|connection| {
                let all = &all;
                scope.spawn(move || -> Result<()> {
                    let (agent, mut took) = (agent(), Vec::new());
                    for turn in 0.. {
                        let mut from = Instant::now();
                        if let Some(pace) = pace {
                            let due = (turn * connections + connection) as f64 / pace;
                            from = started + Duration::from_secs_f64(due);
                            std::thread::sleep(from.saturating_duration_since(Instant::now()));
                        }
                        if from.duration_since(started) >= time {
                            break;
                        }
                        asking.ask(&agent, (turn + connection) % SERVICES)?;
                        took.push(from.elapsed().as_secs_f64() * 1e3);
                    }
                    all.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(took);
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(done) => done,
            Err(_) => anyhow::bail!("a connection broke off"),
        })
    })?;
    Ok(all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// Rate, median, 99 of 100, slowest.
fn figures(mut took: Vec<f64>, seconds: u64) -> (f64, f64, f64, f64) {
    took.sort_by(f64::total_cmp);
    let at = |share: f64| took.get(((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1))).copied();
    let rate = took.len() as f64 / seconds as f64;
    (rate, at(0.5).unwrap_or(0.0), at(0.99).unwrap_or(0.0), at(1.0).unwrap_or(0.0))
}
