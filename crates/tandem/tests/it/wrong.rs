//! What is wrong is said with its place, and nothing else is lost by it.

use crate::inbox::{Inbox, settings};
use crate::server::{Ended, Server, binary, eventually, fresh, run};
use serde_json::{Value, json};
use std::fs;
use std::net::TcpListener;
use std::path::Path;

const GOOD: &str = "---\ntitle: Two look at it\nowner: shop\nthreat: One hand is enough.\nprotects: {operations: No surprise., security: No back door.}\nreview_by: 2099-01-01\n---\n";

fn command(server: &Server, arguments: &[&str]) -> Ended {
    let mut command = binary(Path::new(env!("CARGO_BIN_EXE_tandem")), arguments);
    command.env("TANDEM_DATA_DIR", &server.data_dir);
    run(command)
}

/// A server with a folder of knowledge.
fn server(folder: &Path, files: &[(&str, &str)]) -> Server {
    let knowledge = folder.join("knowledge");
    for (path, text) in files {
        let path = knowledge.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Server::with(&folder.join("data"), &["--knowledge", knowledge.to_str().unwrap()])
}

#[test]
fn a_control_without_owner_or_reason_is_told_with_its_place_and_harms_no_other() {
    let folder = fresh();
    let nobody = GOOD.replace("owner: shop\n", "");
    let why = GOOD.replace(
        "protects: {operations: No surprise., security: No back door.}\n",
        "protects: {operations: No surprise.}\n",
    );
    let files = [("controls/good.md", GOOD), ("controls/nobody.md", &nobody), ("controls/why.md", &why)];
    let server = server(folder.path(), &files);
    let places = [
        ("nobody.md:2:1", "say with `owner` which team answers for it"),
        ("why.md:5:11", "say with `protects.security` what it is for, in the words of security"),
    ];
    let listed = server.get("/api/v1/controls").json();
    let shown = command(&server, &["controls"]);
    let linted = command(&server, &["controls", "lint", folder.path().join("knowledge").to_str().unwrap()]);
    assert_eq!(linted.code, Some(1), "{linted:?}");
    for (place, says) in places {
        let problems: Vec<&str> = listed["problems"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let told = |text: &&&str| text.contains(place) && text.contains(says);
        assert!(problems.iter().any(|text| told(&text)), "{place}: {problems:?}");
        assert!(shown.err.lines().any(|line| line.starts_with("not used: ") && told(&&line)), "{place}: {shown:?}");
        assert!(linted.out.lines().any(|line| told(&&line)), "{place}: {linted:?}");
        eventually("the log to say it", || server.log().contains(place).then_some(()));
    }
    let names: Vec<&str> =
        listed["controls"].as_array().unwrap().iter().filter_map(|one| one["control"]["name"].as_str()).collect();
    assert!(names.contains(&"good") && !names.contains(&"nobody") && !names.contains(&"why"), "{names:?}");
    // Mended it counts; broken again, what was in force stays so.
    fs::write(folder.path().join("knowledge/controls/nobody.md"), GOOD).unwrap();
    let has = |name: &str| server.get(&format!("/api/v1/controls/{name}")).status == 200;
    eventually("the control that was mended", || has("nobody").then_some(()));
    fs::write(folder.path().join("knowledge/controls/nobody.md"), &nobody).unwrap();
    eventually("that it is broken again", || {
        command(&server, &["controls"]).err.contains("nobody.md:2:1").then_some(())
    });
    assert!(has("nobody"), "what is in force of it stays");
}

#[test]
fn nothing_that_exempts_or_hides_is_without_an_end() {
    let folder = fresh();
    let server = Server::start(folder.path());
    // What a person makes gets one; what nobody could keep to is refused.
    let made = server.post("/api/v1/exceptions", &json!({"control": "runbooks", "reason": "x"})).json();
    let until = (chrono::Utc::now() + chrono::Days::new(30)).format("%Y-%m-%d").to_string();
    assert!(made["until"].as_str().unwrap().starts_with(&until), "{made}");
    for (until, says) in
        [("now+200d", "90 days"), ("now-1d", "before it begins"), ("never", "never"), ("", "is no time")]
    {
        let body = json!({"control": "runbooks", "reason": "x", "until": until});
        let answer = server.post("/api/v1/exceptions", &body);
        assert!(answer.status == 400 && answer.text().contains(says), "{until:?}: {}", answer.text());
        let said = command(&server, &["exception", "add", "runbooks", "--reason", "x", "--until", until]);
        assert!(said.code == Some(2) && said.err.contains(says), "{until:?}: {said:?}");
    }
    // What a program decides must say it.
    let control = server.get("/api/v1/controls/runbooks").json()["control"]["id"].clone();
    let whole = json!({"key": "w", "kind": "mute", "reason": "x", "control": control, "owner": {"kind": "team", "key": "shop"},
        "expires": chrono::Utc::now().timestamp_nanos_opt().unwrap() + 1_000_000_000_000_i64});
    for missing in ["expires", "owner", "control", "reason"] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(missing);
        let answer = server.post("/api/v1/decisions", &body);
        assert!(answer.status == 400 && answer.text().contains(missing), "{missing}: {}", answer.text());
    }
    assert_eq!(server.post("/api/v1/decisions", &whole).status, 200);
    assert_eq!(server.get("/api/v1/exceptions").json()["count"], 2, "what was refused is not there");
}

const HOSTILE: &str = "---\ntitle: \"Cart \u{202e}evil\u{202c} <script>alert(1)</script>\"\nowner: shop\nservices: [cart]\n---\n\n\
    # Cart\n\n<script>alert(2)</script>\n\n<img src=x onerror=alert(3)>\n\n[click](javascript:alert(4)) ![pixel](https://spy.example/p.png)\n\n\
    [entities](java&#115;cript:alert(5)) <a href=\"data:text/html,x\">data</a> <iframe src=//evil.example></iframe>\n\n\
    Restart it\u{1b}[2J\u{1b}]0;owned\u{7} now\u{202e}txt.exe\u{2066}.\n\n```sh\necho '</code><script>alert(6)</script>'\n```\n\nThe walrus knows.\n";

#[test]
fn a_hostile_runbook_is_text_in_every_answer() {
    let folder = fresh();
    let server = server(folder.path(), &[("runbooks/cart.md", HOSTILE)]);
    let page = server.get("/api/v1/knowledge/page?id=runbooks/cart.md").json();
    let html = page["html"].as_str().unwrap();
    assert!(html.contains("The walrus knows."), "nothing of what is harmless is lost: {html}");
    let lower = html.to_lowercase();
    for part in [
        "<script",
        "<img",
        "<iframe",
        "<a href=\"java",
        "<a href=\"javascript",
        "<a href=\"data",
        "<object",
        "\u{1b}",
        "\u{7}",
        "\u{202e}",
        "\u{2066}",
    ] {
        assert!(!lower.contains(part), "{part:?} is in {html}");
    }
    let alert = json!([{"labels": {"alertname": "CartIsSlow", "severity": "critical", "service": "cart"},
        "annotations": {"description": "5 s"}, "startsAt": "2026-11-20T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z"}]);
    assert_eq!(server.post("/api/v2/alerts", &alert).status, 200);
    let id = server.get("/api/v1/alerts").json()["rows"][0]["id"].to_string();
    for arguments in [
        &["knowledge", "show", "runbooks/cart.md"][..],
        &["knowledge", "search", "walrus"],
        &["knowledge", "lists"],
        &["alerts", "show", &id],
        &["agenda", "shop"],
    ] {
        let out = command(&server, arguments);
        assert_eq!(out.code, Some(0), "{arguments:?}: {out:?}");
        let odd = |sign: char| {
            sign.is_control() && !matches!(sign, '\n' | '\t')
                || ('\u{202a}'..='\u{202e}').contains(&sign)
                || ('\u{2066}'..='\u{2069}').contains(&sign)
        };
        assert!(!out.out.contains(odd), "{arguments:?}: {:?}", out.out);
    }
    assert!(command(&server, &["knowledge", "show", "runbooks/cart.md"]).out.contains("The walrus knows."));
    // As JSON it is data: escaped, and whole.
    let json = command(&server, &["knowledge", "show", "runbooks/cart.md", "--json"]);
    assert!(
        !json.out.contains('\u{1b}') && json.json()["markdown"].as_str().unwrap().contains("The walrus"),
        "{json:?}"
    );
}

#[test]
fn a_notice_that_nobody_takes_is_kept_told_and_taken_once() {
    let folder = fresh();
    let config = folder.path().join("tandem.toml");
    // An address at which nobody is, for now.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    fs::write(&config, settings(&format!("http://{address}/hook"))).unwrap();
    let data = folder.path().join("data");
    let arguments = ["--config", config.to_str().unwrap()];
    let server = Server::with(&data, &arguments);
    let call = ["lockdown", "call", "--control", "runbooks", "--until", "now+1h", "--reason", "a worm is about"];
    assert_eq!(command(&server, &call).code, Some(0));
    let waiting = eventually("the first attempt to fail", || {
        let notices = server.get("/api/v1/notices").json();
        notices["waiting"].as_array().unwrap().first().cloned()
    });
    assert!(waiting["body"].as_str().unwrap().contains("a worm is about"), "{waiting}");
    let error = waiting["error"].as_str().unwrap().to_lowercase();
    assert!(error.contains("refused"), "{waiting}");
    assert!(waiting["due"].as_str() > waiting["at"].as_str(), "{waiting}");
    let told = command(&server, &["alerts", "undelivered"]);
    assert!(told.out.contains("tried again") && told.out.contains("chat"), "{told:?}");
    assert!(server.metric("tandem_notices_failed_total") >= 1.0);
    eventually("the log to say it", || server.log().contains("a notice was not taken").then_some(()));
    // The server dies; the notice does not.
    server.kill();
    let server = Server::with(&data, &arguments);
    let kept = server.get("/api/v1/notices").json();
    assert_eq!(kept["waiting"][0]["id"], waiting["id"], "{kept}");
    let inbox = Inbox::on(TcpListener::bind(address).unwrap());
    let lockdowns = || -> Vec<String> {
        let taken = inbox.taken().into_iter();
        taken.filter(|(_, body)| body.to_string().contains("a worm is about")).map(|(id, _)| id).collect()
    };
    eventually("somebody to take it", || (!lockdowns().is_empty()).then_some(()));
    eventually("nothing to wait any more", || {
        server.get("/api/v1/notices").json()["waiting"].as_array().unwrap().is_empty().then_some(())
    });
    assert_eq!(lockdowns().len(), 1, "once");
    assert_eq!(command(&server, &["alerts", "undelivered"]).out, "every notice was taken\n");
}
