//! A Dockerfile's instructions: flags, JSON and shell form, words. What is malformed is told, the rest is read.

use super::lines::{Heredoc, Line, Lines};
use super::mapped::Mapped;
use crate::limits::{MAX_INSTRUCTIONS, MAX_RUN_BYTES, MAX_RUN_SIGNS};
use crate::text::{Span, Text};
use crate::tree::Malformed;
use std::ops::Range;

/// All instructions there are.
pub const INSTRUCTIONS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// A word with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// What is written, without quotes; variables are as they are written.
    pub text: String,
    /// Nothing in it is replaced.
    pub literal: bool,
    /// Where.
    pub span: Span,
}

/// A flag: `--name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Without the hyphens.
    pub name: String,
    /// What follows `=`.
    pub value: String,
    /// Where.
    pub span: Span,
}

/// What an instruction is given.
#[derive(Clone, Debug)]
pub enum Form {
    /// A JSON array of texts.
    Exec(Vec<Word>),
    /// Anything else.
    Shell,
}

/// An instruction.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// Its name in capitals.
    pub kind: &'static str,
    /// Where its name is.
    pub keyword: Span,
    /// From its name to the end of its last line.
    pub span: Span,
    /// It is one that images built on this one will run.
    pub onbuild: bool,
    /// Flags.
    pub flags: Vec<Flag>,
    /// What follows the flags.
    pub rest: Mapped,
    /// How that is written.
    pub form: Form,
    /// Here-documents.
    pub heredocs: Vec<Heredoc>,
    /// It is beyond the limits: its commands are not read.
    pub unread: bool,
}

/// A Dockerfile.
#[derive(Clone, Debug)]
pub struct Dockerfile {
    /// Its instructions.
    pub instructions: Vec<Instruction>,
    /// The character that escapes: `\` or a backtick.
    pub escape: char,
    /// What is wrong.
    pub malformed: Vec<Malformed>,
}

impl Instruction {
    /// A flag's value; of one that is there twice, the first.
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// The words it is given: the items of its JSON, or what white space divides.
    pub fn words(&self, escape: char) -> Vec<Word> {
        match &self.form {
            Form::Exec(words) => words.clone(),
            Form::Shell => words(&self.rest, escape),
        }
    }

    /// `key=value` pairs, or the old `key value`.
    pub fn pairs(&self, escape: char) -> Vec<(Word, Option<Word>)> {
        let text = &self.rest.text;
        let words = words(&self.rest, escape);
        let old = words.first().is_some_and(|first| !first.text.contains('='));
        if old && self.kind != "ARG" {
            let first = &words[0];
            let begin = text.trim_start();
            let lead = text.len() - begin.len();
            let end = lead + begin.find(char::is_whitespace).unwrap_or(begin.len());
            let value = text[end..].trim();
            if value.is_empty() {
                return vec![(first.clone(), None)];
            }
            let start = end + text[end..].len() - text[end..].trim_start().len();
            let span = self.rest.span(start..start + value.len());
            return vec![(first.clone(), Some(Word { text: value.to_owned(), literal: false, span }))];
        }
        let pair = |word: Word| match word.text.split_once('=') {
            Some((key, value)) => {
                let end = word.span.end;
                let start = (word.span.start + key.len() as u32).min(end);
                let key =
                    Word { text: key.to_owned(), literal: true, span: Span { start: word.span.start, end: start } };
                let value = Word { text: value.to_owned(), literal: word.literal, span: Span { start, end } };
                (key, Some(value))
            }
            None => (word, None),
        };
        words.into_iter().map(pair).collect()
    }
}

