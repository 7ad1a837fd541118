//! Trees that were made to harm: a scan of each ends within its time, and says of what it has not read that it has not.

use super::*;
use crate::rules::Rule;
use crate::secrets::example::make;
use crate::spent::spent;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// Processor time of one scan in a debug build; the slowest here takes a third of it, and what is not bounded would take hours.
const SECONDS: u64 = 40;

fn rules() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    RULES.get_or_init(|| crate::pack().load().0)
}

fn secrets() -> &'static Secrets {
    static SECRETS: OnceLock<Secrets> = OnceLock::new();
    SECRETS.get_or_init(|| Secrets::builtin().unwrap())
}

/// All on this thread, so that its time is that of the scan.
fn options(secrets: Option<&Secrets>) -> Options<'_> {
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    Options { today, jobs: 1, foreign: true, secrets, key: None, advisories: None, clean: None, rendered: &[] }
}

fn scanned(root: &Path, secrets: Option<&Secrets>, what: &str) -> Scan {
    let (scan, took) = spent(|| scan(root, rules(), options(secrets), &Progress::default()));
    assert!(took.as_secs() < SECONDS, "{what}: {took:?}");
    scan
}

/// A scan of these files; of each its place, and problems as `path: reason`.
fn said(files: &[(&str, &str)]) -> (Scan, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let at = folder.path().join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, text).unwrap();
    }
    let what = format!("{} {:.60}", files[0].0, files[0].1);
    let scan = scanned(folder.path(), None, &what);
    let problems = scan.problems.iter().map(|problem| format!("{}: {}", problem.path, problem.reason)).collect();
    (scan, problems)
}

/// A problem that names this is said of the first file, if anything is to be.
fn check(files: &[(&str, &str)], says: Option<&str>) {
    let (_, problems) = said(files);
    let name = files[0].0;
    match says {
        Some(says) => {
            assert!(
                problems.iter().any(|problem| problem.contains(says)),
                "{name} {:.60}: {says}: {problems:.300?}",
                files[0].1
            );
        }
        None => assert!(problems.is_empty(), "{name} {:.60}: {problems:.300?}", files[0].1),
    }
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n";

/// Each level has ten of the level before.
fn laughs(levels: usize, merge: &str) -> String {
    let mut text = format!("{POD}l0: &l0 {{x: [lol]}}\n");
    for level in 1..=levels {
        let ten = vec![format!("*l{}", level - 1); 10].join(", ");
        writeln!(text, "l{level}: &l{level} {{{merge}: [{ten}], k{level}: 1}}").unwrap();
    }
    text + &format!("spec: *l{levels}\n")
}

#[test]
fn yaml_without_end() {
    check(&[("pod.yml", &laughs(10, "a"))], None);
    check(&[("pod.yml", &laughs(10, "<<"))], None);
    check(
        &[("compose.yml", &format!("services: {{web: {{image: a, environment: *l10}}}}\n{}", laughs(10, "a")))],
        Some("compose.yml"),
    );
    check(
        &[(
            "compose.yml",
            &format!(
                "{}\nservices: {{web: {{image: a, environment: *l10, volumes: *l9, labels: *l10}}}}\n",
                laughs(10, "a")
            ),
        )],
        None,
    );
    let ci = "a:\n  script: *l10\n  image: *l9\n  variables: *l10\n  rules: *l10\n  extends: *l10\n";
    check(&[(".gitlab-ci.yml", &format!("{}\n{ci}", laughs(10, "a")))], None);
    let job = "on: *l10\njobs:\n  a:\n    runs-on: *l10\n    strategy: {matrix: *l10}\n    env: *l10\n    steps: [{run: 'echo ${{ matrix.x }}', env: *l10, with: *l10}]\n";
    check(&[(".github/workflows/a.yml", &format!("{}\n{job}", laughs(10, "a")))], None);
    for own in [
        "a: &a [*a]\n",
        "a: &a {b: *a}\n",
        "a: &a {<<: *a}\n",
        "&a *a : *a\n",
        "a: &a {<<: [*a, *a], b: &b {<<: *b}}\n",
    ] {
        let (scan, _) = said(&[("pod.yml", &format!("{POD}{own}"))]);
        assert!(scan.files == 1);
    }
    for deep in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        format!("\n{}x", "- ".repeat(100_000)),
        format!("\n{}x", "? ".repeat(100_000)),
        format!("!!map {}", "&a ".repeat(100_000)),
        (0..3_000).fold("\n".to_owned(), |text, level| text + &" ".repeat(level + 1) + "a:\n"),
    ] {
        check(&[("pod.yml", &format!("{POD}spec: {deep}"))], Some("pod.yml"));
    }
    let many = format!("{POD}---\n").repeat(10_001);
    check(&[("pod.yml", &many)], Some("MAX_DOCUMENTS"));
    let (scan, _) = said(&[(
        "pod.yml",
        &format!("{POD}spec: {{containers: [{{name: a, image: b, securityContext: {{privileged: true}}}}]}}\n---\n")
            .repeat(9_990),
    )]);
    assert!(scan.cut > 0 && scan.problems.is_empty());
}

