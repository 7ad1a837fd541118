use super::*;
use crate::event::Scalar;
use crate::input::object;
use crate::rule::{Meta, Pattern};
use model::alert::Level;

fn event(json: &str) -> PlainEvent {
    object(json).unwrap_or_else(|bad| panic!("{}: {json}", bad.reason))
}

fn source(product: &str, category: &str, service: &str) -> LogSource {
    let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    LogSource { product: part(product), category: part(category), service: part(service) }
}

fn leaf(field: &str) -> Expr {
    let test = Test::Text(Pattern::exact("x", false));
    Expr::Leaf(Leaf { field: Some(Field::new(field)), test, place: Place::default() })
}

fn rule(id: &str, source: LogSource, condition: Expr) -> Rule {
    let meta = Meta::new(id, Level::Medium);
    Rule { meta, source, condition }
}

/// What a rule for `of` sees in `field` of an event; none when the rule is not for it.
fn seen(sources: &Sources, of: &LogSource, field: &str, event: &PlainEvent) -> Option<Vec<String>> {
    if !sources.is_for(of, &sources.of(event)) {
        return None;
    }
    let paths = sources.paths(field, &sources.fits(of));
    let path = paths.iter().find(|path| event.values(path).next().is_some());
    let values = path.into_iter().flat_map(|path| event.values(path));
    Some(values.filter_map(Scalar::text).map(|text| text.into_owned()).collect())
}

fn sees(sources: &Sources, of: (&str, &str, &str), field: &str, event: &PlainEvent, value: &str) {
    let of = source(of.0, of.1, of.2);
    let values = seen(sources, &of, field, event);
    assert_eq!(values.as_deref(), Some(&[value.to_owned()][..]), "{of:?} {field} in {event:?}");
}

fn not_for(sources: &Sources, of: (&str, &str, &str), event: &PlainEvent) {
    let of = source(of.0, of.1, of.2);
    assert_eq!(seen(sources, &of, "Image", event), None, "{of:?} {event:?}");
}

const TIME: Nanos = 1_700_000_000_250_000_000;

/// One Sysmon event as it is sent and exported.
const SYSMON: [&str; 9] = [
    // NXLog.
    r#"{"EventTime":"2023-11-14 23:13:20","@timestamp":"2023-11-14T22:13:20.250Z","Hostname":"pc1.example.org","EventID":1,
        "SourceName":"Microsoft-Windows-Sysmon","Channel":"Microsoft-Windows-Sysmon/Operational","ProcessID":3044,
        "UtcTime":"2023-11-14 22:13:20.250","Image":"C:\\x\\a.exe","ProcessId":"77","CommandLine":"a.exe /q","Task":1}"#,
    // Winlogbeat 7.
    r#"{"@timestamp":"2023-11-14T22:13:20.250Z","winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":1,
        "provider_name":"Microsoft-Windows-Sysmon","computer_name":"pc1.example.org","event_data":{"Image":"C:\\x\\a.exe",
        "ProcessId":"77","CommandLine":"a.exe /q"}},"event":{"code":"1"},"host":{"name":"pc1"}}"#,
    // Winlogbeat with its Sysmon module.
    r#"{"@timestamp":"2023-11-14T22:13:20.250Z","winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":"1",
        "provider_name":"Microsoft-Windows-Sysmon","computer_name":"pc1.example.org"},"process":{"executable":"C:\\x\\a.exe",
        "pid":77,"command_line":"a.exe /q"}}"#,
    // The collector's windowseventlog receiver, as a body.
    r#"{"body":{"channel":"Microsoft-Windows-Sysmon/Operational","computer":"pc1.example.org","event_id":{"id":1,"qualifiers":0},
        "provider":{"name":"Microsoft-Windows-Sysmon"},"system_time":"2023-11-14T22:13:20.250Z",
        "event_data":{"Image":"C:\\x\\a.exe","ProcessId":"77","CommandLine":"a.exe /q"}}}"#,
    // The same, as the store has a structured body, from an older collector.
    r#"{"channel":"Microsoft-Windows-Sysmon/Operational","computer":"pc1.example.org","event_id":{"id":1,"qualifiers":0},
        "provider":{"name":"Microsoft-Windows-Sysmon"},"system_time":"2023-11-14T22:13:20.250Z",
        "event_data":{"data":[{"Image":"C:\\x\\a.exe"},{"ProcessId":"77"},{"CommandLine":"a.exe /q"}]}}"#,
    // A dump of an EVTX file.
    r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},"EventID":1,
        "TimeCreated":{"#attributes":{"SystemTime":"2023-11-14T22:13:20.250000Z"}},"Computer":"pc1.example.org",
        "Channel":"Microsoft-Windows-Sysmon/Operational"},"EventData":{"Image":"C:\\x\\a.exe","ProcessId":77,
        "CommandLine":"a.exe /q"}}}"##,
    // The same with qualifiers.
    r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},
        "EventID":{"#attributes":{"Qualifiers":0},"#text":1},
        "TimeCreated":{"#attributes":{"SystemTime":"2023-11-14T22:13:20.250000Z"}},"Computer":"pc1.example.org",
        "Channel":"Microsoft-Windows-Sysmon/Operational"},"EventData":{"Image":"C:\\x\\a.exe","ProcessId":77,
        "CommandLine":"a.exe /q"}}}"##,
    // A plain export.
    r#"{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Provider_Name":"Microsoft-Windows-Sysmon",
        "Computer":"pc1.example.org","TimeCreated":"2023-11-14T22:13:20.250Z","Image":"C:\\x\\a.exe","ProcessId":77,
        "CommandLine":"a.exe /q"}"#,
    // The Open Cybersecurity Schema Framework.
    r#"{"class_uid":1007,"activity_id":1,"time":1700000000250,"device":{"hostname":"pc1.example.org","os":{"type":"Windows"}},
        "process":{"file":{"path":"C:\\x\\a.exe"},"pid":77,"cmd_line":"a.exe /q"}}"#,
];

