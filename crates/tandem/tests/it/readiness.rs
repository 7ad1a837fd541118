//! Levers, the recovery plan, drills and Home through the real server and its command line.

use crate::server::{Ended, Killed, Server, binary, eventually, follow, free_ports, fresh, run, tandem};
use know::levers;
use know::situation::Given;
use ledger::{AsOf, Config, Database, Ledger};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

const DAY: i64 = 24 * 3600 * 1_000_000_000;

fn command(server: &Server, arguments: &[&str]) -> Command {
    let mut command = binary(Path::new(env!("CARGO_BIN_EXE_tandem")), arguments);
    command.arg("--data-dir").arg(&server.data_dir);
    command
}

/// A command that ends well.
fn well(server: &Server, arguments: &[&str]) -> Ended {
    let ended = run(command(server, arguments));
    assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
    ended
}

fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as i64
}

fn post(server: &Server, path: &str, body: &Value) -> Value {
    let answer = server.post(path, body);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn entity(text: &str) -> Value {
    let (kind, key) = text.split_once(':').unwrap();
    json!({"kind": kind, "key": key})
}

fn tell(server: &Server, observations: Vec<Value>) {
    post(server, "/api/v1/facts", &json!({"origin": "catalog", "observations": observations}));
}

fn thing(name: &str, attributes: Value) -> Value {
    json!({"about": {"entity": entity(name)}, "at": now(), "attributes": attributes})
}

fn link(from: &str, kind: &str, to: &str) -> Value {
    let relation = json!({"kind": kind, "from": entity(from), "to": entity(to)});
    json!({"about": {"relation": relation}, "at": now()})
}

/// All levers; each opened, with as many rows as its number says.
fn opened(server: &Server) -> Vec<Value> {
    let all = server.get("/api/v1/levers?all=true").json()["levers"].as_array().unwrap().clone();
    assert_eq!(all.len(), levers::KINDS.len());
    let open = |lever: &Value| {
        let id = lever["id"].as_str().unwrap();
        let one = well(server, &["levers", "--open", id, "--json"]).json();
        let rows = one["rows"].as_array().unwrap();
        assert_eq!(one["number"], rows.len() as u64, "{id}");
        assert!(rows.iter().all(|row| !row["what"].as_str().unwrap().is_empty()), "{one}");
        one
    };
    all.iter().map(open).collect()
}

fn lever<'l>(all: &'l [Value], id: &str) -> &'l Value {
    all.iter().find(|lever| lever["id"] == id).unwrap()
}

/// The numbers of a day before, as the server would have kept them then.
fn measured_yesterday(data_dir: &Path) -> u64 {
    let keys = data_dir.join(store::LEDGER);
    let config = Config { database: Database::Sqlite(keys.join("ledger.sqlite")), keys };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let ledger = Ledger::open(config).await.unwrap();
        let counted = levers::all(&ledger, &AsOf::at(now()), &Given::default()).await.unwrap();
        let kept = levers::measure(&ledger, &counted, "default", now() - DAY).await.unwrap();
        ledger.close().await;
        kept
    })
}

#[test]
fn every_number_opens_and_a_fix_shows_its_gain() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let services = ["cart", "pay", "stock", "blog"];
    tell(&server, services.iter().map(|name| thing(&format!("service:{name}"), json!({"tier": "2"}))).collect());
    post(&server, "/api/v1/owners", &json!({"entity": "service:cart", "owner": "shop", "reason": "theirs"}));
    let all = opened(&server);
    let alone = lever(&all, "services-without-owner");
    assert_eq!(alone["title"], "3 of 4 services belong to nobody");
    assert_eq!(lever(&all, "files-open-to-all")["unknown"], true, "nobody looked at files");
    let top = well(&server, &["levers"]).out;
    assert!(top.contains("3 of 4 services belong to nobody   [services-without-owner]"), "{top}");
    assert!(!top.contains("gained:") && top.contains("operations:") && top.contains("first:"), "{top}");
    server.get("/api/v1/levers/no-such-lever").refuses(400, &["services-without-owner"]);
    assert_eq!(server.stop(), Some(0));
    assert!(measured_yesterday(folder.path()) > 0);
    let server = Server::start(folder.path());
    post(&server, "/api/v1/owners", &json!({"entity": "service:pay", "owner": "money", "reason": "theirs"}));
    assert!(post(&server, "/api/v1/levers/measure", &json!({}))["kept"].as_u64().unwrap() > 0);
    assert_eq!(post(&server, "/api/v1/levers/measure", &json!({}))["kept"], 0, "once a day");
    let all = opened(&server);
    let alone = lever(&all, "services-without-owner");
    assert_eq!((&alone["number"], &alone["gained"]["gained"]), (&json!(2), &json!(1)), "{alone}");
    let shown = well(&server, &["levers"]).out;
    assert!(shown.contains("gained:     from 3 to 2 since "), "{shown}");
    let own = json!({"kind": "lever", "key": "x", "reason": "r", "body": {"lever": "clocks-off", "number": 9}});
    server.post("/api/v1/decisions", &own).says(400, &["/api/v1/levers/measure"]);
}