#[test]
fn json_and_toml_without_end() {
    let begins = "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": ";
    for open in ["[", "{\"a\":"] {
        check(&[("pod.json", &(begins.to_owned() + &open.repeat(100_000)))], Some("pod.json"));
        let lock = format!("{{\"lockfileVersion\": 1, \"dependencies\": {}", open.repeat(100_000));
        check(&[("package-lock.json", &lock)], Some("package-lock.json"));
    }
    let nested = (0..90).fold(String::new(), |text, level| {
        text + &format!("{{\"p{level}\": {{\"version\": \"1.0.0\", \"dependencies\": ")
    });
    let lock =
        format!("{{\"name\": \"a\", \"lockfileVersion\": 1, \"dependencies\": {nested}{{}}{}}}", "}}".repeat(90));
    check(&[("package-lock.json", &lock)], Some("package-lock.json"));
    for toml in [
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}", "{a = ".repeat(100_000)),
        format!("{}a = 1", "a.".repeat(100_000)),
        format!("[{}a]", "a.".repeat(100_000)),
    ] {
        check(&[("Cargo.lock", &toml)], Some("Cargo.lock"));
    }
    let folder = tempfile::tempdir().unwrap();
    let line = format!("[{}0]", "{\"name\":\"a\",\"value\":[1,2,3]},".repeat(690_000));
    assert!(line.len() > 20_000_000);
    fs::write(folder.path().join("data.json"), line).unwrap();
    assert_eq!(scanned(folder.path(), Some(secrets()), "one line").files, 1);
}

#[test]
fn dockerfiles_without_end() {
    let long = format!("FROM a\nRUN x {}y\n", "\\\n".repeat(100_000));
    check(&[("Dockerfile", &long)], None);
    check(&[("Dockerfile", &format!("FROM a\nRUN true {}\n", "&& \\\n true ".repeat(100_000)))], Some("MAX_RUN"));
    check(&[("Dockerfile", &format!("FROM a\nRUN {}\n", "<<A ".repeat(20_000)))], Some("Dockerfile"));
    check(&[("Dockerfile", &format!("FROM a\n{}", "RUN <<A\nx\n".repeat(20_000)))], Some("Dockerfile"));
    check(&[("Dockerfile", &format!("FROM {}\n", "${A:-".repeat(50_000)))], None);
    check(
        &[(
            "Dockerfile",
            &format!(
                "{}FROM $A99\n",
                (0..100).fold("ARG A0=x\n".to_owned(), |text, at| text + &format!("ARG A{}=$A{at}$A{at}\n", at + 1))
            ),
        )],
        None,
    );
    let around = "services:\n  a: {extends: b}\n  b: {extends: {file: compose.yml, service: a}}\n  c: {extends: c, depends_on: [c]}\n";
    check(&[("compose.yml", around)], None);
}

