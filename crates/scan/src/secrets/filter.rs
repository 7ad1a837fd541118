//! What is no secret although it stands where one could: placeholders, references, words, numbers that count.

/// Shannon entropy in bits a byte.
pub fn entropy(value: &[u8]) -> f32 {
    let mut counts = [0_u32; 256];
    for byte in value {
        counts[usize::from(*byte)] += 1;
    }
    let all = value.len() as f32;
    counts.iter().filter(|count| **count > 0).map(|count| *count as f32 / all).map(|part| -part * part.log2()).sum()
}

/// How common it is in words that a letter (row) is followed by another (column), from 0 to 9: 4 is as common as by chance.
/// Counted over the distinct words of technical prose.
const PAIRS: [&[u8; 26]; 26] = [
    b"04540130402646050657220030",
    b"61306100720711600552600040",
    b"60316006405410710436400010",
    b"62148220700311500451410020",
    b"41563320100446031764021400",
    b"50116610800622700533500030",
    b"50218045600436400653500010",
    b"81028100600141600424300020",
    b"43544340000448630356040104",
    b"61218111513111722171512111",
    b"42249230700334301373311010",
    b"60147100700600610034410060",
    b"74118100600140560042500020",
    b"50566370501102410067330010",
    b"22440230302458350754534000",
    b"70117003500600650745400010",
    b"21221111111111111321912111",
    b"60338120602233610554410030",
    b"40407105601321440058501030",
    b"60218004700300510653300040",
    b"44424320500657140666000000",
    b"70209000700010400111000000",
    b"71216205700306600653001000",
    b"54547313600121370137111220",
    b"44324311501446570466132012",
    b"51039000601230400030300043",
];

/// How much of a value is words, in hundredths. A random value has few letters in a row that words have in a row, so that it
/// takes many tokens of a language model for its length; this is the same measure without the model.
pub fn words(value: &[u8]) -> u32 {
    let (mut covered, mut at) = (0, 0);
    while at < value.len() {
        let run = word_end(value, at);
        if run.len() >= 3 {
            let pairs = value[run.clone()].windows(2).map(|pair| pair_score(pair[0], pair[1])).sum::<u32>();
            // Short runs are words by accident more often.
            let least = if run.len() >= 5 { 45 } else { 50 };
            if pairs * 10 >= least * (run.len() as u32 - 1) {
                covered += run.len();
            }
        }
        at = run.end.max(at + 1);
    }
    (covered * 100 / value.len().max(1)) as u32
}

/// The letters of one case from a byte on; the first may be a capital.
fn word_end(value: &[u8], at: usize) -> std::ops::Range<usize> {
    let upper = |at: usize| value.get(at).is_some_and(u8::is_ascii_uppercase);
    let lower = |at: usize| value.get(at).is_some_and(u8::is_ascii_lowercase);
    let mut end = at;
    if upper(at) && !lower(at + 1) {
        while upper(end) {
            end += 1;
        }
    } else {
        end += usize::from(upper(at));
        while lower(end) {
            end += 1;
        }
    }
    at..end
}

fn pair_score(a: u8, b: u8) -> u32 {
    let index = |byte: u8| usize::from(byte.to_ascii_lowercase().wrapping_sub(b'a'));
    PAIRS.get(index(a)).and_then(|row| row.get(index(b))).map_or(0, |digit| u32::from(digit - b'0'))
}

/// Parts of values that nobody uses.
const PLACEHOLDERS: &[&str] = &[
    "example",
    "changeme",
    "change_me",
    "change-me",
    "changeit",
    "placeholder",
    "dummy",
    "redacted",
    "xxxx",
    "****",
    "....",
    "____",
    "----",
    "your_",
    "your-",
    "yourpass",
    "yoursecret",
    "yourtoken",
    "yourapi",
    "yourkey",
    "<",
    ">",
    "insert",
    "replace",
    "fixme",
    "todo",
    "foobar",
    "notreal",
    "not_real",
    "not-real",
    "deadbeef",
    "123456",
    "abcdef",
    "fedcba",
    "987654",
    "012345",
    "testtest",
    "lorem",
    "sanitized",
    "masked",
    "removed",
    "hidden",
    "censored",
    "invalid",
    "\u{2026}",
    "sample",
    "0000000",
    "1111111",
    "\\x",
    "\\u",
    "%s",
    "%v",
    "%d",
    "{}",
    "...",
];

