//! Every detector on its own examples and near misses; no output with a value.

use super::example::{Example, make};
use super::{Detector, FingerprintKey, SecretFinding, Secrets, Source};
use crate::resource::FileId;
use crate::rules::Confidence;
use crate::spent::spent;
use base64::Engine as _;
use proptest::prelude::*;

fn scan_at(secrets: &Secrets, path: &str, text: &str) -> Vec<SecretFinding> {
    let mut found = Vec::new();
    let key = FingerprintKey::new(b"a key of tests");
    secrets.scan(Source { path, bytes: text.as_bytes() }, key.as_ref(), &mut found);
    found
}

fn builtin() -> &'static Secrets {
    static BUILTIN: std::sync::OnceLock<Secrets> = std::sync::OnceLock::new();
    BUILTIN.get_or_init(|| Secrets::builtin().unwrap())
}

fn rules(found: &[SecretFinding]) -> Vec<&str> {
    found.iter().map(|finding| &*finding.rule).collect()
}

/// Scanned with one detector, and with what it is found beside, so that another one hides nothing.
fn alone(detector: &Detector, all: &[Detector]) -> Secrets {
    let mut some: Vec<Detector> = vec![detector.clone()];
    if let super::detector::Shape::Beside { of, .. } = &detector.shape {
        some.extend(all.iter().filter(|other| other.id == *of).cloned());
    }
    Secrets::new(some).unwrap()
}

fn fires(secrets: &Secrets, detector: &Detector, text: &str) -> bool {
    scan_at(secrets, "config.txt", text).iter().any(|finding| finding.rule == detector.id)
}

/// The example with its made parts replaced.
fn replaced(example: &Example, with: impl Fn(&str, &str) -> String) -> String {
    let (mut text, mut at) = (String::new(), 0);
    for (range, kind) in &example.parts {
        text.push_str(&example.text[at..range.start]);
        text.push_str(&with(kind, &example.text[range.clone()]));
        at = range.end;
    }
    text + &example.text[at..]
}

#[test]
fn detectors_are_many_and_whole() {
    let detectors = super::builtin::detectors().unwrap();
    assert!(detectors.len() >= 160, "{}", detectors.len());
    let mut ids: Vec<&str> = detectors.iter().map(|detector| &*detector.id).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all, "two detectors have the same id");
    for detector in &detectors {
        assert_eq!(detector.check(), Ok(()));
        assert!(!detector.examples.is_empty(), "{} has no example", detector.id);
        for companion in &detector.companions {
            assert!(ids.contains(&&**companion), "{} names {companion}", detector.id);
        }
    }
    // A page beside each file.
    let pack = crate::pack();
    for file in &pack.detectors {
        let page = pack.detector_pages.iter().find(|page| page.stem() == file.stem());
        assert!(page.is_some_and(|page| page.text.len() > 600), "{} has no page", file.path);
    }
}

#[test]
fn every_detector_fires_on_its_examples() {
    let detectors = super::builtin::detectors().unwrap();
    let mut silent = Vec::new();
    for detector in &detectors {
        let secrets = &alone(detector, &detectors);
        for template in &detector.examples {
            // One of sixteen random values may look like a placeholder.
            let fired = (0..16).filter(|seed| fires(secrets, detector, &make(template, *seed).text)).count();
            if fired < 15 {
                silent.push(format!("{} {template} {fired}", detector.id));
            }
        }
    }
    assert!(silent.is_empty(), "{}:\n{}", silent.len(), silent.join("\n"));
}

