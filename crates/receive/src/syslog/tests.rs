//! Tests of [`super`].

use super::*;
use crate::lines::testing::{RECEIVED, column, context};
use proptest::prelude::*;

fn read(message: &[u8]) -> Decoded {
    decode(&[message], "192.0.2.9", &context(), &Redactor::none())
}

fn check(message: &str, wanted: &[(&str, &str)]) {
    let decoded = read(message.as_bytes());
    for (name, value) in wanted {
        assert_eq!(column(&decoded, name), [*value], "{name} of {message}");
    }
}

#[test]
fn rfc5424_in_full() {
    check(
        "<165>1 2026-11-21T07:29:35.003Z web1.example.com shop 8710 ID47 [x@32473 iut=\"3\" src=\"a \\\"b\\\" \\] \\\\ \\n\"][y@1 k=\"v\"][z] \u{feff}It works",
        &[
            ("timestamp", "2026-11-21T07:29:35.003Z"),
            ("severity_number", "10"),
            ("severity_text", "notice"),
            ("body", "It works"),
            ("service_name", "shop"),
            ("resource_attributes", r#"{"host.name":"web1.example.com","service.name":"shop"}"#),
            ("attributes.syslog.facility", "local4"),
            ("attributes.syslog.version", "1"),
            ("attributes.syslog.msgid", "ID47"),
            ("attributes.process.pid", "8710"),
            ("attributes.x@32473.iut", "3"),
            ("attributes.x@32473.src", r#"a "b" ] \ \n"#),
            ("attributes.y@1.k", "v"),
            ("attributes.z", "true"),
            ("attributes.net.peer", "192.0.2.9"),
            ("attributes.syslog.unparsed", ""),
        ],
    );
}

#[test]
fn rfc5424_with_nothing_in_it() {
    check(
        "<0>1 - - - - - -",
        &[
            ("timestamp", "2026-11-21T07:29:36Z"),
            ("severity_number", "21"),
            ("body", ""),
            ("service_name", ""),
            ("attributes.syslog.facility", "kern"),
            ("attributes.process.pid", ""),
        ],
    );
    check("<14>1 - h a x9 - - hi", &[("attributes.syslog.procid", "x9"), ("body", "hi")]);
}

#[test]
fn what_logger_sends() {
    // util-linux logger: --rfc5424, then --rfc3164, then to the local socket.
    check(
        "<13>1 2026-11-21T07:29:36.401193+00:00 web1 root - - [timeQuality tzKnown=\"1\" isSynced=\"1\" syncAccuracy=\"331500\"] hello world",
        &[
            ("body", "hello world"),
            ("service_name", "root"),
            ("timestamp", "2026-11-21T07:29:36.401193Z"),
            ("attributes.timeQuality.tzKnown", "1"),
            ("attributes.syslog.facility", "user"),
        ],
    );
    check(
        "<13>Nov 21 07:29:36 web1 root: hello world",
        &[
            ("body", "hello world"),
            ("service_name", "root"),
            ("resource_attributes", r#"{"host.name":"web1","service.name":"root"}"#),
            ("timestamp", "2026-11-21T07:29:36Z"),
        ],
    );
    check(
        "<85>Nov  1 07:29:36 app[77]: local",
        &[
            ("body", "local"),
            ("service_name", "app"),
            ("attributes.process.pid", "77"),
            ("attributes.syslog.facility", "authpriv"),
            ("resource_attributes", r#"{"service.name":"app"}"#),
            ("timestamp", "2026-11-01T07:29:36Z"),
        ],
    );
}

#[test]
fn log_ins_over_ssh_say_who_and_from_where() {
    check(
        "<38>Nov 21 07:29:36 web1 sshd[812]: Failed password for invalid user admin from 203.0.113.4 port 51022 ssh2",
        &[
            ("service_name", "sshd"),
            ("attributes.user.name", "admin"),
            ("attributes.source.address", "203.0.113.4"),
            ("attributes.source.port", "51022"),
        ],
    );
    check("<38>Nov 21 07:29:36 web1 sshd[812]: Server listening", &[("attributes.user.name", "")]);
}

#[test]
fn rfc3164_as_devices_send_it() {
    check(
        "<30>dockerd[5]: no time",
        &[("service_name", "dockerd"), ("body", "no time"), ("attributes.process.pid", "5")],
    );
    check("<30>only text here", &[("service_name", ""), ("body", "only text here"), ("severity_text", "info")]);
    check(
        "<187>Nov 21 2026 07:29:30: %ASA-3-710003: denied",
        &[("service_name", "%ASA-3-710003"), ("body", "denied"), ("timestamp", "2026-11-21T07:29:30Z")],
    );
    check(
        "<13>2026-11-21T07:29:36+02:00 fe80::1 cron[1]: x",
        &[("timestamp", "2026-11-21T05:29:36Z"), ("service_name", "cron"), ("body", "x")],
    );
    check(
        "<13>Nov 21 07:29:36 web1 last message repeated 3 times",
        &[("body", "last message repeated 3 times"), ("service_name", "")],
    );
    check("<13>Nov 21 07:29:36 fe80::1 a:b c", &[("body", "a:b c"), ("service_name", "")]);
}

#[test]
fn what_is_in_no_form_is_kept_whole() {
    for text in ["hello", "<999>x", "<1234567>x", "<>x", "<13", "1 2 3"] {
        check(text, &[("body", text), ("attributes.syslog.unparsed", "true"), ("attributes.net.peer", "192.0.2.9")]);
    }
    check(
        "<13>1 2026-11-21T07:29:36Z h a - - [broken x=1] text",
        &[("body", "[broken x=1] text"), ("service_name", "a"), ("attributes.syslog.unparsed", "true")],
    );
    let decoded = decode(&[b"", b"\r\n", b"<13>x\0"], "", &context(), &Redactor::none());
    assert_eq!(column(&decoded, "body"), ["x"]);
}

#[test]
fn repeated_parameters_become_a_list() {
    let decoded = read(b"<13>1 - h a - - [origin ip=\"1\" ip=\"2\" ip=\"3\"] m");
    assert_eq!(column(&decoded, "attributes"), [r#"{"origin.ip":["1","2","3"]}"#]);
    assert_eq!(column(&decoded, "cut"), [""]);
}

#[test]
fn long_messages_and_names_are_bounded() {
    let long = format!("<13>Nov 21 07:29:36 web1 a: {}", "é".repeat(MAX_SYSLOG_BYTES));
    let decoded = read(&long.as_bytes()[..MAX_SYSLOG_BYTES + 1]);
    assert_eq!(column(&decoded, "cut"), [format!("body:{}", MAX_SYSLOG_BYTES + 1)]);
    assert_eq!((decoded.counts.cut_bodies, decoded.counts.invalid_utf8), (1, 0));
    let name = "n".repeat(300);
    let decoded = read(format!("<13>1 - h {name} - - - m").as_bytes());
    assert_eq!(column(&decoded, "service_name"), [""]);
    assert_eq!(column(&decoded, "attributes.syslog.appname"), [name]);
}

#[test]
fn bytes_that_are_no_text_are_mended_and_counted() {
    let decoded = read(b"<13>a: \xff\xfe");
    assert_eq!(column(&decoded, "body"), ["\u{fffd}\u{fffd}"]);
    assert_eq!((decoded.counts.invalid_utf8, column(&decoded, "cut")), (1, vec!["body:utf8".to_owned()]));
}

proptest! {
    #[test]
    fn never_panics_and_loses_nothing(
        bytes in proptest::collection::vec(any::<u8>(), 1..200),
        tail in "[ \\[\\]=\"\\\\a1:é-]{0,60}",
    ) {
        let framed = [
            bytes.clone(),
            [b"<13>1 2026-11-21T07:29:36Z h a - - ", tail.as_bytes()].concat(),
            [b"<13>Nov 21 07:29:36 ", tail.as_bytes()].concat(),
            [b"<13>", &bytes[..]].concat(),
        ];
        for message in framed {
            let decoded = read(&message);
            prop_assert_eq!((decoded.accepted, decoded.rejected), (usize::from(!trim(&message).is_empty()), 0));
        }
        let _ = parse::message(&tail, RECEIVED);
    }

    #[test]
    fn structured_data_reads_back(
        params in proptest::collection::btree_map("[a-zA-Z0-9_.-]{1,8}", "\\PC{0,12}", 1..6),
        message in "[a-z ]{0,20}",
    ) {
        let escape = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace(']', "\\]");
        let pairs: Vec<String> = params.iter().map(|(key, value)| format!("{key}=\"{}\"", escape(value))).collect();
        let text = format!("<13>1 - h a - - [id {}] {message}", pairs.join(" "));
        let parsed = parse::message(&text, RECEIVED).unwrap();
        let wanted: Vec<(String, Value)> =
            params.iter().map(|(key, value)| (format!("id.{key}"), Value::String(value.clone()))).collect();
        prop_assert_eq!(parsed.data, wanted);
        prop_assert_eq!(parsed.body, message);
    }
}
