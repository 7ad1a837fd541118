//! A Dockerfile's logical lines: parser directives, comments, continuations and here-documents.

use super::mapped::Mapped;
use crate::limits::MAX_UNCLOSED_HEREDOCS as MAX_UNCLOSED;
use crate::text::{Span, Text};
use crate::tree::Malformed;

/// A logical line: an instruction as it is written.
#[derive(Clone, Debug)]
pub struct Line {
    /// All of it after the white space at its beginning, lines put together, without here-documents.
    pub text: Mapped,
    /// From its first byte to the end of its last line or here-document.
    pub span: Span,
    /// Its here-documents in their order.
    pub heredocs: Vec<Heredoc>,
}

/// A here-document.
#[derive(Clone, Debug)]
pub struct Heredoc {
    /// Its delimiter.
    pub name: String,
    /// Variables in it are replaced, as its delimiter is not quoted.
    pub expands: bool,
    /// What it says.
    pub body: Mapped,
}

/// The lines of a file and what its directives say.
#[derive(Clone, Debug)]
pub struct Lines {
    /// The lines.
    pub lines: Vec<Line>,
    /// The character that continues a line: `\` or a backtick.
    pub escape: char,
    /// What is wrong.
    pub malformed: Vec<Malformed>,
    /// Here-documents without an end.
    unclosed: usize,
}

/// A line of the file: where it begins and what it says without its end.
struct Physical<'t> {
    at: usize,
    text: &'t str,
}

fn physical(text: &str) -> Vec<Physical<'_>> {
    let (mut out, mut at) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        out.push(Physical { at, text: line.trim_end_matches(['\n', '\r']) });
        at += line.len();
    }
    out
}

impl Lines {
    /// Reads a file.
    pub fn read(text: &Text) -> Lines {
        let whole: &str = &text.text;
        let begin = if whole.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut physical = physical(whole);
        if let Some(first) = physical.first_mut() {
            first.at = begin.min(first.at + begin);
            first.text = first.text.trim_start_matches('\u{feff}');
        }
        let mut out = Lines { lines: Vec::new(), escape: '\\', malformed: Vec::new(), unclosed: 0 };
        let mut next = out.directives(&physical);
        while next < physical.len() {
            let line = physical[next].text.trim_start();
            if line.is_empty() || line.starts_with('#') {
                out.pragma(&physical[next], line);
                next += 1;
                continue;
            }
            next = out.line(&physical, next);
        }
        out
    }

    /// A comment that names the shell of the base image counts as `SHELL`: hadolint's `# hadolint shell=powershell`.
    fn pragma(&mut self, line: &Physical<'_>, comment: &str) {
        let said = comment.trim_start_matches('#').trim().strip_prefix("hadolint ");
        let Some(shell) = said.and_then(|said| said.trim().strip_prefix("shell=")) else { return };
        let shell = shell.split_whitespace().next().unwrap_or_default();
        if !shell.is_empty() && shell.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) {
            let mut text = Mapped::of("SHELL [\"", line.at);
            text.push(shell, line.at);
            text.push("\"]", line.at);
            let span = Span::new(line.at, line.at + line.text.len());
            self.lines.push(Line { text, span, heredocs: Vec::new() });
        }
    }

    /// Reads the directives at the top; the first line that is none ends them.
    fn directives(&mut self, physical: &[Physical<'_>]) -> usize {
        for (number, line) in physical.iter().enumerate() {
            let directive = line.text.trim_start().strip_prefix('#').and_then(|text| text.split_once('='));
            let Some((name, value)) = directive else { return number };
            let (name, value) = (name.trim(), value.trim());
            match name.to_ascii_lowercase().as_str() {
                "escape" => match value {
                    "\\" => self.escape = '\\',
                    "`" => self.escape = '`',
                    _ => {
                        let reason = "`escape` is either a backslash or a backtick".to_owned();
                        self.malformed.push(Malformed { span: Span::new(line.at, line.at + line.text.len()), reason });
                    }
                },
                "syntax" | "check" => {}
                _ => return number,
            }
        }
        physical.len()
    }

    /// Reads the logical line that begins at a line; returns the number of the line after it.
    fn line(&mut self, physical: &[Physical<'_>], first: usize) -> usize {
        let mut text = Mapped::default();
        let (mut next, mut end) = (first, physical[first].at);
        let lead = physical[first].text.len() - physical[first].text.trim_start().len();
        let start = physical[first].at + lead;
        while let Some(line) = physical.get(next) {
            let skip = if next == first { lead } else { 0 };
            let said = &line.text[skip..];
            next += 1;
            if next - 1 > first && (said.trim().is_empty() || said.trim_start().starts_with('#')) {
                continue;
            }
            end = line.at + line.text.trim_end().len();
            match said.trim_end_matches([' ', '\t']).strip_suffix(self.escape) {
                Some(before) => text.push(before, line.at + skip),
                None => {
                    text.push(said.trim_end(), line.at + skip);
                    break;
                }
            }
        }
        let mut heredocs = Vec::new();
        for (name, expands, strips) in delimiters(&text.text) {
            let from = next;
            let closes = |line: &Physical<'_>| {
                let line = if strips { line.text.trim_start_matches('\t') } else { line.text };
                line == name
            };
            let mut body = Mapped::default();
            // Each that is not closed is looked for to the end of the file: only so many are.
            let unclosed = self.unclosed < MAX_UNCLOSED;
            while let Some(line) = physical.get(next).filter(|line| unclosed && !closes(line)) {
                let said = if strips { line.text.trim_start_matches('\t') } else { line.text };
                let at = line.at + line.text.len() - said.len();
                body.push(said, at);
                body.push("\n", at + said.len());
                next += 1;
            }
            match physical.get(next).filter(|_| unclosed) {
                Some(line) => end = line.at + line.text.len(),
                None => {
                    self.unclosed += 1;
                    let reason = format!("the here-document `{name}` is not closed");
                    self.malformed.push(Malformed { span: text.whole(), reason });
                    // What follows is read as instructions, so that one missing word hides nothing.
                    next = from;
                    break;
                }
            }
            next += 1;
            heredocs.push(Heredoc { name, expands, body });
        }
        self.lines.push(Line { text, span: Span::new(start, end), heredocs });
        next
    }
}

