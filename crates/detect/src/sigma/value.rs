//! Texts of detections: wildcards and escapes, placeholders, dashes of command lines, encodings.

use crate::limits::{MAX_EXPANDED, MAX_EXPANDED_BYTES};
use crate::rule::{Anchor, Part, Pattern};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

/// A piece of a value while modifiers work on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text, or what an encoding made of it.
    Bytes(Vec<u8>),
    /// `*`
    Any,
    /// `?`
    One,
    /// `%name%`
    Placeholder(String),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Piece::Bytes(bytes) => bytes.len(),
            Piece::Placeholder(name) => name.len(),
            Piece::Any | Piece::One => 1,
        }
    }
}

/// A value in pieces.
pub type Value = Vec<Piece>;

/// The dashes that Windows programs take for one another.
pub const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// An encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Little-endian, without a mark.
    Utf16Le,
    /// Big-endian, without a mark.
    Utf16Be,
    /// The mark `FF FE`, then little-endian.
    Utf16,
    /// Base64.
    Base64,
    /// Base64 wherever the text begins in what was encoded.
    Base64Offset,
}

/// Reads a text with wildcards. A backslash before `*`, `?` or a backslash makes it plain (and before `%` where
/// placeholders are looked for); before anything else it is itself.
pub fn parse(text: &str, placeholders: bool) -> Value {
    let mut value = Value::new();
    let mut plain = String::new();
    let mut rest = text.chars();
    let flush = |plain: &mut String, value: &mut Value| {
        if !plain.is_empty() {
            value.push(Piece::Bytes(std::mem::take(plain).into_bytes()));
        }
    };
    while let Some(letter) = rest.next() {
        match letter {
            '\\' => match rest.as_str().chars().next() {
                Some(next) if matches!(next, '*' | '?' | '\\') || (placeholders && next == '%') => {
                    plain.push(next);
                    rest.next();
                }
                _ => plain.push('\\'),
            },
            '*' | '?' => {
                flush(&mut plain, &mut value);
                value.push(if letter == '*' { Piece::Any } else { Piece::One });
            }
            '%' if placeholders => match placeholder(rest.as_str()) {
                Some(name) => {
                    flush(&mut plain, &mut value);
                    value.push(Piece::Placeholder(name.to_owned()));
                    rest = rest.as_str()[name.len() + 1..].chars();
                }
                None => plain.push('%'),
            },
            letter => plain.push(letter),
        }
    }
    flush(&mut plain, &mut value);
    value
}

/// The name before the closing percent sign.
fn placeholder(rest: &str) -> Option<&str> {
    let name = rest.split_once('%')?.0;
    let fine = !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || "_-.".contains(letter));
    fine.then_some(name)
}

/// Puts in the values of placeholders, each with each. The error is what to say.
pub fn expand(value: Value, known: &BTreeMap<String, Vec<String>>) -> Result<Vec<Value>, String> {
    let (mut all, long) = (vec![Value::new()], bytes(std::slice::from_ref(&value)));
    for piece in value {
        let Piece::Placeholder(name) = piece else {
            append(&mut all, &piece);
            continue;
        };
        let choices: Vec<Value> = match known.get(&name) {
            Some(values) if !values.is_empty() => values.iter().map(|value| parse(value, false)).collect(),
            Some(_) => return Err(format!("the placeholder %{name}% has no values")),
            None => return Err(format!("the placeholder %{name}% is not known: give its values by --placeholders")),
        };
        all = product(all, &choices, long)?;
    }
    Ok(all)
}

/// Writes each dash that begins a word as each of the five: `-f` and `/f`, but not the second dash of `-no-exit`.
pub fn windash(value: Value) -> Result<Vec<Value>, String> {
    let (mut all, long) = (vec![Value::new()], bytes(std::slice::from_ref(&value)));
    for piece in merge(value) {
        let Piece::Bytes(bytes) = &piece else {
            append(&mut all, &piece);
            continue;
        };
        let text = String::from_utf8_lossy(bytes);
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let (mut before, mut start) = (None, 0);
        for (at, letter) in text.char_indices() {
            let end = at + letter.len_utf8();
            let begins = !before.is_some_and(is_word) && text[end..].chars().next().is_some_and(is_word);
            if DASHES.contains(&letter) && begins {
                let choices = DASHES.map(|dash| vec![Piece::Bytes(format!("{}{dash}", &text[start..at]).into_bytes())]);
                all = product(all, &choices, long)?;
                start = end;
            }
            before = Some(letter);
        }
        if start < text.len() {
            append(&mut all, &Piece::Bytes(text[start..].as_bytes().to_vec()));
        }
    }
    Ok(all)
}

/// No text follows another.
fn merge(value: Value) -> Value {
    let mut out = Value::new();
    for piece in value {
        match (out.last_mut(), piece) {
            (Some(Piece::Bytes(last)), Piece::Bytes(bytes)) => last.extend(bytes),
            (_, piece) => out.push(piece),
        }
    }
    out
}

