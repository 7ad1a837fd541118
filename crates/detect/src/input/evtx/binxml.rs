//! Binary XML to the fields of an event.
//!
//! Places are bytes of the chunk, to which names and templates refer. A template may be named anywhere, also within
//! itself, so depth and the number of tokens of a record are bounded.

use super::{bytes_at, u16_at, u32_at, value};
use crate::event::{PlainEvent, Scalar};
use crate::limits::{MAX_EVENT_BYTES, MAX_XML_DEPTH, MAX_XML_TOKENS};

type Done<T> = Result<T, String>;

/// There is no element that this one depends on.
const NO_DEPENDENCY: u16 = 0xffff;
/// Token, with a bit that says that more follows.
const MORE: u8 = 0x40;

/// The event of a record, whose XML is from here to there.
pub(super) fn event(chunk: &[u8], start: usize, end: usize) -> Done<PlainEvent> {
    let mut walker = Walker {
        chunk,
        event: PlainEvent::default(),
        path: String::new(),
        elements: Vec::new(),
        attribute: None,
        tokens: 0,
        bytes: 0,
    };
    walker.fragment(start, end, None, 0)?;
    while !walker.elements.is_empty() {
        walker.close();
    }
    match walker.event.fields.is_empty() {
        true => Err("it has no fields".to_owned()),
        false => Ok(walker.event),
    }
}

/// What a template is filled with: types and places in the chunk.
type Values = Vec<(u8, usize, usize)>;

/// An element that is open.
struct Element {
    /// The length of the path above it.
    above: usize,
    /// It has attributes that are fields of their own.
    has_attributes: bool,
    has_children: bool,
    /// It depends on a value that is not there.
    hidden: bool,
    text: Vec<Scalar>,
}

struct Walker<'c> {
    chunk: &'c [u8],
    event: PlainEvent,
    path: String,
    elements: Vec<Element>,
    /// The attribute that values belong to, and what came of it.
    attribute: Option<(String, Vec<Scalar>, Option<i64>)>,
    tokens: usize,
    bytes: usize,
}

