//! Regular expressions.

use super::*;
use crate::limits::MAX_REGEX_BYTES;

#[test]
fn found_anywhere_unless_anchored_and_case_counts() {
    assert_eq!(of("F|re: b+", &["abbc", "aBc"]), ["abbc"]);
    assert_eq!(of("F|re: '^b+$'", &["bb", "abb"]), ["bb"]);
    assert_eq!(of("F|re|i: b+", &["abbc", "aBc"]), ["abbc", "aBc"]);
    assert_eq!(of("F|re|ignorecase: b+", &["B"]), ["B"]);
    assert_eq!(of("F|re: '^b'", &["a\nb"]), [] as [&str; 0]);
    assert_eq!(of("F|re|m: '^b'", &["a\nb"]), ["a\nb"]);
    assert_eq!(of("F|re: a.b", &["a\nb", "axb"]), ["axb"]);
    assert_eq!(of("F|re|s: a.b", &["a\nb"]), ["a\nb"]);
    assert_eq!(of("F|re|i|m|s: '^A.b'", &["x\na\nB"]), ["x\na\nB"]);
    assert_eq!(of("F|re|all: [a, b]", &["ab", "a"]), ["ab"]);
    assert_eq!(of("F|re|neq: a", &["a", "b"]), ["b"]);
    assert!(super::holds("F|re: '^46'", Scalar::Int(4625)));
    assert!(refused("s:\n  F|i: a\ncondition: s").contains("write it after `re`"));
    assert!(refused("s:\n  F|re|startswith: a\ncondition: s").contains("does not go with `re`"));
}

#[test]
fn words_of_pcre_are_understood() {
    for (pattern, fits, not) in [
        (r"a{2}", "aa", "a"),
        (r"a{x", "a{x", "a"),
        (r"\d+\s\w", "1 a", "a a"),
        (r"[[:alpha:]]\h", "a\t", "a\n"),
        (r"[]a]", "]", "b"),
        (r"[^]a]", "b", "]"),
        (r"[a&&b]", "&", "c"),
        (r"[a\-z]", "-", "b"),
        (r"\Qa.b\E", "a.b", "axb"),
        (r"(?#note)a", "a", "b"),
        (r"(?i)a(?-i)b", "Ab", "AB"),
        (r"(?<n>a)b", "ab", "b"),
        (r"(?P<n>a)b", "ab", "b"),
        (r"\/\-\<", "/-<", "/-"),
        (r"\x41\u0042", "AB", "ab"),
        (r"a\b", "a b", "ab"),
        (r"^[\d-x]$", "-", "5x"),
        (r"^[\w-z]$", "-", "{"),
        (r"^[\W\d]$", "5", "a"),
        (r"^\w$", "_", "é"),
        (r"^\S\s\D$", "a\tb", "a\t1"),
        (r"\\\\", r"\\", r"\"),
        (r"^a\R$", "a\r\n", "a"),
        (r"é", "é", "e"),
    ] {
        let line = format!("F|re: '{pattern}'");
        assert_eq!(of(&line, &[fits, not]), [fits], "{pattern}");
    }
}

#[test]
fn what_could_explode_is_refused() {
    for (pattern, reason) in [
        ("a(?=b)", "lookahead"),
        ("a(?!b)", "lookahead"),
        ("(?<=a)b", "lookbehind"),
        ("(?<!a)b", "lookbehind"),
        (r"(a)\1", "backreference"),
        (r"(?<n>a)\k<n>", "backreference"),
        ("(?>a)b", "atomic"),
        ("a++b", "possessive"),
        ("(?R)", "recursion"),
        ("(a{1000}){1000}", "explodes"),
        (r"(\w{1,500}){1,500}", "explodes"),
        (r"\w{100000}", "explodes"),
        ("(a", "no regular expression"),
        ("a\\", "backslash"),
        (r"\y", "no meaning"),
        ("", "empty regular expression"),
    ] {
        let given = refused(&format!("s:\n  F|re: '{pattern}'\ncondition: s"));
        assert!(given.contains(reason) && given.starts_with("t.yml:9:11: detection.s.F|re: "), "{pattern}: {given}");
    }
    assert!(
        refused(&format!("s:\n  F|re: '{}'\ncondition: s", "a".repeat(MAX_REGEX_BYTES + 1)))
            .contains("MAX_REGEX_BYTES")
    );
    assert!(refused(&format!("s:\n  F|re: '{}'\ncondition: s", "(".repeat(1_000))).contains("regular expression"));
}

#[test]
fn regexes_together_are_bounded() {
    // Each of these counts as a MiB, and as a little more for the file.
    let detection = |count: usize| {
        let list: String = (0..count).map(|n| format!("  - F|re: '{n}\\pL{{10}}'\n")).collect();
        format!("s:\n{list}condition: s")
    };
    let reason = refused(&detection(60));
    assert!(reason.contains("MAX_REGEX_FILE_BYTES"), "{reason}");
    let text = |n: usize| around(&detection(50)).replace("0001", &format!("000{n}"));
    let texts: Vec<String> = (1..=3).map(text).collect();
    let names = ["1.yml", "2.yml", "3.yml"];
    let loaded = load_texts(names.into_iter().zip(texts.iter().map(String::as_str)), &Options::default());
    assert_eq!((loaded.rules.len(), loaded.refused.len()), (2, 1));
    assert!(loaded.refused[0].reason.contains("MAX_REGEX_TOTAL_BYTES"), "{}", loaded.refused[0]);
}

proptest::proptest! {
    #[test]
    fn what_is_accepted_can_be_built(pattern in "[a-c()\\[\\]{}*+?|^$.,0-9\\\\dwsbQE-]{0,24}") {
        let loaded = load_one(&format!("s:\n  F|re: '{pattern}'\ncondition: s"), &Options::default());
        for rule in &loaded.rules {
            let Expr::Leaf(leaf) = &rule.condition else { panic!("{:?}", rule.condition) };
            let crate::rule::Test::Regex(regex) = &leaf.test else { panic!("{leaf:?}") };
            proptest::prop_assert!(crate::oracle::regex(regex).is_ok());
        }
    }
}