#[test]
fn pipelines_without_end() {
    let step = |run: &str| format!("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: {run}\n");
    let workflow = ".github/workflows/a.yml";
    for run in [
        format!("echo ${{{{ {} }}}}", "(".repeat(100_000)),
        format!("echo ${{{{ {}1 }}}}", "!".repeat(100_000)),
        format!("echo ${{{{ github{} }}}}", ".a".repeat(100_000)),
        format!("echo ${{{{ a{} }}}}", " || a".repeat(100_000)),
        format!("echo ${{{{ {}'x'{} }}}}", "fromJSON(".repeat(10_000), ")".repeat(10_000)),
    ] {
        let (scan, _) = said(&[(workflow, &step(&run))]);
        assert_eq!(scan.files, 1);
    }
    let matrix: String = (0..9).fold(String::new(), |text, at| text + &format!("a{at}: [1, 2, 3, 4, 5, 6, 7, 8, 9], "));
    let (scan, _) = said(&[(
        workflow,
        &step("echo ${{ matrix.a1 }}")
            .replace("    steps", &format!("    strategy: {{matrix: {{{matrix}}}}}\n    steps")),
    )]);
    assert_eq!(scan.files, 1);
    let around = "name: a\nruns:\n  using: composite\n  steps: [{uses: ./}, {uses: ./a}]\n";
    check(
        &[("action.yml", around), ("a/action.yml", around), (workflow, &step("x").replace("run: x", "uses: ./a"))],
        None,
    );
}

/// Variables that hold each other again and again, and one step that holds all the expressions that a file may.
#[test]
fn expressions_without_end() {
    let workflow = ".github/workflows/a.yml";
    let step = |run: &str, env: &str| {
        format!("on: issues\njobs:\n  a:\n    runs-on: x\n    steps:\n      - env: {{{env}}}\n        run: {run}\n")
    };
    let title = "echo ${{ github.event.issue.title }};".repeat(50_000);
    let distinct: String = (0..20_000).map(|at| format!("echo ${{{{ env.A || {at} }}}};")).collect();
    let lines: String =
        (0..20_000).map(|at| format!("\n          echo ${{{{ secrets.A{at} }}}} >> $GITHUB_ENV")).collect();
    let own = format!("A: '{}'", "${{ env.A }}".repeat(200));
    let around: String = ["A", "B", "C"].iter().fold(String::new(), |text, name| {
        text + &format!("{name}: '{}', ", "${{ env.A }} ${{ env.B }} ${{ env.C }} ".repeat(50))
    });
    for (run, env, rule) in [
        (title.as_str(), "A: x", "github-template-injection"),
        (&distinct, "A: '${{ github.head_ref }}'", "github-template-injection-chain"),
        (&format!("|{lines}"), "A: x", "github-secret-in-command"),
        ("echo ${{ env.A }}", &own, "github-template-expansion"),
        ("echo ${{ env.A }}", &around, "github-template-expansion"),
        (&distinct, &around, "github-template-expansion"),
    ] {
        let (scan, problems) = said(&[(workflow, &step(run, env))]);
        assert!(scan.findings.iter().any(|found| &*found.finding.rule == rule), "{rule}: {run:.40}");
        assert_eq!(problems, [] as [&str; 0]);
    }
}

#[test]
fn jobs_without_end() {
    let gitlab = ".gitlab-ci.yml";
    check(
        &[(gitlab, "include: [.gitlab-ci.yml, {local: a.yml}]\n"), ("a.yml", "include: {local: '/.gitlab-ci.yml'}\n")],
        None,
    );
    check(
        &[(
            gitlab,
            "include: {local: '**/*.yml'}\na: {script: x, extends: b}\nb: {extends: [a, b]}\nc: {script: [!reference [c, script], !reference [d, script]]}\nd: {script: [!reference [c, script]]}\n",
        )],
        None,
    );
    let chain: String =
        (0..10_000).fold(String::new(), |text, at| text + &format!("j{at}: {{extends: j{}, script: x}}\n", at + 1));
    let (scan, _) = said(&[(gitlab, &chain)]);
    assert_eq!(scan.files, 1);
    let double: String = (0..40).fold(String::new(), |text, at| {
        text + &format!("j{at}: {{extends: [j{0}, j{0}], variables: {{A{at}: x}}}}\n", at + 1)
    });
    let (scan, _) = said(&[(gitlab, &double)]);
    assert_eq!(scan.files, 1);
    let many: String = (0..10_000).fold("include:\n".to_owned(), |text, at| text + &format!("  - local: a{at}.yml\n"));
    let (scan, _) = said(&[(gitlab, &many)]);
    assert_eq!(scan.files, 1);
}