/// Only looks: what this machine has is another thing each day.
#[test]
fn levers_over_this_machine_open_to_as_many_rows() {
    let folder = fresh();
    let mut command = tandem(["up", "--no-journal", "--no-host-metrics", "--data-dir"]);
    command.arg(folder.path().join("data"));
    free_ports(&mut command);
    let server = Server::spawn(command);
    eventually("what this machine says of itself", || {
        let hosts = server.sql("SELECT count(*) FROM entities WHERE kind = 'host'");
        (hosts[0][0] != 0).then_some(())
    });
    eventually("the sockets of this machine", || {
        let told = server.sql("SELECT count(*) FROM relations WHERE kind IN ('listens', 'has')");
        (told[0][0] != 0).then_some(())
    });
    let all = opened(&server);
    assert_eq!(lever(&all, "restarts-waiting")["of"].as_u64().map(|of| of <= 1), Some(true));
    well(&server, &["levers"]);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn the_recovery_plan_has_its_order_and_names_circles() {
    let folder = fresh();
    let server = Server::start(folder.path());
    assert!(well(&server, &["recovery"]).out.contains("nothing can be planned"));
    tell(
        &server,
        vec![
            thing("service:orders", json!({"tier": "1", "rto": "1h", "rpo": "15m", "backup": "bucket:nightly"})),
            thing("service:stock", json!({"rto": "8h"})),
            thing("resource:orders-db", json!({"rto": "30m"})),
            link("service:orders", "depends_on", "resource:orders-db"),
            link("service:orders", "calls", "service:stock"),
            link("service:stock", "calls", "service:orders"),
        ],
    );
    let plan = well(&server, &["recovery", "--json"]).json();
    let order: Vec<String> = plan["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| format!("{} {}", part["round"], part["entity"].as_str().unwrap()))
        .collect();
    assert_eq!(order, ["1 resource:orders-db", "1 service:stock", "2 service:orders"].map(str::to_owned));
    assert_eq!((&plan["minimum"], &plan["parts"][0]["rto"]), (&json!(3), &json!(1800.0)));
    assert_eq!(plan["circles"][0]["members"], json!(["service:orders", "service:stock"]));
    let text = well(&server, &["recovery"]).out;
    assert!(text.contains("circular restore order: service:orders, service:stock need each other."), "{text}");
    assert!(text.contains("(recovery-no-proved-restore)"), "{text}");
}

/// Answers with whatever status stands there, until the test ends.
fn listener(status: Arc<AtomicU16>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let status = status.load(Ordering::SeqCst);
            let _ = stream.write_all(format!("HTTP/1.1 {status} It\r\ncontent-length: 0\r\n\r\n").as_bytes());
        }
    });
    format!("http://{address}/")
}

/// A drill as somebody walks through it at a terminal.
struct Walked {
    child: Killed,
    out: Arc<Mutex<String>>,
}