/// Words that white space divides; quotes and escapes are read.
pub fn words(rest: &Mapped, escape: char) -> Vec<Word> {
    let (mut out, mut start, mut quote) = (Vec::new(), None, None);
    let (mut said, mut literal, mut quoted) = (String::new(), false, false);
    let mut characters = rest.text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (None, space) if space.is_whitespace() => {
                if let Some(start) = start.take() {
                    out.push(Word { text: std::mem::take(&mut said), literal, span: rest.span(start..at) });
                }
                (literal, quoted) = (false, false);
                continue;
            }
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                literal = character == '\'' && !quoted;
                quoted = true;
            }
            (open, _) if character == escape && open != Some('\'') => match characters.peek() {
                Some((_, next)) if open.is_none() || matches!(next, '"' | '$') || *next == escape => {
                    // A variable that is escaped stays so until variables are replaced.
                    if *next == '$' {
                        said.push(escape);
                    }
                    said.push(*next);
                    characters.next();
                }
                _ => said.push(character),
            },
            _ => said.push(character),
        }
        start = start.or(Some(at));
    }
    if let Some(start) = start {
        out.push(Word { text: said, literal, span: rest.span(start..rest.text.len()) });
    }
    out
}

impl Dockerfile {
    /// Reads a Dockerfile.
    pub fn read(text: &Text) -> Dockerfile {
        let Lines { lines, escape, malformed, .. } = Lines::read(text);
        let mut out = Dockerfile { instructions: Vec::new(), escape, malformed };
        let (mut bytes, mut signs) = (0, 0);
        for line in lines {
            if out.instructions.len() >= MAX_INSTRUCTIONS {
                let reason =
                    format!("more than {MAX_INSTRUCTIONS} instructions (MAX_INSTRUCTIONS): the rest was not read");
                out.malformed.push(Malformed { span: line.span, reason });
                break;
            }
            let Some(mut instruction) = out.instruction(line) else { continue };
            out.bound(&mut instruction, &mut bytes, &mut signs);
            out.instructions.push(instruction);
        }
        // A part of a Dockerfile, which something else includes, is read like a whole one; rules say what lacks a FROM.
        if out.instructions.is_empty() && out.malformed.is_empty() {
            out.malformed.push(Malformed { span: Span::default(), reason: "there is no instruction".to_owned() });
        }
        out
    }

    /// Leaves the commands unread that are too much.
    fn bound(&mut self, instruction: &mut Instruction, bytes: &mut usize, signs: &mut usize) {
        if !matches!(instruction.kind, "RUN" | "HEALTHCHECK") {
            return;
        }
        let was_full = *bytes > MAX_RUN_BYTES || *signs > MAX_RUN_SIGNS;
        let texts = [&instruction.rest].into_iter().chain(instruction.heredocs.iter().map(|heredoc| &heredoc.body));
        for text in texts {
            *bytes += text.text.len();
            *signs += text.text.bytes().filter(|byte| matches!(byte, b';' | b'&' | b'|' | b'(' | b'`' | b'\n')).count();
        }
        instruction.unread = *bytes > MAX_RUN_BYTES || *signs > MAX_RUN_SIGNS;
        if instruction.unread && !was_full {
            let reason = "too many commands (MAX_RUN_BYTES, MAX_RUN_SIGNS): those from here on were not read";
            self.refuse(instruction.keyword, reason);
        }
    }

    fn refuse(&mut self, span: Span, reason: impl Into<String>) {
        self.malformed.push(Malformed { span, reason: reason.into() });
    }

    fn instruction(&mut self, line: Line) -> Option<Instruction> {
        let (mut keyword, mut rest) = first(&line.text.text, 0);
        let onbuild = line.text.text[keyword.clone()].eq_ignore_ascii_case("ONBUILD");
        if onbuild {
            (keyword, rest) = first(&line.text.text, rest);
        }
        let name = line.text.text[keyword.clone()].to_ascii_uppercase();
        let at = line.text.span(keyword);
        let Some(kind) = INSTRUCTIONS.iter().find(|of| **of == name) else {
            let shown: String = name.chars().take(40).collect();
            self.refuse(at, format!("`{shown}` is no instruction"));
            return None;
        };
        let (flags, rest) = flags(&line.text, rest, kind);
        let rest = line.text.slice(rest..line.text.text.len());
        if rest.text.trim().is_empty() && line.heredocs.is_empty() {
            self.refuse(at, format!("`{kind}` is given nothing"));
            return None;
        }
        let form = match json(&rest) {
            Some(words) => Form::Exec(words),
            None => Form::Shell,
        };
        let instruction = Instruction {
            kind,
            keyword: at,
            span: line.span,
            onbuild,
            flags,
            rest,
            form,
            heredocs: line.heredocs,
            unread: false,
        };
        self.arguments(&instruction);
        Some(instruction)
    }

