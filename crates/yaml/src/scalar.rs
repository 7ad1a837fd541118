//! What a plain scalar means: the core schema of YAML 1.2.

/// What a scalar means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'y> {
    /// A plain `null`, `~` or nothing.
    Null,
    /// A plain `true` or `false`.
    Bool(bool),
    /// A plain integer that 64 bits hold.
    Int(i64),
    /// Another plain number, `.inf` and `.nan` included.
    Float(f64),
    /// Everything else, and everything quoted.
    Text(&'y str),
}

impl<'y> Scalar<'y> {
    /// Whether a scalar that is neither quoted nor a block is nothing.
    pub fn is_null(text: &str) -> bool {
        matches!(text, "" | "~" | "null" | "Null" | "NULL")
    }

    /// What a scalar means that is neither quoted nor a block.
    pub fn of_plain(text: &'y str) -> Scalar<'y> {
        if Scalar::is_null(text) {
            return Scalar::Null;
        }
        match text {
            "true" | "True" | "TRUE" => return Scalar::Bool(true),
            "false" | "False" | "FALSE" => return Scalar::Bool(false),
            ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
            _ => {}
        }
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        // Most are words: what follows is about numbers.
        if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
            return Scalar::Text(text);
        }
        if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
            return Scalar::Float(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
        }
        for (prefix, radix) in [("0o", 8), ("0x", 16)] {
            if let Some(digits) = text.strip_prefix(prefix)
                && !digits.is_empty()
                && digits.bytes().all(|digit| (digit as char).is_digit(radix))
            {
                return i64::from_str_radix(digits, radix).map_or(Scalar::Text(text), Scalar::Int);
            }
        }
        if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            return match text.parse() {
                Ok(int) => Scalar::Int(int),
                Err(_) => text.parse().map_or(Scalar::Text(text), Scalar::Float),
            };
        }
        if is_float(unsigned) { text.parse().map_or(Scalar::Text(text), Scalar::Float) } else { Scalar::Text(text) }
    }
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_float(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let mantissa = match mantissa.split_once('.') {
        Some(("", after)) => digits(after),
        Some((before, after)) => digits(before) && (after.is_empty() || digits(after)),
        None => digits(mantissa),
    };
    mantissa && exponent.is_none_or(digits)
}
