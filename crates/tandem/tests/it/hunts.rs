//! The stream and the hunt through history agree, rule by rule: rules and events by chance, out of few names and texts so
//! that they meet, through a real server. The stream sees rows as they were received; the hunt finds them by SQL, in
//! memory first and then in files, and evaluates what it finds.

use crate::otlp;
use crate::server::{Server, eventually, fresh};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;

const RULES: u64 = 50;
/// Events of each door.
const EVENTS: u64 = 80;
const SECOND: u64 = 1_000_000_000;

const SOURCES: &str = "\
title: Odd events
product: odd
entity: [{kind: host, paths: [host.name]}]
fields: {Image: [process.executable, exe]}
definitions:
  - {category: all, when: {class|exists: true}}
  - {category: login, when: {class: Login-Event}}
  - {category: process, when: {class|startswith: proc}}
";

const FIELDS: [&str; 19] = [
    "cmd",
    "user.name",
    "n",
    "ip",
    "Image",
    "exe",
    "message",
    "body",
    "service.name",
    "host.name",
    "severity_text",
    "name",
    "kind",
    "duration_ns",
    "obj",
    "obj.sub",
    "obj.deep.n",
    "list",
    "status_message",
];

const TEXTS: [&str; 30] = [
    "",
    "curl",
    "CURL.exe",
    "C:\\Temp\\Curl.exe -o x",
    "C:\\\\Temp\\\\double",
    "say \"hello\" and\nleave\ttown",
    "straße nach Köln",
    "STRASSE NACH KÖLN",
    "ſudo",
    "sudo -i",
    "\u{212a}elvin",
    "kelvin",
    "İstanbul",
    "istanbul",
    "ΟΔΥΣΣΕΥΣ abc",
    "10.0.0.1",
    "10.0.0.99",
    "2001:db8::1",
    "1000",
    "1000.0",
    "1e3",
    "true",
    "null",
    "it's 100% *real*?",
    "/etc/passwd",
    "–dash -dash /dash",
    "{\"sub\":\"curl\"}",
    "\u{1}abc\u{7f}def",
    "2026-03-04T05:06:07Z",
    "aaaaaaaaaaab",
];

const PATTERNS: [&str; 14] = [
    "*temp*exe*",
    "cu?l*",
    "*\\\\Temp\\\\*",
    "*",
    "?*",
    "*100% \\*real\\*\\?",
    "sudo*",
    "*elvin",
    "*STANBUL",
    "*hello\" and*",
    "10.0.*",
    "*abc*",
    "1??0",
    "*aaab",
];