    /// Tells what an instruction lacks.
    fn arguments(&mut self, instruction: &Instruction) {
        let words = instruction.words(self.escape);
        let at = instruction.rest.whole();
        match instruction.kind {
            "FROM" => match words.as_slice() {
                [_] => {}
                [_, between, _] if between.text.eq_ignore_ascii_case("as") => {}
                _ => self.refuse(at, "expected `FROM IMAGE` or `FROM IMAGE AS NAME`"),
            },
            "COPY" | "ADD" if words.len() < 2 => {
                self.refuse(at, format!("`{}` needs a source and a destination", instruction.kind));
            }
            "SHELL" if !matches!(instruction.form, Form::Exec(_)) => {
                self.refuse(at, "`SHELL` needs a JSON array, such as [\"/bin/sh\", \"-c\"]");
            }
            "HEALTHCHECK" => {
                let first = words.first().map_or("", |word| word.text.as_str());
                if !first.eq_ignore_ascii_case("NONE") && !first.eq_ignore_ascii_case("CMD") {
                    self.refuse(at, "`HEALTHCHECK` is followed by CMD or NONE");
                }
            }
            "ENV" | "LABEL" => {
                for (key, value) in instruction.pairs(self.escape) {
                    if value.is_none() {
                        self.refuse(key.span, format!("`{}` needs a name and a value", instruction.kind));
                    } else if key.text.is_empty() {
                        self.refuse(key.span, "a name is missing before `=`");
                    }
                }
            }
            "STOPSIGNAL" if words.len() != 1 => {
                self.refuse(at, format!("`{}` needs one value", instruction.kind));
            }
            _ => {}
        }
    }
}

/// The first word from a byte on, and where what follows it begins.
fn first(text: &str, from: usize) -> (Range<usize>, usize) {
    let start = from + text[from..].len() - text[from..].trim_start().len();
    let end = text[start..].find(char::is_whitespace).map_or(text.len(), |at| start + at);
    let rest = end + text[end..].len() - text[end..].trim_start().len();
    (start..end, rest)
}

/// The flags at the beginning, and where what follows them begins.
fn flags(text: &Mapped, mut from: usize, kind: &str) -> (Vec<Flag>, usize) {
    let mut flags = Vec::new();
    if !matches!(kind, "RUN" | "COPY" | "ADD" | "FROM" | "HEALTHCHECK") {
        return (flags, from);
    }
    while text.text[from..].starts_with("--") {
        let (word, rest) = first(&text.text, from);
        let said = &text.text[word.start + 2..word.end];
        let (name, value) = said.split_once('=').unwrap_or((said, ""));
        if name.is_empty() {
            break;
        }
        let value = value.trim_matches(['"', '\'']).to_owned();
        flags.push(Flag { name: name.to_ascii_lowercase(), value, span: text.span(word) });
        from = rest;
    }
    (flags, from)
}

/// A JSON array of texts, with their places. Anything else is the shell's, also an array with something else in it.
fn json(rest: &Mapped) -> Option<Vec<Word>> {
    let begin = rest.text.trim_start();
    if !begin.starts_with('[') {
        // `HEALTHCHECK CMD [...]` is JSON after its first word.
        let (word, after) = first(&rest.text, 0);
        let health = rest.text[word].eq_ignore_ascii_case("CMD") && rest.text[after..].starts_with('[');
        return if health { health_json(rest, after) } else { None };
    }
    let parsed: Vec<String> = serde_json::from_str(begin.trim_end()).ok()?;
    let (mut words, mut at) = (Vec::new(), rest.text.len() - begin.len());
    for text in parsed {
        let (start, end) = string(&rest.text, at)?;
        words.push(Word { text, literal: false, span: rest.span(start..end) });
        at = end;
    }
    Some(words)
}

