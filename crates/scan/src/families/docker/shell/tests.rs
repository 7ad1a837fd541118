use super::*;
use proptest::prelude::*;

fn script(text: &str) -> Script {
    Script::read(&Mapped::of(text, 0))
}

/// Each command: how the one before ended, its words, `…` for what is not known.
fn said(text: &str) -> Vec<String> {
    let script = script(text);
    let one = |command: &Command| {
        let words: Vec<_> = command.words.iter().map(|word| word.value.shown()).collect();
        format!("{}{}", command.after.as_str(), words.join(" "))
    };
    script.commands.iter().map(one).collect()
}

#[test]
fn scripts_become_commands() {
    for (text, expected) in [
        ("a b && c 'd e' || f; g & h", vec!["a b", "&&c d e", "||f", ";g", "&h"]),
        ("a | b |& c", vec!["a", "|b", "|c"]),
        ("A=1 B='x y' make -j\"$N\" # no\nls", vec!["make -j…", ";ls"]),
        ("if a; then b; elif c; then d; else e; fi; f", vec!["a", "b", "c", "d", "e", ";f"]),
        ("for x in 1 2; do a $x; done && b", vec!["a …", "&&b"]),
        ("for x in 1\ndo a; done", vec!["a"]),
        ("for ((i=0;i<2;i++)); do a; done", vec!["a"]),
        ("while read l; do a; done < f | b", vec!["read l", "a", "|b"]),
        ("case $x in a|b) one;; (c) two ;; *) three; esac; d", vec!["one", "two", "three", ";d"]),
        ("(cd /x && make) && { a; b; }; c", vec!["cd /x", "&&make", "&&a", ";b", ";c"]),
        ("f() { a; }; function g { b; }; f", vec!["a", ";b", ";f"]),
        ("a $(b c | d) `e f`", vec!["b c", "|d", "e f", "a … …"]),
        ("a \"$(b \"c)\")\" d", vec!["b c)", "a … d"]),
        ("a ${x:-\"b c\"} $((1 + 2)) $x$y", vec!["a … … ……"]),
        ("[[ $a == b && -f c ]] && d", vec!["[[ … == b -f c ]]", "&&d"]),
        ("cat <<EOF\na; b\nEOF\nc", vec!["cat", ";c"]),
        ("cat <<-'E' | b\n\tx\n\tE\nc", vec!["cat", "|b", ";c"]),
        ("a > /dev/null 2>&1 < x &> y >> z", vec!["a"]),
        ("a \\; b\\ c \"d\\\"e\\f\" 'g\\'", vec!["a ; b c d\"e\\f g\\"]),
        ("! a && time b", vec!["a", "&&b"]),
        ("echo a#b # c", vec!["echo a#b"]),
        ("a \\\n  b \\\n&& c", vec!["a b", "&&c"]),
        ("x=$(curl a)", vec!["curl a", ""]),
        ("bash <(curl x)", vec!["curl x", "bash …"]),
    ] {
        assert_eq!(said(text), expected, "{text}");
        assert_eq!(script(text).malformed, [], "{text}");
    }
}

#[test]
fn given_commands_are_found() {
    for (text, expected) in [
        ("sudo -u x A=1 apt-get install y", vec!["sudo -u x A=1 apt-get install y", "apt-get install y"]),
        ("env -i A=b curl c", vec!["env -i A=b curl c", "curl c"]),
        ("ls | xargs -n 1 rm -f", vec!["ls", "|xargs -n 1 rm -f", "|rm -f …"]),
        ("sh -ec 'a | b; c'", vec!["sh -ec a | b; c", "a", "|b", ";c"]),
        ("bash -o pipefail -c \"a $x\"", vec!["bash -o pipefail -c a …", "a …"]),
        (
            "find / -name x -exec rm -r {} \\; -exec a +",
            vec!["find / -name x -exec rm -r {} ; -exec a +", "rm -r {}", "a"],
        ),
        ("su -c 'a b' user", vec!["su -c a b user", "a b"]),
        ("sudo bash -c 'a'", vec!["sudo bash -c a", "bash -c a", "a"]),
        ("timeout -k 5 30 curl x", vec!["timeout -k 5 30 curl x", "curl x"]),
        ("bash x.sh -c y", vec!["bash x.sh -c y"]),
    ] {
        assert_eq!(said(text), expected, "{text}");
    }
    let script = script("sudo bash -c 'set -o pipefail; a | b'");
    assert_eq!(script.commands.last().unwrap().through, ["sudo", "bash"]);
    assert!(script.commands.last().unwrap().pipefail);
}

#[test]
fn pipes_are_followed() {
    let script = script("(curl -s a; b) | tee c | bash; d");
    let reads: Vec<_> = script.commands.iter().map(|command| command.reads.clone()).collect();
    assert_eq!(reads, [0..0, 0..0, 0..2, 0..3, 0..0]);
    let piped: Vec<_> = script.commands.iter().map(|command| command.piped).collect();
    assert_eq!(piped, [true, true, true, false, false]);
    let inner = self::script("bash -c \"$(curl -s a | b)\"");
    assert_eq!(inner.commands[2].within, 0..2);
}

#[test]
fn places_are_of_the_file() {
    let mut text = Mapped::of("a && ", 100);
    text.push("sh -c 'b \"c d\"'", 200);
    let script = Script::read(&text);
    let spans: Vec<_> = script.commands.iter().map(|command| command.span).collect();
    assert_eq!(spans, [Span::new(100, 101), Span::new(200, 215), Span::new(207, 214)]);
    assert_eq!(script.commands[2].words[1].span, Span::new(209, 214));
}

#[test]
fn what_is_malformed_is_told() {
    for text in
        ["a 'b", "a \"b", "(a", "if a; then b", "a)", "fi", "{ a", "a | | b", "case x in a", "$(a", "while a; do b"]
    {
        assert_ne!(script(text).malformed, [], "{text}");
    }
    assert!(script(&"( ".repeat(5_000)).malformed.iter().any(|of| of.reason.contains("MAX_SHELL_DEPTH")));
    assert!(script(&"a;".repeat(5_000)).malformed.iter().any(|of| of.reason.contains("MAX_COMMANDS")));
}

proptest! {
    #[test]
    fn nothing_panics(text in "(a|b c|'|\"|`|[$]|[(]|[)]|[{]|[}]|;|&|[|]|<|>|\\\\|\n|#| |=|if |then |fi|do |done|case x in |esac|sudo |xargs |sh -c |find -exec |\u{e9}|<<E|E\n){0,60}") {
        let script = script(&text);
        for command in &script.commands {
            prop_assert!(command.span.end as usize <= text.len());
            prop_assert!(command.reads.end <= script.commands.len() && command.within.end <= script.commands.len());
        }
    }
}
