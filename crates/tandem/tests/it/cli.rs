//! The command line: what it prints, and the exit codes that scripts go by.

use crate::otlp;
use crate::server::{DEADLINE, Ended, Killed, Server, follow, fresh, run, tandem};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};

/// A command on a data folder.
fn on<const N: usize>(data_dir: &Path, arguments: [&str; N]) -> Command {
    let mut command = tandem(arguments);
    command.env("TANDEM_DATA_DIR", data_dir);
    command
}

fn ended<const N: usize>(data_dir: &Path, arguments: [&str; N]) -> Ended {
    run(on(data_dir, arguments))
}

fn accept(server: &Server, body: &str, severity: &str, number: u8) {
    let record = json!({"timeUnixNano": otlp::now().to_string(), "severityText": severity, "severityNumber": number,
        "body": {"stringValue": body}, "attributes": [otlp::text("k", "v\u{1b}[31m")]});
    assert_eq!(server.otlp_json("/v1/logs", &otlp::logs(json!([record]))).status, 200);
}

#[test]
fn search_prints_events() {
    let folder = fresh();
    let server = Server::start(folder.path());
    accept(&server, "first\u{1b}[2J", "INFO", 9);
    accept(&server, "second", "ERROR", 17);
    let found = ended(folder.path(), ["search"]);
    assert_eq!((found.code, found.err.as_str()), (Some(0), ""), "{found:?}");
    let lines: Vec<&str> = found.out.lines().collect();
    assert!(lines[0].ends_with("Z ERROR shop second") && lines[1].contains("INFO  shop first"), "{lines:?}");
    assert!(!found.out.contains('\u{1b}'), "an event must not drive the terminal");
    let found = ended(folder.path(), ["search", "level:error", "--json", "--from", "now-1h", "-n", "5"]);
    assert_eq!((found.code, &found.json()["body"]), (Some(0), &json!("second")));
    let found = ended(folder.path(), ["search", "shop or second | count by level"]);
    assert!(found.code == Some(0) && found.out.lines().count() >= 2, "{found:?}");
    // Nothing found is an answer too.
    let found = ended(folder.path(), ["search", "absent"]);
    assert_eq!((found.code, found.out.as_str(), found.err.as_str()), (Some(0), "", "nothing found\n"));
}

#[test]
fn a_wrong_search_points_at_the_character() {
    let folder = fresh();
    let _server = Server::start(folder.path());
    for (query, at) in [
        ("level:error AND (", "("),
        ("body:/[/", "/[/"),
        ("a | cuont by b", "cuont"),
        ("a duration_ns:>abc", "duration_ns"),
    ] {
        let wrong = ended(folder.path(), ["search", query]);
        assert_eq!(wrong.code, Some(2), "{query}: {wrong:?}");
        let lines: Vec<&str> = wrong.err.lines().collect();
        let source =
            lines.iter().position(|line| line.contains(query)).unwrap_or_else(|| panic!("{query}: {}", wrong.err));
        let caret = lines[source + 1].find('^').unwrap_or_else(|| panic!("{query}: {}", wrong.err));
        let column = caret - lines[source].find(query).unwrap();
        let wanted = query.find(at).unwrap();
        assert!((wanted..=wanted + at.len()).contains(&column), "{query}: {}", wrong.err);
    }
    for (arguments, told) in [
        (["search", "--table", "events"], "tables are logs, spans and metrics"),
        (["search", "--from", "someday"], "is no time"),
        (["tail", "--table", "events"], "tables are logs, spans and metrics"),
    ] {
        ended(folder.path(), arguments).says(2, &["error: ", told]);
    }
    ended(folder.path(), ["tail", "a | count"]).says(2, &["no pipes"]);
}

#[test]
fn sql_prints_tables_json_and_csv() {
    let folder = fresh();
    let server = Server::start(folder.path());
    accept(&server, "one", "INFO", 9);
    let sql = "SELECT body, severity_number FROM logs";
    let table = ended(folder.path(), ["sql", sql]);
    assert_eq!(table.code, Some(0), "{table:?}");
    let lines: Vec<Vec<&str>> = table.out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines, [["body", "severity_number"], ["one", "9"]]);
    assert_eq!(ended(folder.path(), ["sql", sql, "--json"]).json()["rows"], json!([["one", 9]]));
    assert_eq!(ended(folder.path(), ["sql", sql, "--csv"]).out, "body,severity_number\r\none,9\r\n");
    ended(folder.path(), ["sql", "SELECT *\nFORM logs"]).says(2, &["error: ", "Line: 2"]);
    ended(folder.path(), ["sql", "DROP TABLE logs"]).says(2, &["not supported", "help: statements only read here"]);
    ended(folder.path(), ["sql", sql, "--json", "--csv"]).says(2, &["--json", "--csv"]);
    let mut remote = tandem(["sql", sql, "--json"]);
    let token = ended(folder.path(), ["token", "create", "ci", "--role", "viewer"]).out;
    remote.env("TANDEM_URL", server.address("http")).env("TANDEM_TOKEN", token.trim());
    assert_eq!(run(remote).json()["row_count"], 1);
}