fn health_json(rest: &Mapped, after: usize) -> Option<Vec<Word>> {
    let mut words = json(&rest.slice(after..rest.text.len()))?;
    let (word, _) = first(&rest.text, 0);
    words.insert(0, Word { text: rest.text[word.clone()].to_owned(), literal: true, span: rest.span(word) });
    Some(words)
}

/// The next quoted text from a byte on, with its quotes.
fn string(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let start = from + bytes.get(from..)?.iter().position(|byte| *byte == b'"')?;
    let mut at = start + 1;
    while *bytes.get(at)? != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    Some((start, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (Dockerfile, Text) {
        let text = Text::new("Dockerfile", text);
        (Dockerfile::read(&text), text)
    }

    #[test]
    fn instructions_have_flags_words_and_places() {
        let (file, text) = read(
            "from --platform=linux/amd64 a:1 as b\nRUN --mount=type=cache,target=/x --network=none [\"a\", \"b \\\"c\"]\n\
             COPY --chown=1:1 \"a b\" c\\ d /e/\nENV A=1 B=\"x y\" C='$z'\nENV OLD some value\nonbuild run x\n",
        );
        assert_eq!(file.malformed, []);
        let kinds: Vec<_> = file.instructions.iter().map(|of| (of.kind, of.onbuild)).collect();
        let expected =
            [("FROM", false), ("RUN", false), ("COPY", false), ("ENV", false), ("ENV", false), ("RUN", true)];
        assert_eq!(kinds, expected);
        assert_eq!(file.instructions[0].flag("platform").unwrap().value, "linux/amd64");
        let run = &file.instructions[1];
        assert_eq!(run.flags.len(), 2);
        let words = run.words('\\');
        assert_eq!(words[1].text, "b \"c");
        assert_eq!(text.slice(words[1].span), "\"b \\\"c\"");
        let copy: Vec<_> = file.instructions[2].words('\\').into_iter().map(|word| word.text).collect();
        assert_eq!(copy, ["a b", "c d", "/e/"]);
        let said = |pairs: Vec<(Word, Option<Word>)>| -> Vec<String> {
            pairs.into_iter().map(|(key, value)| format!("{}={}", key.text, value.unwrap().text)).collect()
        };
        assert_eq!(said(file.instructions[3].pairs('\\')), ["A=1", "B=x y", "C=$z"]);
        assert!(file.instructions[3].pairs('\\')[2].1.as_ref().unwrap().literal);
        assert_eq!(said(file.instructions[4].pairs('\\')), ["OLD=some value"]);
    }

    #[test]
    fn what_is_malformed_is_told_and_the_rest_is_read() {
        let (file, text) = read("USER a\nFORM b\nFROM a as\nENV X\nCOPY a\nSHELL sh\nHEALTHCHECK curl\nRUN\nUSER b\n");
        let lines: Vec<_> = file.malformed.iter().map(|of| text.place(of.span.start).line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(file.instructions.last().unwrap().kind, "USER");
        assert_eq!(read("# nothing\n").0.malformed.len(), 1);
    }

    #[test]
    fn a_backtick_escapes_where_it_was_said() {
        let (file, _) = read("# escape=`\nFROM a\nCOPY a C:\\b\\\nRUN x `\n y\n");
        assert_eq!(file.instructions[1].words('`')[1].text, "C:\\b\\");
        assert_eq!(file.instructions.len(), 3);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(FROM a|RUN|COPY|ENV|ONBUILD|HEALTHCHECK| |CMD|--|\\[|\\]|\"|'|=|,|<<E|\\\\|\n|\u{e9}|\u{2003}){0,40}") {
            let (file, text) = read(&text);
            for instruction in &file.instructions {
                instruction.pairs('\\');
                for word in instruction.words('\\') {
                    prop_assert!(word.span.end as usize <= text.text.len());
                }
            }
        }
    }
}