/// The documented example keys of vendors that hold none of the words above, as the ends of them.
const DOCUMENTED: &[&str] = &[
    "K7MDENG/bPxRfiCY",
    "4eC39HqLyjWDarjtT1zdp7dc",
    "TYooMQauvdEDq54NiTphI7jx",
    "MnPtjzXLcSMVNu",
    "vF9dft4qmTc2Nvb3RlckB",
    // The account of the storage emulator.
    "Eby8vdM02xNOcqF",
    // Clients of RFC 6749, and of everything that implements it.
    "czZCaGRSa3F0Mz",
    "QWxhZGRpbjpvcGVu",
];

/// Whether a value stands for one. `chosen`: a person may have chosen it, so that a few words alone make none.
pub fn placeholder(value: &[u8], chosen: bool) -> bool {
    if value.len() > 1024 {
        return false;
    }
    let Ok(text) = std::str::from_utf8(value) else { return false };
    if DOCUMENTED.iter().any(|known| text.contains(known)) {
        return true;
    }
    let lower = text.to_ascii_lowercase();
    let known = |known: &&&str| lower.contains(**known) && (value.len() < 400 || known.len() > 4);
    PLACEHOLDERS.iter().find(known).is_some() || monotonous(value, chosen)
}

/// Whether characters repeat or count: all the same, a short part again and again, long runs.
fn monotonous(value: &[u8], chosen: bool) -> bool {
    let longest = |next: fn(u8, u8) -> bool| {
        let (mut longest, mut run) = (1, 1);
        for pair in value.windows(2) {
            run = if next(pair[0], pair[1]) { run + 1 } else { 1 };
            longest = longest.max(run);
        }
        longest
    };
    let allowed = if chosen { 4 } else { 6 };
    let repeats = longest(|a, b| a == b) >= allowed + value.len() / 40;
    let counts = longest(|a, b| b == a.wrapping_add(1) && b.is_ascii_alphanumeric()) >= allowed + value.len() / 40;
    let part = (1..=value.len() / 3).take(16).any(|part| value[part..].iter().zip(value).all(|(a, b)| a == b));
    let mut seen = [false; 256];
    value.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    let distinct = seen.iter().filter(|seen| **seen).count();
    repeats || counts || part || distinct < 4 || (value.len() >= 16 && distinct < 6)
}

/// Words that make no password however they are joined, and what stands for a secret in prose and tests.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "passphrase",
    "passwd",
    "secret",
    "token",
    "apikey",
    "credential",
    "private",
    "public",
    "access",
    "pass",
    "admin",
    "user",
    "root",
    "test",
    "demo",
    "guest",
    "login",
    "string",
    "value",
    "none",
    "null",
    "true",
    "false",
    "undefined",
    "default",
    "empty",
    "required",
    "optional",
    "unknown",
    "auth",
    "key",
    "my",
    "the",
    "new",
    "old",
    "some",
    "this",
    "super",
    "foo",
    "bar",
    "baz",
    "qux",
    "fake",
    "mock",
    "dev",
    "local",
    "qwerty",
    "welcome",
    "letmein",
    "hello",
    "world",
    "correct",
    "horse",
    "wrong",
    "bad",
    "good",
    "bearer",
    "basic",
    "digest",
    "client",
    "server",
    "id",
    "api",
    "abc",
    "xyz",
    "123",
    "321",
    "456",
];

/// Whether nothing but common words, digits and what joins them is in it.
pub fn common(value: &[u8]) -> bool {
    let mut rest = String::from_utf8_lossy(value).to_ascii_lowercase();
    for word in COMMON {
        if rest.contains(word) {
            rest = rest.replace(word, "");
        }
    }
    let left = rest.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    left < 3 && digits < 5
}

