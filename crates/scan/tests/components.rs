//! Components in a scan: from lock files and advisories to findings.

use scan::limits::MAX_FINDINGS_A_RULE;
use scan::parts::advisories::update::update;
use scan::parts::collect;
use scan::rules::{Confidence, Severity};
use scan::scanner::{self, Options, Progress, Scan};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const TODAY: &str = "2026-06-30";

/// A tree of files, and advisories beside it.
struct Office {
    folder: TempDir,
}

impl Office {
    fn new(files: &[(&str, &str)], advisories: &[(&str, &str)]) -> Office {
        let office = Office { folder: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            office.put(&format!("tree/{path}"), text);
        }
        office.import(advisories);
        office
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn import(&self, advisories: &[(&str, &str)]) {
        for (path, text) in advisories {
            self.put(&format!("import/{path}"), text);
        }
        let paths: Vec<PathBuf> =
            advisories.iter().map(|(path, _)| self.folder.path().join("import").join(path)).collect();
        if !paths.is_empty() {
            update(&self.file(), &paths, "2026-06-01T00:00:00Z", &|_, _| {}).unwrap();
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("advisories.db")
    }

    fn tree(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    fn scan(&self) -> Scan {
        let file = self.file();
        scanner::scan(&self.tree(), &rules(), options(file.is_file().then_some(&*file)), &Progress::default())
    }
}

fn rules() -> Vec<scan::rules::Rule> {
    scan::pack().load().0
}

fn options(advisories: Option<&Path>) -> Options<'_> {
    Options {
        today: TODAY.parse().unwrap(),
        jobs: 2,
        foreign: false,
        advisories,
        secrets: None,
        key: None,
        clean: None,
        rendered: &[],
    }
}

fn osv(id: &str, package: [&str; 2], events: &str, more: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "2026-05-31T00:00:00Z", "summary": "It breaks", {more} "affected": [{{"package": {{"ecosystem": "{}", "name": "{}"}},
        "ranges": [{{"type": "ECOSYSTEM", "events": [{events}]}}]}}]}}"#,
        package[0], package[1]
    )
}

const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {
  "": {"dependencies": {"app-frame": "1"}, "devDependencies": {"tool": "1"}},
  "node_modules/app-frame": {"version": "1.0.0", "dependencies": {"left": "1", "other": "1"}},
  "node_modules/left": {"version": "1.1.0"},
  "node_modules/other": {"version": "1.0.0", "dependencies": {"left": "2"}},
  "node_modules/other/node_modules/left": {"version": "2.1.0"},
  "node_modules/copy/node_modules/left": {"version": "1.1.0"},
  "node_modules/tool": {"version": "1.0.0", "dev": true}
}}"#;
const LEFT: &str = r#"{"introduced": "1.0.0"}, {"fixed": "1.2.0"}, {"introduced": "2.0.0"}, {"fixed": "2.2.0"}"#;

fn lines(scan: &Scan) -> Vec<String> {
    let line = |found: &scan::scanner::Found| {
        let finding = &found.finding;
        format!("{}:{} {} {:?} {}", finding.path, finding.start.line, finding.rule, finding.severity, finding.address)
    };
    scan.findings.iter().map(line).collect()
}

fn fingerprints(scan: &Scan) -> Vec<String> {
    scan.findings.iter().map(|found| found.finding.fingerprint.clone()).collect()
}

