use super::evtx::example::{file, templated};
use super::*;
use crate::event::Scalar;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use std::io::Write;

fn events(input: &[u8], name: &str) -> (Vec<PlainEvent>, Summary) {
    let mut events = Vec::new();
    let mut take = |item: Item<'_>, _| {
        events.push(match item {
            Item::Event(event) => event,
            Item::Text(text) => {
                PlainEvent { fields: vec![("text".to_owned(), Scalar::Text(text.to_owned()))], ..PlainEvent::default() }
            }
        });
        ControlFlow::Continue(())
    };
    let summary = read(input, name, None, &mut take);
    (events, summary)
}

fn text(event: &PlainEvent, path: &str) -> String {
    let all: Vec<_> = event.values(path).filter_map(Scalar::text).collect();
    all.join("|")
}

fn all(input: &str, path: &str) -> (Vec<String>, Summary) {
    let (events, summary) = events(input.as_bytes(), "-");
    (events.iter().map(|event| text(event, path)).collect(), summary)
}

#[test]
fn json_in_every_form() {
    for input in [
        "{\"a\":1}\n\n{\"a\":2}\n",
        "{\"a\":1}\r\n{\"a\":2}",
        "\u{feff}{\"a\":1}\n{\"a\":2}\n",
        "[{\"a\":1},\n {\"a\":2}]",
        "  [\n{\"a\":1}\n,{\"a\":2}\n]\n",
        "{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}\n",
        "{\"Records\":[{\"a\":1},{\"a\":2}],\"next\":\"x\"}",
        "{ \"Records\" : [ {\"a\":1} ] }\n{\"Records\":[{\"a\":2}]}\n",
        "[{\"a\":1,\"s\":\"}]\\\"{[\"},{\"a\":2,\"b\":[{}]}]",
    ] {
        let (found, summary) = all(input, "a");
        assert_eq!(found, ["1", "2"], "{input}");
        assert_eq!((summary.format, summary.bad, summary.broken), (Format::Json, 0, None), "{input}");
    }
}

#[test]
fn what_is_bad_does_not_stop_the_rest() {
    let (found, summary) = all("{\"a\":1}\n{\"a\":\n[1]\nx\n{\"a\":2} {}\n{\"a\":3}\n", "a");
    assert_eq!(found, ["1", "3"]);
    let places: Vec<_> = summary.first_bad.iter().map(|bad| (bad.line, bad.column)).collect();
    assert_eq!((summary.bad, places.as_slice()), (4, &[(2, 5), (3, 1), (4, 1), (5, 9)][..]));
    let (found, summary) = all("[{\"a\":1},\n{\"a\":?},\n 7, {\"a\":3}, {\"a\":", "a");
    assert_eq!(found, ["1", "3"]);
    let places: Vec<_> = summary.first_bad.iter().map(|bad| (bad.line, bad.column)).collect();
    assert_eq!(places, [(2, 6), (3, 2), (3, 14)]);
    let many = "[]\n".repeat(20);
    let (_, summary) = all(&format!("{{}}\n{many}"), "a");
    assert_eq!((summary.bad, summary.first_bad.len()), (20, MAX_BAD_TOLD));
}

#[test]
fn a_line_that_is_too_long_is_left_out() {
    let long = format!("{{\"a\":0}}\n{{\"a\":\"{}\"}}\n{{\"a\":2}}\n", "x".repeat(crate::limits::MAX_EVENT_BYTES));
    let (found, summary) = all(&long, "a");
    assert_eq!(found, ["0", "2"]);
    assert_eq!((summary.bad, summary.first_bad[0].line), (1, 2));
    let (found, summary) = all(&long.replacen("{\"a\":0}\n", "[{\"a\":0},", 1), "a");
    assert_eq!(found, ["0", "2"]);
    assert!(summary.first_bad[0].reason.contains("MAX_EVENT_BYTES"), "{summary:?}");
}

#[test]
fn packed_files_and_what_is_cut_off() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(b"{\"a\":1}\n").unwrap();
    let packed = packed.finish().unwrap();
    let mut second = GzEncoder::new(Vec::new(), Compression::fast());
    second.write_all(b"{\"a\":2}\n").unwrap();
    let both = [packed.as_slice(), &second.finish().unwrap()].concat();
    assert_eq!(events(&both, "x.json.gz").0.len(), 2);
    let (_, summary) = events(&packed[..packed.len() - 4], "x");
    assert!(summary.broken.is_some());
    let (_, summary) = events(&[0xff, 0xfe, b'{', 0], "x");
    assert!(summary.broken.unwrap().contains("UTF-16"));
    assert_eq!(events(b"", "x").1.items, 0);
}