#[test]
fn tail_prints_what_comes() {
    let folder = fresh();
    let server = Server::start(folder.path());
    for (arguments, wanted) in
        [(["tail", "level:error"], " ERROR shop loud"), (["tail", "--json"], "\"body\":\"quiet\"")]
    {
        let mut command = on(folder.path(), arguments);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = follow(child.stdout.take().unwrap(), Default::default());
        let listener = Killed(child);
        crate::server::eventually("the tail", || (server.metric("tandem_tails") >= 1.0).then_some(()));
        accept(&server, "quiet", "INFO", 9);
        accept(&server, "loud", "ERROR", 17);
        let line = lines.recv_timeout(DEADLINE).unwrap();
        assert!(line.contains(wanted), "{line}");
        // Else it would be taken for the next one.
        drop(listener);
        crate::server::eventually("the end of the tail", || (server.metric("tandem_tails") == 0.0).then_some(()));
    }
}

#[test]
fn a_tail_says_that_the_server_stopped() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let mut command = on(folder.path(), ["tail"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    crate::server::eventually("the tail", || (server.metric("tandem_tails") == 1.0).then_some(()));
    assert_eq!(server.stop(), Some(0));
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("the server stopped"));
}

#[test]
fn doctor_says_what_is_wrong() {
    let folder = fresh();
    let data_dir = folder.path().join("data");
    let server = Server::start(&data_dir);
    server.accept_good();
    server.post("/api/v1/flush", &json!({}));
    let well = ended(&data_dir, ["doctor"]);
    assert_eq!(well.code, Some(0), "{well:?}");
    let findings = ended(&data_dir, ["doctor", "--json"]).json();
    assert!(findings.as_array().unwrap().iter().all(|finding| finding["severity"] != "error"), "{findings}");
    assert_eq!(server.stop(), Some(0));
    assert_eq!(ended(&data_dir, ["doctor"]).code, Some(0));
    let files = crate::folder::files(&data_dir.join("data"));
    let file = files.iter().find(|path| path.extension().is_some_and(|extension| extension == "parquet")).unwrap();
    let mut bytes = std::fs::read(file).unwrap();
    bytes[40] ^= 0x40;
    std::fs::write(file, bytes).unwrap();
    let ill = ended(&data_dir, ["doctor"]);
    ill.says(1, &[data_dir.to_str().unwrap(), "needs attention"]);
    assert!(ill.out.contains(file.file_stem().unwrap().to_str().unwrap()) && ill.out.contains("-> "), "{ill:?}");
    let nothing = ended(&folder.path().join("nothing"), ["doctor"]);
    assert_eq!(nothing.code, Some(1));
    assert!(nothing.out.contains("is no data folder") && nothing.out.contains("--data-dir"), "{nothing:?}");
}

#[test]
fn a_backup_is_restored() {
    let folder = fresh();
    let at = |name: &str| folder.path().join(name);
    let text = |name: &str| at(name).to_str().unwrap().to_owned();
    let server = Server::start(&at("data"));
    server.accept_good();
    server.post("/api/v1/flush", &json!({}));
    server.accept_again();
    let report = ended(&at("data"), ["backup", &text("live"), "--json"]);
    assert_eq!(report.code, Some(0), "{report:?}");
    assert!(report.json().is_object());
    server.has_good();
    assert_eq!(server.stop(), Some(0));
    let report = ended(&at("data"), ["backup", &text("stopped")]);
    assert!(report.code == Some(0) && report.out.contains(&format!("backed up to {}", text("stopped"))), "{report:?}");
    for backup in ["live", "stopped"] {
        let back = format!("{backup} back");
        let report = ended(&at(&back), ["restore", &text(backup)]);
        assert!(report.code == Some(0) && report.out.contains("`tandem up` starts on it"), "{report:?}");
        let restored = Server::start(&at(&back));
        restored.has_good();
        assert_eq!(restored.value("SELECT count(*) FROM logs"), 2);
        // Nothing is written over.
        let again = ended(&at(&back), ["restore", &text(backup)]);
        assert!(again.code != Some(0) && again.err.contains(&text(&back)), "{again:?}");
        restored.has_good();
    }
    let over = ended(&at("data"), ["backup", &text("live")]);
    assert!(over.code != Some(0) && over.err.contains(&text("live")), "{over:?}");
    let nothing = ended(&at("empty"), ["restore", &text("no backup")]);
    assert!(nothing.code != Some(0) && nothing.err.contains("no backup"), "{nothing:?}");
    ended(&at("empty"), ["backup", &text("new")]).says(2, &["is no data folder", "--data-dir"]);
    assert!(!at("new").exists());
}