impl Walked {
    fn begin(server: &Server, arguments: &[&str]) -> Walked {
        let mut command = command(server, arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let out = Arc::new(Mutex::new(String::new()));
        follow(child.stdout.take().unwrap(), out.clone());
        Walked { child: Killed(child), out }
    }

    fn says(&self, text: &str) {
        eventually(text, || self.out.lock().unwrap().contains(text).then_some(()));
    }

    fn answer(&mut self, line: &str) {
        self.child.0.stdin.as_mut().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    fn ends(mut self) -> (Option<i32>, String) {
        let status = eventually("the end of the drill", || self.child.0.try_wait().unwrap());
        eventually("its last line", || self.out.lock().unwrap().contains("\nkept as ").then_some(()));
        let out = self.out.lock().unwrap().clone();
        (status.code(), out)
    }
}

const DRILL: &str = r#"
title: Orders come back from their backup
service: orders
owner: shop
restore: true
steady_state:
  - {name: orders answer, http: "ADDRESShealth", status: 200}
  - {name: the shop says so, query: "service:shop good", within: 1h, at_least: 1}
steps:
  - Stop the database of orders
  - {do: Restore it from last night, question: Where is the key of the backup?}
rollback:
  - Start the old database again
expect: {detect_within: 5m, acknowledge_within: 15m, recover_within: 4h}
"#;

/// A folder of knowledge with these drills.
fn drills(folder: &Path, files: &[(&str, &str)]) -> String {
    let knowledge = folder.join("knowledge");
    std::fs::create_dir_all(knowledge.join("drills")).unwrap();
    for (name, text) in files {
        std::fs::write(knowledge.join("drills").join(name), text).unwrap();
    }
    knowledge.to_str().unwrap().to_owned()
}

#[test]
fn a_drill_is_walked_through_and_its_times_are_evidence() {
    let folder = fresh();
    let status = Arc::new(AtomicU16::new(200));
    let address = listener(status.clone());
    let chaos = json!({"title": "The till without its network", "description": "x",
        "method": [{"type": "action", "name": "cut", "provider": {"type": "process", "path": "tc"}}]});
    let file = DRILL.replace("ADDRESS", &address);
    let files = [("orders.yaml", file.as_str()), ("till.json", &chaos.to_string()), ("broken.yaml", "title: [")];
    let knowledge = drills(folder.path(), &files);
    let data = folder.path().join("data");
    let server = Server::with(&data, &["--knowledge", &knowledge, "--drill-allow", &address]);
    tell(&server, vec![thing("service:orders", json!({"tier": "1", "stateful": true, "backup": "bucket:nightly"}))]);
    server.accept_good();
    let before = well(&server, &["recovery"]).out;
    assert!(before.contains("(recovery-no-proved-restore)"), "nobody proved one before: {before}");
    assert_eq!(server.get("/api/v1/recovery").json()["parts"][0]["proved_at"], Value::Null);
    let listed = well(&server, &["drill", "list"]);
    assert!(listed.out.contains("orders") && listed.out.contains("till"), "{listed:?}");
    assert!(listed.err.contains("broken.yaml:"), "{listed:?}");
    assert!(well(&server, &["drill", "show", "orders"]).out.contains("Where is the key of the backup?"));

    let mut walked = Walked::begin(&server, &["drill", "run", "orders"]);
    walked.says("1/2 Stop the database of orders");
    status.store(500, Ordering::SeqCst);
    walked.answer("stopped");
    walked.says("2/2 Restore it from last night");
    let at = server.get("/api/v1/home").json()["at"].clone();
    let alert =
        json!([{"labels": {"alertname": "OrdersDown", "severity": "page", "service": "orders"}, "startsAt": at}]);
    assert_eq!(server.post("/api/v2/alerts", &alert).json()["raised"], 1);
    let id = server.get("/api/v1/alerts").json()["rows"][0]["id"].clone();
    post(&server, "/api/v1/alerts/act", &json!({"ids": [id], "do": "acknowledge"}));
    walked.answer("restored");
    walked.says("not all is well");
    status.store(200, Ordering::SeqCst);
    walked.says("back: Start the old database again");
    walked.answer("started");
    let (code, out) = walked.ends();
    assert_eq!(code, Some(0), "{out}");
    for part in ["injected  ", "detected  ", "acknowledged ", "recovered ", "yes  detected after", &format!("by {id}")]
    {
        assert!(out.contains(part), "{part:?} is missing in {out}");
    }
    let kept = server.sql("SELECT id, entity, reason FROM decisions WHERE kind = 'drill' ORDER BY id");
    assert_eq!(kept.len(), 2, "{kept:?}");
    let trail = well(&server, &["audit", "list", "--json"]).out;
    for row in &kept {
        assert_eq!(row[1], "orders", "{row:?}");
        assert!(
            out.contains(&format!("kept under {}", row[0])) || out.contains(&format!("kept as {}", row[0])),
            "{row:?}"
        );
        assert!(trail.contains(&format!("\"decision:{}\"", row[0])), "{row:?} {trail}");
    }
    assert!(post(&server, "/api/v1/audit/verify", &json!({}))["problems"].as_array().unwrap().is_empty());
    // What its probes proved is the last proved restore of the recovery plan, with its time, and the gap is closed.
    let orders = server.get("/api/v1/recovery").json()["parts"][0].clone();
    assert_eq!((&orders["entity"], &orders["proved"]), (&json!("service:orders"), &json!(true)), "{orders}");
    let proof = server.sql("SELECT at, body FROM decisions WHERE kind = 'drill' ORDER BY id DESC LIMIT 1");
    let (at, body): (_, Value) = (&proof[0][0], serde_json::from_str(proof[0][1].as_str().unwrap()).unwrap());
    assert_eq!(body["restore"]["proved"], true, "{body}");
    let day = chrono::Utc::now().format("%Y-%m-%d").to_string();
    assert!(orders["proved_at"].as_str().unwrap().starts_with(&day), "{orders} {at}");
    assert!(orders["took"].as_f64().unwrap() > 0.0, "{orders}");
    let plan = well(&server, &["recovery"]).out;
    let row = plan.lines().find(|line| line.contains("service:orders")).unwrap();
    assert!(row.contains(&day), "{plan}");
    assert!(!plan.contains("(recovery-no-proved-restore)"), "{plan}");
}

#[test]
fn a_drill_does_not_begin_when_not_all_is_well_and_asks_no_other_address() {
    let folder = fresh();
    let status = Arc::new(AtomicU16::new(503));
    let address = listener(status);
    let ours = DRILL.replace("ADDRESS", &address);
    let other = DRILL.replace("ADDRESS", "http://127.0.0.1:9/");
    let knowledge = drills(folder.path(), &[("ours.yaml", &ours), ("other.yaml", &other)]);
    let data = folder.path().join("data");
    let server = Server::with(&data, &["--knowledge", &knowledge, "--drill-allow", &address]);
    run(command(&server, &["drill", "run", "other", "--yes"])).says(2, &["may not be asked", "--drill-allow"]);
    assert_eq!(server.value("SELECT count(*) FROM decisions WHERE kind = 'drill'"), 0);
    let ended = run(command(&server, &["drill", "run", "ours", "--yes"]));
    ended.says(1, &["did not begin"]);
    assert!(ended.out.contains("orders answer: {\"status\":503}"), "{ended:?}");
    assert!(!ended.out.contains("1/2 Stop"), "{ended:?}");
    // At a table nothing is looked at, and talk proves nothing.
    let table = well(&server, &["drill", "run", "other", "--tabletop", "--yes"]).out;
    assert!(table.contains("was talked through; nothing was touched"), "{table}");
    // Nobody there: given up, and that is kept.
    let ended = run(command(&server, &["drill", "run", "other", "--tabletop"]));
    ended.says(1, &["nobody answers"]);
    server.post("/api/v1/drill-runs/1/did", &json!({})).refuses(400, &["no drill is run under 1"]);
    let fake = json!({"kind": "drill", "key": "d", "entity": entity("service:orders"), "reason": "r",
        "body": {"restore": {"proved": true}}});
    server.post("/api/v1/decisions", &fake).says(400, &["tandem drill run"]);
}

#[test]
fn home_shows_a_lockdown_until_each_control_is_reviewed() {
    let folder = fresh();
    let server = Server::start(folder.path());
    tell(&server, vec![thing("service:cart", json!({}))]);
    let text = well(&server, &["home"]).out;
    assert!(!text.contains("Lockdowns") && text.contains("1 of 1 services belongs to nobody"), "{text}");
    let called =
        ["lockdown", "call", "--control", "reviewed-changes", "--until", "now+20s", "--reason", "somebody is in"];
    let in_force = "Lockdowns in force (1)\n  reviewed-changes: somebody is in (by ";
    well(&server, &called);
    assert!(well(&server, &["home"]).out.contains(in_force));
    eventually("the end of the lockdown", || {
        (server.get("/api/v1/home").json()["reviews"]["count"] == 1).then_some(())
    });
    let text = well(&server, &["home"]).out;
    assert!(!text.contains("Lockdowns in force"), "{text}");
    for part in ["wait for a review (1)\n  reviewed-changes: somebody is in (by ", "tandem lockdown review"] {
        assert!(text.contains(part), "{part:?} is missing in {text}");
    }
    let id = server.get("/api/v1/home").json()["reviews"]["rows"][0]["lockdown"]["decision"].to_string();
    let review =
        ["lockdown", "review", &id, "--control", "reviewed-changes", "--as", "removed", "--reason", "it is over"];
    well(&server, &review);
    assert!(!well(&server, &["home"]).out.contains("Lockdowns"));
    let answer = server.get("/api/v1/home").text();
    assert!(!answer.contains("owner of the server"), "no person is named: {answer}");
}
