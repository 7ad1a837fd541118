//! Files that are scanned: of every family, secrets, parts, advisories, and the rules themselves.

use scan::evaluate::Evaluator;
use scan::families;
use scan::finding::Finding;
use scan::pack::File;
use scan::pages::Page;
use scan::parts::{self, advisories, cyclonedx};
use scan::policies::{checkov, rego};
use scan::rules::{Rule, RuleError};
use scan::secrets::{FingerprintKey, Secrets, Source, example};
use scan::suppress::{self, Suppressions};
use scan::text::{Span, Text};
use scan::tree::Tree;
use std::sync::LazyLock;

/// All rules that are built in.
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| scan::pack().load().0);
/// All detectors that are built in.
static SECRETS: LazyLock<Option<Secrets>> = LazyLock::new(|| Secrets::builtin().ok());

fn text(path: &str, data: &[u8]) -> Option<Text> {
    Some(Text::new(path, std::str::from_utf8(data).ok()?))
}

/// A span lies in its text and cuts no character.
fn within(text: &Text, span: Span) {
    let range = span.start as usize..span.end as usize;
    assert!(text.text.get(range).is_some(), "{}: {span:?} of {} bytes", text.path, text.text.len());
}

/// All rules over files: whatever they say, the same findings come twice, each at a place that there is.
fn all_rules(texts: &[Text]) {
    some_rules(&RULES, texts);
}

/// The same of some rules. What they find is told.
fn some_rules(rules: &[Rule], texts: &[Text]) -> Vec<Finding> {
    let findings = || -> (Vec<Finding>, usize) {
        let (world, _) = families::world(texts.to_vec());
        for resource in &world.resources {
            within(&world.file(resource.file).text, resource.span);
        }
        let said = Evaluator::new(rules).run(&world);
        for finding in &said.findings {
            within(&world.file(finding.file).text, finding.span);
            assert!(!finding.message.is_empty() && finding.start.line > 0, "{finding:?}");
        }
        (said.findings, said.undecided.len())
    };
    let (first, second) = (findings(), findings());
    let ids = |findings: &[Finding]| findings.iter().map(|one| one.fingerprint.clone()).collect::<Vec<_>>();
    assert_eq!((ids(&first.0), first.1), (ids(&second.0), second.1));
    first.0
}

fn one(path: &str, data: &[u8]) {
    if let Some(text) = text(path, data) {
        all_rules(&[text]);
    }
}

/// A Dockerfile, with the shell in it.
pub fn scan_dockerfile(data: &[u8]) {
    one("Dockerfile", data);
}

/// A Compose file, and the files of variables that it names.
pub fn scan_compose(data: &[u8]) {
    let Some(all) = text("compose.yml", data) else { return };
    match all.text.split_once("\n-----\n") {
        None => all_rules(&[all]),
        Some((file, variables)) => {
            let names = [".env", "one.env"].map(|path| Text::new(path, variables));
            all_rules(&[[Text::new("compose.yml", file)].as_slice(), &names].concat());
        }
    }
}

/// Kubernetes manifests, in YAML or in JSON: the first byte chooses. With a kustomization over them, and a patch of it.
pub fn scan_kubernetes(data: &[u8]) {
    let path = if data.first() == Some(&b'{') { "deploy.json" } else { "deploy.yml" };
    let Some(all) = text(path, data) else { return };
    let mut parts = all.text.splitn(3, "\n-----\n");
    match (parts.next(), parts.next()) {
        (Some(objects), Some(kustomization)) => all_rules(&[
            Text::new(path, objects),
            Text::new("over/kustomization.yaml", kustomization),
            Text::new("over/patch.yml", parts.next().unwrap_or_default()),
        ]),
        _ => all_rules(std::slice::from_ref(&all)),
    }
}

/// A workflow, an action and Dependabot's configuration of the same text.
pub fn scan_github(data: &[u8]) {
    for path in [".github/workflows/a.yml", "action.yml", ".github/dependabot.yml"] {
        one(path, data);
    }
}

/// A pipeline of GitLab that includes itself.
pub fn scan_gitlab(data: &[u8]) {
    let texts = [".gitlab-ci.yml", "other.yml"].map(|path| text(path, data));
    if let [Some(first), Some(second)] = texts {
        all_rules(&[first, second]);
    }
}

