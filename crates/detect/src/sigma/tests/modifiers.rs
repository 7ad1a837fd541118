//! Each modifier, and which go together.

use super::*;
use crate::sigma::value::{Encoding, Piece, encode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[test]
fn a_plain_value_is_all_of_the_text_in_any_case() {
    assert_eq!(of("F: Cmd.exe", &["cmd.exe", "CMD.EXE", "xcmd.exe", "cmd.exe ", ""]), ["cmd.exe", "CMD.EXE"]);
    assert_eq!(of("F: ''", &["", " "]), [""]);
    assert!(!matches(&search("F: x"), &event([("G", text("x"))])));
    assert_eq!(of("F: [a, b]", &["a", "b", "c"]), ["a", "b"]);
}

#[test]
fn wildcards_and_escapes() {
    assert_eq!(of("F: prog?.exe", &["progA.exe", "prog.exe", "progAB.exe"]), ["progA.exe"]);
    assert_eq!(of("F: a*b", &["ab", "axxb", "abc"]), ["ab", "axxb"]);
    assert_eq!(of("F: 'a\\*b'", &["a*b", "axb"]), ["a*b"]);
    assert_eq!(of("F: 'a\\?b'", &["a?b", "axb"]), ["a?b"]);
    // The table of the specification: one or two backslashes are one, three or four are two.
    assert_eq!(of("F: 'C:\\Windows'", &["C:\\Windows", "C:\\\\Windows"]), ["C:\\Windows"]);
    assert_eq!(of("F: 'C:\\\\Windows'", &["C:\\Windows", "C:\\\\Windows"]), ["C:\\Windows"]);
    assert_eq!(of("F: 'a\\\\\\b'", &["a\\b", "a\\\\b"]), ["a\\\\b"]);
    assert_eq!(of("F: 'a\\\\\\\\b'", &["a\\b", "a\\\\b"]), ["a\\\\b"]);
    assert_eq!(of("F: 'a\\\\*'", &["a\\", "a\\bc", "a*", "a\\*"]), ["a\\", "a\\bc", "a\\*"]);
    assert_eq!(of("F: 'a\\\\\\*'", &["a\\*", "a\\b"]), ["a\\*"]);
    assert_eq!(of("F|contains: '\\'", &["a\\b", "ab"]), ["a\\b"]);
}

#[test]
fn startswith_endswith_contains() {
    assert_eq!(of("F|startswith: ab", &["ABc", "ab", "cab"]), ["ABc", "ab"]);
    assert_eq!(of("F|endswith: ab", &["cAB", "ab", "abc"]), ["cAB", "ab"]);
    assert_eq!(of("F|contains: ab", &["cabd", "ab", "a b"]), ["cabd", "ab"]);
    assert_eq!(of("F|contains: 'a*b'", &["xaxbx", "ba"]), ["xaxbx"]);
    assert_eq!(of("F|contains: 12", &["0123", "21"]), ["0123"]);
    assert!(refused("s:\n  F|contains|startswith: x\ncondition: s").contains("s.F|contains|startswith: `startswith`"));
}

#[test]
fn all_wants_each_value() {
    assert_eq!(of("F|contains|all: [a, b]", &["xaxb", "a", "b"]), ["xaxb"]);
    assert_eq!(of("F|all|contains: [a, b]", &["xaxb", "a", "b"]), ["xaxb"]);
    assert_eq!(odd("s:\n  F|contains|all: a\ncondition: s"), ["all-of-one"]);
    // Of several values of a field, different ones may fit.
    let both = search("F|all: [a, b]");
    let mut two = event([("F", text("a")), ("F", text("b"))]);
    assert!(matches(&both, &two));
    two.fields.pop();
    assert!(!matches(&both, &two));
}

#[test]
fn exists_asks_for_the_field_alone() {
    for (value, there) in [(text(""), true), (Scalar::Null, true), (Scalar::Int(0), true)] {
        assert_eq!(holds("F|exists: true", value.clone()), there);
        assert_eq!(holds("F|exists: false", value), !there);
    }
    assert!(matches(&search("F|exists: false"), &event([("G", text("x"))])));
    assert!(refused("s:\n  F|exists: 'true'\ncondition: s").contains("without quotes"));
    assert!(refused("s:\n  F|exists: [true]\ncondition: s").contains("one value"));
    assert!(refused("s:\n  F|exists|contains: true\ncondition: s").contains("does not go"));
}

#[test]
fn null_is_null_or_not_there() {
    assert!(holds("F: null", Scalar::Null) && holds("F:", Scalar::Null));
    assert!(!holds("F: null", text("")) && !holds("F: null", text("null")) && !holds("F: ''", Scalar::Null));
    assert!(matches(&search("F: null"), &event([])));
    assert_eq!(of("F: 'null'", &["null", ""]), ["null"]);
    assert_eq!(odd("s:\n  F: [a, null]\ncondition: s"), ["null-in-list"]);
    assert!(refused("s:\n  F|contains: null\ncondition: s").contains("null goes with no modifier"));
}

#[test]
fn cased_tells_letters_apart() {
    assert_eq!(of("F|cased: Ab", &["Ab", "ab", "AB"]), ["Ab"]);
    assert_eq!(of("F|contains|cased: Ab", &["xAbx", "xabx"]), ["xAbx"]);
    assert_eq!(of("F: ÄÖ", &["äö", "ÄÖ", "ao"]), ["äö", "ÄÖ"]);
}

#[test]
fn neq_is_not() {
    assert_eq!(of("F|neq: a", &["a", "A", "b"]), ["b"]);
    assert_eq!(of("F|neq: [a, b]", &["a", "b", "c"]), ["c"]);
    assert_eq!(of("F|contains|neq: a", &["xax", "b"]), ["b"]);
    assert_eq!(of("F|contains|all|neq: [a, b]", &["ab", "a", "c"]), ["a", "c"]);
    // A test of what is not there is false, and its negation true.
    assert!(matches(&search("F|neq: a"), &event([])));
    assert!(!matches(&search("F|neq: null"), &event([])) && holds("F|neq: null", text("")));
    assert!(holds("F|neq: 5", Scalar::Int(6)) && !holds("F|neq: 5", Scalar::Int(5)));
    assert!(holds("F|lt|neq: 5", Scalar::Int(6)) && !holds("F|neq|lt: 5", Scalar::Int(4)));
}

#[test]
fn numbers_and_booleans_are_texts_too() {
    assert!(
        holds("F: 4625", Scalar::Int(4625)) && holds("F: 4625", text("4625")) && holds("F: '4625'", Scalar::Int(4625))
    );
    assert!(!holds("F: 4625", Scalar::Int(46250)));
    assert!(holds("F: 46*", Scalar::Int(4625)));
    assert!(
        holds("F: 1.5", Scalar::Double(1.5)) && holds("F: 1.50", Scalar::Double(1.5)) && holds("F: 1.50", text("1.50"))
    );
    assert!(holds("F: 0x10", Scalar::Int(16)) && holds("F: 0x10", text("0x10")));
    assert!(holds("F: '0x10'", text("0X10")) && !holds("F: '0x10'", Scalar::Int(16)));
    assert!(
        holds("F: true", Scalar::Bool(true))
            && holds("F: true", text("True"))
            && holds("F: 'true'", Scalar::Bool(true))
    );
    assert!(!holds("F: true", Scalar::Bool(false)) && !holds("F: yes", Scalar::Bool(true)));
}

#[test]
fn comparisons() {
    let which = |line: &str| -> Vec<i64> { (4..=6).filter(|number| holds(line, Scalar::Int(*number))).collect() };
    assert_eq!(which("F|lt: 5"), [4]);
    assert_eq!(which("F|lte: 5"), [4, 5]);
    assert_eq!(which("F|gt: 5"), [6]);
    assert_eq!(which("F|gte: 5"), [5, 6]);
    assert_eq!(which("F|gte: 5.5"), [6]);
    assert!(holds("F|gt: 5", text(" 5.5 ")) && !holds("F|gt: 5", text("x")) && !holds("F|lt: 5", Scalar::Null));
    assert!(refused("s:\n  F|gt: '5'\ncondition: s").contains("detection.s.F|gt: `5` is no number"));
    assert!(refused("s:\n  F|gt|lt: 5\ncondition: s").contains("does not go with"));
    assert!(refused("s:\n  F|gt|contains: 5\ncondition: s").contains("does not go with"));
}

#[test]
fn parts_of_times() {
    let time = || text("2026-01-01T22:15:07+01:00"); // 21:15:07 in UTC, a Thursday of week 1
    for (line, expected) in [
        ("F|minute: 15", true),
        ("F|hour: 21", true),
        ("F|hour: 22", false),
        ("F|hour|gte: 21", true),
        ("F|gte|hour: 22", false),
        ("F|hour|lt: 22", true),
        ("F|hour|neq: 21", false),
        ("F|hour: [1, 21]", true),
        ("F|day: 1", true),
        ("F|week: 1", true),
        ("F|month: 1", true),
        ("F|year: 2026", true),
        ("F|year|lt: 2026", false),
    ] {
        assert_eq!(holds(line, time()), expected, "{line}");
    }
    // The last days of 2024 belong to the first week of 2025.
    assert!(holds("F|week: 1", text("2024-12-31T00:00:00Z")) && holds("F|year: 2024", text("2024-12-31T00:00:00Z")));
    assert!(holds("F|hour: 0", Scalar::Int(1_767_225_600)) && !holds("F|hour: 0", text("midnight")));
    assert!(refused("s:\n  F|hour: 24\ncondition: s").contains("an hour is 0 to 23"));
    assert!(refused("s:\n  F|hour|lt: 0\ncondition: s").contains("no hour is so"));
    assert!(refused("s:\n  F|hour: '3'\ncondition: s").contains("whole number"));
    assert!(refused("s:\n  F|hour|minute: 3\ncondition: s").contains("does not go with"));
}

#[test]
fn networks() {
    assert_eq!(
        of("F|cidr: 10.0.0.0/8", &["10.1.2.3", "11.0.0.1", "10.1.2", "::ffff:10.1.2.3"]),
        ["10.1.2.3", "::ffff:10.1.2.3"]
    );
    assert_eq!(
        of("F|cidr: ['fe80::/10', 192.168.1.1]", &["fe80::1", "192.168.1.1", "192.168.1.2"]),
        ["fe80::1", "192.168.1.1"]
    );
    assert!(refused("s:\n  F|cidr: 10.0.0.1/8\ncondition: s").contains("the network is 10.0.0.0/8"));
    assert!(refused("s:\n  F|cidr: ten\ncondition: s").contains("no network"));
    assert!(refused("s:\n  F|cidr|contains: 10.0.0.0/8\ncondition: s").contains("does not go with `cidr`"));
}

#[test]
fn windash_takes_five_dashes_for_one_another() {
    let dashes = ["-", "/", "–", "—", "―"];
    let expr = search("F|contains|windash: ' -enc '");
    for dash in dashes {
        assert!(matches(&expr, &event([("F", text(&format!("x {dash}ENC y")))])), "{dash}");
    }
    assert!(!matches(&expr, &event([("F", text("x _enc y"))])));
    // The second dash of a name stays: it does not begin a word.
    assert_eq!(of("F|windash|contains: '-no-exit'", &["/no-exit", "/no/exit", "-no-exit"]), ["/no-exit", "-no-exit"]);
    assert_eq!(of("F|windash|contains: '/a -b'", &["-a /b", "—a ―b", "a b"]), ["-a /b", "—a ―b"]);
    assert_eq!(of("F|windash|endswith: '-'", &["a-", "a/"]), ["a-"]);
    assert!(refused(&format!("s:\n  F|windash: '{}'\ncondition: s", " -a".repeat(6))).contains("(MAX_EXPANDED)"));
    let long = "x".repeat(2_000);
    assert!(
        refused(&format!("s:\n  F|windash: '{}{long}'\ncondition: s", " -a".repeat(5)))
            .contains("(MAX_EXPANDED_BYTES)")
    );
}

#[test]
fn encodings() {
    // `foo` is Zm9v; `fo` would be padded.
    assert_eq!(of("F|base64: foo", &["Zm9v", "foo"]), ["Zm9v"]);
    assert_eq!(of("F|base64|contains: foo", &["xZm9vx"]), ["xZm9vx"]);
    // `cmd` in UTF-16 little-endian is 63 00 6d 00 64 00, big-endian 00 63 00 6d 00 64, with a mark FF FE before.
    assert_eq!(of("F|utf16le|base64: cmd", &["YwBtAGQA"]), ["YwBtAGQA"]);
    assert_eq!(of("F|wide|base64: cmd", &["YwBtAGQA"]), ["YwBtAGQA"]);
    assert_eq!(of("F|utf16be|base64: cmd", &["AGMAbQBk"]), ["AGMAbQBk"]);
    assert_eq!(of("F|utf16|base64: cmd", &["//5jAG0AZAA="]), ["//5jAG0AZAA="]);
    assert_eq!(of("F|wide: ab", &["a\0b\0", "ab"]), ["a\0b\0"]);
    assert_eq!(of("F|wide: 'a*b'", &["a\0xyzb\0"]), ["a\0xyzb\0"]);
    // `/bin/sh` at the three places: what is certain of L2Jpbi9zaA==, ?y9iaW4vc2g?, ??vYmluL3No.
    let expr = search("F|base64offset|contains: /bin/sh");
    for inside in ["L2Jpbi9za", "9iaW4vc2", "vYmluL3No"] {
        assert!(matches(&expr, &event([("F", text(&format!("x{inside}y")))])), "{inside}");
    }
    assert!(!matches(&expr, &event([("F", text("L2Jpbi9z"))])));
    assert_eq!(odd("s:\n  F|base64offset: abcd\ncondition: s"), ["base64offset-alone"]);
    for (line, reason) in [
        ("F|base64: 'a*'", "wildcards"),
        ("F|base64offset: a", "too short"),
        ("F|utf16: abc", "follow it with base64"),
        ("F|base64|wide: abc", "first one of utf16"),
        ("F|contains|base64: abc", "before contains"),
        ("F|base64|windash: -a", "before"),
        ("F|base64|re: a", "does not go with"),
    ] {
        assert!(refused(&format!("s:\n  {line}\ncondition: s")).contains(reason), "{line}");
    }
}

#[test]
fn placeholders_are_put_in() {
    let known = [("Admins", &["root", "adm_*"][..]), ("One", &["x"]), ("None", &[])];
    let values = known.map(|(name, values)| (name.to_owned(), values.iter().map(|one| (*one).to_owned()).collect()));
    let options = Options { placeholders: BTreeMap::from(values) };
    let of = |line: &str, texts: &[&'static str]| -> Vec<&'static str> {
        let loaded = load_one(&format!("s:\n  {line}\ncondition: s"), &options);
        assert_eq!(loaded.refused, [], "{line}");
        let fits = |one: &&str| matches(&loaded.rules[0].condition, &event([("F", text(one))]));
        texts.iter().copied().filter(fits).collect()
    };
    assert_eq!(of("F|expand: '%Admins%'", &["root", "adm_x", "adm", "x"]), ["root", "adm_x"]);
    assert_eq!(of("F|expand: 'a%One%-%Admins%'", &["ax-root", "ax-adm_1", "ax"]), ["ax-root", "ax-adm_1"]);
    assert_eq!(of("F|expand|contains: '%One%'", &["axa", "a"]), ["axa"]);
    assert_eq!(of("F|expand: '\\%One%%One%'", &["%One%x", "xx"]), ["%One%x"]);
    assert_eq!(of("F|expand: '\\%plain%One%'", &["%plainx", "xx"]), ["%plainx"]);
    assert_eq!(of("F: '%One%'", &["%One%", "x"]), ["%One%"]);
    assert_eq!(of("F|re|expand: '^%Admins%$'", &["root", "adm_*", "adm_x"]), ["root", "adm_*"]);
    for (line, reason) in [
        ("F|expand: '%Unknown%'", "%Unknown% is not known"),
        ("F|expand: '%None%'", "has no values"),
        ("F|expand: plain", "no placeholder"),
        ("F|re|expand: 'a'", "no placeholder"),
        ("F|cidr|expand: '%Admins%'", "no network"),
    ] {
        let loaded = load_one(&format!("s:\n  {line}\ncondition: s"), &options);
        assert!(loaded.refused.len() == 1 && loaded.refused[0].reason.contains(reason), "{line}: {:?}", loaded.refused);
    }
}

#[test]
fn fields_compared_with_fields() {
    let with = |line: &str, f: &str, g: &str| matches(&search(line), &event([("F", text(f)), ("G", text(g))]));
    assert!(with("F|fieldref: G", "a", "A") && !with("F|fieldref: G", "a", "b"));
    assert!(with("F|fieldref|neq: G", "a", "b") && !with("F|fieldref|neq: G", "a", "a"));
    assert!(!with("F|fieldref|cased: G", "a", "A"));
    assert!(with("F|fieldref|startswith: G", "abc", "ab") && !with("F|fieldref|endswith: G", "abc", "ab"));
    assert!(with("F|fieldref|contains: G", "abc", "B"));
    assert!(!matches(&search("F|fieldref: G"), &event([("F", text("a"))])));
    assert!(matches(&search("F|fieldref: G"), &event([("F", Scalar::Int(5)), ("G", text("5"))])));
    assert!(refused("s:\n  F|fieldref: 'a*'\ncondition: s").contains("name of a field"));
}

#[test]
fn what_is_unknown_is_refused_with_its_place() {
    let reason = refused("s:\n  F|containz: x\ncondition: s");
    assert_eq!(reason, "t.yml:9:5: detection.s.F|containz: unknown modifier `containz`; did you mean `contains`?");
    assert!(refused("s:\n  F|frobnicate: x\ncondition: s").contains("unknown modifier `frobnicate`"));
    assert!(refused("s:\n  F|: x\ncondition: s").contains("unknown modifier"));
    assert!(refused("s:\n  F|contains|contains: x\ncondition: s").contains("twice"));
    assert!(refused("s:\n  F: {a: 1}\ncondition: s").contains("no map"));
    assert!(refused("s:\n  F: [[a]]\ncondition: s").contains("no lists"));
    assert!(refused("s:\n  F: []\ncondition: s").contains("empty list"));
    assert!(refused("s:\n  F: a\n  F: b\ncondition: s").contains("twice"));
}

#[test]
fn keywords_are_looked_for_everywhere() {
    let expr = rule("k: [evil, 'a*z']\ncondition: k").condition;
    assert!(matches(&expr, &event([("x", text("so EVIL it is"))])) && matches(&expr, &event([("y", text("-abcz-"))])));
    assert!(!matches(&expr, &event([("evil", text("good"))])) && !matches(&expr, &event([])));
    let all = rule("k:\n  '|all': [a, b]\ncondition: k").condition;
    assert!(matches(&all, &event([("x", text("a")), ("y", text("b"))])) && !matches(&all, &event([("x", text("a"))])));
    let re = rule("k:\n  '|re': '^v[0-9]$'\ncondition: k").condition;
    assert!(matches(&re, &event([("x", text("v1"))])) && !matches(&re, &event([("x", text("xv1"))])));
    assert!(matches(&rule("k: [4625]\ncondition: k").condition, &event([("x", Scalar::Int(4625))])));
    assert!(refused("k: ['']\ncondition: k").contains("empty keyword"));
    assert!(refused("k:\n  '|exists': true\ncondition: k").contains("name a field"));
}

#[test]
fn odd_values_are_told() {
    assert_eq!(odd("s:\n  F: [a, a]\ncondition: s"), ["value-repeated"]);
    assert_eq!(odd("s:\n  F: 1.50\ncondition: s"), ["number-as-written"]);
    assert_eq!(odd("s:\n  F|contains: ['', a]\ncondition: s"), ["empty-text"]);
    assert!(
        matches(&search("F|contains: ''"), &event([("F", text("x"))]))
            && !matches(&search("F|contains: ''"), &event([]))
    );
}

proptest! {
    #[test]
    fn base64offset_is_found_wherever_it_begins(before in prop::collection::vec(any::<u8>(), 0..7), text in "\\PC{3,20}", after in prop::collection::vec(any::<u8>(), 0..7)) {
        let value = vec![Piece::Bytes(text.clone().into_bytes())];
        let encoded = STANDARD.encode([&before, text.as_bytes(), &after].concat());
        let patterns: Vec<Vec<u8>> = encode(value, Encoding::Base64Offset).unwrap().into_iter().map(|value| match &value[..] {
            [Piece::Bytes(bytes)] => bytes.clone(),
            other => panic!("{other:?}"),
        }).collect();
        prop_assert_eq!(patterns.len(), 3);
        let of_its_place = String::from_utf8(patterns[before.len() % 3].clone()).unwrap();
        prop_assert!(encoded.contains(&of_its_place), "{} {}", encoded, of_its_place);
    }

    #[test]
    fn utf16_is_that_of_the_standard_library(text in "\\PC{0,20}") {
        let bytes = |encoding| match encode(vec![Piece::Bytes(text.clone().into_bytes())], encoding).unwrap().remove(0).as_slice() {
            [Piece::Bytes(bytes)] => bytes.clone(),
            [Piece::Bytes(mark), Piece::Bytes(bytes)] => [mark.as_slice(), bytes].concat(),
            other => panic!("{other:?}"),
        };
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| [*unit as u8, (*unit >> 8) as u8]).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| [(*unit >> 8) as u8, *unit as u8]).collect();
        prop_assert_eq!(bytes(Encoding::Utf16Le), little.clone());
        prop_assert_eq!(bytes(Encoding::Utf16Be), big);
        prop_assert_eq!(bytes(Encoding::Utf16), [&[0xff, 0xfe], little.as_slice()].concat());
    }

    #[test]
    fn a_value_fits_the_text_that_it_is(text in "[a-c*?\\\\ ]{0,12}", other in "[a-c*?\\\\ ]{0,12}") {
        let escaped: String = text.chars().flat_map(|letter| match letter {
            '*' | '?' | '\\' => vec!['\\', letter],
            letter => vec![letter],
        }).collect();
        let line = format!("F: '{escaped}'");
        prop_assert!(holds(&line, Scalar::Text(text.clone())));
        prop_assert_eq!(holds(&line, Scalar::Text(other.clone())), text == other);
    }

    #[test]
    fn windash_finds_what_it_found_without(words in prop::collection::vec("[-/–—―]?[a-z]{1,3}", 1..4), dashes in prop::collection::vec(0..5_usize, 4)) {
        let text = words.join(" ");
        let line = format!("F|windash|contains: '{text}'");
        prop_assert!(holds(&line, Scalar::Text(text.clone())));
        let all = crate::sigma::value::DASHES;
        let others: Vec<String> = words.iter().zip(dashes).map(|(word, dash)| match word.strip_prefix(all) {
            Some(rest) => format!("{}{rest}", all[dash]),
            None => word.clone(),
        }).collect();
        prop_assert!(holds(&line, Scalar::Text(others.join(" "))));
    }
}