const REGEXES: [&str; 10] = [
    "curl",
    "(?i)curl\\.exe",
    "^10\\.0\\.0\\.[0-9]+$",
    "(?i)(?:sudo|kelvin)",
    "Temp\\\\",
    "(?s)hello.*town",
    "^$",
    "(?i)stra(?:ss|ß)e",
    "[0-9]{4}",
    "a{5,}b",
];

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn text(&mut self) -> String {
        let text = *self.of(&TEXTS);
        match self.below(4) {
            0 => text.to_uppercase(),
            1 => text.to_lowercase(),
            _ => text.to_owned(),
        }
    }

    /// A part of a text, three characters at least where there are so many.
    fn piece(&mut self) -> String {
        let text: Vec<char> = self.text().chars().collect();
        let from = self.below(text.len().saturating_sub(3).max(1));
        let to = text.len().min(from + 3 + self.below(6));
        text[from.min(to)..to].iter().collect()
    }

    fn scalar(&mut self) -> Value {
        let numbers = [
            json!(1000),
            json!(1000.0),
            json!(-7),
            json!(1234.5),
            json!(1e16),
            json!(1e21),
            json!(1.5e-7),
            json!(123_456_789_012_i64),
            json!(u64::MAX),
            json!(0),
        ];
        match self.below(10) {
            0..=5 => self.text().into(),
            6 | 7 => self.of(&numbers).clone(),
            8 => (self.below(2) == 0).into(),
            _ => Value::Null,
        }
    }

    fn value(&mut self) -> Value {
        match self.below(9) {
            0 => json!({"sub": self.scalar(), "deep": {"n": self.scalar(), "more": [self.scalar(), self.scalar()]}}),
            1 => (0..self.below(4)).map(|_| self.scalar()).collect(),
            _ => self.scalar(),
        }
    }

    /// What an event has, by name.
    fn fields(&mut self) -> Map<String, Value> {
        let names = ["cmd", "user.name", "n", "ip", "exe", "process.executable", "obj", "obj.sub", "list"];
        let class = *self.of(&["login-event", "Login-Event", "process-start", "PROCESS", "other"]);
        let mut fields = Map::from_iter([("class".to_owned(), json!(class))]);
        for name in names {
            if self.below(3) > 0 {
                fields.insert(name.to_owned(), self.value());
            }
        }
        fields
    }

    /// One test of a rule: its key and its value.
    fn item(&mut self) -> (String, Value) {
        let field = *self.of(&FIELDS);
        let (modifier, value) = match self.below(17) {
            0 | 1 => ("", self.scalar()),
            2 | 3 => ("|contains", self.piece().into()),
            4 => ("|startswith", self.piece().into()),
            5 => ("|endswith", self.piece().into()),
            6 | 7 => ("", (*self.of(&PATTERNS)).into()),
            8 => ("|re", (*self.of(&REGEXES)).into()),
            9 => ("|cidr", (*self.of(&["10.0.0.0/8", "10.0.0.64/26", "2001:db8::/32"])).into()),
            10 => (*self.of(&["|gt", "|gte", "|lt", "|lte"]), self.of(&[json!(0), json!(1000), json!(1e15)]).clone()),
            11 => ("|exists", (self.below(2) == 0).into()),
            12 => ("", Value::Null),
            13 => (*self.of(&["|cased", "|contains|cased"]), self.text().into()),
            14 => ("|neq", self.text().into()),
            15 => ("|contains|all", json!([self.piece(), self.piece()])),
            _ => ("", json!([self.scalar(), *self.of(&PATTERNS), self.text()])),
        };
        (format!("{field}{modifier}"), value)
    }

    fn rule(&mut self, number: u64) -> Value {
        let mut detection = Map::new();
        for name in ["a1", "a2", "b"] {
            let selection = match self.below(8) {
                0 => json!([self.piece() + "x", self.piece() + "l", self.piece() + "c*"]),
                1 => json!([Map::from_iter([self.item()]), Map::from_iter([self.item()])]),
                2 | 3 => Map::from_iter([self.item(), self.item()]).into(),
                _ => Map::from_iter([self.item()]).into(),
            };
            detection.insert(name.to_owned(), selection);
        }
        let conditions = [
            "a1",
            "a1",
            "not a1",
            "a1 and not b",
            "not a1 and not b",
            "a1 or b",
            "a1 or not b",
            "1 of a*",
            "all of a*",
            "1 of a* and not b",
            "not (a1 and not b)",
            "a1 and b",
        ];
        let used = *self.of(&conditions);
        if !used.contains("a*") {
            detection.remove("a2");
        }
        if !used.contains('b') {
            detection.remove("b");
        }
        detection.insert("condition".to_owned(), used.into());
        json!({"title": format!("By chance {number}"), "id": id(number), "status": "test", "level": "low",
            "logsource": {"product": "odd", "category": self.of(&["all", "all", "login", "process"])},
            "detection": detection})
    }
}

fn id(number: u64) -> String {
    format!("7d0c5a3e-0000-4000-8000-{number:012}")
}

/// An attribute of OTLP.
fn any(value: &Value) -> Value {
    match value {
        Value::Null => json!({}),
        Value::Bool(bool) => json!({"boolValue": bool}),
        Value::String(text) => json!({"stringValue": text}),
        Value::Number(number) => match number.as_i64() {
            Some(int) => json!({"intValue": int.to_string()}),
            None => json!({"doubleValue": number.as_f64()}),
        },
        Value::Array(items) => json!({"arrayValue": {"values": items.iter().map(any).collect::<Vec<_>>()}}),
        Value::Object(members) => json!({"kvlistValue": {"values": pairs(members)}}),
    }
}

fn pairs(members: &Map<String, Value>) -> Value {
    members.iter().map(|(key, value)| json!({"key": key, "value": any(value)})).collect()
}

/// Events of all doors with times from `from` on, over `seconds`.
fn send(server: &Server, chance: &mut Chance, from: u64, seconds: usize) {
    let hosts = ["web-1", "web-2", "DB-1"];
    let (mut lines, mut logs, mut spans) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..EVENTS {
        let mut time = || from + chance.below(seconds) as u64 * SECOND + number;
        let times = [time(), time(), time()];
        let mut line = chance.fields();
        for (name, value) in [
            ("timestamp", json!(times[0])),
            ("host.name", json!(chance.of(&hosts))),
            ("message", chance.value()),
            ("service.name", json!(chance.text())),
        ] {
            line.insert(name.to_owned(), value);
        }
        lines.push(Value::Object(line).to_string());
        let (body, attributes) = (any(&chance.value()), pairs(&chance.fields()));
        logs.push(json!({"timeUnixNano": times[1].to_string(), "body": body, "attributes": attributes,
            "severityText": chance.text()}));
        spans.push(json!({"traceId": format!("{:032x}", times[2]), "spanId": format!("{:016x}", times[2]),
            "name": chance.text(), "kind": 1 + chance.below(5), "startTimeUnixNano": times[2].to_string(),
            "endTimeUnixNano": (times[2] + chance.below(5_000) as u64).to_string(),
            "attributes": pairs(&chance.fields()), "status": {"code": chance.below(3), "message": chance.text()}}));
    }
    let answer = server.ask("POST", "/api/v1/ingest/json", &[], lines.join("\n").as_bytes());
    assert_eq!((answer.status, answer.json()["rejected"].clone()), (200, json!(0)), "{}", answer.text());
    let resource = json!({"attributes": [otlp::text("service.name", "Shop-Curl"), otlp::text("host.name", "kelvin-1"),
        otlp::text("exe", "/usr/bin/sudo")]});
    let logs = json!({"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": logs}]}]});
    assert_eq!(server.otlp_json("/v1/logs", &logs).text(), "{}");
    let spans = json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]});
    assert_eq!(server.otlp_json("/v1/traces", &spans).text(), "{}");
}

