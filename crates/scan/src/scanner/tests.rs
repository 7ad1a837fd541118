//! Secrets through the whole scanner: found in any file, shown in none of what is said.

use super::*;
use crate::report::{Abouts, Choice, Form, Report};
use crate::secrets::Source;
use crate::secrets::example::make;
use ahash::AHashSet;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs;
use std::process::Command;
use std::sync::OnceLock;

fn secrets() -> &'static Secrets {
    static SECRETS: OnceLock<Secrets> = OnceLock::new();
    SECRETS.get_or_init(|| Secrets::builtin().unwrap())
}

fn options<'a>(key: Option<&'a FingerprintKey>) -> Options<'a> {
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    Options {
        today,
        jobs: 2,
        foreign: false,
        secrets: Some(secrets()),
        key,
        advisories: None,
        clean: None,
        rendered: &[],
    }
}

fn rules() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    RULES.get_or_init(|| crate::pack().load().0)
}

fn scanned(files: &[(&str, &[u8])], options: Options<'_>) -> Scan {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let at = folder.path().join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, bytes).unwrap();
    }
    scan(folder.path(), rules(), options, &Progress::default())
}

/// All that may be said of a scan, and its parts as they are.
fn said(scan: &Scan) -> String {
    let pack = crate::pack();
    let mut abouts = Abouts::of_rules(rules(), &pack);
    abouts.add_detectors(secrets().detectors(), &pack);
    let choice = Choice { suppressed: true, undecided: true, ..Choice::default() };
    let report = Report::new(scan, &abouts, &choice);
    let forms = [Form::Table, Form::Json, Form::Sarif, Form::Github, Form::Gitlab, Form::Markdown];
    let mut all: String = forms.iter().map(|form| report.write(*form, false)).collect();
    all += &format!("{:?}{:?}{:?}{:?}", scan.findings, scan.problems, scan.notices, scan.undecided);
    all
}

/// Files of each sort around a text with a secret.
const SORTS: &[(&str, &str)] = &[
    (
        "deployment.yml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      image: b\n      env:\n        - name: DB_PASSWORD\n          value: '{}'\n      args: ['--token', '{}']\n",
    ),
    ("config.yml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  app.conf: |\n    {}\n"),
    (
        "Dockerfile",
        "FROM alpine:3.20\nENV API_TOKEN={}\nARG PASSWORD={}\nRUN curl -u \"admin:{}\" https://a.io/x | sh && echo \"{}\"\n",
    ),
    (
        ".github/workflows/a.yml",
        "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env:\n      SECRET: '{}'\n    steps:\n      - uses: a/b@{}\n      - run: |\n          echo ${{ github.event.issue.title }} {}\n",
    ),
    (
        ".gitlab-ci.yml",
        "a:\n  script: [\"curl -H '{}' https://a.io\"]\n  image: b\n  variables:\n    DEPLOY_TOKEN: '{}'\n",
    ),
    ("compose.yml", "services:\n  a:\n    image: b\n    privileged: true\n    environment:\n      - DB_PASSWORD={}\n"),
    (".env", "FIRST={}\n{}\n"),
    ("a.json", "{\"token\": \"{}\"}\n"),
    ("a.toml", "[a]\nkey = \"{}\"\n"),
    ("run.sh", "#!/bin/sh\nexport TOKEN=\"{}\"\ncurl -H 'Authorization: {}' https://a.io\n"),
    ("broken.yml", "apiVersion: v1\nkind: Pod\nspec: [\"{}\"\n  {}: }\n"),
    ("broken.json", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", {}}\n"),
];