/// Puts a piece behind each.
fn append(all: &mut [Value], piece: &Piece) {
    all.iter_mut().for_each(|value| value.push(piece.clone()));
}

/// Each with each. `rest` is how much may still be put behind them.
fn product(all: Vec<Value>, choices: &[Value], rest: usize) -> Result<Vec<Value>, String> {
    let count = all.len() * choices.len();
    if count > MAX_EXPANDED {
        return Err(format!("this value becomes more than {MAX_EXPANDED} patterns (MAX_EXPANDED): split it"));
    }
    fits(bytes(&all) * choices.len() + bytes(choices) * all.len() + count * rest)?;
    let each = all.iter().flat_map(|value| choices.iter().map(move |choice| [value.as_slice(), choice].concat()));
    Ok(each.collect())
}

fn bytes(values: &[Value]) -> usize {
    values.iter().flatten().map(Piece::len).sum()
}

/// The error is what to say when patterns are too long together.
pub fn fits(bytes: usize) -> Result<(), String> {
    match bytes > MAX_EXPANDED_BYTES {
        true => Err(format!(
            "this value becomes patterns of more than {MAX_EXPANDED_BYTES} bytes (MAX_EXPANDED_BYTES): split it"
        )),
        false => Ok(()),
    }
}

/// Encodes a value. The error is what to say.
pub fn encode(value: Value, encoding: Encoding) -> Result<Vec<Value>, String> {
    match encoding {
        Encoding::Base64 => Ok(vec![vec![Piece::Bytes(STANDARD.encode(plain(&value)?).into_bytes())]]),
        Encoding::Base64Offset => base64_offset(&plain(&value)?),
        encoding => {
            let mut out: Value = merge(value).into_iter().map(|piece| utf16(piece, encoding)).collect();
            if encoding == Encoding::Utf16 {
                out.insert(0, Piece::Bytes(vec![0xff, 0xfe]));
            }
            Ok(vec![out])
        }
    }
}

fn utf16(piece: Piece, encoding: Encoding) -> Piece {
    let Piece::Bytes(bytes) = piece else { return piece };
    let text = String::from_utf8_lossy(&bytes);
    let units = text.encode_utf16();
    Piece::Bytes(match encoding {
        Encoding::Utf16Be => units.flat_map(u16::to_be_bytes).collect(),
        _ => units.flat_map(u16::to_le_bytes).collect(),
    })
}

fn plain(value: &Value) -> Result<Vec<u8>, String> {
    let mut all = Vec::new();
    for piece in value {
        match piece {
            Piece::Bytes(bytes) => all.extend_from_slice(bytes),
            _ => return Err("a text with wildcards has no Base64: escape them with \\ or leave them out".to_owned()),
        }
    }
    if all.is_empty() { Err("an empty text has no Base64".to_owned()) } else { Ok(all) }
}

/// What is certain of a text's Base64 when it begins at any byte of three: letters that hold bits of what is around it
/// are left out.
fn base64_offset(bytes: &[u8]) -> Result<Vec<Value>, String> {
    let mut all = Vec::new();
    for shift in 0..3 {
        let padded = [&[0_u8, 0][..shift], bytes].concat();
        let encoded = STANDARD.encode(&padded);
        // A letter holds six bits: the first whole one after the shift, and the last whole one before the end.
        let first = (shift * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        if first < last {
            all.push(vec![Piece::Bytes(encoded.as_bytes()[first..last].to_vec())]);
        }
    }
    if all.len() < 3 { Err("this text is too short to be found in Base64".to_owned()) } else { Ok(all) }
}

/// The pattern of a value. The error is what to say.
pub fn pattern(value: Value, anchor: Anchor, cased: bool) -> Result<Pattern, String> {
    let mut parts: Vec<Part> = Vec::new();
    let mut text: Vec<u8> = Vec::new();
    let before = matches!(anchor, Anchor::End | Anchor::Anywhere).then_some(Piece::Any);
    let after = matches!(anchor, Anchor::Start | Anchor::Anywhere).then_some(Piece::Any);
    for piece in before.into_iter().chain(value).chain(after) {
        let part = match piece {
            Piece::Bytes(bytes) => {
                text.extend(bytes);
                continue;
            }
            Piece::Placeholder(name) => return Err(format!("the placeholder %{name}% was not put in")),
            Piece::Any => Part::Any,
            Piece::One => Part::One,
        };
        flush(&mut text, &mut parts)?;
        if part == Part::One || parts.last() != Some(&Part::Any) {
            parts.push(part);
        }
    }
    flush(&mut text, &mut parts)?;
    Ok(Pattern { parts, cased })
}

fn flush(text: &mut Vec<u8>, parts: &mut Vec<Part>) -> Result<(), String> {
    if !text.is_empty() {
        let text = String::from_utf8(std::mem::take(text));
        let text = text.map_err(|_| "encoded so, this is no text: follow it with base64 or base64offset".to_owned())?;
        parts.push(Part::Text(text));
    }
    Ok(())
}