#[test]
fn tables() {
    for input in [
        "a,b,c d\n1,x,\"q,\n\"\"r\"\n\n2,,z\n",
        "a;b;c d\r\n1;x;\"q,\n\"\"r\"\r\n2;;z\r\n",
        "\u{feff}a\tb\tc d\n1\tx\t\"q,\n\"\"r\"\n2\t\tz\n",
    ] {
        let (found, summary) = all(input, "c d");
        assert_eq!((found, summary.format), (vec!["q,\n\"r".to_owned(), "z".to_owned()], Format::Csv), "{input}");
        assert_eq!(all(input, "b").0, ["x", ""]);
    }
    let (found, summary) = all("a,b,c\n1,2,3,4\n5\n", "a");
    assert_eq!((found, summary.bad, summary.first_bad[0].line), (vec!["5".to_owned()], 1, 2));
    let open = format!("a,b,c\n1,2,\"{}", "x\n".repeat(crate::limits::MAX_EVENT_BYTES / 2 + 100_000));
    assert!(all(&open, "a").1.broken.unwrap().contains("quote"));
}

#[test]
fn extended_logs_of_web_servers() {
    let log = "#Software: Microsoft Internet Information Services 10.0\n#Date: 2023-11-14 00:00:00\n\
        #Fields: date time s-ip cs-method cs-uri-stem cs-uri-query cs(User-Agent) sc-status\n\
        2023-11-14 22:13:20 192.0.2.1 GET /a - Mozilla/5.0+(X) 200\nshort\n#Fields: time cs-uri-stem\n22:13:21 /b\n";
    let (events, summary) = events(log.as_bytes(), "u_ex.log");
    assert_eq!((summary.format, summary.bad, summary.first_bad[0].line), (Format::W3c, 1, 5));
    assert_eq!(text(&events[0], "cs(User-Agent)"), "Mozilla/5.0 (X)");
    assert_eq!(events[0].values("cs-uri-query").count(), 0);
    assert_eq!(events[0].timestamp, Some(1_700_000_000_000_000_000));
    assert_eq!(
        (text(&events[1], "cs-uri-stem").as_str(), events[1].timestamp),
        ("/b", Some(1_700_000_001_000_000_000))
    );
}

const AUDIT: &str = r#"type=SYSCALL msg=audit(1700000000.250:7): arch=c000003e syscall=59 success=yes exit=0 a0=55 a1=56 ppid=1 pid=2 uid=1000 comm="sh" exe="/bin/sh" key="x"
node=h1 type=USER_CMD msg=audit(1700000000.300:7): pid=9 uid=0 msg='cwd="/root" cmd=636174202F6574632F736861646F77 exe="/usr/bin/sudo" terminal=pts/0 res=success'
type=EXECVE msg=audit(1700000000.250:7): argc=3 a0="sh" a1="-c" a2=6563686F2068690A
type=SYSCALL msg=audit(1700000000.251:8): arch=c00000b7 syscall=203 success=yes key=(null)
type=PATH msg=audit(1700000000.250:7): item=0 name="/bin/sh" nametype=NORMAL
type=SOCKADDR msg=audit(1700000000.251:8): saddr=020001BBC00002070000000000000000
type=PROCTITLE msg=audit(1700000000.250:7): proctitle=7368002D63
what is this
type=EXECVE msg=audit(1700000001.000:9): argc=2 a0="cc" a1_len=8 a1[0]=4142 a1[1]=4344
"#;

#[test]
fn audit_records_are_joined_and_decoded() {
    let (events, summary) = events(AUDIT.as_bytes(), "audit.log");
    assert_eq!((summary.format, summary.bad, summary.first_bad[0].line), (Format::Auditd, 1, 8));
    let [shell, sudo, connect, long] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(text(shell, "type"), "SYSCALL|EXECVE|PATH|PROCTITLE");
    assert_eq!(text(shell, "SYSCALL"), "execve");
    assert_eq!(text(shell, "a0"), "55|sh");
    assert_eq!(text(shell, "a2"), "echo hi\n");
    assert_eq!(text(shell, "process.command_line"), "sh -c echo hi\n");
    assert_eq!(text(shell, "proctitle"), "sh -c");
    assert_eq!((text(shell, "name").as_str(), text(shell, "audit.serial").as_str()), ("/bin/sh", "7"));
    assert_eq!(shell.timestamp, Some(1_700_000_000_250_000_000));
    assert_eq!((text(sudo, "cmd").as_str(), text(sudo, "cwd").as_str()), ("cat /etc/shadow", "/root"));
    assert_eq!((text(sudo, "node").as_str(), text(sudo, "res").as_str()), ("h1", "success"));
    assert_eq!(
        (text(connect, "SYSCALL").as_str(), text(connect, "destination.address").as_str()),
        ("connect", "192.0.2.7")
    );
    assert_eq!((text(connect, "destination.port").as_str(), text(connect, "key").as_str()), ("443", ""));
    assert_eq!((text(long, "a1").as_str(), text(long, "process.command_line").as_str()), ("ABCD", "cc ABCD"));
}