#[test]
fn with_all_detectors_something_is_found_in_every_example() {
    let secrets = builtin();
    let mut silent = Vec::new();
    for detector in secrets.detectors() {
        for template in &detector.examples {
            if scan_at(secrets, "config.txt", &make(template, 1).text).is_empty() {
                silent.push(format!("{} {template}", detector.id));
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn near_misses_stay_quiet() {
    let detectors = super::builtin::detectors().unwrap();
    let mut loud = Vec::new();
    for detector in &detectors {
        let secrets = &alone(detector, &detectors);
        let mut miss = |kind: &str, text: &str| {
            if fires(secrets, detector, text) {
                loud.push(format!("{} {kind}", detector.id));
            }
        };
        for template in &detector.examples {
            let example = make(template, 3);
            miss("placeholder", &replaced(&example, |_, part| "x".repeat(part.len())));
            miss("all the same", &replaced(&example, |_, part| part[..1].repeat(part.len())));
            miss("variable", &replaced(&example, |_, _| "${SECRET}".to_owned()));
            miss("angle", &replaced(&example, |_, _| "<your-key>".to_owned()));
            miss("empty", &replaced(&example, |_, _| String::new()));
            if template.contains("<crc>") {
                let wrong =
                    |kind: &str, part: &str| if kind == "crc" { part.chars().rev().collect() } else { part.to_owned() };
                let found = scan_at(secrets, "config.txt", &replaced(&example, wrong));
                let sure = found.iter().any(|found| !found.unproven || found.confidence != Confidence::Low);
                miss("wrong checksum", if sure { example.text.as_str() } else { "" });
            }
            if detector.exact() {
                let last = example.parts.len() - 1;
                let mut short = example.clone();
                short.text.remove(short.parts[last].0.end - 1);
                miss("one short", &short.text);
            }
        }
        for template in &detector.quiet {
            miss("quiet", &make(template, 5).text);
        }
    }
    assert!(loud.is_empty(), "{}:\n{}", loud.len(), loud.join("\n"));
}

#[test]
fn what_is_written_in_many_languages_is_read() {
    let secrets = builtin();
    for (path, template) in [
        ("a.rs", "const API_KEY: &str = \"<base62:32>\";"),
        ("a.go", "var apiKey string = \"<base62:32>\""),
        ("a.go", "password := \"<password:14>\""),
        ("a.py", "API_TOKEN = '<base62:32>'"),
        ("a.py", "config['password'] = '<password:14>'"),
        ("a.js", "const clientSecret = `<base62:32>`;"),
        ("a.java", "props.put(\"db.password\", \"<password:14>\");"),
        ("a.cs", "var token = @\"<base62:40>\";"),
        ("a.rb", "{ :secret => '<base62:32>' }"),
        ("a.php", "$password = '<password:14>';"),
        ("a.tf", "password = \"<password:14>\""),
        ("a.json", "{\"nested\": {\"secretKey\": \"<base62:32>\"}}"),
        ("a.yaml", "    password: <password:14>\n"),
        ("a.toml", "api-token = \"<base62:32>\""),
        (".env", "export DB_PASSWORD=<password:14>"),
        ("a.properties", "spring.datasource.password=<password:14>"),
        ("a.xml", "<add key=\"Password\" value=\"<password:14>\"/>"),
        ("Dockerfile", "ENV SECRET_TOKEN <base62:32>"),
        ("run.sh", "tool --password <password:14> --verbose"),
        ("log.txt", "{\\\"password\\\": \\\"<password:14>\\\"}"),
    ] {
        let text = make(template, 2).text;
        assert_eq!(
            scan_at(secrets, path, &text).len(),
            1,
            "{path} {template} {:?}",
            rules(&scan_at(secrets, path, &text))
        );
    }
}

#[test]
fn what_only_looks_like_a_secret_is_quiet() {
    let secrets = builtin();
    for (path, text) in [
        ("a.rs", "let token = TokenStream::from(input);"),
        ("a.rs", "let password = read_password_from_terminal(8)?;"),
        ("a.py", "password = os.environ['DB_PASSWORD_1']"),
        ("a.py", "parser.add_argument('--token', help='the token2 to use')"),
        ("a.js", "const apiKey = process.env.API_KEY_V2;"),
        ("a.yml", "password: ${{ secrets.DB_PASSWORD_1 }}"),
        ("a.yml", "token: vault:secret/data/shop#token1"),
        ("a.yml", "secretName: web-tls-2024"),
        ("a.yml", "password: \"{{ .Values.db.password1 }}\""),
        ("a.json", "{\"nextPageToken\": \"q8Rv2LkP0zXw7JtMq8Rv2LkP0zXw7J\"}"),
        ("a.json", "{\"passwordHint\": \"first pet, 2nd street\"}"),
        ("a.json", "{\"password\": \"Passwort (min. 8 Zeichen)\"}"),
        (
            "package-lock.json",
            "\"integrity\": \"sha512-q8Rv2LkP0zXw7JtMq8Rv2LkP0zXw7JtM\", \"datadog\": \"7f3a9c41d8e25b06aa12bb34cc56dd78\"",
        ),
        ("a.md", "Set `password` to `<your password>` and `token` to `ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`."),
        ("a.txt", "https://user:password@example.com/ and postgres://user:pass@localhost/db"),
        ("a.txt", "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b secret"),
        ("a.ini", "aws_access_key_id = AKIAIOSFODNN7EXAMPLE"),
        ("a.ini", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ] {
        assert_eq!(rules(&scan_at(secrets, path, text)), Vec::<&str>::new(), "{path} {text}");
    }
}

#[test]
fn encoded_secrets_are_found_on_the_encoded_text() {
    use base64::Engine as _;
    let secrets = builtin();
    let token = make("GITHUB_TOKEN=ghp_<base62:30><crc>\n", 1).text;
    let mut text = token;
    for depth in 1..=6 {
        text = base64::engine::general_purpose::STANDARD.encode(&text);
        let found = scan_at(secrets, "a.txt", &format!("data: {text}\n"));
        assert_eq!(found.len(), usize::from(depth <= 5), "{depth}");
        for finding in &found {
            assert_eq!((&*finding.rule, finding.encoded.len()), ("github-personal-token", depth));
            assert_eq!((finding.start.line, finding.start.column, finding.end.column), (1, 7, 7 + text.len() as u32));
        }
    }
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain("x\nkey = \"".bytes().flat_map(|byte| [byte, 0])).collect();
    let secret = make("sk_live_<base62:24>", 1).text;
    let wide = [wide, secret.bytes().flat_map(|byte| [byte, 0]).collect()].concat();
    let mut found = Vec::new();
    assert!(!secrets.scan(Source { path: "a.reg", bytes: &wide }, None, &mut found).binary);
    assert_eq!((rules(&found), found[0].start.line), (vec!["stripe-live-key"], 2));
    assert!(secrets.scan(Source { path: "a", bytes: b"\x7fELF\0" }, None, &mut found).binary);
}

#[test]
fn the_surest_detector_wins_and_companions_make_it_worse() {
    use crate::rules::Severity;
    let secrets = builtin();
    let found = scan_at(secrets, "a.env", &make("GITHUB_TOKEN=ghp_<base62:30><crc>", 1).text);
    assert_eq!((rules(&found), &*found[0].name), (vec!["github-personal-token"], "GITHUB_TOKEN"));
    let id = make("id = AKIA<base32:16>", 1).text;
    assert_eq!(scan_at(secrets, "a.ini", &id)[0].severity, Severity::Medium);
    let both = scan_at(secrets, "a.ini", &make("id = AKIA<base32:16>\nother = <base64:40>", 1).text);
    assert_eq!(rules(&both), ["aws-access-key-id", "aws-secret-beside-key-id"]);
    assert_eq!((both[0].severity, both[0].companions.len()), (Severity::High, 1));
}

#[test]
fn fingerprints_are_of_the_value_with_a_key_and_of_the_place_without() {
    let secrets = builtin();
    let scan = |text: &str, key: Option<&FingerprintKey>| {
        let mut found = Vec::new();
        secrets.scan(Source { path: "a.env", bytes: text.as_bytes() }, key, &mut found);
        found
    };
    let (one, other) = (make("TOKEN=ghp_<base62:30><crc>\n", 1).text, make("TOKEN=ghp_<base62:30><crc>\n", 2).text);
    let key = FingerprintKey::new(b"k");
    let print = |text: &str, key: Option<&FingerprintKey>| scan(text, key)[0].fingerprint.clone();
    assert_eq!(print(&one, key.as_ref()), print(&format!("\n\n# moved\n{one}"), key.as_ref()));
    assert_ne!(print(&one, key.as_ref()), print(&other, key.as_ref()));
    assert_ne!(print(&one, key.as_ref()), print(&one, FingerprintKey::new(b"l").as_ref()));
    assert_eq!(print(&one, None), print(&other, None));
    assert_eq!(scan(&one, None)[0].same, None);
    let twice = scan(&format!("{one}{one}"), key.as_ref());
    assert!(twice[0].fingerprint != twice[1].fingerprint && twice[0].same == twice[1].same);
}

/// Five encodings within each other, and each of many pieces.
fn nested(text: &str) -> String {
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let url = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    base64(&hex(&base64(&url(&base64(text)))))
}

#[test]
fn hostile_texts_take_bounded_time() {
    let secrets = builtin();
    let token = make("ghp_<base62:30><crc> ", 1).text;
    let keywords: String =
        secrets.detectors().iter().flat_map(|detector| &detector.keywords).fold(String::new(), |all, word| all + word);
    let spaced: String = secrets
        .detectors()
        .iter()
        .flat_map(|detector| &detector.keywords)
        .fold(String::new(), |all, word| all + word + " = \"");
    let json: String = (0..20_000_u64).fold("{".to_owned(), |all, number| {
        all + &format!("\"key{number}\":{{\"token\":\"{:x}\",\"password\":null}},", number * 7_919_777)
    });
    const BYTES: usize = 5 << 20;
    let pieces = [
        " eyJ",
        &token,
        "password=",
        "A",
        "%41",
        "-----BEGIN PRIVATE KEY-----",
        "=",
        "\"",
        " ",
        "0",
        "\\",
        "\\u0041",
        "a.",
        "://",
        "://a:b@",
        "api_key=\"",
        "AKIA",
        "-",
        "deadBEEF",
        "Zm9vYmFy",
        "Zm9vYmFy\n",
        "password: \"",
        "\u{e9}",
        "\r",
        "{{",
        "${a",
        "eyJhbGciOiJ",
        &keywords,
        &spaced,
        &json,
        &nested(&token),
        &format!("'{}' ", nested(&"token = ".repeat(20))),
    ];
    for piece in pieces {
        let text = piece.repeat(BYTES / piece.len() + 1);
        let (found, took) = spent(|| scan_at(secrets, "a", &text));
        assert!(found.len() <= crate::limits::MAX_SECRETS_A_FILE);
        // Five megabytes take some seconds of a debug build; what is not linear would take hours.
        assert!(took.as_secs() < 60, "{took:?} {:.20}", text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_output_holds_a_value(number in 0..400_usize, seed in 0..1000_u64, before in "[ -~\n]{0,40}") {
        let secrets = builtin();
        let detectors = secrets.detectors();
        let detector = &detectors[number % detectors.len()];
        for template in &detector.examples {
            let example = make(template, seed);
            let text = format!("{before}\n{}", example.text);
            let found = scan_at(secrets, "a.txt", &text);
            let hits = secrets.hits(text.as_bytes(), super::path::Kind::Other, None);
            let mut outputs = format!("{found:?}{hits:?}{}", serde_json::to_string(&found).unwrap());
            for finding in &found {
                let finding = finding.finding(FileId(0));
                outputs += &format!("{finding:?}{}", serde_json::to_string(&finding).unwrap());
            }
            for (range, kind) in &example.parts {
                let value = &example.text[range.clone()];
                // Some characters alone are anywhere.
                let shown = value.len() >= 6 && outputs.contains(value);
                prop_assert!(!shown, "{} shows its {kind}", detector.id);
            }
        }
        let shown = format!("{:?}", FingerprintKey::new(b"hunter2"));
        prop_assert!(!shown.contains("hunter2"));
    }

    #[test]
    fn nothing_panics(text in proptest::collection::vec(any::<u8>(), 0..400), words in proptest::collection::vec(0..16_usize, 0..30)) {
        let pieces = ["password", "=", "\"", ":", "\\", "ghp_", "eyJ", "AKIA", "%41", "-----BEGIN PRIVATE KEY-----", "://a:", "@", "<", "\n", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA", " "];
        let secrets = builtin();
        let mut out = Vec::new();
        secrets.scan(Source { path: "a", bytes: &text }, None, &mut out);
        let text: String = words.iter().map(|word| pieces[*word]).collect();
        secrets.scan(Source { path: "a", bytes: text.as_bytes() }, None, &mut out);
    }
}
