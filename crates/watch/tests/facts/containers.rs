//! Containers: an engine that answers what a test wrote, and folders of containerd.

use crate::machine::{Machine, SECOND, T0, entity, poll};
use chrono::DateTime;
use model::{About, Facts};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

const WEB: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const JOB: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const IMAGE: &str = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";

/// What the engine answers to a path, without its query.
#[derive(Clone)]
enum Answer {
    Json(String),
    Chunked(String),
    Raw(Vec<u8>),
    /// Takes the request and says nothing until the other side goes.
    Silence,
}

/// An engine at a socket; all that was asked.
struct Engine {
    answers: Arc<Mutex<BTreeMap<String, Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Engine {
    fn at(socket: &Path) -> Engine {
        let listener = UnixListener::bind(socket).unwrap();
        let engine = Engine { answers: Arc::default(), asked: Arc::default() };
        let (answers, asked) = (engine.answers.clone(), engine.asked.clone());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(stream, &answers, &asked);
            }
        });
        engine.answer("/containers/json", Answer::Json("[]".to_owned()));
        engine.answer("/events", Answer::Json(String::new()));
        engine
    }

    fn answer(&self, path: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    fn list(&self, containers: &[(&str, &str)]) {
        let all: Vec<Value> = containers
            .iter()
            .map(|(id, state)| json!({"Id": id, "State": state, "Names": ["/x"], "Command": "run --password=SECRET"}))
            .collect();
        self.answer("/containers/json", Answer::Json(Value::from(all).to_string()));
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn serve(stream: UnixStream, answers: &Mutex<BTreeMap<String, Answer>>, asked: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let Some(Ok(first)) = lines.next() else { return };
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    asked.lock().unwrap().push(first.clone());
    let target = first.split(' ').nth(1).unwrap();
    let answer = answers.lock().unwrap().get(target.split('?').next().unwrap()).cloned();
    let mut out = stream;
    // The other side may hang up before all of it is written.
    let _ = match answer {
        Some(Answer::Json(text)) => {
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", text.len());
            out.write_all((head + &text).as_bytes())
        }
        Some(Answer::Chunked(text)) => {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let half = text.len() / 2;
            let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
            let body = chunk(&text[..half]) + &chunk(&text[half..]) + "0\r\n\r\n";
            out.write_all((head.to_owned() + &body).as_bytes())
        }
        Some(Answer::Raw(bytes)) => out.write_all(&bytes),
        Some(Answer::Silence) => {
            // Ends when the other side hangs up.
            lines.next();
            Ok(())
        }
        None => out.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 24\r\n\r\n{\"message\":\"no such one\"}"),
    };
}

fn time(at: i64) -> String {
    DateTime::from_timestamp_nanos(at).to_rfc3339()
}

fn description(started: i64, ended: Option<i64>) -> String {
    json!({
        "Id": WEB,
        "Name": "/shop-web-1",
        "Image": format!("sha256:{IMAGE}"),
        "Path": "/app/run", "Args": ["--password=SECRET"],
        "State": {
            "Running": ended.is_none(),
            "StartedAt": time(started),
            "FinishedAt": ended.map_or("0001-01-01T00:00:00Z".to_owned(), time),
        },
        "Config": {
            "Image": "registry.example.org/shop/web:1.4",
            "User": "1000:1000",
            "Env": ["TOKEN=SECRET"],
            "Cmd": ["run"],
            "Labels": {"com.docker.compose.project": "shop", "com.docker.compose.service": "web", "maintainer": "ada"},
        },
        "HostConfig": {"Privileged": true},
        "NetworkSettings": {"Ports": {
            "80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}, {"HostIp": "::", "HostPort": "8080"}],
            "9000/tcp": null,
        }},
    })
    .to_string()
}

fn event(action: &str, id: &str, at: i64) -> String {
    json!({
        "Type": "container", "Action": action, "time": at / SECOND, "timeNano": at,
        "Actor": {"ID": id, "Attributes": {
            "image": "shop/migrate:7", "name": "migrate", "com.docker.compose.project": "shop", "maintainer": "ada",
        }},
    })
    .to_string()
        + "\n"
}

/// `seen`/`ended`, what, and when, of containers and their relations.
fn told(facts: &Facts) -> Vec<(bool, String, i64)> {
    let one = |one: &model::Observation| {
        let name = match &one.about {
            About::Entity(entity) if entity.kind == "container" => entity.key[..1].to_owned(),
            About::Relation(relation) if relation.from.kind == "container" => {
                format!("{} {} {}", &relation.from.key[..1], relation.kind, relation.to)
            }
            _ => return None,
        };
        Some((one.ended, name, one.at))
    };
    facts.observations.iter().filter_map(one).collect()
}

fn seen(name: &str, at: i64) -> (bool, String, i64) {
    (false, name.to_owned(), at)
}

fn ended(name: &str, at: i64) -> (bool, String, i64) {
    (true, name.to_owned(), at)
}

#[test]
fn a_container_is_told_from_its_start_to_its_end() {
    let machine = Machine::new();
    let engine = Engine::at(&machine.path("docker.sock"));
    let started = T0 - 7200 * SECOND;
    engine.list(&[(WEB, "running")]);
    engine.answer(&format!("/containers/{WEB}/json"), Answer::Chunked(description(started, None)));
    let digests =
        json!({"RepoDigests": ["registry.example.org/shop/web@sha256:feed"], "Config": {"Env": ["A=SECRET"]}});
    engine.answer(&format!("/images/sha256:{IMAGE}/json"), Answer::Json(digests.to_string()));
    let mut facts = machine.facts();
    let said = poll(&mut facts, T0);
    let image = "a uses_image container.image:registry.example.org/shop/web@sha256:feed";
    assert_eq!(told(&said), [seen("a", started), seen("a runs_on host:web1", started), seen(image, started)]);
    let attributes = entity(&said, &format!("container:{WEB}")).unwrap();
    for (key, value) in [
        ("container.name", json!("shop-web-1")),
        ("container.image", json!("registry.example.org/shop/web:1.4")),
        ("compose.project", json!("shop")),
        ("compose.service", json!("web")),
        ("privileged", json!(true)),
        ("root_user", json!(false)),
        ("published_ports", json!(["0.0.0.0:8080->80/tcp", "[::]:8080->80/tcp"])),
    ] {
        assert_eq!(attributes.get(key), Some(&value), "{key}");
    }
    let all = serde_json::to_string(&said).unwrap();
    assert!(!all.contains("SECRET") && !all.contains("ada"), "{all}");
    assert!(engine.asked().iter().all(|request| request.starts_with("GET /")));

    assert!(told(&poll(&mut facts, T0 + 10 * SECOND)).is_empty());
    assert_eq!(engine.asked().len(), 2, "one that is known is not described again");

    // The agent starts anew while it still runs, and then it ends.
    drop(facts);
    let mut facts = machine.facts();
    assert!(told(&poll(&mut facts, T0 + 20 * SECOND)).is_empty(), "it is remembered");
    let end = T0 + 25 * SECOND;
    engine.list(&[(WEB, "exited")]);
    engine.answer(&format!("/containers/{WEB}/json"), Answer::Json(description(started, Some(end))));
    engine.answer("/events", Answer::Chunked(event("die", WEB, end + SECOND / 100)));
    let said = poll(&mut facts, T0 + 30 * SECOND);
    assert_eq!(told(&said), [ended("a", end), ended("a runs_on host:web1", end), ended(image, end)]);
    engine.answer("/events", Answer::Json(String::new()));
    assert!(told(&poll(&mut facts, T0 + 40 * SECOND)).is_empty());
}

#[test]
fn a_container_that_lived_40_seconds_between_two_polls_is_told() {
    let machine = Machine::new();
    let engine = Engine::at(&machine.path("docker.sock"));
    let mut facts = machine.facts();
    assert!(told(&poll(&mut facts, T0)).is_empty());
    let (start, end) = (T0 + 5 * SECOND, T0 + 45 * SECOND);
    // It removed itself: nothing but the events knows of it.
    engine.answer("/events", Answer::Json(event("start", JOB, start) + &event("die", JOB, end)));
    let lost = facts.poll(T0 + 60 * SECOND);
    let said = poll(&mut facts, T0 + 61 * SECOND);
    let image = "b uses_image container.image:shop/migrate:7";
    let life = [
        seen("b", start),
        seen("b runs_on host:web1", start),
        seen(image, start),
        ended("b", end),
        ended("b runs_on host:web1", end),
        ended(image, end),
    ];
    assert_eq!(told(&said), life);
    assert_eq!(told(&lost), life, "told again, because nobody said that it arrived");
    assert_eq!(entity(&said, &format!("container:{JOB}")).unwrap()["container.name"], "migrate");
    let events = engine.asked().into_iter().filter(|one| one.contains("/events")).collect::<Vec<_>>();
    let since = format!("since={}.000000000&until=", T0 / SECOND);
    assert!(events[1].contains(&since) && events[2].contains(&since), "{events:?}");
    assert!(told(&poll(&mut facts, T0 + 70 * SECOND)).is_empty(), "older events say nothing new");
}

#[test]
fn a_restart_between_two_polls_is_an_end_and_a_start() {
    let machine = Machine::new();
    let engine = Engine::at(&machine.path("docker.sock"));
    let (first, second) = (T0 - 600 * SECOND, T0 + 8 * SECOND);
    engine.list(&[(WEB, "running")]);
    engine.answer(&format!("/containers/{WEB}/json"), Answer::Json(description(first, None)));
    let mut facts = machine.facts();
    poll(&mut facts, T0);
    engine.answer(&format!("/containers/{WEB}/json"), Answer::Json(description(second, None)));
    let died = T0 + 5 * SECOND;
    engine.answer("/events", Answer::Json(event("die", WEB, died) + &event("start", WEB, second + 1000)));
    let said = told(&poll(&mut facts, T0 + 10 * SECOND));
    let of_container: Vec<_> = said.into_iter().filter(|(_, name, _)| name == "a").collect();
    assert_eq!(of_container, [ended("a", died), seen("a", second)]);
}

#[test]
fn one_container_that_hangs_does_not_hide_the_others() {
    let machine = Machine::new();
    let engine = Engine::at(&machine.path("docker.sock"));
    engine.list(&[(JOB, "running"), (WEB, "running")]);
    engine.answer(&format!("/containers/{JOB}/json"), Answer::Silence);
    engine.answer(&format!("/containers/{WEB}/json"), Answer::Json(description(T0 - 60 * SECOND, None)));
    let mut facts = machine.facts();
    assert_eq!(told(&poll(&mut facts, T0))[0], seen("a", T0 - 60 * SECOND));
    engine.asked();
    poll(&mut facts, T0 + 10 * SECOND);
    assert!(engine.asked().iter().all(|request| !request.contains(JOB)), "it is left alone for a minute");
    poll(&mut facts, T0 + 80 * SECOND);
    assert!(engine.asked().iter().any(|request| request.contains(JOB)));
}

#[test]
fn an_engine_that_misbehaves_harms_nothing() {
    let oversized = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n[", 1u64 << 40);
    let answers = [
        Answer::Json("{\"message\":\"not a list\"}".to_owned()),
        Answer::Json("[{]".to_owned()),
        Answer::Raw(Vec::new()),
        Answer::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        Answer::Raw(oversized.into_bytes()),
        Answer::Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n[".to_vec()),
        Answer::Raw(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\n{}".to_vec()),
        Answer::Silence,
    ];
    let machine = Machine::new();
    let engine = Engine::at(&machine.path("docker.sock"));
    engine.list(&[(WEB, "running")]);
    engine.answer(&format!("/containers/{WEB}/json"), Answer::Json(description(T0 - 9 * SECOND, None)));
    let mut facts = machine.facts();
    assert!(!told(&poll(&mut facts, T0)).is_empty());
    let mut now = T0;
    for answer in answers {
        engine.answer("/containers/json", answer);
        // A failed engine is left alone for a minute.
        now += 100 * SECOND;
        engine.asked();
        let said = poll(&mut facts, now);
        assert!(told(&said).is_empty(), "what cannot be asked has not ended");
        let unreadable = entity(&said, "host:web1").unwrap()["unreadable"].to_string();
        assert!(unreadable.contains("docker.sock"), "{unreadable}");
        assert_eq!(engine.asked().len(), 1);
        poll(&mut facts, now + 10 * SECOND);
        assert!(engine.asked().is_empty());
    }
    // An id is part of a path that is asked for: only ids are taken.
    engine.list(&[("../../secrets", "running"), (WEB, "running")]);
    let said = poll(&mut facts, now + 200 * SECOND);
    assert!(told(&said).is_empty() && !entity(&said, "host:web1").unwrap().contains_key("unreadable"));
    assert!(engine.asked().iter().all(|request| !request.contains("secrets")));
    // It is gone without an event.
    engine.list(&[]);
    let last = now + 210 * SECOND;
    assert_eq!(told(&poll(&mut facts, last))[0], ended("a", last));
}

#[test]
fn pods_of_containerd() {
    let machine = Machine::new();
    let bundle = |namespace: &str, id: &str| format!("containerd/io.containerd.runtime.v2.task/{namespace}/{id}");
    let config = |kind: &str| {
        json!({
            "ociVersion": "1.1.0",
            "process": {
                "user": {"uid": 0, "gid": 0},
                "args": ["run", "--password=SECRET"],
                "env": ["TOKEN=SECRET"],
                "capabilities": {"bounding": ["CAP_CHOWN"]},
            },
            "linux": {"maskedPaths": ["/proc/kcore"]},
            "annotations": {
                "io.kubernetes.cri.container-type": kind,
                "io.kubernetes.cri.container-name": "api",
                "io.kubernetes.cri.sandbox-name": "shop-api-6d4f",
                "io.kubernetes.cri.sandbox-namespace": "shop",
                "io.kubernetes.cri.image-name": "registry.example.org/shop/api@sha256:beef",
            },
        })
        .to_string()
    };
    machine.write(&(bundle("k8s.io", WEB) + "/config.json"), config("container"));
    machine.write(&(bundle("k8s.io", WEB) + "/init.pid"), "4711");
    machine.write(&(bundle("k8s.io", JOB) + "/config.json"), config("sandbox"));
    machine.write(&(bundle("moby", IMAGE) + "/config.json"), config("container"));
    machine.write(&(bundle("k8s.io", "half") + "/config.json"), "{\"process\": ");
    let started = std::time::UNIX_EPOCH + std::time::Duration::from_nanos(u64::try_from(T0 - 30 * SECOND).unwrap());
    let pid = std::fs::File::options().write(true).open(machine.path(&(bundle("k8s.io", WEB) + "/init.pid"))).unwrap();
    pid.set_modified(started).unwrap();
    let mut facts = machine.facts();
    let said = poll(&mut facts, T0);
    let at = T0 - 30 * SECOND;
    assert_eq!(
        told(&said),
        [
            seen("a", at),
            seen("a runs_on host:web1", at),
            seen("a uses_image container.image:registry.example.org/shop/api@sha256:beef", at),
            seen("a part_of k8s.pod:shop/shop-api-6d4f", at),
        ]
    );
    let attributes = entity(&said, &format!("container:{WEB}")).unwrap();
    assert_eq!((&attributes["privileged"], &attributes["root_user"]), (&json!(false), &json!(true)));
    assert_eq!(attributes["k8s.container.name"], "api");
    assert!(!serde_json::to_string(&said).unwrap().contains("SECRET"));
    std::fs::remove_dir_all(machine.path(&bundle("k8s.io", WEB))).unwrap();
    let said = told(&poll(&mut facts, T0 + 10 * SECOND));
    assert_eq!(said.len(), 4);
    assert_eq!(said[0], ended("a", T0 + 10 * SECOND));
}