#[test]
fn other_text_is_handed_out_as_lines() {
    let (found, summary) = all("Nov 14 22:13:20 h sshd[1]: Failed password\n\nx\n", "text");
    assert_eq!((found.len(), summary.format), (2, Format::Text));
}

#[test]
fn reading_ends_when_it_is_enough() {
    for input in ["{}\n{}\n{}\n", "[{\"a\":1},{\"a\":2}]", "a,b,c\n1,2,3\n4,5,6\n", "one\ntwo\n", AUDIT] {
        let summary = read(input.as_bytes(), "-", None, &mut |_, _| ControlFlow::Break(()));
        assert_eq!(summary.items, 1, "{input}");
    }
}

#[test]
fn windows_event_logs() {
    let first = templated();
    // The second uses the template of the first; its number is the first value.
    let definition = &first[10..14];
    let mut second = vec![0x0f, 1, 1, 0, 0x0c, 1, 9, 9, 9, 9];
    second.extend_from_slice(definition);
    second.extend_from_slice(&[1, 0, 0, 0, 2, 0, 0x06, 0, 0x07, 0x00, 0]);
    let (events, summary) = events(&file(&[first, second]), "x");
    assert_eq!((summary.format, summary.bad, summary.broken), (Format::Evtx, 0, None), "{:?}", summary.first_bad);
    assert_eq!(text(&events[0], "Event.System.EventID"), "4688");
    assert_eq!(text(&events[0], "Event.EventData.Image"), "C:\\a.exe");
    assert_eq!(text(&events[0], "Event.EventData.Data"), "one|two");
    assert_eq!(text(&events[0], "Event.System.TimeCreated.#attributes.SystemTime"), "2023-11-14T22:13:20.2500000Z");
    assert_eq!(events[0].timestamp, Some(1_700_000_000_250_000_000));
    assert!(!events[0].fields.iter().any(|(path, _)| path.contains("Binary") || path.contains("xmlns")), "{events:?}");
    assert_eq!(text(&events[1], "Event.System.EventID"), "7");
    assert_eq!(events[1].timestamp, Some(1_700_000_000_000_000_000));
}

#[test]
fn a_template_within_itself_ends() {
    let mut first = templated();
    // The template's first token becomes an instance of itself.
    let definition: [u8; 4] = first[10..14].try_into().unwrap();
    let body = 14 + 24;
    first[body..body + 6].copy_from_slice(&[0x0c, 1, 9, 9, 9, 9]);
    first[body + 6..body + 10].copy_from_slice(&definition);
    first[body + 10..body + 14].copy_from_slice(&[0; 4]);
    let (_, summary) = events(&file(&[first]), "x");
    assert!(summary.bad == 1 && summary.first_bad[0].reason.contains("MAX_XML_DEPTH"), "{summary:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is damaged, reading ends, and says no more events than there were.
    #[test]
    fn damaged_event_logs_are_read_as_far_as_they_go(
        damage in prop::collection::vec((512_usize..1400, any::<u8>()), 0..6),
        length in 0_usize..70_000,
    ) {
        let mut file = file(&[templated()]);
        for (at, byte) in damage {
            file[4096 + at] = byte;
        }
        file.truncate(length.max(8));
        let (events, summary) = events(&file, "x");
        prop_assert!(events.len() <= 1 + summary.bad as usize * 64);
    }

    #[test]
    fn any_bytes_in_any_format_end(bytes in prop::collection::vec(any::<u8>(), 0..400), format in 0_usize..6) {
        let format = Format::from_name(Format::NAMES[format]);
        let mut items = 0;
        let summary = read(bytes.as_slice(), "x", format, &mut |_, _| { items += 1; ControlFlow::Continue(()) });
        prop_assert_eq!(summary.items, items);
    }

    #[test]
    fn any_audit_line_ends(text in "(type=[A-Z]{1,6} msg=audit\\([0-9.]{1,12}:[0-9]{1,4}\\): ?([a-z0-9\\[\\]]{1,6}=[\"'A-F0-9 ]{0,12} ?){0,6}\n){0,8}") {
        let _ = events(text.as_bytes(), "x");
    }

    /// A list and lines are the same events.
    #[test]
    fn forms_of_json_agree(values in prop::collection::vec("[a-z\"\\\\{}\\[\\], ]{0,8}", 2..6)) {
        let objects: Vec<String> = values.iter().map(|value| serde_json::json!({ "a": value, "b": [1, {"c": value}] }).to_string()).collect();
        let lines = events(objects.join("\n").as_bytes(), "x").0;
        let list = events(format!("[{}]", objects.join(",")).as_bytes(), "x").0;
        prop_assert_eq!(lines.len(), values.len());
        prop_assert_eq!(lines, list);
    }
}