#[test]
fn charts_and_servers_without_end() {
    let chart = "apiVersion: v2\nname: shop\nversion: 1.0.0\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
    for template in [
        "{{ define \"a\" }}{{ include \"a\" . }}{{ end }}x: {{ include \"a\" . }}\n".to_owned(),
        "{{ define \"a\" }}{{ include \"b\" . }}{{ include \"b\" . }}{{ end }}{{ define \"b\" }}{{ template \"a\" . }}{{ end }}x: {{ include \"a\" . }}\n".to_owned(),
        "x: {{ tpl .Values.x . }}\n".to_owned(),
        "x: {{ repeat 1000000000 \"x\" }}\n".to_owned(),
        "x: {{ printf \"%0999999999d\" 1 }}{{ indent 999999999 \"a\" }}\n".to_owned(),
        "{{ range until 1000000000 }}{{ range until 1000000000 }}x{{ end }}{{ end }}\n".to_owned(),
        format!("x: {}1{}\n", "{{ if true }}".repeat(10_000), "{{ end }}".repeat(10_000)),
        format!("x: {{{{ {}1{} }}}}\n", "(".repeat(100_000), ")".repeat(100_000)),
        format!("x: {{{{ 1{} }}}}\n", " | quote".repeat(50_000)),
        format!("{}x: {{{{ $a }}}}\n", "{{ $a := printf \"%s%s\" $a $a }}".repeat(200).replacen("$a $a", "\"xx\" \"xx\"", 1)),
        format!("{}x: {{{{ $a | toJson }}}}\n", "{{ $a := list $a $a }}".repeat(200).replacen("$a $a", "1 2", 1)),
    ] {
        let values = "x: '{{ tpl .Values.x . }}'\n";
        let (scan, _) = said(&[("c/templates/a.yaml", &(pod.to_owned() + &template)), ("c/Chart.yaml", chart), ("c/values.yaml", values)]);
        assert!(scan.files >= 2, "{template:.60}");
    }
    let nginx =
        "events {}\nhttp {\n  include nginx.conf;\n  include *.conf;\n  server { listen 80; include other.conf; }\n}\n";
    let (scan, _) = said(&[("nginx.conf", nginx), ("other.conf", "include nginx.conf;\ninclude other.conf;\n")]);
    assert_eq!(scan.files, 2);
    check(&[("nginx.conf", &format!("http {{ {}", "location / {".repeat(100_000)))], Some("nginx.conf"));
    let set: String = (0..200).fold(String::new(), |text, at| text + &format!("set $a{} $a{at}$a{at};\n", at + 1));
    let (scan, _) =
        said(&[("nginx.conf", &format!("http {{ server {{ listen 80; {set} proxy_pass http://$a200; }} }}\n"))]);
    assert_eq!(scan.files, 1);
    let (scan, _) = said(&[
        ("sshd_config", "Include sshd_config\nInclude *\nInclude sshd_config.d/*\n"),
        ("sshd_config.d/a.conf", "Include ../sshd_config\n"),
    ]);
    assert!(scan.files >= 1);
    let around = "resources: [../a, ../b, .]\nbases: [.]\npatches: [{path: kustomization.yaml}]\n";
    let (scan, _) = said(&[("a/kustomization.yaml", around), ("b/kustomization.yaml", around)]);
    assert_eq!(scan.files, 2);
    let owners = "**/a*/**/*b*/**/*c*/** @o\n".repeat(5_000);
    let (scan, _) = said(&[
        (".github/CODEOWNERS", &owners),
        (
            &("aabbcc/".repeat(30) + "x.py"),
            "x = 1
",
        ),
        (
            ".git/HEAD",
            "x
",
        ),
    ]);
    assert_eq!(scan.problems, []);
    check(&[("requirements.txt", "-r requirements.txt\n-c requirements.txt\n-r ./requirements.txt\na==1\n")], None);
}