#[test]
fn one_sysmon_event_in_every_shape() {
    let sources = Sources::builtin();
    for json in SYSMON {
        let event = event(json);
        let created = ("windows", "process_creation", "");
        for (field, value) in [
            ("Image", "C:\\x\\a.exe"),
            ("process.executable", "C:\\x\\a.exe"),
            ("CommandLine", "a.exe /q"),
            ("process.command_line", "a.exe /q"),
            ("process.cmd_line", "a.exe /q"),
            ("ProcessId", "77"),
        ] {
            sees(&sources, created, field, &event, value);
        }
        sees(&sources, ("windows", "", ""), "Image", &event, "C:\\x\\a.exe");
        not_for(&sources, ("windows", "network_connection", ""), &event);
        not_for(&sources, ("windows", "", "security"), &event);
        not_for(&sources, ("linux", "process_creation", ""), &event);
        assert_eq!(sources.time(&event), Some(TIME), "{json}");
        let of = sources.of(&event);
        let entity = of.iter().find_map(|index| sources.entity(&event, *index)).map(|entity| entity.to_string());
        assert_eq!(entity.as_deref(), Some("host:pc1.example.org"), "{json}");
    }
}

#[test]
fn process_creation_of_the_security_log_has_other_names() {
    let sources = Sources::builtin();
    for json in [
        r#"{"EventID":4688,"Channel":"Security","NewProcessName":"C:\\x\\a.exe","NewProcessId":"0x4d","ProcessId":"0x1",
            "CommandLine":"a.exe","ParentProcessName":"C:\\p.exe","SubjectUserName":"ann"}"#,
        r#"{"winlog":{"channel":"Security","event_id":4688,"event_data":{"NewProcessName":"C:\\x\\a.exe","NewProcessId":"0x4d",
            "ProcessId":"0x1","CommandLine":"a.exe","ParentProcessName":"C:\\p.exe","SubjectUserName":"ann"}}}"#,
        r#"{"body":{"channel":"Security","event_id":{"id":4688},"event_data":{"NewProcessName":"C:\\x\\a.exe",
            "NewProcessId":"0x4d","ProcessId":"0x1","CommandLine":"a.exe","ParentProcessName":"C:\\p.exe",
            "SubjectUserName":"ann"}}}"#,
    ] {
        let event = event(json);
        for (field, value) in
            [("Image", "C:\\x\\a.exe"), ("ProcessId", "0x4d"), ("ParentImage", "C:\\p.exe"), ("User", "ann")]
        {
            sees(&sources, ("windows", "process_creation", ""), field, &event, value);
        }
        // A rule for the channel sees the event's own names.
        sees(&sources, ("windows", "", "security"), "NewProcessName", &event, "C:\\x\\a.exe");
        sees(&sources, ("windows", "", "security"), "EventID", &event, "4688");
        not_for(&sources, ("windows", "", "sysmon"), &event);
    }
}

