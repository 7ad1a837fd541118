//! Tests of the line formats, through the door that files come in by.

use super::testing::{column, context};
use super::{Format, LineOrigin, decode_lines};
use crate::error::Decoded;
use crate::redact::Redactor;
use proptest::prelude::*;

fn read(format: Format, text: &str) -> Decoded {
    decode_lines(text.lines().map(str::as_bytes), format, &context(), &LineOrigin::default(), &Redactor::none())
}

fn check(decoded: &Decoded, wanted: &[(&str, &str)]) {
    for (name, value) in wanted {
        assert_eq!(column(decoded, name), [*value], "{name}");
    }
}

#[test]
fn auto_tells_formats_apart() {
    let table = [
        (r#"{"msg":"json","n":1}"#, "json", "attributes.n", "1"),
        (r#"level=info msg="logfmt" n=1"#, "logfmt", "attributes.n", "1"),
        (
            r#"::1 - - [21/Nov/2026:07:29:35 +0000] "GET /x HTTP/2.0" 200 5 "-" "curl""#,
            r#"::1 - - [21/Nov/2026:07:29:35 +0000] "GET /x HTTP/2.0" 200 5 "-" "curl""#,
            "attributes.url.path",
            "/x",
        ),
        ("Nov 21 07:29:35 web1 sshd[42]: Accepted key", "Accepted key", "service_name", "sshd"),
        (
            "2026-11-21T07:29:35.123456+00:00 web1 sshd[42]: Accepted key",
            "Accepted key",
            "attributes.process.pid",
            "42",
        ),
        ("<13>Nov 21 07:29:35 web1 me: hi", "hi", "severity_text", "notice"),
        (
            "2026-11-21 07:29:35 status installed x",
            "2026-11-21 07:29:35 status installed x",
            "timestamp",
            "2026-11-21T07:29:35Z",
        ),
        ("2026-11-21 07:29:35 error: no file", "2026-11-21 07:29:35 error: no file", "severity_text", "error"),
        (
            "2026-11-21T07:29:35Z main ERROR: no file",
            "2026-11-21T07:29:35Z main ERROR: no file",
            "severity_text",
            "ERROR",
        ),
        ("{broken json", "{broken json", "severity_text", ""),
        ("just a=b text", "just a=b text", "attributes.a", ""),
        ("<html> x", "<html> x", "service_name", ""),
    ];
    for (line, body, name, value) in table {
        let decoded = read(Format::Auto, line);
        assert_eq!(column(&decoded, "body"), [body], "{line}");
        assert_eq!(column(&decoded, name), [value], "{line}");
        assert_eq!(column(&decoded, "attributes.line.unparsed"), [""], "{line}");
    }
}

#[test]
fn what_is_in_another_format_is_kept_as_text() {
    for format in [Format::Json, Format::Access, Format::Syslog, Format::Logfmt] {
        let decoded = read(format, "2026-11-21 07:29:35 WARN: it: is prose");
        if format == Format::Syslog {
            // With a time in front any line can be syslog.
            check(&decoded, &[("body", "it: is prose"), ("service_name", "WARN")]);
            continue;
        }
        check(
            &decoded,
            &[
                ("body", "2026-11-21 07:29:35 WARN: it: is prose"),
                ("attributes.line.unparsed", "true"),
                ("severity_number", "13"),
                ("timestamp", "2026-11-21T07:29:35Z"),
            ],
        );
    }
    assert_eq!(column(&read(Format::Plain, "x"), "attributes.line.unparsed"), [""]);
}

#[test]
fn access_logs_as_json() {
    let line = r#"{"time_iso8601":"2026-11-21T07:29:35+00:00","remote_addr":"192.0.2.1","request":"GET /a?b=1 HTTP/1.1","status":"404","body_bytes_sent":12,"http_referer":"-","http_user_agent":"curl/8","request_time":"0.003"}"#;
    check(
        &read(Format::Access, line),
        &[
            ("timestamp", "2026-11-21T07:29:35Z"),
            ("attributes.client.address", "192.0.2.1"),
            ("attributes.http.request.method", "GET"),
            ("attributes.url.path", "/a"),
            ("attributes.url.query", "b=1"),
            ("attributes.network.protocol.version", "1.1"),
            ("attributes.http.response.status_code", "404"),
            ("attributes.http.response.body.size", "12"),
            ("attributes.http.request.header.referer", ""),
            ("attributes.user_agent.original", "curl/8"),
            ("attributes.request_time", "0.003"),
        ],
    );
}

#[test]
fn the_origin_fills_what_lines_do_not_say() {
    let origin = LineOrigin {
        service_name: Some("nginx".into()),
        host_name: Some("web1".into()),
        attributes: vec![("log.file.path".into(), "/var/log/nginx/error.log".into())],
    };
    let lines: [&[u8]; 4] = [b"plain\r", b"", b"{\"service\":\"own\",\"msg\":\"json\"}", b"\xff\xfe"];
    let decoded = decode_lines(lines.into_iter(), Format::Auto, &context(), &origin, &Redactor::none());
    assert_eq!(column(&decoded, "service_name"), ["nginx", "own", "nginx"]);
    assert_eq!(column(&decoded, "body"), ["plain", "json", "\u{fffd}\u{fffd}"]);
    assert_eq!(column(&decoded, "attributes.log.file.path"), ["/var/log/nginx/error.log"; 3]);
    assert_eq!(column(&decoded, "resource_attributes")[0], r#"{"host.name":"web1","service.name":"nginx"}"#);
    assert_eq!((decoded.accepted, decoded.rejected, decoded.counts.invalid_utf8), (3, 0, 1));
}

#[test]
fn endless_lines_are_cut() {
    let line = "é".repeat(1_000_000);
    let decoded = read(Format::Auto, &line);
    assert_eq!(column(&decoded, "cut"), ["body:2000000"]);
    assert_eq!(column(&decoded, "body")[0].len(), model::limits::MAX_BODY_BYTES);
    assert_eq!(decoded.counts.invalid_utf8, 0);
}

#[test]
fn secrets_are_masked_wherever_they_come_in() {
    let redactor = Redactor::default_rules();
    let lines = [
        "password=hunter2x9 user=a",
        r#"{"msg":"login with password=hunter2x9","auth":{"password":"hunter2x9"},"list":[{"password":"hunter2x9"}]}"#,
        r#"::1 - - [21/Nov/2026:07:29:35 +0000] "GET /x?password=hunter2x9 HTTP/2.0" 200 5 "-" "curl""#,
        "<13>Nov 21 07:29:35 web1 me: password=hunter2x9",
        "connect to postgres://app:hunter2x9@db/x",
    ];
    let decoded = decode_lines(
        lines.iter().map(|line| line.as_bytes()),
        Format::Auto,
        &context(),
        &LineOrigin::default(),
        &redactor,
    );
    assert_eq!(decoded.accepted, lines.len());
    for batch in &decoded.batches {
        for (field, _) in batch.rows.schema().fields().iter().zip(batch.rows.columns()) {
            for value in column(&decoded, field.name()) {
                assert!(!value.contains("hunter2x9"), "{}: {value}", field.name());
            }
        }
    }
    assert!(decoded.counts.redacted >= 5, "{:?}", decoded.counts);
}

proptest! {
    #[test]
    fn no_line_is_lost(lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..8)) {
        let wanted = lines.iter().filter(|line| !line.trim_ascii_end().is_empty()).count();
        for format in [Format::Json, Format::Logfmt, Format::Access, Format::Syslog, Format::Plain, Format::Auto] {
            let decoded = decode_lines(lines.iter().map(Vec::as_slice), format, &context(), &LineOrigin::default(), &Redactor::none());
            prop_assert_eq!((decoded.accepted, decoded.rejected), (wanted, 0));
        }
    }
}