impl Walker<'_> {
    /// Reads tokens. Values are there within a template alone.
    fn fragment(&mut self, start: usize, end: usize, values: Option<&Values>, depth: usize) -> Done<()> {
        if depth > MAX_XML_DEPTH {
            return Err(format!("templates are nested deeper than {MAX_XML_DEPTH} (MAX_XML_DEPTH)"));
        }
        let end = end.min(self.chunk.len());
        let mut at = start;
        while at < end {
            self.tokens += 1;
            if self.tokens > MAX_XML_TOKENS {
                return Err(format!("it has more than {MAX_XML_TOKENS} tokens (MAX_XML_TOKENS)"));
            }
            let token = self.chunk[at];
            at += 1;
            match token & !MORE {
                0x00 => return Ok(()),
                0x01 => at = self.open(at, token & MORE != 0, values)?,
                0x02 => self.flush_attribute(),
                0x03 | 0x04 => {
                    self.flush_attribute();
                    self.close();
                }
                0x05 => at = self.text_value(at)?,
                0x06 => {
                    self.flush_attribute();
                    let (name, next) = self.name(at)?;
                    self.attribute = Some((name, Vec::new(), None));
                    at = next;
                }
                0x07 => at = self.counted(at, true)?,
                0x08 => {
                    let code = u16_at(self.chunk, at).ok_or_else(cut)?;
                    self.text(char::from_u32(code.into()).unwrap_or(char::REPLACEMENT_CHARACTER).to_string())?;
                    at += 2;
                }
                0x09 => {
                    let (name, next) = self.name(at)?;
                    self.text(entity(&name))?;
                    at = next;
                }
                0x0a => at = self.name(at)?.1,
                0x0b => at = self.counted(at, false)?,
                0x0c => at = self.template(at, end, depth)?,
                0x0d | 0x0e => {
                    let index = u16_at(self.chunk, at).ok_or_else(cut)?;
                    at += 3;
                    if let Some((kind, from, to)) = values.and_then(|values| values.get(usize::from(index))).copied() {
                        self.substitute(kind, from, to, depth)?;
                    }
                }
                0x0f => at += 3,
                _ => return Err(format!("byte {} of the chunk has no known token", at - 1)),
            }
        }
        Ok(())
    }

    fn open(&mut self, mut at: usize, has_list: bool, values: Option<&Values>) -> Done<usize> {
        self.flush_attribute();
        let mut hidden = self.elements.last().is_some_and(|element| element.hidden);
        // Within a template an element may depend on a value.
        if let Some(values) = values {
            let depends = u16_at(self.chunk, at).ok_or_else(cut)?;
            let on = values.get(usize::from(depends));
            hidden |= depends != NO_DEPENDENCY && on.is_some_and(|(kind, ..)| *kind == value::NULL);
            at += 2;
        }
        let (name, next) = self.name(at + 4)?;
        if self.elements.len() >= MAX_XML_DEPTH {
            return Err(format!("elements are nested deeper than {MAX_XML_DEPTH} (MAX_XML_DEPTH)"));
        }
        if let Some(parent) = self.elements.last_mut() {
            parent.has_children = true;
        }
        let above = self.path.len();
        if above > 0 {
            self.path.push('.');
        }
        self.path.push_str(&name);
        self.elements.push(Element { above, has_attributes: false, has_children: false, hidden, text: Vec::new() });
        Ok(if has_list { next + 4 } else { next })
    }

    fn close(&mut self) {
        let Some(element) = self.elements.pop() else { return };
        if !element.hidden {
            let length = self.path.len();
            if element.has_attributes {
                self.path.push_str(".#text");
            }
            if element.text.is_empty() && !element.has_children && !element.has_attributes {
                self.push(Scalar::Null);
            }
            for value in element.text {
                // Line ends between elements are no text.
                let blank = matches!(&value, Scalar::Text(text) if text.trim().is_empty());
                if !(blank && element.has_children) {
                    self.push(value);
                }
            }
            self.path.truncate(length);
        }
        self.path.truncate(element.above);
    }

    fn push(&mut self, value: Scalar) {
        self.event.fields.push((self.path.clone(), value));
    }

    /// Ends the attribute that is open.
    fn flush_attribute(&mut self) {
        let Some((name, mut values, time)) = self.attribute.take() else { return };
        let Some(element) = self.elements.last_mut() else { return };
        if element.hidden || values.is_empty() || name == "xmlns" || name.starts_with("xmlns:") {
            return;
        }
        let length = self.path.len();
        // The elements of EventData bear the name that they say.
        if let (true, "Data", Scalar::Text(text)) =
            (name == "Name", &self.path[self.path.rfind('.').map_or(0, |at| at + 1)..], &values[0])
        {
            let text = text.clone();
            self.path.truncate(element.above);
            self.path.push('.');
            self.path.push_str(&text);
            return;
        }
        element.has_attributes = true;
        if let Some(time) = time.filter(|_| name == "SystemTime" && self.path == "Event.System.TimeCreated") {
            self.event.timestamp = Some(time);
        }
        self.path.push_str(".#attributes.");
        self.path.push_str(&name);
        for value in values.drain(..) {
            self.push(value);
        }
        self.path.truncate(length);
    }

    fn counted(&mut self, at: usize, is_text: bool) -> Done<usize> {
        let length = usize::from(u16_at(self.chunk, at).ok_or_else(cut)?) * 2;
        let bytes = bytes_at(self.chunk, at + 2, length).ok_or_else(cut)?;
        if is_text {
            self.text(value::utf16(bytes))?;
        }
        Ok(at + 2 + length)
    }

    /// A value that stands in the XML itself: always a text, though others are defined.
    fn text_value(&mut self, at: usize) -> Done<usize> {
        match self.chunk.get(at) {
            Some(1) => self.counted(at + 1, true),
            _ => Err(format!("byte {at} of the chunk has a value that is no text")),
        }
    }

    /// Adds text to what is open, joined to text before it.
    fn text(&mut self, text: String) -> Done<()> {
        self.count(text.len())?;
        let values = match (&mut self.attribute, self.elements.last_mut()) {
            (Some((_, values, _)), _) => values,
            (None, Some(element)) => &mut element.text,
            (None, None) => return Ok(()),
        };
        match values.last_mut() {
            Some(Scalar::Text(before)) => before.push_str(&text),
            Some(other) => {
                let before = other.text().unwrap_or_default().into_owned();
                *other = Scalar::Text(before + &text);
            }
            None => values.push(Scalar::Text(text)),
        }
        Ok(())
    }

    fn count(&mut self, bytes: usize) -> Done<()> {
        self.bytes += bytes + self.path.len();
        match self.bytes > MAX_EVENT_BYTES {
            true => Err(format!("it has more than {MAX_EVENT_BYTES} bytes (MAX_EVENT_BYTES)")),
            false => Ok(()),
        }
    }

    /// Puts a value where a template says.
    fn substitute(&mut self, kind: u8, from: usize, to: usize, depth: usize) -> Done<()> {
        if kind == value::BINXML {
            return self.fragment(from, to, None, depth + 1);
        }
        let bytes = &self.chunk[from..to];
        self.count(bytes.len())?;
        let mut read = Vec::new();
        value::read(kind, bytes, &mut read);
        let values = match (&mut self.attribute, self.elements.last_mut()) {
            (Some((_, values, time)), _) => {
                *time = value::time(kind, bytes);
                values
            }
            (None, Some(element)) => &mut element.text,
            (None, None) => return Ok(()),
        };
        match (values.last_mut(), read.as_slice()) {
            // Text, then a value: one text.
            (Some(Scalar::Text(before)), [only]) => before.push_str(&only.text().unwrap_or_default()),
            _ => values.extend(read),
        }
        Ok(())
    }

    /// A template and what it is filled with.
    fn template(&mut self, at: usize, end: usize, depth: usize) -> Done<usize> {
        let definition = u32_at(self.chunk, at + 5).ok_or_else(cut)? as usize;
        let length = u32_at(self.chunk, definition.saturating_add(20)).ok_or_else(cut)? as usize;
        let body = definition + 24;
        let mut at = at + 9;
        // The first record that uses a template holds it.
        if at == definition {
            at = body.checked_add(length).ok_or_else(cut)?;
        }
        let count = u32_at(self.chunk, at).ok_or_else(cut)? as usize;
        at += 4;
        let heads = bytes_at(self.chunk, at, count.checked_mul(4).ok_or_else(cut)?).ok_or_else(cut)?;
        at += heads.len();
        let mut values = Values::with_capacity(count);
        for head in heads.chunks_exact(4) {
            let next = at + usize::from(u16::from_le_bytes([head[0], head[1]]));
            if next > end {
                return Err(cut());
            }
            values.push((head[2], at, next));
            at = next;
        }
        self.fragment(body, body.saturating_add(length), Some(&values), depth + 1)?;
        Ok(at)
    }

    /// A name, and where it goes on: behind it when the name stands here for the first time.
    fn name(&self, at: usize) -> Done<(String, usize)> {
        let place = u32_at(self.chunk, at).ok_or_else(cut)? as usize;
        let units = usize::from(u16_at(self.chunk, place.saturating_add(6)).ok_or_else(cut)?);
        let bytes = bytes_at(self.chunk, place + 8, units * 2).ok_or_else(cut)?;
        let next = at + 4;
        Ok((value::utf16(bytes), if place == next { place + 8 + units * 2 + 2 } else { next }))
    }
}

fn cut() -> String {
    "it ends too early".to_owned()
}

fn entity(name: &str) -> String {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return format!("&{name};"),
    }
    .to_owned()
}