#[test]
fn a_weakness_is_one_finding_whoever_tells_it() {
    let aliases = r#""aliases": ["CVE-2026-1"],"#;
    let rated = r#""aliases": ["CVE-2026-1", "EX-1"], "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"#;
    let office = Office::new(
        &[("package-lock.json", LOCK)],
        &[
            ("EX-1.json", &osv("EX-1", ["npm", "left"], LEFT, aliases)),
            (
                "EX-2.json",
                &osv("EX-2", ["npm", "tool"], r#"{"introduced": "0"}"#, r#""database_specific": {"severity": "LOW"},"#),
            ),
        ],
    );
    let scan = office.scan();
    assert_eq!(
        lines(&scan),
        [
            "package-lock.json:4 vulnerable-component Medium pkg:npm/left",
            "package-lock.json:6 vulnerable-component Medium pkg:npm/left",
            "package-lock.json:8 vulnerable-component Low pkg:npm/tool"
        ]
    );
    let [first, second, tool] = [0, 1, 2].map(|at| &scan.findings[at].finding);
    assert_eq!(&*first.title, "CVE-2026-1 in left");
    assert_eq!(
        first.message,
        "left 1.1.0: It breaks (CVE-2026-1, EX-1); affected: introduced 1.0.0, fixed 1.2.0, introduced 2.0.0, fixed 2.2.0; \
         fixed in 1.2.0; it came in by app-frame 1.0.0 > left 1.1.0"
    );
    assert!(
        second.message.contains("left 2.1.0")
            && second.message.contains("; fixed in 2.2.0; it came in by app-frame 1.0.0 > other 1.0.0")
    );
    assert!(
        tool.message.ends_with("no fixed version is told; it is asked for directly; for development only"),
        "{}",
        tool.message
    );
    assert_eq!((first.confidence, tool.confidence), (Confidence::High, Confidence::Medium));
    // Another database tells the same, with a severity.
    office.import(&[("GH-9.json", &osv("GH-9", ["npm", "left"], LEFT, rated))]);
    let again = office.scan();
    assert_eq!(fingerprints(&again), fingerprints(&scan));
    assert_eq!(again.findings[0].finding.severity, Severity::Critical);
    assert!(again.findings[0].finding.message.contains("(CVE-2026-1, EX-1, GH-9; CVSS 9.8)"));
}

#[test]
fn a_finding_is_the_same_until_the_version_is_good() {
    let advisory = osv("EX-1", ["npm", "left"], LEFT, "");
    let office = Office::new(&[("package-lock.json", LOCK)], &[("EX-1.json", &advisory)]);
    let before = fingerprints(&office.scan());
    assert_eq!(before.len(), 2);
    // Raised to another bad version, and moved by two lines.
    office.put("tree/package-lock.json", &LOCK.replace("1.1.0", "1.1.5").replacen('{', "{\n\n", 1));
    let moved = office.scan();
    assert_eq!((fingerprints(&moved), moved.findings[0].finding.start.line), (before.clone(), 6));
    office.put("tree/package-lock.json", &LOCK.replace("2.1.0", "2.2.0"));
    assert_eq!(fingerprints(&office.scan()), before[..1]);
    office.put("tree/package-lock.json", &LOCK.replace("2.1.0", "2.2.0").replace("1.1.0", "1.2.0"));
    assert_eq!(lines(&office.scan()), [] as [&str; 0]);
}

#[test]
fn what_is_exploited_or_made_to_harm_is_critical() {
    let kev = r#"{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2026-1", "dateAdded": "2026-02-03", "knownRansomwareCampaignUse": "Known"}]}"#;
    let mild = r#""aliases": ["CVE-2026-1"], "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}],"#;
    let any = r#"{"introduced": "0"}"#;
    let office = Office::new(
        &[("requirements.txt", "fine==1.0\nbad==1.0\nworse==1.0\ngone==1.0\nold==1.0\nloose\n")],
        &[
            ("EX-1.json", &osv("EX-1", ["PyPI", "bad"], any, mild)),
            ("MAL-1.json", &osv("MAL-2026-1", ["PyPI", "worse"], any, "")),
            ("W-1.json", &osv("W-1", ["PyPI", "gone"], any, r#""withdrawn": "2026-05-01T00:00:00Z","#)),
            (
                "R-1.json",
                &osv("R-1", ["PyPI", "old"], any, r#""x": 1,"#)
                    .replace("\"ranges\"", "\"database_specific\": {\"informational\": \"unmaintained\"}, \"ranges\""),
            ),
            ("kev.json", kev),
        ],
    );
    let scan = office.scan();
    assert_eq!(
        lines(&scan),
        [
            "requirements.txt:2 vulnerable-component Critical pkg:pypi/bad",
            "requirements.txt:3 malicious-component Critical pkg:pypi/worse",
            "requirements.txt:5 unmaintained-component Low pkg:pypi/old"
        ]
    );
    assert!(
        scan.findings[0]
            .finding
            .message
            .contains("CVSS 1.8); exploited, as CISA knows since 2026-02-03, also for ransom")
    );
    assert!(scan.findings[1].finding.message.contains("remove it"));
    // What is not pinned is undecided, with its reason.
    let undecided: Vec<_> =
        scan.undecided.iter().map(|of| (of.line, of.address.as_str(), of.reason.is_empty())).collect();
    assert_eq!(undecided, [(6, "loose", false)]);
    let only = |skip: &str| rules().into_iter().filter(|rule| &*rule.id != skip).collect::<Vec<_>>();
    let file = office.file();
    let scan = scanner::scan(&office.tree(), &only("malicious-component"), options(Some(&file)), &Progress::default());
    assert_eq!(scan.findings.len(), 2);
}

#[test]
fn what_is_not_known_is_said_once() {
    let advisory = osv("EX-1", ["npm", "left"], LEFT, "");
    let files = [
        ("a/requirements.txt", "x==1\n"),
        ("b/requirements.txt", "y==1\n"),
        ("go.mod", "module m\ngo 1.22\nrequire a.b/c v1.0.0\n"),
    ];
    let office = Office::new(&files, &[]);
    let scan = office.scan();
    assert_eq!(
        scan.parts.says,
        ["3 components in 3 files, held against no advisories: `tandem db import FILE|DIR...` reads some"]
    );
    assert!(scan.undecided.is_empty() && !scan.is_incomplete());
    office.import(&[("EX-1.json", &advisory)]);
    let scan = office.scan();
    assert_eq!(
        scan.parts.says,
        [
            "3 components in 3 files, held against 1 advisory (EX-1, 30 days old)",
            "no data for Go (1), PyPI (2): nothing is known of these components"
        ]
    );
    assert_eq!(scan.parts.sources[0].days, Some(30));
    fs::write(office.file(), "damaged").unwrap();
    let scan = office.scan();
    assert!(scan.is_incomplete() && scan.problems[0].reason.contains("no file of advisories"), "{:?}", scan.problems);
    assert_eq!(Office::new(&[("a.txt", "")], &[]).scan().parts.says, [] as [&str; 0]);
}

#[test]
fn a_file_that_is_malformed_is_never_a_pass() {
    for (path, text) in [
        ("package-lock.json", "{\"packages\": {\n,"),
        ("yarn.lock", "<<<<<<< HEAD\n"),
        ("pnpm-lock.yaml", "packages:\n  a: [\n"),
        ("poetry.lock", "[[package]]\nname = \n"),
        ("uv.lock", "=\n"),
        ("pdm.lock", "[[package\n"),
        ("pylock.toml", "x\n"),
        ("Pipfile.lock", "[\n"),
        ("Cargo.lock", "[[package]]\nname = \"a\n"),
        ("go.mod", "module m\n<<<<<<<\n"),
    ] {
        let office = Office::new(&[(path, text)], &[]);
        let scan = office.scan();
        assert_eq!(scan.problems.len(), 1, "{path}");
        assert!(&*scan.problems[0].path == path && scan.problems[0].place.is_some(), "{path} {:?}", scan.problems);
    }
}

#[test]
fn suppressions_and_limits_hold_for_components() {
    let advisory = osv("EX-1", ["PyPI", "bad"], r#"{"introduced": "0"}"#, "");
    let office = Office::new(&[("requirements.txt", "bad==1.0\n")], &[("EX-1.json", &advisory)]);
    let fingerprint = &fingerprints(&office.scan())[0];
    office.put(
        "tree/.tandem/suppressions.yml",
        &format!("- fingerprints: [{fingerprint}]\n  rules: [vulnerable-component]\n  reason: never called\n  owner: web\n  until: 2026-09-01\n"),
    );
    assert!(office.scan().findings[0].hidden.is_some());
    office.put(
        "tree/requirements.txt",
        "# tandem:ignore vulnerable-component reason=\"never called\" owner=web until=2026-09-01\nbad==1.0\n",
    );
    fs::remove_dir_all(office.tree().join(".tandem")).unwrap();
    assert!(office.scan().findings[0].hidden.is_some());
    let many: Vec<String> =
        (0..=MAX_FINDINGS_A_RULE).map(|at| osv(&format!("N-{at}"), ["npm", "left"], LEFT, "")).collect();
    let names: Vec<String> = (0..many.len()).map(|at| format!("many/N-{at}.json")).collect();
    for (name, text) in names.iter().zip(&many) {
        office.put(&format!("import/{name}"), text);
    }
    update(&office.file(), &[office.folder.path().join("import/many")], "", &|_, _| {}).unwrap();
    office.put("tree/package-lock.json", r#"{"packages": {"node_modules/left": {"version": "1.0.0"}}}"#);
    let scan = office.scan();
    assert_eq!((scan.findings.len(), scan.cut), (MAX_FINDINGS_A_RULE + 1, 1));
}

#[test]
fn hosts_and_bills_are_held_too() {
    const STATUS: &str = "Package: libssl3\nStatus: install ok installed\nSource: openssl\nArchitecture: amd64\nVersion: 3.0.1-1\n\n\
        Package: python3-six\nStatus: install ok installed\nSource: six\nArchitecture: all\nVersion: 1.0-1\n";
    let any = r#"{"introduced": "0"}"#;
    let bundle = r#""upstream": ["CVE-2026-1", "CVE-2026-2"],"#;
    let office = Office::new(
        &[
            ("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
            ("var/lib/dpkg/status", STATUS),
            ("var/lib/dpkg/info/python3-six.list", "/usr/lib/python3/dist-packages/six-1.0.egg-info\n"),
            ("usr/lib/python3/dist-packages/six-1.0.egg-info", "Name: six\nVersion: 1.0\n"),
        ],
        &[
            ("D-1.json", &osv("DEBIAN-CVE-2026-1", ["Debian:12", "openssl"], any, r#""upstream": ["CVE-2026-1"],"#)),
            ("D-2.json", &osv("DEBIAN-CVE-2026-2", ["Debian:12", "openssl"], any, r#""upstream": ["CVE-2026-2"],"#)),
            ("DSA.json", &osv("DSA-1-1", ["Debian:12", "openssl"], any, bundle)),
            ("P.json", &osv("PY-1", ["PyPI", "six"], any, "")),
            (
                "kev.json",
                r#"{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2026-2", "dateAdded": "2026-02-03"}]}"#,
            ),
        ],
    );
    let file = office.file();
    let host = collect::host(&office.tree()).unwrap();
    let bill = scan::parts::cyclonedx::write(&host.inventory, "host", "1.6").unwrap();
    let scan = scanner::components(host, office.folder.path(), &rules(), options(Some(&file)));
    assert_eq!(
        lines(&scan),
        [
            "var/lib/dpkg/status:1 vulnerable-component Medium pkg:deb/debian/libssl3",
            "var/lib/dpkg/status:1 vulnerable-component Critical pkg:deb/debian/libssl3"
        ]
    );
    assert!(scan.findings[0].finding.message.starts_with("debian/libssl3 3.0.1-1 (of openssl 3.0.1-1): It breaks"));
    assert_eq!(scan.parts.owned, 1);
    office.put("bom.cdx.json", &bill);
    let bill = collect::bill(&office.folder.path().join("bom.cdx.json")).unwrap();
    let scan = scanner::components(bill, office.folder.path(), &rules(), options(Some(&file)));
    // A bill does not tell what a distribution owns.
    let of_system = scan
        .findings
        .iter()
        .filter(|found| found.finding.address.contains("/deb") || found.finding.address.contains("deb/"));
    assert_eq!(of_system.count(), 2);
    assert!(scan.findings.iter().all(|found| found.finding.start.line > 1));
}
