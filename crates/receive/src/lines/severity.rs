//! Level words and numbers to OpenTelemetry's severity numbers (1 to 24).

/// Longest level kept as severity; a longer "level" stays an attribute.
pub(crate) const MAX_LEVEL_BYTES: usize = 32;

/// The number of a level word, whatever its case. `None` for words that name no level.
pub(crate) fn from_word(word: &str) -> Option<i32> {
    let mut lower = [0u8; 16];
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    Some(match &*lower {
        b"trace" | b"trc" | b"finest" | b"verbose" | b"silly" => 1,
        b"finer" => 2,
        b"debug" | b"dbg" | b"fine" => 5,
        b"info" | b"information" | b"informational" | b"inf" | b"config" => 9,
        b"notice" => 10,
        b"warn" | b"warning" | b"wrn" => 13,
        b"error" | b"err" | b"severe" => 17,
        b"crit" => 18,
        b"alert" => 19,
        b"fatal" | b"ftl" | b"critical" | b"panic" | b"emerg" | b"emergency" | b"dpanic" => 21,
        _ => return None,
    })
}

/// The number of a numeric level: 0 to 7 are syslog's (as in GELF), 10 to 60 those of bunyan and pino.
pub(crate) fn from_number(level: i64) -> Option<i32> {
    Some(match level {
        0..=7 => SYSLOG[usize::try_from(level).ok()?].1,
        10 => 1,
        20 => 5,
        30 => 9,
        40 => 13,
        50 => 17,
        60 => 21,
        _ => return None,
    })
}

/// Syslog's keyword for each severity and OpenTelemetry's number for it.
pub(crate) const SYSLOG: [(&str, i32); 8] = [
    ("emerg", 21),
    ("alert", 19),
    ("crit", 18),
    ("err", 17),
    ("warning", 13),
    ("notice", 10),
    ("info", 9),
    ("debug", 5),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers() {
        let words = [
            ("INFO", Some(9)),
            ("Warning", Some(13)),
            ("err", Some(17)),
            ("FATAL", Some(21)),
            ("hello", None),
            ("", None),
        ];
        for (word, number) in words {
            assert_eq!(from_word(word), number, "{word}");
        }
        assert_eq!(from_word(&"x".repeat(1000)), None);
        for (level, number) in [(0, Some(21)), (3, Some(17)), (30, Some(9)), (-1, None), (i64::MAX, None)] {
            assert_eq!(from_number(level), number, "{level}");
        }
    }
}