/// Whether a value says where another one is, or is code: a variable, a call, a path, an address, a template.
pub fn reference(value: &[u8], quoted: bool) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return true };
    let starts = [
        "$",
        "%(",
        "%{",
        "{{",
        "#{",
        "@",
        "vault:",
        "ref+",
        "arn:",
        "projects/",
        "file:",
        "env:",
        "env.",
        "secrets.",
        "!",
        "&",
        "/",
        "./",
        "../",
        "~/",
        "http:",
        "https:",
        "ssm:",
        "op://",
        "data:",
        "urn:",
        "oid:",
        "ENC[",
        "enc:",
        "{cipher}",
        "AQICA",
        "var.",
        "local.",
        "module.",
        "data.",
        "self.",
        "this.",
        "ldap:",
        "tcp:",
        "sha256:",
        "sha512-",
        "sha256-",
        "sha1-",
        "sha384-",
        "$2a$",
        "$2b$",
        "$2y$",
        "{SHA",
        "{SSHA",
        "pbkdf2",
        "scrypt:",
        "--",
        "::",
        "\\",
        // A pattern that finds secrets.
        "(?",
    ];
    if starts.iter().any(|start| text.starts_with(start)) {
        return true;
    }
    let parts = [
        "${",
        "{{",
        "$(",
        "}}",
        "#{",
        "environ",
        "getenv",
        "process.env",
        "os.env",
        "secrets.",
        "config.",
        "settings.",
        "://",
        "()",
        "=>",
        "->",
        "::",
        "//",
        "System.get",
        "localhost",
        "\\(",
        "\" +",
        "' +",
        "&&",
        "||",
        "[:",
        "][",
    ];
    if parts.iter().any(|part| text.contains(part)) {
        return true;
    }
    // Braces in a quoted text are a template's.
    if quoted && text.contains('{') && text.contains('}') {
        return true;
    }
    let ends = [
        ".pem", ".key", ".crt", ".cer", ".json", ".yaml", ".yml", ".txt", ".html", ".php", ".js", ".ts", ".css", ".py",
        ".go", ".rs", ".java", ".com", ".org", ".net", ".io", ".local", ".md", ".pub", ".asc", ".xml", ".env", ".conf",
        ".service", ".sh", ".jks", ".p12", ".pfx",
    ];
    let lower = text.to_ascii_lowercase();
    if ends.iter().any(|end| lower.ends_with(end)) {
        return true;
    }
    // Code: a call, an index, a comparison, a path of names.
    !quoted
        && text.bytes().any(|byte| matches!(byte, b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' | b';' | b'\\'))
}

/// Whether nobody would be harmed by a password that a person chose: it is said elsewhere, stands for one, or is a plain word.
pub fn worthless(value: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| value.iter().any(is);
    let letters = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let mixed = has(u8::is_ascii_digit) || has(u8::is_ascii_punctuation) || (letters && words(value) < 60);
    let variable =
        value.first() == Some(&b'$') && value.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    value.len() < 5
        || !mixed
        || variable
        || placeholder(value, true)
        || common(value)
        || name_like(value)
        || reference(value, true)
}

/// Whether a host is of no real machine: of examples, or this one.
pub fn nowhere(host: &[u8]) -> bool {
    let host = &host[..host
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'"' | b'\'' | b' ' | b'\n'))
        .unwrap_or(host.len())];
    let host = String::from_utf8_lossy(host).to_ascii_lowercase();
    let parts = [
        "example",
        "localhost",
        "127.0.0.1",
        "0.0.0.0",
        "[::1]",
        ".test",
        ".invalid",
        "yourhost",
        "your-",
        "hostname",
        "server.com",
        "domain",
        "foo",
        "$",
        "{",
    ];
    parts.iter().any(|part| host.contains(part)) || host == "host" || host.starts_with("host:")
}

/// Whether a key says that its value is a digest or the name of a revision.
pub fn names_digest(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let ends =
        ["sha", "sha1", "sha256", "sha512", "md5", "hash", "digest", "checksum", "commit", "revision", "rev", "etag"];
    let integrity = ["integrity", "fingerprint", "thumbprint"];
    ends.iter().any(|end| {
        lower.strip_suffix(end.as_bytes()).is_some_and(|rest| !rest.last().is_some_and(u8::is_ascii_alphanumeric))
    }) || integrity.iter().any(|end| lower.ends_with(end.as_bytes()))
}

