//! Policies of users and results of tests, through the command line: what fails is undecided, and never "ready".

use crate::server::{Ended, Server, binary, fresh, run};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const DENIES: &str = "package own\n\nimport rego.v1\n\n# METADATA\n# custom:\n#   control: own-policies\ndeny contains result if {\n\
    \x20 input.asked.question == \"release\"\n  input.version == \"1.5\"\n  result := {\"msg\": \"1.5 of shop was taken back\", \"fix\": \"release 1.6\"}\n}\n";
/// A function cannot do its work: what is asked is not known by that.
const FAILS: &str = "package own\n\nimport rego.v1\n\ndeny contains \"never\" if to_number(input.service) > 1\n";
const BROKEN: &str = "package own\n\nimport rego.v1\n\ndeny contains msg if {\n";
/// It calls itself for as long as there is something to look at.
const ENDLESS: &str = "package own\n\nimport rego.v1\n\nf(x) := y if y := f(x + 1)\n\ndeny contains x if {\n  input.service == \"shop\"\n  x := f(1)\n}\n";

fn post(server: &Server, path: &str, body: &Value) -> Value {
    let answer = server.post(path, body);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// A server that asks a policy. Nothing of ours stands in the way of the service `shop`.
fn server(folder: &Path, policy: &str) -> Server {
    let policies = folder.join("policies");
    fs::create_dir_all(&policies).unwrap();
    fs::write(policies.join("own.rego"), policy).unwrap();
    let server = Server::with(&folder.join("data"), &["--policy", policies.to_str().unwrap()]);
    let now = chrono::Utc::now().timestamp_nanos_opt().unwrap();
    let seen = json!({"about": {"entity": {"kind": "service", "key": "shop"}}, "at": now});
    post(&server, "/api/v1/facts", &json!({"origin": "catalog", "observations": [seen]}));
    let controls = server.get("/api/v1/controls").json();
    for control in controls["controls"].as_array().unwrap() {
        let name = control["control"]["name"].as_str().unwrap();
        if name != "own-policies" && name != "tested-before-release" {
            let body = json!({"control": name, "entity": "service:shop", "reason": "not what this is about"});
            post(&server, "/api/v1/exceptions", &body);
        }
    }
    server
}

fn release(server: &Server, more: &[&str]) -> Ended {
    let ask = ["check", "release", "--service", "shop", "--env", "production"];
    let mut command = binary(Path::new(env!("CARGO_BIN_EXE_tandem")), &[&ask, more].concat());
    command.arg("--data-dir").arg(&server.data_dir);
    run(command)
}

fn suite(folder: &Path, name: &str, failed: &str) -> String {
    let path = folder.join(name);
    let xml = format!(
        "<?xml version=\"1.0\"?>\n<testsuites><testsuite name=\"till\" tests=\"2\">\n  <testcase name=\"pays\" classname=\"till\">{failed}</testcase>\n\
         \x20 <testcase name=\"opens\" classname=\"till\"/>\n</testsuite></testsuites>\n"
    );
    fs::write(&path, xml).unwrap();
    path.display().to_string()
}

#[test]
fn a_policy_denies_and_failed_tests_speak_until_both_are_mended() {
    let folder = fresh();
    let server = server(folder.path(), DENIES);
    let failing = suite(folder.path(), "failing.xml", "<failure message=\"no money\">trace</failure>");
    let passing = suite(folder.path(), "passing.xml", "");
    let out = release(&server, &["--version", "1.5", "--junit", &failing]);
    assert_eq!(out.code, Some(0), "everything observes first: {out:?}");
    for part in [
        "not yet, because",
        "1.5 of shop was taken back",
        "[own.deny,",
        "release 1.6",
        "1 of 2 tests of shop failed",
        "pays",
    ] {
        assert!(out.out.contains(part), "{part:?} is missing in {}", out.out);
    }
    let out = release(&server, &["--version", "1.6", "--junit", &failing]);
    assert!(!out.out.contains("taken back") && out.out.contains("[failed-tests,"), "{out:?}");
    let out = release(&server, &["--version", "1.6", "--junit", &passing, "--strict"]);
    assert_eq!((out.code, out.out.starts_with("ready")), (Some(0), true), "{out:?}");
    // Enforced, both stop.
    for control in ["own-policies", "tested-before-release"] {
        post(
            &server,
            "/api/v1/adjustments",
            &json!({"control": control, "mode": "enforce", "reason": "we lost a night"}),
        );
    }
    for (version, junit) in [("1.5", &passing), ("1.6", &failing)] {
        let out = release(&server, &["--version", version, "--junit", junit]);
        out.says(1, &["stopped"]);
    }
    assert_eq!(release(&server, &["--version", "1.6", "--junit", &passing]).code, Some(0));
    fs::write(folder.path().join("broken.xml"), "<testsuites><testsuite>").unwrap();
    let broken = folder.path().join("broken.xml").display().to_string();
    release(&server, &["--version", "1.6", "--junit", &broken]).says(2, &["broken.xml:"]);
}

#[test]
fn a_policy_that_fails_is_undecided_and_never_ready() {
    for (policy, says) in [(FAILS, "the policy failed"), (BROKEN, "own.rego:6:"), (ENDLESS, "the policy failed")] {
        let folder = fresh();
        let server = server(folder.path(), policy);
        let passing = suite(folder.path(), "passing.xml", "");
        let ask = ["--version", "1.6", "--junit", &passing];
        let out = release(&server, &ask);
        assert_eq!((out.code, out.out.starts_with("undecided, because")), (Some(0), true), "{out:?}");
        assert!(out.out.contains(says) && out.out.contains("mend the "), "{says}: {out:?}");
        assert!(!out.out.starts_with("ready"), "{out:?}");
        release(&server, &[&ask[..], &["--strict"]].concat()).says(3, &["undecided"]);
        let json = release(&server, &[&ask[..], &["--format", "json"]].concat()).json();
        assert_eq!((&json["answer"], &json["stopped"]), (&json!("undecided"), &json!(false)), "{json}");
        // Enforced, it still stops nobody: nobody knows what it would have said.
        post(&server, "/api/v1/adjustments", &json!({"control": "own-policies", "mode": "enforce", "reason": "ours"}));
        let out = release(&server, &ask);
        assert_eq!((out.code, out.out.starts_with("undecided")), (Some(0), true), "{out:?}");
    }
}
