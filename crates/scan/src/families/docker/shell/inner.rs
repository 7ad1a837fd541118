//! Commands that are given to other commands: `sudo apt-get ...`, `xargs rm`, `sh -c '...'`.

use super::{Command, Script, Value, Word, parse};
use crate::limits::{MAX_COMMANDS, MAX_SHELL_DEPTH};

/// Commands that run the command after their flags; flags that take a value; words of their own before it.
const WRAPPERS: &[(&str, &[&str], usize)] = &[
    ("sudo", &["-u", "-g", "-p", "-C", "-h", "-r", "-t", "-U", "--user", "--group"], 0),
    ("doas", &["-u", "-C"], 0),
    ("env", &["-u", "-C", "-S", "--unset", "--chdir"], 0),
    ("xargs", &["-n", "-P", "-I", "-L", "-s", "-d", "-a", "-E"], 0),
    ("nice", &["-n"], 0),
    ("ionice", &["-c", "-n"], 0),
    ("nohup", &[], 0),
    ("setsid", &[], 0),
    ("exec", &["-a"], 0),
    ("command", &[], 0),
    ("builtin", &[], 0),
    ("stdbuf", &["-i", "-o", "-e"], 0),
    ("timeout", &["-s", "-k"], 1),
    ("chroot", &[], 1),
    ("gosu", &[], 1),
    ("su-exec", &[], 1),
    ("tini", &["-p", "-e"], 0),
    ("dumb-init", &[], 0),
    ("busybox", &[], 0),
    ("time", &["-f", "-o"], 0),
];

/// Shells that take a script with `-c`.
pub const SHELLS: &[&str] = &["sh", "bash", "ash", "dash", "zsh", "ksh"];

impl Script {
    /// Adds a command and, after it, those it was given.
    pub(super) fn add(&mut self, command: Command, depth: usize) {
        if self.commands.len() >= MAX_COMMANDS {
            return;
        }
        self.commands.push(command.clone());
        if depth >= MAX_SHELL_DEPTH {
            return;
        }
        let Some(name) = command.name().map(str::to_owned) else { return };
        if let Some(script) = given_script(&command, &name) {
            let inner = parse::read(&script.raw, depth + 1, Some(name.clone()));
            let from = self.commands.len();
            self.join(inner);
            for inner in &mut self.commands[from..] {
                inner.through = [command.through.as_slice(), std::slice::from_ref(&name), &inner.through].concat();
                inner.substituted |= command.substituted;
            }
            // `bash -o pipefail -c`
            if command.words.iter().any(|word| word.raw.text == "pipefail") {
                self.commands[from..].iter_mut().for_each(|inner| inner.pipefail = true);
            }
            return;
        }
        for words in given_words(&command, &name) {
            let span = words.iter().fold(words[0].span, |a, b| a.to(b.span));
            let mut inner = Command { span, ..command.clone() };
            inner.words = words;
            inner.assignments.extend(assignments(&command, &name));
            inner.through.push(name.clone());
            if name == "xargs" {
                // It gets more words than are written.
                inner.words.push(Word { value: Value::unknown(), span: command.words[0].span, ..Word::default() });
            }
            self.add(inner, depth + 1);
        }
    }

    /// Takes over the commands of a script within this one.
    pub(super) fn join(&mut self, inner: Script) {
        let by = self.commands.len();
        let moved = inner.commands.into_iter().map(|mut command| {
            command.reads = command.reads.start + by..command.reads.end + by;
            command.within = command.within.start + by..command.within.end + by;
            command
        });
        self.commands.extend(moved);
        self.commands.truncate(MAX_COMMANDS);
        self.malformed.extend(inner.malformed);
        let count = self.commands.len();
        for command in &mut self.commands[by.min(count)..] {
            command.reads = command.reads.start.min(count)..command.reads.end.min(count);
            command.within = command.within.start.min(count)..command.within.end.min(count);
        }
    }
}

/// The script that a shell is given with `-c`, or `eval`, or `su -c`.
fn given_script<'c>(command: &'c Command, name: &str) -> Option<&'c Word> {
    let words = &command.words[1..];
    if name == "eval" {
        return words.first().filter(|_| words.len() == 1);
    }
    if name != "su" && !SHELLS.contains(&name) {
        return None;
    }
    let at = words.iter().position(|word| {
        let flags = word.raw.text.strip_prefix('-').filter(|flags| !flags.starts_with('-'));
        flags.is_some_and(|flags| flags.ends_with('c')) || word.raw.text == "--command"
    })?;
    // Words before it that are no flags are scripts of their own: `bash file -c`.
    let plain = |word: &Word| !word.raw.text.starts_with(['-', '+']) && word.raw.text != "pipefail";
    if name != "su" && words[..at].iter().any(plain) {
        return None;
    }
    words.get(at + 1)
}

/// The words of the commands that a wrapper was given.
fn given_words(command: &Command, name: &str) -> Vec<Vec<Word>> {
    if name == "find" {
        let is = |word: &Word| matches!(word.raw.text.as_str(), "-exec" | "-execdir" | "-ok");
        let parts = command.words.split(is).skip(1);
        let until = |part: &[Word]| {
            let end = part.iter().position(|word| matches!(word.raw.text.as_str(), ";" | "+")).unwrap_or(part.len());
            part[..end].to_vec()
        };
        return parts.map(until).filter(|words| !words.is_empty()).take(16).collect();
    }
    let Some((_, valued, own)) = WRAPPERS.iter().find(|(of, ..)| *of == name) else { return Vec::new() };
    let (mut at, mut own) = (1, *own);
    while let Some(word) = command.words.get(at) {
        let text = word.raw.text.as_str();
        if valued.contains(&text) {
            at += 2;
        } else if text.starts_with('-') || (matches!(name, "sudo" | "env") && text.contains('=')) {
            at += 1;
        } else if own > 0 {
            own -= 1;
            at += 1;
        } else {
            break;
        }
    }
    command.words.get(at..).filter(|words| !words.is_empty()).map(<[Word]>::to_vec).into_iter().collect()
}

/// Variables that `env A=b` and `sudo A=b` set.
fn assignments(command: &Command, name: &str) -> Vec<(String, Word)> {
    if !matches!(name, "env" | "sudo") {
        return Vec::new();
    }
    let words = command.words[1..].iter().take_while(|word| {
        let text = word.raw.text.as_str();
        text.starts_with('-') || text.contains('=')
    });
    let pair = |word: &Word| {
        let (name, value) = word.value.split_at_first('=')?;
        Some((name.known()?.to_owned(), Word { value, ..word.clone() }))
    };
    words.filter(|word| !word.raw.text.starts_with('-')).filter_map(pair).collect()
}