/// What is said of a rule: matches, alerts, and the events of these.
type Said = BTreeMap<String, (u64, u64, u64)>;

fn stream(server: &Server) -> Said {
    eventually("the stream to have read everything", || {
        let detection = server.get("/api/v1/detection").json();
        (detection["behind"] == 0 && server.value("SELECT count(*) FROM spans") != 0).then_some(())
    });
    let mut said = Said::new();
    let rules = server.get("/api/v1/rules").json();
    assert_eq!(rules["refused"], json!([]));
    for rule in rules["rules"].as_array().unwrap() {
        said.entry(rule["id"].as_str().unwrap().to_owned()).or_default().0 = rule["matched"].as_u64().unwrap_or(0);
    }
    let mut after = String::new();
    loop {
        let page = server.get(&format!("/api/v1/alerts?state=all&limit=500{after}")).json();
        for row in page["rows"].as_array().unwrap() {
            let said = said.get_mut(row["rule"].as_str().unwrap()).unwrap();
            said.1 += row["firings"].as_u64().unwrap();
            said.2 += row["events"].as_u64().unwrap();
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return said,
        }
    }
}

/// What a hunt finds for a rule, and how many rows it looked at.
fn hunt(server: &Server, rule: &str) -> ((u64, u64), u64) {
    let answer = server.post("/api/v1/rules/backtest", &json!({"rule": rule, "from": "now-2d", "to": "now+20m"}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let found = answer.json();
    let number = |name: &str| found[name].as_u64().unwrap();
    ((number("matches"), number("alerts")), number("candidates"))
}

#[test]
fn the_stream_and_the_hunt_agree_on_every_rule() {
    let seed = std::env::var("HUNT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(4);
    let (folder, mut chance) = (fresh(), Chance(seed));
    let (rules, sources) = (folder.path().join("rules"), folder.path().join("odd.yml"));
    fs::create_dir(&rules).unwrap();
    fs::write(&sources, SOURCES).unwrap();
    let texts: BTreeMap<String, String> =
        (0..RULES).map(|number| (id(number), chance.rule(number).to_string())).collect();
    for (id, text) in &texts {
        fs::write(rules.join(format!("{id}.yml")), text).unwrap();
    }
    let (rules, sources) = (rules.display().to_string(), sources.display().to_string());
    let arguments = ["--no-builtin-rules", "--rules", &rules, "--rule-sources", &sources];
    let server = Server::with(&folder.path().join("data"), &arguments);
    // Within what the stream takes as on time: its alerts are those of the hunt as well.
    send(&server, &mut chance, otlp::now() - 60 * SECOND, 300);
    let (mut said, mut looked) = (stream(&server), 0);
    for (rule, (matches, alerts, _)) in &said {
        let (found, candidates) = hunt(&server, rule);
        assert_eq!(found, (*matches, *alerts), "seed {seed}, in memory, matches and alerts of {}", texts[rule]);
        looked += candidates;
    }
    assert!(looked < RULES * EVENTS * 3, "no rule leaves any row out");
    let some = said.values().filter(|(matches, ..)| (1..3 * EVENTS).contains(matches)).count();
    assert!(some > 15, "only {some} rules match some of the events");
    // Late for the stream's windows, so that alerts differ by design; what matches does not.
    send(&server, &mut chance, otlp::now() - 30 * 3_600 * SECOND, 1_200);
    let late = eventually("all matches", || {
        let late = stream(&server);
        (late != said).then_some(late)
    });
    said = late;
    assert_eq!(server.post("/api/v1/flush", &json!({})).status, 200);
    for (rule, (matches, ..)) in &said {
        assert_eq!(hunt(&server, rule).0.0, *matches, "seed {seed}, in files, matches of {}", texts[rule]);
    }
    server.stop();
}
