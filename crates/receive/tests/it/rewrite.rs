//! The same message written in another way that protobuf allows.

/// What a field is, where that matters for rewriting it.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// A message that may come in pieces.
    One(&'static str),
    /// Each occurrence is a message of its own.
    Many(&'static str),
    /// Packed numbers of eight bytes.
    Fixed,
    /// Packed varints.
    Varints,
    /// Anything else.
    Plain,
}

fn kind(message: &str, field: u32) -> Kind {
    use Kind::{Fixed, Many, One, Varints};
    match (message, field) {
        ("logs", 1) => Many("resource_logs"),
        ("resource_logs", 2) => Many("scope_logs"),
        ("scope_logs", 2) => Many("log"),
        ("traces", 1) => Many("resource_spans"),
        ("resource_spans", 2) => Many("scope_spans"),
        ("scope_spans", 2) => Many("span"),
        ("metrics", 1) => Many("resource_metrics"),
        ("resource_metrics", 2) => Many("scope_metrics"),
        ("scope_metrics", 2) => Many("metric"),
        ("resource_logs" | "resource_spans" | "resource_metrics", 1) => One("resource"),
        ("scope_logs" | "scope_spans" | "scope_metrics", 1) => One("scope"),
        ("resource", 1) | ("scope", 3) | ("log", 6) | ("span", 9) | ("metric", 12) => Many("pair"),
        ("event", 3) | ("link", 4) | ("exemplar", 7) | ("map", 1) => Many("pair"),
        ("number" | "summary_point", 7) | ("histogram_point", 9) | ("exponential_point", 1) => Many("pair"),
        ("resource", 3) => Many("entity"),
        ("log", 5) | ("pair", 2) => One("any"),
        ("any", 5) => One("list"),
        ("any", 6) => One("map"),
        ("list", 1) => Many("any"),
        ("span", 11) => Many("event"),
        ("span", 13) => Many("link"),
        ("span", 15) => One("status"),
        ("metric", 5 | 7) => One("numbers"),
        ("metric", 9) => One("histogram"),
        ("metric", 10) => One("exponential"),
        ("metric", 11) => One("summary"),
        ("numbers", 1) => Many("number"),
        ("histogram", 1) => Many("histogram_point"),
        ("exponential", 1) => Many("exponential_point"),
        ("summary", 1) => Many("summary_point"),
        ("number", 5) | ("histogram_point", 8) | ("exponential_point", 11) => Many("exemplar"),
        ("exponential_point", 8 | 9) => One("buckets"),
        ("summary_point", 6) => Many("quantile"),
        ("histogram_point", 6 | 7) => Fixed,
        ("buckets", 2) => Varints,
        _ => Kind::Plain,
    }
}

/// One field: its number, its wire type, its value without length.
#[derive(Clone)]
struct Field {
    number: u32,
    wire: u8,
    value: Vec<u8>,
}

/// The same choices for the same seed.
pub struct Dice(pub u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

pub fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A varint may be longer than it needs to be.
fn long_varint(number: u64, out: &mut Vec<u8>) {
    varint(number, out);
    if let Some(last) = out.last_mut() {
        *last |= 0x80;
    }
    out.push(0);
}

fn read_varint(bytes: &[u8], at: &mut usize) -> u64 {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes[*at];
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

fn split(bytes: &[u8]) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let tag = read_varint(bytes, &mut at);
        let start = at;
        let (start, end) = match tag & 7 {
            0 => {
                read_varint(bytes, &mut at);
                (start, at)
            }
            1 => (start, start + 8),
            2 => {
                let length = read_varint(bytes, &mut at) as usize;
                (at, at + length)
            }
            _ => (start, start + 4),
        };
        fields.push(Field { number: (tag >> 3) as u32, wire: (tag & 7) as u8, value: bytes[start..end].to_vec() });
        at = end;
    }
    fields
}

/// Writes a message in another way.
pub fn rewrite(message: &str, bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut fields = Vec::new();
    for field in split(bytes) {
        match kind(message, field.number) {
            Kind::Many(inner) => fields.push(Field { value: rewrite(inner, &field.value, dice), ..field }),
            Kind::One(inner) => pieces(inner, &field, dice, &mut fields),
            Kind::Fixed => unpacked(&field, 1, dice, &mut fields),
            Kind::Varints => unpacked(&field, 0, dice, &mut fields),
            Kind::Plain => {
                // Of a number that is there twice the last counts.
                if field.wire != 2 && dice.below(4) == 0 {
                    let zero = if field.wire == 0 { vec![0] } else { vec![0; field.value.len()] };
                    fields.push(Field { value: zero, ..field.clone() });
                }
                fields.push(field);
            }
        }
    }
    join(fields, dice)
}

fn pieces(message: &str, field: &Field, dice: &mut Dice, out: &mut Vec<Field>) {
    let mut rest = split(&field.value);
    // Values of which the last counts may not change places, but messages may be cut anywhere.
    while dice.below(3) == 0 {
        let tail = rest.split_off(dice.below(rest.len() + 1));
        let piece: Vec<u8> = rest.iter().flat_map(plain).collect();
        out.push(Field { value: rewrite(message, &piece, dice), ..*field });
        rest = tail;
    }
    let piece: Vec<u8> = rest.iter().flat_map(plain).collect();
    out.push(Field { value: rewrite(message, &piece, dice), number: field.number, wire: field.wire });
}

fn plain(field: &Field) -> Vec<u8> {
    let mut out = Vec::new();
    varint(u64::from(field.number) << 3 | u64::from(field.wire), &mut out);
    if field.wire == 2 {
        varint(field.value.len() as u64, &mut out);
    }
    out.extend_from_slice(&field.value);
    out
}

/// Packed numbers one by one, or in several packs.
fn unpacked(field: &Field, wire: u8, dice: &mut Dice, out: &mut Vec<Field>) {
    let mut at = 0;
    while at < field.value.len() {
        let start = at;
        if wire == 1 {
            at += 8;
        } else {
            read_varint(&field.value, &mut at);
        }
        let wire = if dice.below(2) == 0 { wire } else { 2 };
        out.push(Field { number: field.number, wire, value: field.value[start..at].to_vec() });
    }
}

/// Fields of different numbers change places, and fields that nobody knows come between.
fn join(fields: Vec<Field>, dice: &mut Dice) -> Vec<u8> {
    let mut queues: Vec<Vec<Field>> = Vec::new();
    for field in fields {
        match queues.iter_mut().find(|queue| queue[0].number == field.number) {
            Some(queue) => queue.push(field),
            None => queues.push(vec![field]),
        }
    }
    let mut out = Vec::new();
    while !queues.is_empty() {
        if dice.below(4) == 0 {
            unknown(dice, &mut out, 0);
        }
        let at = dice.below(queues.len());
        let field = queues[at].remove(0);
        if queues[at].is_empty() {
            queues.remove(at);
        }
        let number = if dice.below(8) == 0 { long_varint } else { varint };
        number(u64::from(field.number) << 3 | u64::from(field.wire), &mut out);
        if field.wire == 2 {
            number(field.value.len() as u64, &mut out);
        }
        out.extend_from_slice(&field.value);
    }
    out
}

/// A field of any wire type that OTLP does not have.
fn unknown(dice: &mut Dice, out: &mut Vec<u8>, depth: usize) {
    let number = [100, 19_000, 536_870_911][dice.below(3)] << 3;
    match dice.below(if depth < 3 { 5 } else { 4 }) {
        0 => {
            varint(number, out);
            varint(u64::MAX, out);
        }
        1 => {
            varint(number | 1, out);
            out.extend([0xff; 8]);
        }
        2 => {
            varint(number | 2, out);
            varint(5, out);
            out.extend(b"\x0a\x03\xff\xff\xff");
        }
        3 => {
            varint(number | 5, out);
            out.extend([0xff; 4]);
        }
        _ => {
            varint(number | 3, out);
            (0..dice.below(3)).for_each(|_| unknown(dice, out, depth + 1));
            varint(number | 4, out);
        }
    }
}