#[test]
fn erase_wants_to_be_sure() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    accept(&server, "erasable", "INFO", 9);
    assert_eq!(server.stop(), Some(0));
    ended(folder.path(), ["erase", "body:erasable"]).says(3, &["nothing was changed", "--yes"]);
    ended(folder.path(), ["erase", "", "--yes"]).says(2, &["matches everything"]);
    ended(folder.path(), ["erase", "a | count", "--yes"]).says(2, &["without pipes"]);
    ended(folder.path(), ["erase", "(", "--yes"]).says(2, &["^"]);
    let report = ended(folder.path(), ["erase", "erasable", "--yes", "--json"]);
    assert!(report.code == Some(0) && report.json().is_object(), "{report:?}");
    let server = Server::start(folder.path());
    assert_eq!(server.value("SELECT count(*) FROM logs"), 1);
    server.has_good();
    let record = std::fs::read_to_string(folder.path().join("erasures.jsonl")).unwrap();
    assert!(record.lines().count() == 1 && serde_json::from_str::<Value>(&record).is_ok(), "{record}");
}

#[test]
fn without_a_server_it_says_how_to_get_one() {
    let folder = fresh();
    for command in ["search", "tail"] {
        let place = folder.path().to_str().unwrap();
        ended(folder.path(), [command]).says(2, &["no server runs on", place, "tandem up", "TANDEM_URL"]);
    }
    let mut remote = tandem(["search", "x"]);
    // Nothing listens on the port of another protocol's reserved number.
    remote.env("TANDEM_URL", "http://127.0.0.1:1");
    let remote = run(remote);
    assert!(remote.code != Some(0) && remote.err.contains("no answer from http://127.0.0.1:1"), "{remote:?}");
}

#[test]
fn wrong_use_is_told() {
    let folder = fresh();
    let bash = ended(folder.path(), ["completions", "bash"]);
    assert!(bash.code == Some(0) && bash.out.contains("complete -F _tandem") && bash.err.is_empty(), "{}", bash.err);
    ended(folder.path(), ["completions", "cmd"]).says(2, &["cmd", "bash"]);
    ended(folder.path(), ["serch"]).says(2, &["serch", "search"]);
    ended(folder.path(), ["sql"]).says(2, &["<SQL>"]);
    ended(folder.path(), ["search", "--limt", "5"]).says(2, &["--limt", "--limit"]);
    assert_eq!(run(tandem([])).code, Some(2));
    for arguments in [["--help"], ["--version"]] {
        let help = ended(folder.path(), arguments);
        assert!(help.code == Some(0) && help.out.contains("tandem"), "{help:?}");
    }
    let help = ended(folder.path(), ["--help"]).out;
    for command in ["up", "serve", "agent", "search", "sql", "tail", "doctor", "backup", "restore", "erase"] {
        assert!(help.contains(&format!("  {command} ")), "{command}");
        let help = ended(folder.path(), [command, "--help"]);
        assert!(help.code == Some(0) && help.out.contains("Example: "), "{help:?}");
    }
    assert!(help.contains("Exit codes"));
}

#[test]
fn up_watches_this_machine() {
    let folder = fresh();
    let log = folder.path().join("app.log");
    std::fs::write(&log, "").unwrap();
    let mut command = tandem(["up", "--no-journal", "--no-host-metrics", "--watch-file"]);
    command.arg(&log).arg("--data-dir").arg(folder.path().join("data"));
    crate::server::free_ports(&mut command);
    let server = Server::spawn(command);
    std::fs::write(&log, "2026-11-21T10:00:00Z ERROR something was seen\n").unwrap();
    let rows = crate::server::eventually("the line", || {
        Some(server.sql("SELECT body FROM logs WHERE strpos(body, 'was seen') > 0")).filter(|rows| !rows.is_empty())
    });
    assert_eq!(rows.len(), 1);
    // It keeps what it says of itself as well.
    crate::server::eventually("own rows", || {
        (server.value("SELECT count(*) FROM metrics WHERE service_name = 'tandem'") != 0).then_some(())
    });
    assert_eq!(server.stop(), Some(0));
}