#[test]
fn what_is_remembered_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let cache = tempfile::tempdir().unwrap();
    let secret = make("ghp_<base62:30><crc>", 11).text;
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("a.py", "def a(): return 1\n");
    write("b.py", "def b(): return 2\n");
    let round = || {
        let clean = Clean::open(cache.path(), folder.path(), "1");
        let with = Options { clean: Some(&clean), ..options(None) };
        let said = |options| {
            let scan = scan(folder.path(), &[], options, &Progress::default());
            (
                scan.findings.iter().map(|found| found.finding.fingerprint.clone()).collect::<Vec<_>>(),
                scan.files,
                scan.binary,
            )
        };
        let (remembered, plain) = (said(with), said(options(None)));
        assert_eq!(remembered, plain);
        clean.save().unwrap();
        plain.0.len()
    };
    assert_eq!([round(), round()], [0, 0]);
    write("b.py", &format!("token = \"{secret}\"\n"));
    assert_eq!([round(), round()], [1, 1], "what is in a file is told each time");
    write("b.py", "def b(): return 2\n");
    assert_eq!(round(), 0);
}

#[test]
fn no_output_holds_a_secret_wherever_it_stands() {
    let (mut silent, mut all) = (Vec::new(), 0);
    for (turn, (name, sort)) in SORTS.iter().enumerate() {
        let (mut files, mut values) = (Vec::new(), Vec::new());
        // Each detector in some of the sorts, so that the test stays quick.
        let some = secrets().detectors().iter().enumerate().filter(|(number, _)| number % 3 == turn % 3);
        for (number, detector) in some {
            let example = make(&detector.examples[0], 40 + number as u64);
            let one_line = !name.starts_with(".env");
            let line = if one_line { example.text.replace('\n', "\\n") } else { example.text.clone() };
            // What of the example is secret; the rest, such as a client's id, may be shown.
            let mut known = Vec::new();
            secrets().scan(Source { path: "config.txt", bytes: example.text.as_bytes() }, None, &mut known);
            let parts = known.iter().flat_map(|known| known.value.bytes().split(|byte| *byte == b'\n'));
            let parts = parts.filter(|part| part.len() >= 8).map(|part| String::from_utf8_lossy(part).into_owned());
            values.push((format!("d{number}/{name}"), detector, parts.collect::<Vec<String>>()));
            files.push((format!("d{number}/{name}"), sort.replace("{}", &line)));
        }
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (&**path, text.as_bytes())).collect();
        let key = FingerprintKey::new(b"k");
        let scan = scanned(&files, options(key.as_ref()));
        let found: AHashSet<&str> =
            scan.findings.iter().filter(|of| of.same.is_some()).map(|of| &*of.finding.path).collect();
        all += values.len();
        let (told, mut needles) = (said(&scan), Vec::new());
        for (path, detector, values) in &values {
            if !found.contains(&**path) {
                silent.push(format!("{} in {name}", detector.id));
                continue;
            }
            for value in values {
                needles.push((detector, value.clone()));
                needles.push((detector, STANDARD.encode(value).trim_end_matches('=').to_owned()));
            }
        }
        let finder = aho_corasick::AhoCorasick::new(needles.iter().map(|(_, needle)| needle)).unwrap();
        if let Some(shown) = finder.find(&told) {
            let near = &told.as_bytes()[shown.start().saturating_sub(200)..told.len().min(shown.end() + 100)];
            panic!("{name} {}: {}", needles[shown.pattern().as_usize()].0.id, String::from_utf8_lossy(near));
        }
    }
    assert!(silent.len() * 10 < all, "{} of {all} are not found: {silent:?}", silent.len());
}

#[test]
fn every_text_is_looked_at_and_nothing_else_is_a_problem() {
    let token = make("ghp_<base62:30><crc>", 3).text;
    let plain = format!("x = {token}\n");
    let latin = [b"caf\xe9 = ".as_slice(), token.as_bytes()].concat();
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(plain.bytes().flat_map(|byte| [byte, 0])).collect();
    let large = format!("{}\n{plain}", "nothing is said here\n".repeat(400_000));
    let files: Vec<(&str, &[u8])> = vec![
        ("a.rs", plain.as_bytes()),
        ("b.txt", &latin),
        ("c.reg", &wide),
        ("d.bin", b"\x7fELF\0\0ghp_"),
        ("large.log", large.as_bytes()),
        ("latin.json", b"{\"a\": \"caf\xe9\"}"),
    ];
    let scan = scanned(&files, options(None));
    let paths: Vec<&str> = scan.findings.iter().map(|found| &*found.finding.path).collect();
    assert_eq!(paths, ["a.rs", "b.txt", "c.reg", "large.log"]);
    assert_eq!((scan.problems.as_slice(), scan.binary, scan.files), ([].as_slice(), 1, 5));
    let line = &scan.findings[3];
    assert_eq!((line.finding.start.line, line.shown.line.as_str()), (400_002, "x = ghp_\u{2026}"));
    assert!(scan.world.files.iter().all(|file| file.text.text.is_empty()));
}

