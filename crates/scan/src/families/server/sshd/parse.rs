//! The syntax of `sshd_config`: lines of a keyword and its arguments.

use crate::limits::MAX_SSHD_LINES;
use crate::text::Span;
use crate::tree::Malformed;

/// A line that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The keyword in lower case.
    pub name: String,
    /// Where the keyword is.
    pub at: Span,
    /// Its arguments without quotes.
    pub args: Vec<(String, Span)>,
}

impl Line {
    /// The first argument.
    pub fn arg(&self) -> &str {
        self.args.first().map_or("", |(text, _)| text)
    }

    /// From the keyword to the last argument.
    pub fn span(&self) -> Span {
        self.args.last().map_or(self.at, |(_, last)| self.at.to(*last))
    }

    /// All arguments, with a blank between them.
    pub fn value(&self) -> String {
        self.args.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// The lines of a file, and what is wrong with it first.
pub fn parse(text: &str) -> (Vec<Line>, Option<Malformed>) {
    let (mut out, mut malformed, mut start) = (Vec::new(), None, 0);
    for line in text.split_inclusive('\n') {
        let begin = start;
        start += line.len();
        if out.len() >= MAX_SSHD_LINES {
            let reason = format!("more than {MAX_SSHD_LINES} lines (MAX_SSHD_LINES)");
            malformed.get_or_insert(Malformed { span: Span::new(begin, begin), reason });
            break;
        }
        let (words, closed) = words(line, begin);
        if !closed {
            let reason = "a quote is not closed".to_owned();
            malformed.get_or_insert(Malformed { span: Span::new(begin, begin + line.len()), reason });
        }
        let mut words = words.into_iter();
        if let Some((name, at)) = words.next() {
            out.push(Line { name: name.to_ascii_lowercase(), at, args: words.collect() });
        }
    }
    (out, malformed)
}

/// The words of a line, and whether all quotes are closed. After the keyword there may be an `=`.
fn words(line: &str, begin: usize) -> (Vec<(String, Span)>, bool) {
    let (mut out, mut at, mut closed, mut equals) = (Vec::new(), 0, true, false);
    let bytes = line.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'#' => break,
            b'=' if out.len() == 1 && !equals => {
                equals = true;
                at += 1;
            }
            byte if byte.is_ascii_whitespace() || byte == 0x0c => at += 1,
            0xEF if line[at..].starts_with('\u{feff}') => at += 3,
            b'"' | b'\'' => {
                let quote = char::from(bytes[at]);
                let end = line[at + 1..].find(quote).map(|end| at + 1 + end);
                closed &= end.is_some();
                // One that is not closed goes to the end of the line.
                let last = line.trim_end_matches(['\n', '\r']).len();
                let (end, next) = end.map_or((last, line.len()), |end| (end, end + 1));
                let shown = next.min(last.max(end));
                out.push((line[at + 1..end].to_owned(), Span::new(begin + at, begin + shown)));
                at = next;
            }
            _ => {
                let first = out.is_empty();
                let ends = |c: char| c.is_ascii_whitespace() || (first && c == '=');
                let end = line[at..].find(ends).map_or(line.len(), |end| at + end);
                out.push((line[at..end].to_owned(), Span::new(begin + at, begin + end)));
                at = end;
            }
        }
    }
    (out, closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_those_of_sshd() {
        let (lines, malformed) = parse("# a\n\nPort=22\nBANNER = \"/a b\" # c\n\tAllowUsers a  b\r\nMatch User=x\n");
        let said: Vec<(String, String)> = lines.iter().map(|line| (line.name.clone(), line.value())).collect();
        let is = [("port", "22"), ("banner", "/a b"), ("allowusers", "a b"), ("match", "User=x")];
        assert_eq!(said, is.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(malformed, None);
        assert!(parse("Banner \"x\n").1.is_some());
    }

    proptest! {
        #[test]
        fn spans_are_in_the_text(text in "[a-z =\"'#\r\n\u{e9}\u{3000}]{0,60}") {
            for line in parse(&text).0 {
                let span = line.span();
                prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
            }
        }
    }
}
