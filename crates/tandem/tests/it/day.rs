//! A day in Tandem, from a deployment to the meeting after it, by the command line alone. What the commands print is
//! compared with the page of the book, number by number replaced by names, so that the page is never older than the program.
//!
//! `TANDEM_WRITE_DAY=1` writes the page anew.

use crate::otlp::{self, text};
use crate::server::{Ended, Server, eventually, fresh, run, tandem};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A rule of the team's own: nobody logs in as root at the till.
const STOLEN: &str = "title: Root logs in at the till\nid: 6e1c5f0a-52a2-4f4e-8b7e-0d6c4c1f7a01\nlogsource:\n  product: linux\n\
    \x20 service: sshd\ndetection:\n  selection:\n    message|contains: Accepted publickey for root\n  condition: selection\n\
    level: high\ntags: [attack.t1078]\n";
const RUNBOOK: &str = "---\ntitle: The till hangs or is attacked\nservices: [shop]\nrules: [6e1c5f0a-52a2-4f4e-8b7e-0d6c4c1f7a01]\n\
    owner: shop\nreview_by: 2099-01-01\n---\n\n# The till hangs or is attacked\n\nGo back to the version before, then lock root out.\n";
const MEETING: &str = "teams: [shop, security]\nphase: rolling-out\nreading: [runbooks/till.md]\n";

/// The day, as it is told.
struct Day<'s> {
    server: &'s Server,
    page: String,
    /// What is told by another name: ids, times.
    names: Vec<(String, String)>,
}

impl Day<'_> {
    fn title(&mut self, title: &str, text: &str) {
        let _ = write!(self.page, "\n## {title}\n\n{text}\n");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = tandem([]);
        command.args(arguments).env("TANDEM_DATA_DIR", &self.server.data_dir);
        command
    }

    /// Runs a command as somebody would, and writes it down with what it printed.
    fn run(&mut self, arguments: &[&str]) -> Ended {
        let ended = run(self.command(arguments));
        let shown: Vec<String> = arguments
            .iter()
            .map(|word| if word.contains([' ', '\'']) { format!("'{word}'") } else { (*word).to_owned() })
            .collect();
        let mut text = format!("$ tandem {}\n{}", shown.join(" "), ended.out);
        if !ended.err.trim().is_empty() {
            text.push_str(&ended.err);
        }
        let _ = write!(self.page, "\n```console\n{}\n```\n", text.trim_end());
        ended
    }

    /// The same, and it must be fine.
    fn fine(&mut self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        ended.out
    }

    fn name(&mut self, id: &Value, name: &str) -> String {
        let id = id.to_string();
        self.names.push((id.clone(), name.to_owned()));
        id
    }

    /// Without what another day would print otherwise.
    fn named(&self, text: &str) -> String {
        let mut out = String::new();
        let ends = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | ':' | '.');
        let mut words = text.split_inclusive(ends).peekable();
        while let Some(word) = words.next() {
            let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            let rest = &word[bare.len()..];
            // A number of days is no id, though it may look like one.
            let counts =
                words.peek().is_some_and(|next| next.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()) == "days");
            let known = self.names.iter().find(|(id, _)| id == bare && !counts).map(|(_, name)| name.as_str());
            let told = known.map(str::to_owned).or_else(|| time(bare)).unwrap_or_else(|| bare.to_owned());
            out.push_str(&told);
            out.push_str(rest);
        }
        out
    }
}

/// A day or a time, by what it is.
fn time(word: &str) -> Option<String> {
    let digits =
        |part: &str, count: usize| part.len() >= count && part.bytes().take(count).all(|byte| byte.is_ascii_digit());
    let is_day = word.len() >= 10 && digits(word, 4) && word.as_bytes()[4] == b'-' && word.as_bytes()[7] == b'-';
    let known = ["2099-01-01", "2027-06-01"];
    if !is_day || known.iter().any(|day| word.starts_with(day)) {
        let is_hour = word.len() == 5 && word.as_bytes()[2] == b':' && digits(word, 2);
        return is_hour.then(|| "HH:MM".to_owned());
    }
    Some(if word.len() > 10 { "TIME".to_owned() } else { "DAY".to_owned() })
}