#[test]
fn what_is_too_large_is_bounded_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    // Files with holes take no room.
    for (name, begins) in [("a.log", "text\n"), ("b.bin", "\0"), ("c.yml", "apiVersion: v1\nkind: Pod\n")] {
        // The hole begins after what tells a text from other files.
        fs::write(at(name), begins.repeat(8192)).unwrap();
        fs::File::options().write(true).open(at(name)).unwrap().set_len(2 << 30).unwrap();
    }
    let began = std::time::Instant::now();
    let scan = scan(folder.path(), &[], options(None), &Progress::default());
    assert!(began.elapsed().as_secs() < 300);
    let problems: Vec<(&str, bool)> =
        scan.problems.iter().map(|problem| (&*problem.path, problem.reason.contains("MAX_STREAMED_BYTES"))).collect();
    assert_eq!(problems, [("a.log", true), ("c.yml", false)]);
    assert_eq!(scan.binary, 1);
}

#[test]
fn detectors_are_chosen_suppressed_and_answered_like_rules() {
    let token = make("ghp_<base62:30><crc>", 5).text;
    let key = make("sk_live_<base62:24>", 5).text;
    let ours = "tandem:ignore github-personal-token reason=\"revoked\" owner=web until=2026-12-31";
    let text = format!("# {ours}\na = '{token}'\nb = '{key}' # gitleaks:allow\nc = '{key}'\n");
    let scan = scanned(&[("a.py", text.as_bytes())], options(None));
    let hidden: Vec<bool> = scan.findings.iter().map(|found| found.hidden.is_some()).collect();
    assert_eq!(hidden, [true, false, false]);
    let foreign = scanned(&[("a.py", text.as_bytes())], Options { foreign: true, ..options(None) });
    assert!(matches!(&foreign.findings[1].hidden, Some(Hidden::Foreign(marker)) if marker.tool == "gitleaks"));
    let file =
        format!("- {{rules: [stripe-live-key], paths: ['a.*'], reason: \"{key}\", owner: web, until: 2026-12-31}}\n");
    let filed = scanned(&[("a.py", text.as_bytes()), (SUPPRESSIONS, file.as_bytes())], options(None));
    let open = filed.findings.iter().filter(|found| found.hidden.is_none());
    assert_eq!(open.map(|found| &*found.finding.path).collect::<Vec<_>>(), [SUPPRESSIONS]);
    assert!(!said(&filed).contains(&key));

    // What is not asked for is still not shown.
    let only = Secrets::builtin().unwrap().reporting(|id| id == "stripe-live-key");
    let line = format!("a = '{token}', '{key}'\n");
    let scan = scanned(&[("a.py", line.as_bytes())], Options { secrets: Some(&only), ..options(None) });
    assert_eq!(scan.findings.len(), 1);
    assert_eq!(scan.findings[0].shown.line, "a = 'ghp_\u{2026}', 'sk_live_\u{2026}'");
    assert_eq!(scan.findings[0].shown.line[scan.findings[0].shown.about.clone()].to_owned(), "sk_live_\u{2026}");
    assert!(!Secrets::builtin().unwrap().reporting(|_| false).reports());
}

#[test]
fn standard_input_is_a_file_of_the_name_it_is_given() {
    let token = make("ghp_<base62:30><crc>", 6).text;
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {token}}}\nspec:\n  containers:\n    - name: a\n      image: b\n      securityContext: {{privileged: true}}\n"
    );
    let named = scan_reader("deploy/pod.yml", pod.as_bytes(), rules(), options(None));
    let found = |scan: &Scan, rule: &str| scan.findings.iter().any(|found| *found.finding.rule == *rule);
    assert!(found(&named, "github-personal-token") && found(&named, "kubernetes-privileged-container"));
    assert!(!said(&named).contains(&token));
    let unnamed = scan_reader("stdin", pod.as_bytes(), rules(), options(None));
    assert_eq!(unnamed.findings.len(), 1);
}