/// Nothing is waited for and nothing is read without end: each of these, opened as a file, would be.
#[test]
fn what_is_no_file_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    let pipe = |path: &str| {
        fs::create_dir_all(at(path).parent().unwrap()).unwrap();
        mknodat(CWD, at(path), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    };
    for path in [
        "pod.yml",
        "Dockerfile",
        "package-lock.json",
        ".env",
        ".tandem/suppressions.yml",
        "node_modules/a/package.json",
        "b/.gitignore",
        "c/.tandemignore",
        "c/x.py",
    ] {
        if path != "c/x.py" {
            pipe(path);
        }
    }
    fs::create_dir_all(at("d")).unwrap();
    symlink("/dev/zero", at("d/.ignore")).unwrap();
    symlink("/dev/zero", at("zero.yml")).unwrap();
    symlink(at("pod.yml"), at("link.yml")).unwrap();
    symlink(at("loop"), at("loop")).unwrap();
    symlink(folder.path(), at("d/up")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket.yml")).unwrap();
    fs::create_dir_all(at("e")).unwrap();
    fs::File::create(at("e/.gitignore")).unwrap().set_len(1 << 31).unwrap();
    fs::write(at("a.env"), "A=1\n").unwrap();
    let told = scanned(folder.path(), Some(secrets()), "pipes");
    assert_eq!(told.files, 1);
    let problems: Vec<String> =
        told.problems.iter().map(|problem| format!("{}: {:.24}", problem.path, problem.reason)).collect();
    let expected = [
        "b: `.gitignore` is no file:",
        "c: `.tandemignore` is no fi",
        "d: `.ignore` is no file: th",
        "e: `.gitignore` has 2147483",
    ];
    assert_eq!(problems, expected);
    let root = tempfile::tempdir().unwrap();
    mknodat(CWD, root.path().join(".gitignore"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    fs::write(root.path().join("a.py"), "x = 1\n").unwrap();
    assert!(scanned(root.path(), Some(secrets()), "a pipe in the root").is_incomplete());
    assert_eq!(scanned(&at("pod.yml"), Some(secrets()), "a pipe as the root").files, 0);
}

#[test]
fn names_and_texts_of_any_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let token = make("ghp_<base62:30><crc>", 3).text;
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9\n\x1b[31m.yml");
    fs::write(folder.path().join(name), format!("{POD}token: {token}\n")).unwrap();
    let wide = |order: fn(u16) -> [u8; 2], text: &str| -> Vec<u8> { text.encode_utf16().flat_map(order).collect() };
    let pod = format!(
        "\u{feff}{POD}spec: {{containers: [{{name: a, image: b, securityContext: {{privileged: true}}}}]}}\n# {token}\n"
    );
    fs::write(folder.path().join("le.yml"), wide(u16::to_le_bytes, &pod)).unwrap();
    fs::write(folder.path().join("be.yml"), wide(u16::to_be_bytes, &pod)).unwrap();
    fs::write(folder.path().join("bom.yml"), &pod).unwrap();
    fs::write(folder.path().join("bytes.yml"), [pod.as_bytes(), b"# \xff\xfe\n"].concat()).unwrap();
    let told = scanned(folder.path(), Some(secrets()), "bytes");
    let of = |path: &str| {
        told.findings
            .iter()
            .filter(|found| &*found.finding.path == path)
            .map(|found| &*found.finding.rule)
            .collect::<Vec<_>>()
    };
    let problems: Vec<&str> = told.problems.iter().map(|problem| &*problem.path).collect();
    // What was not parsed is told, and secrets are found in any case.
    assert_eq!(problems, ["be.yml", "bytes.yml", "le.yml"]);
    for path in ["be.yml", "le.yml", "bytes.yml", "bom.yml", "caf\u{fffd}\n\u{1b}[31m.yml"] {
        assert!(of(path).contains(&"github-personal-token"), "{path} {:?}", told.problems);
    }
    assert!(of("bom.yml").contains(&"kubernetes-privileged-container"));
}

/// A repository of one commit, with a secret in it.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..20_u64 {
        let token = make("ghp_<base62:30><crc>", number).text;
        fs::write(folder.path().join(format!("{number}.env")), format!("TOKEN={token}\n").repeat(3)).unwrap();
    }
    git(folder.path(), &["init", "-q", "."]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "x"]);
    folder
}