fn rows(server: &Server, path: &str) -> Vec<Value> {
    let answer = server.get(path).json();
    answer["rows"].as_array().or(answer["findings"].as_array()).cloned().unwrap_or_else(|| panic!("{path}: {answer}"))
}

fn post(server: &Server, path: &str, body: &Value) -> Value {
    let answer = server.post(path, body);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn now() -> i64 {
    otlp::now() as i64
}

/// Ids are larger than this once the controls are kept; smaller numbers on the page are counts.
const FIRST: u32 = 100;

/// The teams, their service, and what is known of both.
fn known(server: &Server) {
    let seen =
        json!({"about": {"entity": {"kind": "service", "key": "shop"}}, "at": now(), "attributes": {"tier": "1"}});
    post(server, "/api/v1/facts", &json!({"origin": "catalog", "observations": [seen]}));
    post(server, "/api/v1/owners", &json!({"entity": "service:shop", "owner": "shop", "reason": "they build it"}));
}

/// A version that was scanned, with a weak component in it, is deployed.
fn deployed(server: &Server) {
    let finding = json!({"fingerprint": "lodash", "rule": "CVE-2021-23337", "severity": "critical",
        "title": "lodash 4.17.20 runs commands out of templates", "path": "package-lock.json",
        "evidence": {"component": "pkg:npm/lodash@4.17.20", "advisory": "CVE-2021-23337", "fixed": ["4.17.21"]}});
    let report = json!({"entity": {"kind": "service", "key": "shop"}, "tool": {"name": "tandem", "version": "1"}, "at": now(), "source": {"version": "1.4"}, "findings": [finding]});
    post(server, "/api/v1/scans", &json!({"report": report}));
}

fn attacked(server: &Server) {
    let began = server.value("SELECT now()");
    let slow = json!([{"labels": {"alertname": "TillIsSlow", "severity": "critical", "service": "shop"},
        "annotations": {"description": "half of all payments take longer than 5 s"}, "startsAt": began,
        "endsAt": "0001-01-01T00:00:00Z"}]);
    assert_eq!(server.post("/api/v2/alerts", &slow).status, 200);
    let record = json!({"timeUnixNano": otlp::now().to_string(), "severityText": "WARN",
        "body": {"stringValue": "Accepted publickey for root from 203.0.113.9"},
        "attributes": [text("syslog.appname", "sshd")]});
    assert_eq!(server.otlp_json("/v1/logs", &otlp::logs(json!([record]))).status, 200);
}

fn files(folder: &Path) -> Vec<String> {
    let knowledge = folder.join("knowledge");
    for (path, text) in [
        (folder.join("rules/root_at_the_till.yml"), STOLEN),
        (knowledge.join("runbooks/till.md"), RUNBOOK),
        (knowledge.join("meetings/weekly.yaml"), MEETING),
    ] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let flags = [("--rules", folder.join("rules")), ("--knowledge", knowledge)];
    flags.into_iter().flat_map(|(flag, path)| [flag.to_owned(), path.display().to_string()]).collect()
}

#[test]
fn a_day_in_tandem() {
    let folder = fresh();
    let flags = files(folder.path());
    let server = Server::with(&folder.path().join("data"), &flags.iter().map(String::as_str).collect::<Vec<_>>());
    known(&server);
    deployed(&server);
    let mut day = Day { server: &server, page: String::new(), names: Vec::new() };

    day.title(
        "Morning: a release",
        "The team `shop` builds version 1.4. Its scan found a weak component. The pipeline deploys, and asks first.",
    );
    let check = ["check", "release", "--service", "shop", "--version", "1.4", "--env", "production"];
    let asked = post(
        &server,
        "/api/v1/check",
        &json!({"questions": [{"question": "release", "service": "shop",
        "version": "1.4", "environment": "production"}]}),
    );
    let verdict = day.name(&asked["verdicts"][0]["id"], "4711");
    let text = day.fine(&check);
    assert!(text.starts_with("not yet, because") && text.contains("would have stopped"), "{text}");
    assert!(text.contains("critical-findings") || text.contains("fixed-before-release"), "{text}");
    day.fine(&["change", "record", "deployment", "service:shop", "--version", "1.4", "--environment", "production"]);

    day.title("The answer", "Nothing was stopped: every control begins by observing. But it would have been, so a developer answers at once.");
    let control = ["--control", "fixed-before-release"];
    let mut hurt = vec!["answer", &verdict, "hurt", "because the patch breaks the till"];
    hurt.extend(control);
    let said = rows_after(&server, "/api/v1/answers", || drop(day.fine(&hurt)));
    let answer = day.name(&said["id"], "4712");
    day.title("The owner replies", "The control belongs to `security`. They see what it costs, and except the service until a date; whoever asked is told.");
    day.fine(&["answers", "--owner", "security"]);
    let reply = ["reply", &answer, "excepted", "until the till is mended", "--until", "now+20s"];
    day.fine(&reply);
    let excepted = rows(&server, "/api/v1/exceptions").into_iter().find(|row| row["kind"] == "exception").unwrap();
    day.name(&excepted["id"], "4713");
    let text = day.fine(&check);
    assert!(text.contains("passes until"), "{text}");

    day.title(
        "Noon: the till hangs",
        "An attack and a slow-down are one incident. It comes with the runbook, the owner and the change to look at.",
    );
    attacked(&server);
    let incident = eventually("one incident of both", || {
        let all = rows(&server, "/api/v1/incidents");
        let whole = server.get(&format!("/api/v1/incidents/{}", all.first()?["id"])).json();
        let alerts = whole["parts"].as_array().or(whole["alerts"].as_array())?.len();
        (alerts >= 2).then_some(whole)
    });
    let id = incident["id"].as_i64().or(incident["incident"]["id"].as_i64()).unwrap();
    let incident = day.name(&json!(id), "4714");
    for alert in rows(&server, "/api/v1/alerts") {
        day.name(&alert["id"], "ALERT");
    }
    let whole = server.get(&format!("/api/v1/incidents/{incident}")).json();
    assert_eq!(whole["runbooks"][0]["title"], "The till hangs or is attacked", "{whole}");
    let alerts = rows(&server, "/api/v1/alerts?state=all");
    let whole: Vec<Value> =
        alerts.iter().map(|alert| server.get(&format!("/api/v1/alerts/{}", alert["id"])).json()).collect();
    assert!(whole.iter().all(|alert| alert["team"] == "shop"), "{whole:?}");
    assert!(whole.iter().any(|alert| alert.to_string().contains("deployment")), "the change to look at: {whole:?}");
    day.fine(&["incidents"]);

    day.title(
        "A lockdown",
        "Until it is known how they came in, nothing goes out untested. A lockdown ends by itself.",
    );
    let call = [
        "lockdown",
        "call",
        "--control",
        "tested-before-release",
        "--until",
        "now+15s",
        "--because-of",
        &incident,
        "--reason",
        "somebody is in the shop",
    ];
    day.fine(&call);
    let controls = server.get("/api/v1/controls").json();
    let lockdown = day.name(&controls["lockdowns"][0]["decision"], "4715");
    let stopped = run(day.command(&check));
    assert_eq!(stopped.code, Some(1), "{stopped:?}");
    assert!(stopped.out.contains("lockdown until"), "{stopped:?}");
    let ended = |kind: &str| rows(&server, "/api/v1/exceptions").iter().all(|row| row["kind"] != kind).then_some(());
    eventually("the exception to end", || ended("exception"));
    eventually("the lockdown to end", || ended("lockdown"));
    day.title("The exception ends", "Both end by themselves, loudly. The check speaks again, as before.");
    let again = post(
        &server,
        "/api/v1/check",
        &json!({"questions": [{"question": "release", "service": "shop",
        "version": "1.4", "environment": "production"}]}),
    );
    let reasons = again["verdicts"][0]["reasons"].as_array().unwrap();
    let critical = reasons.iter().find(|one| one["check"] == "critical-findings").unwrap();
    assert!(critical["excepted"].is_null() && critical["answer"] == "not_yet", "{critical}");
    day.fine(&["exception"]);

    day.title(
        "Afternoon: what was learnt",
        "The incident is over. The lockdown has ended, and waits on everybody's page for its review.",
    );
    day.fine(&["alerts", "resolve", &incident, "--as", "true", "--reason", "the old version is back"]);
    let task = day.run(&["incidents", "task", &incident, "Take the key of root away"]);
    assert_eq!(task.code, Some(0), "{task:?}");
    for task in rows(&server, "/api/v1/tasks") {
        day.name(&task["id"], "4716");
    }
    let review = [
        "lockdown",
        "review",
        &lockdown,
        "--control",
        "tested-before-release",
        "--as",
        "relaxed",
        "--reason",
        "nothing came in by a release",
    ];
    let reviewed = day.fine(&review);
    assert!(reviewed.contains("all are reviewed"), "{reviewed}");

    day.title("The meeting", "The agenda of both teams is made from what happened. Nobody is named in it.");
    let agenda = day.fine(&["agenda", "shop+security"]);
    for part in [
        "until the till is mended",
        "exception for service:shop",
        "ended on",
        "TillIsSlow",
        "lodash",
        "somebody is in the shop",
    ] {
        assert!(
            agenda.contains(part) || agenda.contains(&part.replace('-', "\\-")),
            "{part:?} is missing in:\n{agenda}"
        );
    }
    assert!(!agenda.contains("owner of the server"), "{agenda}");
    let html = run(day.command(&["agenda", "shop+security", "--format", "html"])).out;
    assert!(html.contains("Changes ahead</h2>") && html.contains("TillIsSlow"), "{html}");
    day.title("Evidence", "Every decision of the day is in the audit trail, which proves that none of it was changed.");
    let verified = day.run(&["audit", "verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    // All other ids; the smaller ones were given before the day began, and are counts here.
    for table in ["decisions", "findings", "changes", "observations", "entities", "relations"] {
        for row in server.sql(&format!("SELECT id FROM {table} WHERE id > {FIRST}")) {
            day.names.push((row[0].to_string(), "FACT".to_owned()));
        }
    }
    let entries =
        verified.out.split_whitespace().find(|word| word.parse::<u64>().is_ok()).unwrap_or_default().to_owned();
    day.names.push((entries, "MANY".to_owned()));
    compare(&day.named(&day.page));
}

/// The first row of a list, after something was done.
fn rows_after(server: &Server, path: &str, act: impl FnOnce()) -> Value {
    act();
    rows(server, path).into_iter().next().unwrap()
}

/// The page of the book says the same.
fn compare(day: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/a-day.md");
    let head = "# A day in Tandem\n\nWhat follows was printed by the program: a test runs this day from its first command to its last, and compares. Numbers that \
        are another every time stand here as 4711, FACT, DAY and TIME.\n";
    let page = format!("{head}{day}");
    if std::env::var_os("TANDEM_WRITE_DAY").is_some_and(|given| !given.is_empty()) {
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let (mut ours, mut theirs) = (page.lines(), kept.lines());
    let mut line = 0;
    loop {
        line += 1;
        match (ours.next(), theirs.next()) {
            (None, None) => return,
            (ours, theirs) => {
                assert_eq!(ours, theirs, "line {line} of docs/a-day.md; TANDEM_WRITE_DAY=1 writes it anew")
            }
        }
    }
}