#[test]
fn each_channel_is_its_service_and_each_number_its_category() {
    let sources = Sources::builtin();
    for (channel, id, of) in [
        ("System", 7045, ("windows", "", "system")),
        ("Application", 1, ("windows", "", "application")),
        ("Windows PowerShell", 400, ("windows", "ps_classic_start", "")),
        ("Microsoft-Windows-PowerShell/Operational", 4104, ("windows", "ps_script", "")),
        ("Microsoft-Windows-PowerShell/Operational", 4103, ("windows", "ps_module", "")),
        ("Microsoft-Windows-Windows Defender/Operational", 5001, ("windows", "", "windefend")),
        ("Microsoft-Windows-TaskScheduler/Operational", 106, ("windows", "", "taskscheduler")),
        ("Microsoft-Windows-Bits-Client/Operational", 3, ("windows", "", "bits-client")),
        ("Security", 4624, ("windows", "", "security")),
        ("Microsoft-Windows-Sysmon/Operational", 3, ("windows", "network_connection", "")),
        ("Microsoft-Windows-Sysmon/Operational", 7, ("windows", "image_load", "")),
        ("Microsoft-Windows-Sysmon/Operational", 8, ("windows", "create_remote_thread", "")),
        ("Microsoft-Windows-Sysmon/Operational", 10, ("windows", "process_access", "")),
        ("Microsoft-Windows-Sysmon/Operational", 13, ("windows", "registry_set", "")),
        ("Microsoft-Windows-Sysmon/Operational", 13, ("windows", "registry_event", "")),
        ("Microsoft-Windows-Sysmon/Operational", 26, ("windows", "file_delete", "")),
    ] {
        let event = event(&format!(r#"{{"winlog":{{"channel":"{channel}","event_id":{id}}}}}"#));
        sees(&sources, of, "EventID", &event, &id.to_string());
    }
    // A Sysmon number in another channel is something else.
    not_for(&sources, ("windows", "image_load", ""), &event(r#"{"Channel":"System","EventID":7}"#));
}

#[test]
fn the_other_sources_with_their_names() {
    let sources = Sources::builtin();
    let sees = |of, json: &str, field, value| sees(&sources, of, field, &event(json), value);
    let auditd = ("linux", "", "auditd");
    let joined = r#"{"audit.serial":5,"type":["SYSCALL","EXECVE"],"SYSCALL":"execve","exe":"/bin/dd","a0":"dd"}"#;
    sees(auditd, joined, "a0", "dd");
    sees(("linux", "process_creation", ""), joined, "Image", "/bin/dd");
    sees(
        ("linux", "", "sshd"),
        r#"{"syslog":{"appname":"sshd"},"body":"Failed password"}"#,
        "message",
        "Failed password",
    );
    sees(("linux", "", "auth"), r#"{"SYSLOG_IDENTIFIER":"sudo","MESSAGE":"x"}"#, "message", "x");
    let web = ("", "webserver", "");
    for json in [
        r#"{"cs-method":"GET","cs-uri-stem":"/a","cs-uri-query":"q=1","sc-status":"404","c-ip":"192.0.2.1"}"#,
        r#"{"http.request.method":"GET","url.path":"/a","url.query":"q=1","http.response.status_code":404,"client.address":"192.0.2.1"}"#,
        r#"{"http":{"request":{"method":"GET"},"response":{"status_code":404}},"url":{"path":"/a","query":"q=1"},"source":{"ip":"192.0.2.1"}}"#,
        r#"{"class_uid":4002,"http_request":{"http_method":"GET","url":{"path":"/a","query_string":"q=1"}},"http_response":{"code":404},"src_endpoint":{"ip":"192.0.2.1"}}"#,
    ] {
        for (field, value) in [
            ("cs-method", "GET"),
            ("cs-uri-stem", "/a"),
            ("cs-uri-query", "q=1"),
            ("sc-status", "404"),
            ("c-ip", "192.0.2.1"),
        ] {
            sees(web, json, field, value);
        }
    }
    let cloud = ("aws", "", "cloudtrail");
    for json in [
        r#"{"eventSource":"iam.amazonaws.com","eventName":"CreateUser","userIdentity":{"type":"Root"}}"#,
        r#"{"detail":{"eventSource":"iam.amazonaws.com","eventName":"CreateUser","userIdentity":{"type":"Root"}}}"#,
        r#"{"event.dataset":"aws.cloudtrail","event.provider":"iam.amazonaws.com","event.action":"CreateUser","aws.cloudtrail.user_identity.type":"Root"}"#,
        r#"{"metadata":{"product":{"name":"CloudTrail"}},"api":{"operation":"CreateUser","service":{"name":"iam.amazonaws.com"}},"actor":{"user":{"type":"Root"}}}"#,
    ] {
        sees(cloud, json, "eventName", "CreateUser");
        sees(cloud, json, "eventSource", "iam.amazonaws.com");
        sees(cloud, json, "userIdentity.type", "Root");
    }
    let kubernetes = ("kubernetes", "", "audit");
    for json in [
        r#"{"apiVersion":"audit.k8s.io/v1","verb":"create","objectRef":{"resource":"pods","subresource":"exec"}}"#,
        r#"{"body":{"apiVersion":"audit.k8s.io/v1","verb":"create","objectRef":{"resource":"pods","subresource":"exec"}}}"#,
    ] {
        sees(kubernetes, json, "verb", "create");
        sees(kubernetes, json, "objectRef.subresource", "exec");
    }
    let github =
        r#"{"action":"protected_branch.destroy","actor":"a","org":"o","repo":"o/r","@timestamp":1700000000250}"#;
    sees(("github", "", "audit"), github, "action", "protected_branch.destroy");
    assert_eq!(sources.time(&event(github)), Some(TIME));
}

#[test]
fn a_rule_for_what_nobody_defines_has_no_data_to_see() {
    let sources = Sources::builtin();
    assert!(sources.fits(&source("zeek", "", "dns")).is_empty());
    assert!(sources.fits(&source("windows", "process_creation", "sshd")).is_empty());
    assert!(!sources.fits(&source("windows", "process_creation", "")).is_empty());
    let (more, problems) = Sources::with([SourceFile {
        name: "mine/zeek.yml".into(),
        text: "product: Zeek\nservice: dns\ndefinitions:\n  - {when: {_path: dns}}\n".to_owned(),
    }]);
    assert_eq!(problems, []);
    assert_eq!(more.fits(&source("zeek", "", "dns")).len(), 1);
    assert_eq!(
        seen(&more, &source("zeek", "", ""), "_path", &event(r#"{"_path":"dns"}"#)),
        Some(vec!["dns".to_owned()])
    );
}

#[test]
fn fields_of_rules_are_resolved_and_those_without_data_are_listed() {
    let sources = Sources::builtin();
    let created = source("windows", "process_creation", "");
    let mut one = rule("one", created.clone(), Expr::And(vec![leaf("Image"), Expr::Not(Box::new(leaf("Nowhere")))]));
    sources.resolve(&mut one);
    let Expr::And(parts) = &one.condition else { panic!("{one:?}") };
    let Expr::Leaf(leaf_of_image) = &parts[0] else { panic!("{parts:?}") };
    let paths = &leaf_of_image.field.as_ref().unwrap().paths;
    for path in ["Image", "NewProcessName", "winlog.event_data.Image", "process.executable", "process.file.path"] {
        assert!(paths.iter().any(|known| **known == *path), "{path} in {paths:?}");
    }
    let unmapped = sources.unmapped([&one]);
    let expected = Unmapped { field: "Nowhere".to_owned(), source: created, rules: vec!["one".to_owned()] };
    assert_eq!(unmapped, std::slice::from_ref(&expected));
    // Of what was seen, the field that is nowhere in it.
    let has = |path: &str| path == "winlog.event_data.Image";
    assert_eq!(sources.without_data([&one], has), [expected]);
    let all = sources.without_data([&one], |path| path == "x");
    assert_eq!(all.iter().map(|field| field.field.as_str()).collect::<Vec<_>>(), ["Image", "Nowhere"]);
}

#[test]
fn what_is_malformed_is_refused_with_its_place() {
    for (text, place, field) in [
        ("definitions:\n  - {when: {a: 1}\n", (3, 1), "file"),
        ("definition: []\n", (1, 1), "definition"),
        ("", (1, 1), "file"),
        ("definitions: {}\n", (1, 14), "definitions"),
        ("definitions:\n  - {product: x}\n", (2, 5), "when"),
        ("definitions:\n  - {when: {a|re: x}}\n", (2, 13), "a|re"),
        ("definitions:\n  - {when: [], product: [x]}\n", (2, 25), "product"),
        ("definitions:\n  - {when: {a: {b: c}}}\n", (2, 16), "a"),
        ("fields: {a: b}\ndefinitions: []\n", (1, 13), "a"),
        ("use: [nothing]\ndefinitions: []\n", (1, 7), "use"),
        ("time: [{format: x}]\ndefinitions: []\n", (1, 8), "path"),
        ("time: [{path: a, format: '%Q'}]\ndefinitions: []\n", (1, 26), "format"),
        ("entity: [{kind: host}]\ndefinitions: []\n", (1, 10), "paths"),
        ("definitions:\n  - {product: Windows, prodct: y, when: {a: b}}\n", (2, 24), "prodct"),
    ] {
        let file = SourceFile { name: "mine.yml".into(), text: text.to_owned() };
        let (sources, problems) = Sources::load([file]);
        assert_eq!(sources.definitions().len(), 0, "{text}");
        assert_eq!(problems.len(), 1, "{text}: {problems:?}");
        let problem = &problems[0];
        assert_eq!(((problem.place.line, problem.place.column), problem.field.as_str()), (place, field), "{problem}");
        assert!(problem.to_string().starts_with("mine.yml:"), "{problem}");
    }
}

#[test]
fn a_broken_definition_leaves_the_others() {
    let text =
        "product: x\ndefinitions:\n  - {service: a, when: {f: 1}}\n  - {service: b}\n  - {service: c, when: {f: 2}}\n";
    let (sources, problems) = Sources::load([SourceFile { name: "x.yml".into(), text: text.to_owned() }]);
    assert_eq!((sources.definitions().len(), problems.len()), (2, 1));
}

#[test]
fn files_that_use_each_other_end() {
    let file = |name: &str, uses: &str| SourceFile {
        name: name.into(),
        text: format!("use: [{uses}]\nfields: {{{uses}: [q]}}\ndefinitions: [{{when: {{x: 1}}}}]\n"),
    };
    let (sources, problems) = Sources::load([file("a.yml", "b"), file("b.yml", "a"), file("c.yml", "c")]);
    assert_eq!((sources.definitions().len(), problems.len()), (3, 0));
}

#[test]
fn what_comes_with_tandem_is_well_formed() {
    let (sources, problems) = Sources::load(builtin::files());
    assert_eq!(problems, []);
    for definition in sources.definitions() {
        let named = [&definition.source.product, &definition.source.category, &definition.source.service];
        assert!(named.iter().any(|part| part.is_some()), "{}", definition.place);
        assert!(!definition.time.is_empty() && !definition.entities.is_empty(), "{}", definition.place);
        for group in definition.names.groups() {
            assert!(group.paths.len() < MAX_FIELD_PATHS, "{} {}", definition.place, group.name);
        }
    }
    // No field of a rule is looked for at more places than are kept.
    for definition in sources.definitions() {
        let fits = sources.fits(&definition.source);
        for group in definition.names.groups() {
            assert!(sources.paths(&group.name, &fits).len() < MAX_FIELD_PATHS, "{} {}", definition.place, group.name);
        }
    }
}

#[test]
fn the_page_shows_definitions_that_load() {
    let page = include_str!("../../../../docs/log-sources.md");
    let text = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let (sources, problems) = Sources::with([SourceFile { name: "zeek.yml".into(), text: text.to_owned() }]);
    assert_eq!(problems, []);
    let asked = event(r#"{"zeek.stream":1,"_path":"dns","ts":1700000000.25,"zeek.id.orig_h":"192.0.2.1"}"#);
    sees(&sources, ("zeek", "", "dns"), "source.ip", &asked, "192.0.2.1");
    assert_eq!(sources.time(&asked), Some(TIME));
}
