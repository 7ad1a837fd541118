use super::*;
use std::io::Write as _;

const RULE: &str = "title: Shell as root\nid: 6b0f1a60-0000-4000-8000-000000000001\nstatus: test\nlevel: high\n\
    logsource: {product: linux, category: process_creation}\n\
    detection:\n  shell: {Image|endswith: /sh, User: root}\n  condition: shell\n";

const WEB: &str = "title: Hidden files asked for\nid: 6b0f1a60-0000-4000-8000-000000000002\nlevel: low\n\
    logsource: {category: webserver}\n\
    detection:\n  asked: {cs-uri-stem|startswith: /.git}\n  condition: asked\n";

fn folder(rules: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (number, rule) in rules.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{number}.yml")), rule).unwrap();
    }
    folder
}

fn detector(folder: &Path) -> detect::detector::Detector {
    rules::read(&[folder.to_owned()], &[]).map_err(|failure| failure.error).unwrap().0
}

fn alerts(rules: &[&str], text: &str, range: std::ops::Range<Option<i64>>) -> (Vec<model::alert::Alert>, bool) {
    let folder = folder(rules);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let mut work = Work::new(detector(folder.path()), 1_700_000_000_000_000_000, range);
    work.file(file.path(), None);
    (work.alerts(), work.broken())
}

const EVENTS: &str = r#"{"@timestamp":"2023-11-14T22:13:20Z","host":{"name":"h1","os":{"type":"linux"}},"event":{"category":["process"],"type":["start"]},"process":{"executable":"/bin/sh"},"user":{"name":"root"}}
{"@timestamp":"2023-11-14T22:13:25Z","host":{"name":"h1","os":{"type":"linux"}},"event":{"category":["process"],"type":["start"]},"process":{"executable":"/bin/sh"},"user":{"name":"root"}}
{"@timestamp":"2023-11-14T22:13:26Z","host":{"name":"h1","os":{"type":"linux"}},"event":{"category":["process"],"type":["start"]},"process":{"executable":"/bin/sh"},"user":{"name":"ann"}}
"#;

#[test]
fn json_lines_become_one_alert_about_the_host() {
    let (alerts, broken) = alerts(&[RULE, WEB], EVENTS, None..None);
    assert_eq!((alerts.len(), broken), (1, false), "{alerts:?}");
    assert_eq!((alerts[0].count, alerts[0].level, alerts[0].title.as_str()), (2, Level::High, "Shell as root"));
    assert_eq!(alerts[0].entity.as_ref().unwrap().to_string(), "host:h1");
    assert_eq!(alerts[0].first, 1_700_000_000_000_000_000);
}

#[test]
fn lines_of_an_access_log_are_read_as_the_server_reads_them() {
    let line = |path| format!("192.0.2.1 - - [14/Nov/2023:22:13:20 +0000] \"GET {path} HTTP/1.1\" 404 9 \"-\" \"x\"\n");
    let text = [line("/index.html"), line("/.git/config"), line("/")].concat();
    let (alerts, _) = alerts(&[RULE, WEB], &text, None..None);
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!((alerts[0].count, alerts[0].first), (1, 1_700_000_000_000_000_000));
}

#[test]
fn only_the_time_asked_for() {
    let at = 1_700_000_005_000_000_000;
    assert_eq!(alerts(&[RULE], EVENTS, Some(at)..None).0[0].count, 1);
    assert_eq!(alerts(&[RULE], EVENTS, None..Some(at)).0[0].count, 1);
    assert_eq!(alerts(&[RULE], EVENTS, Some(at + 1)..None).0.len(), 0);
}

#[test]
fn each_form_of_output_names_the_alert() {
    let folder = folder(&[RULE]);
    let found = alerts(&[RULE], EVENTS, None..None).0;
    let sarif = show::sarif(&found, &detector(folder.path()));
    assert_eq!(sarif["runs"][0]["results"][0]["level"], "error");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], found[0].rule.as_str());
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][0]["shortDescription"]["text"], "Shell as root");
}

#[test]
fn a_broken_rule_and_a_broken_file_do_not_stop_the_others() {
    let (found, broken) = alerts(&[RULE, "title: x\ndetection: ["], &format!("{EVENTS}{{\"a\":\n"), None..None);
    assert_eq!((found.len(), broken), (1, false));
    let folder = folder(&[RULE]);
    let mut work = Work::new(detector(folder.path()), 0, None..None);
    work.file(Path::new("/nowhere/at/all"), None);
    assert!(work.broken());
}

#[test]
fn folders_are_read_in_order_and_own_sources_count() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("b")).unwrap();
    for name in ["b/2.json", "a.json", ".hidden"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    let found = files(&[folder.path().to_owned()]).map_err(|failure| failure.error).unwrap();
    let names: Vec<_> =
        found.iter().map(|path| path.strip_prefix(folder.path()).unwrap().display().to_string()).collect();
    assert_eq!(names, ["a.json", "b/2.json"]);
    std::fs::write(
        folder.path().join("zeek.yml"),
        "product: zeek\nservice: dns\ndefinitions: [{when: {_path: dns}}]\n",
    )
    .unwrap();
    let (detector, unused) = rules::read(&[], &[folder.path().to_owned()]).map_err(|failure| failure.error).unwrap();
    assert_eq!(unused, [""; 0]);
    let zeek = detect::rule::LogSource { product: Some("zeek".to_owned()), ..Default::default() };
    assert_eq!(detector.sources().fits(&zeek).len(), 1);
    assert!(rules::read(&[folder.path().join("nothing")], &[]).is_err());
}