/// Whether it is a UUID.
pub fn uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a name could be written like this: letters and what joins them, with at most two digits at the end of words.
pub fn name_like(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let plain = value
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b':' | b',' | b' '));
    plain && (digits == 0 || digits * 8 < value.len()) && words(value) >= 45
}

/// Whether it is a name with its version: `cc-by-sa-3.0-de`, `BlueOak-1.0.0`. Each part is a word of one case, or a short number.
pub fn versioned_name(value: &[u8]) -> bool {
    let word = |part: &[u8]| {
        let tail = part.get(1..).unwrap_or_default();
        let one_case = tail.iter().all(u8::is_ascii_lowercase) || part.iter().all(u8::is_ascii_uppercase);
        part.len() <= 16 && part.iter().all(u8::is_ascii_alphabetic) && (one_case || name_like(part))
    };
    let number = |part: &[u8]| {
        let digits = part.iter().filter(|byte| byte.is_ascii_digit()).count();
        part.len() <= 4 && digits > 0 && part.len() - digits <= 1
    };
    let parts = || value.split(|byte| matches!(byte, b'-' | b'_' | b'.'));
    parts().count() > 2
        && parts().any(|part| part.len() > 1 && word(part))
        && parts().all(|part| word(part) || number(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_secret_is_told_from_one() {
        for no in
            ["changeme123", "xxxxxxxxxxxxxxxx", "aaaaaaaaaaaa", "<your token here>", "abcabcabcabc", "1234567890abcdef"]
        {
            assert!(placeholder(no.as_bytes(), true), "{no}");
        }
        for random in ["q8Rv2LkP0zXw7JtM", "7f3a9c41d8e25b06", "kd92-Lq0_xZ81vRt"] {
            assert!(!placeholder(random.as_bytes(), false), "{random}");
            assert!(
                words(random.as_bytes()) < 50 && !common(random.as_bytes()) && !name_like(random.as_bytes()),
                "{random}"
            );
        }
        for names in ["service_account_password", "TokenExpirationHandler", "read-only-access", "primaryContactName"] {
            assert!(
                words(names.as_bytes()) >= 60 && name_like(names.as_bytes()),
                "{names} {}",
                words(names.as_bytes())
            );
        }
        for common_ones in ["password123", "my-secret-token", "test_user_1", "SuperSecret1"] {
            assert!(common(common_ones.as_bytes()), "{common_ones}");
        }
        for versions in [
            "cc-by-sa-3.0-de",
            "BlueOak-1.0.0",
            "CC-BY-NC-ND-3.0-IGO",
            "google-maps-tos-2018-05-01",
            "falcon-2-11b-1.0",
        ] {
            assert!(versioned_name(versions.as_bytes()), "{versions}");
        }
        for random in
            ["kd92-Lq0_xZ81vRt", "q8Rv2-LkP0z-Xw7Jt", "7f3a-9c41-d8e2-5b06", "1234-5678-9012", "a1b2c3d4.e5f6.0718"]
        {
            assert!(!versioned_name(random.as_bytes()), "{random}");
        }
        for elsewhere in [
            "${DB_PASSWORD}",
            "(?:key|pwd|pass)",
            "{{ password }}",
            "vault:secret/db",
            "/run/secrets/db",
            "os.environ['A']",
            "key.pem",
        ] {
            assert!(reference(elsewhere.as_bytes(), true), "{elsewhere}");
        }
        assert!(names_digest(b"SHA") && names_digest(b"git.commit") && !names_digest(b"user_trash"));
        assert!(uuid(b"8c2f1d2e-9d4b-4c43-8a38-2f3d9be6d8a1") && !uuid(b"8c2f1d2e-9d4b-4c43-8a38-2f3d9be6d8a"));
        assert!(entropy(b"aaaa") < 0.1 && (entropy(b"abcd") - 2.0).abs() < 0.01 && entropy(b"") == 0.0);
    }
}