fn git(root: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(root).args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "gc.auto=0"]).args(arguments);
    assert!(git.output().unwrap().status.success());
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// Reads the history with a file that has other bytes, or none, in its place.
fn with(root: &Path, file: &Path, bytes: Option<&[u8]>) -> Scan {
    let before = fs::read(file).unwrap();
    fs::remove_file(file).unwrap();
    if let Some(bytes) = bytes {
        fs::write(file, bytes).unwrap();
    }
    let told = history(root, options(Some(secrets()))).unwrap();
    let _ = fs::remove_file(file);
    fs::write(file, before).unwrap();
    told
}

/// Whatever is wrong with a pack or its index, the history is told to be incomplete.
#[test]
fn damaged_packs_are_told() {
    let folder = repository();
    let root = folder.path();
    git(root, &["repack", "-qad"]);
    let whole = history(root, options(Some(secrets()))).unwrap();
    assert_eq!((whole.files, whole.findings.len(), whole.is_incomplete()), (20, 60, false));
    let all = files(&root.join(".git/objects/pack"));
    for file in all.iter().filter(|file| file.extension().is_some_and(|ending| ending == "pack" || ending == "idx")) {
        let bytes = fs::read(file).unwrap();
        for length in [0, 1, 8, 12, 40, bytes.len() / 2, bytes.len() - 21, bytes.len() - 20, bytes.len() - 1] {
            assert!(with(root, file, Some(&bytes[..length])).is_incomplete(), "{length} of {}", file.display());
        }
        for at in (0..bytes.len()).step_by(bytes.len() / 60) {
            for flip in [0x01, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] ^= flip;
                assert!(with(root, file, Some(&bytes)).is_incomplete(), "{at} of {}", file.display());
            }
        }
    }
    let pack = all.iter().find(|file| file.extension().is_some_and(|ending| ending == "pack")).unwrap();
    assert!(with(root, pack, None).is_incomplete());
    assert!(!history(root, options(Some(secrets()))).unwrap().is_incomplete());
}

/// An object that is not there, or is not what its name says, is told.
#[test]
fn missing_objects_are_told() {
    let folder = repository();
    let root = folder.path();
    assert!(!history(root, options(Some(secrets()))).unwrap().is_incomplete());
    let mut of_kind = [0, 0];
    for folder in
        files(&root.join(".git/objects")).iter().filter(|of| of.file_name().is_some_and(|name| name.len() == 2))
    {
        for file in files(folder) {
            let bytes = fs::read(&file).unwrap();
            let id = format!("{}{}", folder.file_name().unwrap().display(), file.file_name().unwrap().display());
            let kind = Command::new("git").current_dir(root).args(["cat-file", "-t", &id]).output().unwrap().stdout;
            let is_commit = kind.starts_with(b"commit");
            // Nothing but a reference names the commit.
            if !is_commit {
                assert!(with(root, &file, None).is_incomplete(), "{id}");
            }
            of_kind[usize::from(is_commit)] += 1;
            let mut broken = bytes.clone();
            broken[bytes.len() / 2] ^= 0x10;
            assert!(with(root, &file, Some(&broken)).is_incomplete(), "{id}");
            assert!(with(root, &file, Some(&bytes[..bytes.len() / 2])).is_incomplete(), "{id}");
        }
    }
    assert_eq!(of_kind, [21, 1]);
}