#[test]
fn a_secret_is_the_same_in_files_and_in_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(root).args(["-c", "user.name=a", "-c", "user.email=a@b.c"]).args(arguments);
        git.env("GIT_AUTHOR_DATE", "@86400 +0000").env("GIT_COMMITTER_DATE", "@86400 +0000");
        assert!(git.output().unwrap().status.success());
    };
    let (one, two) = (make("ghp_<base62:30><crc>", 8).text, make("ghp_<base62:30><crc>", 9).text);
    git(&["init", "-q", "."]);
    for text in [format!("a = {one}\n"), format!("# more\na = {one}\n"), format!("# more\na = {two}\n")] {
        fs::write(root.join("a.env"), text).unwrap();
        git(&["add", "."]);
        git(&["commit", "-qm", "x"]);
    }
    let key = FingerprintKey::new(b"k");
    let past = history(root, options(key.as_ref())).unwrap();
    let now = scan(root, rules(), options(key.as_ref()), &Progress::default());
    assert_eq!((past.findings.len(), now.findings.len()), (2, 1));
    let same = past.findings.iter().find(|found| found.same == now.findings[0].same).unwrap();
    assert!(same.same.is_some());
    assert_eq!(same.finding.fingerprint, now.findings[0].finding.fingerprint);
    let commit = past.findings[0].commit.as_ref().unwrap();
    assert_eq!((commit.id.len(), commit.day.as_str()), (10, "1970-01-02"));
    assert!(past.findings[0].finding.message.contains(&commit.id));
    assert_eq!(past.findings[0].shown.line, "a = ghp_\u{2026}");
    let told = said(&past);
    assert!(!told.contains(&one) && !told.contains(&two) && told.contains("a.env"));
    let keyless = history(root, options(None)).unwrap();
    let prints: Vec<&str> = keyless.findings.iter().map(|found| &*found.finding.fingerprint).collect();
    assert!(prints[0] != prints[1] && keyless.findings.iter().all(|found| found.same.is_none()));
}

#[test]
fn a_line_that_others_keep_holds_no_secret() {
    let token = crate::secrets::example::make("ghp_<base62:30><crc>", 1).text;
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n    - name: app\n      image: web\n      \
         securityContext: {{privileged: true, runAsUser: 0}} # {token}\n      env:\n        - {{name: A, value: hunter2}}\n"
    );
    let docker = format!("FROM scratch\nENV DB_PASSWORD=hunter2\nRUN echo {token}\n");
    let files: [(&str, &[u8]); 2] = [("pod.yml", pod.as_bytes()), ("Dockerfile", docker.as_bytes())];
    let scan = scanned(&files, options(None));
    let kept: Vec<_> = scan.findings.iter().filter_map(|found| Some((found, found.snippet()?))).collect();
    let (_, (line, column)) = kept.iter().find(|(found, _)| found.finding.message.contains("privileged")).unwrap();
    assert!(
        line.trim_start().starts_with("securityContext: {privileged: true") && line.contains("ghp_\u{2026}"),
        "{line}"
    );
    assert!((7..line.chars().count()).contains(column), "{column}");
    assert!(kept.iter().all(|(_, (line, _))| !line.contains(&token) && !line.contains("hunter2")), "{kept:?}");
    let secret = |found: &&Found| found.finding.path.as_ref() == "Dockerfile" && found.secret;
    assert!(scan.findings.iter().any(|found| secret(&found)), "what is about a secret has no line");
    assert!(scan.findings.iter().filter(secret).all(|found| found.snippet().is_none()));
    // Where nobody looked for secrets, nothing is known to be none.
    let blind = scanned(&files, Options { secrets: None, ..options(None) });
    assert!(!blind.findings.is_empty() && blind.findings.iter().all(|found| found.snippet().is_none()));
}
