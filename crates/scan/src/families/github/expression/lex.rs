//! Words and signs of an expression.

use super::Wrong;
use crate::text::Span;

/// A word or sign.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, in lower case.
    Name(Box<str>),
    Text(Box<str>),
    Number(f64),
    Sign(&'static str),
}

/// Longer signs before the shorter ones that they begin with.
const SIGNS: &[&str] = &["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "[", "]", ".", ",", "*"];

/// Where the `}}` is that closes an expression: not in a quoted text.
pub(super) fn end(text: &str) -> Option<usize> {
    let (bytes, mut quoted) = (text.as_bytes(), false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'}' if !quoted && bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
    }
    None
}

pub(super) fn lex(text: &str) -> Result<Vec<(Token, Span)>, Wrong> {
    let (bytes, mut at, mut out) = (text.as_bytes(), 0, Vec::new());
    while let Some(byte) = bytes.get(at) {
        let start = at;
        let rest = &text[at..];
        let token = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            b'\'' => {
                let (said, length) = quoted(rest).ok_or(Wrong { at, reason: "a quote is not closed" })?;
                at += length;
                Token::Text(said.into())
            }
            b'0'..=b'9' | b'-' | b'+' => {
                let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c));
                let word = &rest[..length.unwrap_or(rest.len())];
                at += word.len();
                Token::Number(number(word).ok_or(Wrong { at: start, reason: "no number" })?)
            }
            b'.' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) && !follows_name(&out) => {
                let length = rest[1..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(rest.len(), |end| end + 1);
                at += length;
                Token::Number(number(&rest[..length]).ok_or(Wrong { at: start, reason: "no number" })?)
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
                let word = &rest[..length.unwrap_or(rest.len())];
                at += word.len();
                Token::Name(word.to_ascii_lowercase().into())
            }
            _ => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
                let sign = sign.ok_or(Wrong { at, reason: "this sign has no meaning here" })?;
                at += sign.len();
                Token::Sign(sign)
            }
        };
        out.push((token, Span::new(start, at)));
    }
    Ok(out)
}

/// Whether a dot belongs to what is before it.
fn follows_name(tokens: &[(Token, Span)]) -> bool {
    matches!(tokens.last(), Some((Token::Name(_) | Token::Sign("]" | ")" | "*"), _)))
}

/// What a quoted text says, and how many bytes it takes; two quotes are one.
fn quoted(text: &str) -> Option<(String, usize)> {
    let (mut said, mut at) = (String::new(), 1);
    loop {
        let end = text.get(at..)?.find('\'')? + at;
        said.push_str(&text[at..end]);
        at = end + 1;
        if text.as_bytes().get(at) != Some(&b'\'') {
            return Some((said, at));
        }
        said.push('\'');
        at += 1;
    }
}

/// A number as GitHub writes it: decimal, `0x`, `0o`, with exponent.
pub(super) fn number(word: &str) -> Option<f64> {
    if let Some(digits) = word.strip_prefix("0x") {
        return u32::from_str_radix(digits, 16).ok().map(f64::from);
    }
    if let Some(digits) = word.strip_prefix("0o") {
        return u32::from_str_radix(digits, 8).ok().map(f64::from);
    }
    let sound = word.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    word.parse().ok().filter(|_| sound)
}