/// The here-documents that an instruction names: the delimiter, whether variables are replaced, whether tabs are taken away.
fn delimiters(text: &str) -> Vec<(String, bool, bool)> {
    let keyword = text.split_ascii_whitespace().find(|word| !word.eq_ignore_ascii_case("ONBUILD")).unwrap_or_default();
    if !["RUN", "COPY", "ADD"].iter().any(|of| keyword.eq_ignore_ascii_case(of)) || !text.contains("<<") {
        return Vec::new();
    }
    let (mut out, mut quote, mut before) = (Vec::new(), None, ' ');
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, '<') if before.is_whitespace() || before.is_ascii_digit() => {
                if let Some(found) = delimiter(rest) {
                    out.push(found);
                }
                rest = rest.trim_start_matches('<');
                before = '<';
                continue;
            }
            _ => {}
        }
        before = character;
        rest = after;
    }
    out
}

fn delimiter(text: &str) -> Option<(String, bool, bool)> {
    let text = text.strip_prefix("<<")?;
    let (strips, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    for quote in ['"', '\''] {
        if let Some((name, _)) = text.strip_prefix(quote).and_then(|text| text.split_once(quote)) {
            return Some((name.to_owned(), false, strips)).filter(|_| !name.is_empty());
        }
    }
    let ends = |character: char| character.is_whitespace() || "<>|&;()'\"".contains(character);
    let name = &text[..text.find(ends).unwrap_or(text.len())];
    (!name.is_empty()).then(|| (name.to_owned(), true, strips))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (Lines, Text) {
        let text = Text::new("Dockerfile", text);
        (Lines::read(&text), text)
    }

    #[test]
    fn lines_are_put_together() {
        let (lines, text) =
            read("# a comment\nFROM a\n\nRUN one \\\n  # said why\n\n  && two \\  \n  && three\nUSER x\n");
        let said: Vec<_> = lines.lines.iter().map(|line| line.text.text.as_str()).collect();
        assert_eq!(said, ["FROM a", "RUN one   && two   && three", "USER x"]);
        let run = &lines.lines[1];
        let at = run.text.text.find("two").unwrap();
        assert_eq!(text.slice(run.text.span(at..at + 3)), "two");
        assert_eq!(text.place(run.text.span(at..at + 3).start).line, 7);
        assert_eq!(text.place(run.span.end).line, 8);
    }

    #[test]
    fn directives_are_only_at_the_top() {
        assert_eq!(read("# escape=`\nFROM a\nRUN x `\n y\n").0.lines[1].text.text, "RUN x  y");
        assert_eq!(read("# syntax=docker/dockerfile:1\n# Escape = `\nRUN x `\n y\n").0.lines[0].text.text, "RUN x  y");
        assert_eq!(read("# hello\n# escape=`\nRUN x \\\n y\n").0.lines[0].text.text, "RUN x  y");
        assert_eq!(read("# escape=/\nFROM a\n").0.malformed.len(), 1);
    }

    #[test]
    fn heredocs_belong_to_their_line() {
        let (lines, text) =
            read("RUN <<EOF bash\necho 1\n# kept\nEOF\nCOPY <<-'A' <<B /x/\n\t\ta\n\tA\nb $x\nB\nUSER a\n");
        let bodies: Vec<_> = lines.lines.iter().flat_map(|line| &line.heredocs).collect();
        let said: Vec<_> = bodies.iter().map(|body| (body.body.text.as_str(), body.expands)).collect();
        assert_eq!(said, [("echo 1\n# kept\n", true), ("a\n", false), ("b $x\n", true)]);
        assert_eq!(text.slice(bodies[1].body.span(0..1)), "a");
        assert_eq!(lines.lines.len(), 3);
        // A shift is no here-document, nor a quoted one, nor a here-string.
        assert_eq!(read("RUN echo $((1<<2)) '<<EOF' \"x <<EOF\" && cat <<<x\nUSER a\n").0.lines.len(), 2);
        let (open, _) = read("RUN cat <<EOF\nUSER a\n");
        assert_eq!((open.lines.len(), open.malformed.len()), (2, 1));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(# escape=`\n)?([A-Z]{1,3} |<<-?'?EO|\\\\\n|`\n|\n|#|'|\"|\t|\u{e9}|EO\n){0,40}") {
            let (lines, text) = read(&text);
            for line in &lines.lines {
                prop_assert!(line.span.end as usize <= text.text.len());
                for (at, character) in line.text.text.char_indices() {
                    prop_assert!(text.text[line.text.byte(at)..].starts_with(character));
                }
            }
        }
    }
}