/// A chart: values and a template, apart by a line of dashes.
pub fn scan_helm(data: &[u8]) {
    let Some(all) = text("all", data) else { return };
    let (values, template) = all.text.split_once("\n-----\n").unwrap_or(("", &all.text));
    all_rules(&[
        Text::new("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
        Text::new("chart/values.yaml", values),
        Text::new("chart/templates/all.yaml", template),
    ]);
}

/// A configuration of nginx, alone and as what another one includes.
pub fn scan_nginx(data: &[u8]) {
    one("nginx.conf", data);
    let Some(part) = text("conf.d/a.conf", data) else { return };
    let around = "events {}\nhttp {\n  add_header X-Frame-Options DENY;\n  include conf.d/*.conf;\n}\n";
    all_rules(&[Text::new("nginx.conf", around), part]);
}

/// A configuration of sshd that may include itself.
pub fn scan_sshd(data: &[u8]) {
    let texts = ["sshd_config", "sshd_config.d/a.conf"].map(|path| text(path, data));
    if let [Some(first), Some(second)] = texts {
        all_rules(&[first, second]);
    }
}

/// An export of a repository's settings in JSON, or owners of code, in the root of a repository.
pub fn scan_repository(data: &[u8]) {
    let path = if matches!(data.first(), Some(b'{' | b'[')) { ".tandem/github/a.json" } else { ".github/CODEOWNERS" };
    let Some(text) = text(path, data) else { return };
    all_rules(&[Text::new(".git/HEAD", ""), Text::new(".github/workflows/a.yml", "on: push\n"), text]);
}

/// A text with a secret in it that is made here, so that none lies in the repository: three bytes choose the detector and where
/// the rest goes in. Nothing of what is found shows the value.
pub fn scan_secrets(data: &[u8]) {
    let Some(secrets) = &*SECRETS else { return };
    let (Some((choice, rest)), false) = (data.split_first_chunk::<3>(), secrets.detectors().is_empty()) else { return };
    let number = usize::from(u16::from_le_bytes([choice[0], choice[1]]));
    let examples = &secrets.detectors()[number % secrets.detectors().len()].examples;
    let Some(template) = examples.get(number % examples.len().max(1)) else { return };
    let made = example::make(template, 7);
    let mut bytes = made.text.clone().into_bytes();
    let at = usize::from(choice[2]) % (bytes.len() + 1);
    bytes.splice(at..at, rest.iter().copied());
    let key = FingerprintKey::new(b"fuzz");
    let mut found = Vec::new();
    secrets.scan(Source { path: "a.txt", bytes: &bytes }, key.as_ref(), &mut found);
    let shown = serde_json::to_string(&found).expect("findings can be written");
    for (range, _) in &made.parts {
        let value = &made.text[range.clone()];
        assert!(value.len() < 12 || !shown.contains(value), "{shown}");
    }
}

/// Lock files: the first byte chooses the name.
pub fn scan_locks(data: &[u8]) {
    const NAMES: [&str; 12] = [
        "package-lock.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "requirements.txt",
        "poetry.lock",
        "uv.lock",
        "Pipfile.lock",
        "pdm.lock",
        "pylock.toml",
        "Cargo.lock",
        "go.mod",
        "bom.cdx.json",
    ];
    let Some((first, data)) = data.split_first() else { return };
    let name = NAMES[usize::from(*first) % NAMES.len()];
    let Some(text) = text(name, data) else { return };
    let read = match parts::kind(name) {
        Some(kind) => parts::read(kind, &text, &|_| None),
        None => cyclonedx::read(&text),
    };
    match read {
        Ok(inventory) => {
            inventory.components.iter().for_each(|component| within(&text, component.span));
            let count = inventory.components.len();
            assert!(inventory.edges.iter().all(|(from, to)| *from < count && *to < count));
            for part in (0..count).take(50) {
                assert!(inventory.way_to(part).contains(&part));
            }
            let bill = cyclonedx::write(&inventory, "shop", "1.6").expect("an inventory can be written");
            assert!(cyclonedx::read(&Text::new("bom.cdx.json", bill)).is_ok());
        }
        Err(malformed) => {
            within(&text, malformed.span);
            assert!(!malformed.reason.is_empty());
        }
    }
}

/// Advisories of all forms.
pub fn scan_advisories(data: &[u8]) {
    let Some(text) = text("a", data) else { return };
    for malformed in [
        advisories::osv::json(&text).err(),
        advisories::osv::yaml(&text).err(),
        advisories::rustsec::read(&text).err(),
        advisories::kev::read(&text).err(),
    ]
    .into_iter()
    .flatten()
    {
        within(&text, malformed.span);
    }
}

/// Rules, their pages and suppressions.
pub fn scan_rules(data: &[u8]) {
    let Some(text) = text("a.yml", data) else { return };
    match Rule::read("a.yml", &text.text) {
        Ok(rule) => assert!(!rule.id.is_empty()),
        Err(error) => assert!(!error.reason.is_empty() && error.place.0 > 0, "{error}"),
    }
    let _ = Page::parse("a.md", &text.text);
    let Some(today) = chrono::NaiveDate::from_ymd_opt(2026, 11, 22) else { return };
    Suppressions::read(&text, today);
    for notice in suppress::notices(&text, today) {
        assert!(notice.place.line as usize <= text.lines(), "{notice:?}");
    }
    if let Ok(tree) = Tree::toml(&text) {
        tree.documents().for_each(|document| within(&text, document.span()));
    }
}

/// What policies are asked of: a file of each framework, with something for each type, and a text that is only partly known.
const ASKED: &[(&str, &str)] = &[
    (
        "pod.yml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: \"\", a.b/c: d}}\nspec:\n  hostNetwork: true\n  containers:\n    - &c {name: app, image: 'x:1', ports: [{containerPort: 80}, {containerPort: 443}]}\n    - *c\n",
    ),
    (
        ".github/workflows/a.yml",
        "on: [push]\npermissions: {contents: read}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: a/b@v1\n      - run: echo ${{ github.event.issue.title }} 1\n        env: {N: 10.0.0.0/8}\n",
    ),
    ("Dockerfile", "FROM alpine:3.20 AS a\nUSER root\nEXPOSE 80-90\nHEALTHCHECK CMD [\"x\"]\n"),
    ("settings.toml", "[a]\nb = [1, 2.5, true]\n"),
];

fn asked() -> Vec<Text> {
    ASKED.iter().map(|(path, text)| Text::new(*path, *text)).collect()
}

/// Why a policy is refused: with words, at a place of its file.
fn refused(text: &str, error: &RuleError) {
    let (line, column) = error.place;
    assert!(!error.reason.is_empty() && line > 0 && column > 0, "{error:?}");
    assert!(line <= text.lines().count() + 1, "{error} of {} lines", text.lines().count());
}

/// Custom policies in Checkov's form, and all their operators.
pub fn scan_checkov(data: &[u8]) {
    let Some(text) = text("a.yml", data) else { return };
    match checkov::read("a.yml", &text.text) {
        Ok(rule) => drop(some_rules(rule.as_slice(), &asked())),
        Err(error) => refused(&text.text, &error),
    }
}

/// A package in Rego beside one that is whole: whatever the one is like, the other says what it said.
pub fn scan_rego(data: &[u8]) {
    const WHOLE: &str = "package whole\n\nimport rego.v1\n\ndeny contains \"it is `Pod`\" if input.kind == \"Pod\"\n";
    let Some(text) = text("a.rego", data) else { return };
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned().into() };
    let read = rego::read(&[file("a.rego", &text.text), file("b.rego", WHOLE)], &[file("d.json", "{\"a\": [1]}")]);
    read.errors.iter().filter(|error| &*error.file == "a.rego").for_each(|error| refused(&text.text, error));
    let found = some_rules(&read.rules, &asked());
    let is_whole = |found: &&Finding| &*found.rule == "whole.deny" && &*found.path == "pod.yml";
    // Only a part of the same package may change what it says.
    if !text.text.contains("whole") {
        assert_eq!(found.iter().filter(is_whole).count(), 1, "{:?}", read.errors);
    }
    rego::test(&[file("a_test.rego", &text.text)], &[]);
}

/// A condition in CEL, over a container of a manifest, with variables that are not known among its values.
pub fn scan_cel(data: &[u8]) {
    let Some(text) = text("a", data) else { return };
    let quoted: String =
        text.text.chars().map(|sign| if sign == '\'' { "''".to_owned() } else { sign.to_string() }).collect();
    let rule = format!(
        "id: a\ntitle: a\nseverity: low\nconfidence: high\nabout: [container, pod, step, job, instruction]\nfails: {{cel: '{quoted}'}}\nmessage: a\n"
    );
    match Rule::read("a.yml", &rule) {
        Ok(rule) => drop(some_rules(&[rule], &asked())),
        Err(error) => refused(&rule, &error),
    }
}
