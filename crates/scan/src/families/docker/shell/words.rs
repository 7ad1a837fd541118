//! Words: quotes, escapes, variables, substitutions, redirects.

use super::parse::Parser;
use super::{Redirect, Word};

/// Characters that end a word.
const ENDS: &[char] = &[' ', '\t', '\r', '\n', ';', '&', '|', '<', '>', '(', ')'];

impl Parser<'_> {
    /// Reads a word; none where there is none.
    pub(super) fn word(&mut self) -> Option<Word> {
        let (start, mut word) = (self.at, Word::default());
        while let Some(character) = self.peek() {
            match character {
                '<' | '>' if self.rest()[1..].starts_with('(') && self.at == start => {
                    // Process substitution.
                    self.at += 2;
                    self.nested(')');
                    self.unknown(&mut word, start);
                }
                '(' if self.at > start && self.text.text[..self.at].ends_with(['?', '*', '+', '@', '!', '=']) => {
                    // A pattern of bash, or an array.
                    self.skip_to_closing('(', ')');
                    self.unknown(&mut word, start);
                }
                end if ENDS.contains(&end) => break,
                _ => self.part(&mut word, false),
            }
        }
        if self.at == start {
            return None;
        }
        word.span = self.text.span(start..self.at);
        Some(word)
    }

    /// Reads one character of a word, or what is quoted or replaced as a whole; always goes on.
    fn part(&mut self, word: &mut Word, within_quotes: bool) {
        let start = self.at;
        let Some(character) = self.take() else { return };
        match character {
            '\\' => {
                let Some(next) = self.take() else { return };
                if next == '\n' {
                    return;
                }
                if within_quotes && !matches!(next, '$' | '`' | '"' | '\\') {
                    self.keep(word, start);
                } else {
                    self.keep(word, self.at - next.len_utf8());
                }
            }
            '\'' if !within_quotes => {
                let end = self.rest().find('\'').unwrap_or(self.rest().len());
                let from = self.at;
                self.at += end;
                self.keep(word, from);
                self.close('\'', start);
                word.quoted = true;
            }
            '"' if !within_quotes => {
                word.quoted = true;
                while self.peek().is_some_and(|next| next != '"') {
                    self.part(word, true);
                }
                self.close('"', start);
            }
            '`' => {
                let inner = self.at;
                while self.peek().is_some_and(|next| next != '`') {
                    if self.take() == Some('\\') {
                        self.take();
                    }
                }
                let text = self.text.slice(inner..self.at);
                self.close('`', start);
                self.inner_script(&text);
                self.unknown(word, start);
            }
            '$' => self.dollar(word, start, within_quotes),
            _ => self.keep(word, start),
        }
    }

    fn dollar(&mut self, word: &mut Word, start: usize, within_quotes: bool) {
        let rest = self.rest();
        if rest.starts_with("((") {
            self.skip_to_closing('(', ')');
            return self.unknown(word, start);
        }
        match rest.chars().next() {
            Some('(') => {
                self.at += 1;
                self.nested(')');
            }
            Some('{') => self.skip_to_closing('{', '}'),
            Some('\'') if !within_quotes => {
                self.at += 1;
                let end = self.rest().find('\'').unwrap_or(self.rest().len());
                self.at += end;
                self.close('\'', start);
            }
            Some('"') if !within_quotes => return,
            Some(name) if name.is_ascii_alphabetic() || name == '_' => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                self.at += end;
            }
            Some(special) if special.is_ascii_digit() || "@*#?-$!".contains(special) => self.at += 1,
            _ => return self.keep(word, start),
        }
        self.unknown(word, start);
    }

    /// What is from a byte to here belongs to the word as it is.
    fn keep(&self, word: &mut Word, from: usize) {
        let text = &self.text.text[from..self.at];
        word.value.push(text);
        word.raw.push(text, self.text.byte(from));
    }

    /// What is from a byte to here only running it would tell, unless the build's variables are known.
    fn unknown(&self, word: &mut Word, from: usize) {
        word.value.append(&super::Value::unknown());
        // Piece by piece, as a line may be continued in it.
        let said = self.text.slice(from..self.at);
        for (at, character) in said.text.char_indices() {
            word.raw.push(&said.text[at..at + character.len_utf8()], said.byte(at));
        }
    }

    fn close(&mut self, quote: char, opened: usize) {
        if self.peek() == Some(quote) {
            self.at += quote.len_utf8();
        } else {
            self.refuse(opened, format!("the quote {quote} is not closed"));
        }
    }

    /// Skips what is between an opening and its closing; quotes count.
    pub(super) fn skip_to_closing(&mut self, open: char, close: char) {
        let (start, mut depth) = (self.at, 0usize);
        while let Some(character) = self.take() {
            match character {
                '\\' => {
                    self.take();
                }
                '\'' if open == '(' => {
                    let end = self.rest().find('\'').map_or(0, |end| end + 1);
                    self.at += end;
                }
                of if of == open => depth += 1,
                of if of == close => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return;
                    }
                }
                _ => {}
            }
        }
        self.refuse(start, format!("`{open}` is not closed"));
    }

    /// Reads a redirect, with the number before it; none where there is none.
    pub(super) fn redirect(&mut self) -> Option<Redirect> {
        let start = self.at;
        let digits = self.rest().find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
        let after = &self.rest()[digits..];
        let after = after.strip_prefix('&').filter(|rest| digits == 0 && rest.starts_with('>')).unwrap_or(after);
        let operators = ["<<<", "<<-", "<<", "<>", "<&", ">>", ">&", ">|", "<", ">"];
        let operator = operators.into_iter().find(|operator| after.starts_with(operator))?;
        if matches!(operator, "<" | ">") && after[1..].starts_with('(') && digits == 0 {
            return None;
        }
        self.at = self.text.text.len() - after.len() + operator.len();
        let operator_text = self.text.text[start..self.at].to_owned();
        self.blanks();
        let target = self.word().unwrap_or_default();
        if matches!(operator, "<<" | "<<-") {
            self.heredocs.push((target.raw.text.clone(), operator == "<<-"));
        }
        Some(Redirect { operator: operator_text, target })
    }
}
