//! Lists, pipelines and compound commands.

use super::super::mapped::Mapped;
use super::{After, Command, Script, Word, command};
use crate::limits::{MAX_COMMANDS, MAX_SHELL_DEPTH};
use crate::tree::Malformed;
use std::ops::Range;

pub(super) struct Parser<'m> {
    pub(super) text: &'m Mapped,
    pub(super) at: usize,
    pub(super) script: Script,
    /// Here-documents that begin at the next line: the delimiter, and whether tabs are taken away.
    pub(super) heredocs: Vec<(String, bool)>,
    depth: usize,
    shell: Option<String>,
    pipefail: bool,
}

/// Reads a script at a depth; `shell` when one was given it with `-c`.
pub(super) fn read(text: &Mapped, depth: usize, shell: Option<String>) -> Script {
    let script = Script::default();
    let mut parser = Parser { text, at: 0, script, heredocs: Vec::new(), depth, shell, pipefail: false };
    parser.all();
    parser.script
}

/// Words that end the list before them.
const CLOSERS: &[&str] = &["then", "elif", "else", "fi", "do", "done", "esac", "}"];

impl Parser<'_> {
    pub(super) fn rest(&self) -> &str {
        &self.text.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn refuse(&mut self, from: usize, reason: String) {
        let span = self.text.span(from..self.at.max(from));
        self.script.malformed.push(Malformed { span, reason });
    }

    pub(super) fn blanks(&mut self) {
        while let Some(next) = self.peek() {
            if next == '\\' && self.rest()[1..].starts_with('\n') {
                self.at += 2;
            } else if matches!(next, ' ' | '\t' | '\r') {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    /// Blanks, lines' ends and comments.
    fn space(&mut self) {
        loop {
            self.blanks();
            match self.peek() {
                Some('\n') => self.line_end(),
                Some('#') => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                _ => break,
            }
        }
    }

    /// The end of a line, and the here-documents that follow it.
    fn line_end(&mut self) {
        self.at += 1;
        for (name, strips) in std::mem::take(&mut self.heredocs) {
            loop {
                let rest = self.rest();
                if rest.is_empty() {
                    break;
                }
                let end = rest.find('\n').unwrap_or(rest.len());
                let line = if strips { rest[..end].trim_start_matches('\t') } else { &rest[..end] };
                let closes = line == name;
                self.at += (end + 1).min(rest.len());
                if closes {
                    break;
                }
            }
        }
    }

    fn is_full(&self) -> bool {
        self.script.commands.len() >= MAX_COMMANDS
    }

    /// All of a script.
    fn all(&mut self) {
        while self.at < self.text.text.len() && !self.is_full() {
            self.list();
            // What closes nothing is skipped.
            let here = self.at;
            if let Some(next) = self.take() {
                if next.is_ascii_alphabetic() {
                    let rest = self.rest();
                    self.at += rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                }
                let said = self.text.text[here..self.at].to_owned();
                self.refuse(here, format!("`{said}` closes nothing"));
            }
        }
        if self.is_full() {
            self.refuse(self.at, format!("more than {MAX_COMMANDS} commands (MAX_COMMANDS): the rest was not read"));
        }
    }

    /// A word that is written plainly and ends here.
    fn plain(&self) -> &str {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || ";&|<>()\"'$`\\".contains(c)).unwrap_or(rest.len());
        &rest[..end]
    }

    /// Pipelines up to what closes them.
    fn list(&mut self) {
        let mut after = After::Start;
        loop {
            self.space();
            let rest = self.rest();
            if rest.is_empty() || rest.starts_with(')') || rest.starts_with(";;") || rest.starts_with(";&") {
                return;
            }
            if CLOSERS.contains(&self.plain()) || self.is_full() {
                return;
            }
            let here = self.at;
            self.pipeline(after);
            self.blanks();
            let rest = self.rest();
            let (next, length) = match () {
                () if rest.starts_with("&&") => (After::And, 2),
                () if rest.starts_with("||") => (After::Or, 2),
                () if rest.starts_with(";;") || rest.starts_with(";&") => return,
                () if rest.starts_with(';') => (After::Then, 1),
                () if rest.starts_with('&') => (After::Background, 1),
                () => (After::Then, 0),
            };
            after = next;
            self.at += length;
            if self.at == here {
                // Nothing was read, such as a lone `|`.
                self.take();
                self.refuse(here, "a command is missing here".to_owned());
            }
        }
    }

    fn pipeline(&mut self, mut after: After) {
        let begin = self.script.commands.len();
        loop {
            let (stage, here) = (self.script.commands.len(), self.at);
            self.command(after);
            if self.at == here && after == After::Pipe {
                self.refuse(here, "a command is missing after `|`".to_owned());
            }
            self.blanks();
            if stage > begin {
                for command in &mut self.script.commands[stage..] {
                    if command.reads.is_empty() && !command.substituted {
                        command.reads = begin..stage;
                    }
                }
            }
            let rest = self.rest();
            if !rest.starts_with('|') || rest.starts_with("||") || self.is_full() {
                return;
            }
            self.at += if rest.starts_with("|&") { 2 } else { 1 };
            for command in &mut self.script.commands[stage..] {
                command.piped |= !command.substituted;
            }
            self.space();
            after = After::Pipe;
        }
    }

    /// Goes a level deeper, unless that is too deep: then the rest is left.
    fn deeper(&mut self, inner: impl FnOnce(&mut Self)) {
        if self.depth >= MAX_SHELL_DEPTH {
            let here = self.at;
            self.at = self.text.text.len();
            self.refuse(here, format!("nests deeper than {MAX_SHELL_DEPTH} levels (MAX_SHELL_DEPTH): not read"));
            return;
        }
        self.depth += 1;
        inner(self);
        self.depth -= 1;
    }

    fn command(&mut self, after: After) {
        self.deeper(|parser| parser.command_here(after));
    }

    fn command_here(&mut self, after: After) {
        let begin = self.script.commands.len();
        loop {
            self.blanks();
            match self.plain() {
                "!" | "time" | "coproc" => self.at += self.plain().len(),
                _ => break,
            }
        }
        let word = self.plain().to_owned();
        match word.as_str() {
            "" if self.rest().starts_with("((") => self.skip_to_closing('(', ')'),
            "" if self.rest().starts_with('(') => {
                self.at += 1;
                let pipefail = self.pipefail;
                self.group(')');
                self.pipefail = pipefail;
            }
            "{" => {
                self.at += 1;
                self.compound("}");
            }
            "if" => {
                self.at += 2;
                self.compound("fi");
            }
            "while" | "until" => {
                self.at += 5;
                self.compound("done");
            }
            "for" | "select" => {
                self.at += word.len();
                self.loop_head();
                self.compound("done");
            }
            "case" => {
                self.at += 4;
                self.case();
            }
            "[[" => return self.test(after),
            "function" => {
                self.at += 8;
                self.blanks();
                self.at += self.plain().len();
                self.function();
            }
            name if !name.is_empty() && self.rest()[name.len()..].trim_start_matches(' ').starts_with("()") => {
                self.at += name.len();
                self.function();
            }
            _ => return self.simple(after),
        }
        // A compound command: its first inner one is what follows, and its redirects are of all.
        if let Some(first) = self.script.commands.get_mut(begin) {
            first.after = after;
        }
        loop {
            self.blanks();
            if self.redirect().is_none() {
                break;
            }
        }
    }

    fn function(&mut self) {
        self.blanks();
        if self.rest().starts_with("()") {
            self.at += 2;
        }
        self.space();
        self.command(After::Start);
    }

    /// Lists up to a closing bracket.
    fn group(&mut self, close: char) {
        let here = self.at;
        self.list();
        while self.rest().starts_with(';') {
            self.at += 1;
            self.list();
        }
        if self.peek() == Some(close) {
            self.at += 1;
        } else if !self.is_full() {
            self.refuse(here, format!("`{close}` is missing"));
        }
    }

    /// Lists, divided by `then`, `do` and so on, up to the word that closes them.
    fn compound(&mut self, close: &str) {
        let here = self.at;
        while !self.is_full() {
            self.list();
            let word = self.plain().to_owned();
            if !CLOSERS.contains(&word.as_str()) {
                break;
            }
            // A word that closes another construct is left to that one.
            let belongs = match close {
                "fi" => matches!(word.as_str(), "then" | "elif" | "else"),
                "done" => word == "do",
                _ => false,
            };
            if word != close && !belongs {
                break;
            }
            self.at += word.len();
            if word == close {
                return;
            }
        }
        if !self.is_full() {
            self.refuse(here, format!("`{close}` is missing"));
        }
    }

    /// `NAME in WORDS` or `((...))`, up to the `do`.
    fn loop_head(&mut self) {
        self.blanks();
        if self.rest().starts_with("((") {
            self.skip_to_closing('(', ')');
        }
        while self.word().is_some() {
            self.blanks();
            if self.plain() == "do" {
                break;
            }
        }
        self.blanks();
        if self.rest().starts_with(';') {
            self.at += 1;
        }
    }

    fn case(&mut self) {
        let here = self.at;
        self.blanks();
        self.word();
        self.space();
        if self.plain() == "in" {
            self.at += 2;
        }
        loop {
            self.space();
            if self.plain() == "esac" {
                self.at += 4;
                return;
            }
            // The pattern.
            let from = self.at;
            while self.peek().is_some_and(|next| next != ')') {
                if self.word().is_none() {
                    self.take();
                }
            }
            self.take();
            self.list();
            let length =
                [";;&", ";;", ";&"].iter().find(|end| self.rest().starts_with(**end)).map_or(0, |end| end.len());
            self.at += length;
            if self.at == from || self.rest().is_empty() || self.is_full() {
                self.refuse(here, "`esac` is missing".to_owned());
                return;
            }
        }
    }

    /// `[[ ... ]]`
    fn test(&mut self, after: After) {
        let start = self.at;
        let end = self.rest().find("]]").map_or(self.text.text.len(), |end| self.at + end + 2);
        let mut words = Vec::new();
        while self.at < end {
            match self.word() {
                Some(word) => words.push(word),
                None => {
                    self.take();
                }
            }
        }
        let span = self.text.span(start..self.at);
        self.add(command(words, span, after));
    }

    fn simple(&mut self, after: After) {
        let (start, within) = (self.at, self.script.commands.len());
        let mut one = command(Vec::new(), crate::text::Span::default(), after);
        let mut end = start;
        loop {
            self.blanks();
            if self.peek() == Some('#') {
                break;
            }
            if let Some(redirect) = self.redirect() {
                one.redirects.push(redirect);
                end = self.at;
                continue;
            }
            let Some(word) = self.word() else { break };
            end = self.at;
            match assignment(&word).filter(|_| one.words.is_empty()) {
                Some((name, value)) => one.assignments.push((name, value)),
                None => one.words.push(word),
            }
        }
        one.span = self.text.span(start..end);
        one.within = within..self.script.commands.len();
        if end > start {
            self.add(one);
        }
    }

    fn add(&mut self, mut command: Command) {
        let says = |text: &str| command.words.iter().any(|word| word.raw.text == text);
        if command.name() == Some("set") && says("pipefail") {
            self.pipefail = !says("+o");
        }
        command.pipefail = self.pipefail;
        command.shell.clone_from(&self.shell);
        self.script.add(command, self.depth);
    }

    /// Commands within a word, up to a closing bracket.
    pub(super) fn nested(&mut self, close: char) {
        let begin = self.script.commands.len();
        let heredocs = std::mem::take(&mut self.heredocs);
        self.deeper(|parser| parser.group(close));
        self.heredocs = heredocs;
        self.substituted(begin..self.script.commands.len());
    }

    /// Commands within backticks.
    pub(super) fn inner_script(&mut self, text: &Mapped) {
        let (shell, depth) = (self.shell.clone(), self.depth + 1);
        if depth > MAX_SHELL_DEPTH {
            return;
        }
        let begin = self.script.commands.len();
        let inner = read(text, depth, shell);
        self.script.join(inner);
        self.substituted(begin..self.script.commands.len());
    }

    fn substituted(&mut self, range: Range<usize>) {
        for command in &mut self.script.commands[range] {
            command.substituted = true;
        }
    }
}

/// `NAME=value`, `NAME+=value`
fn assignment(word: &Word) -> Option<(String, Word)> {
    let (name, _) = word.raw.text.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !begins || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let (_, value) = word.value.split_at_first('=')?;
    Some((name.to_owned(), Word { value, ..word.clone() }))
}
