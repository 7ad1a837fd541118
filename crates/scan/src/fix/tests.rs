use super::*;
use crate::evaluate::Evaluator;
use crate::families;
use crate::finding::Finding;
use crate::pack::Pack;
use crate::pages::Page;
use crate::rules::Rule;
use crate::scanner::{Found, Scan};
use crate::text::Text;
use std::path::Path;

fn pack() -> Pack {
    Pack::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules/scan")).unwrap()
}

/// All rules; only that of this id has its fix.
fn rules(pack: &Pack, only_of: Option<&str>) -> Vec<Rule> {
    let (mut rules, errors) = pack.load();
    assert_eq!(errors, [], "rules are read");
    for rule in &mut rules {
        if let Some(id) = only_of {
            *rule = only(rule, id);
        }
    }
    rules
}

/// A rule, with its fix when it is the one of this id.
fn only(rule: &Rule, id: &str) -> Rule {
    let fix = rule.fix.clone().filter(|_| &*rule.id == id);
    Rule { fix, ..rule.clone() }
}

fn scan(rules: &[Rule], texts: Vec<Text>) -> Scan {
    let (world, _) = families::world(texts);
    let findings = Evaluator::new(rules).run(&world).findings;
    let findings = findings
        .into_iter()
        .map(|finding| Found {
            finding,
            hidden: None,
            same: None,
            commit: None,
            shown: Default::default(),
            secret: false,
        })
        .collect();
    Scan { findings, world, ..Scan::default() }
}

fn of<'s>(scan: &'s Scan, rule: &str) -> Vec<&'s Finding> {
    let findings = scan.findings.iter().map(|found| &found.finding);
    findings.filter(|finding| &*finding.rule == rule).collect()
}

/// The texts with the changes of a plan.
fn changed(texts: &[Text], plan: &Plan) -> Vec<Text> {
    let text = |text: &Text| match plan.changes.iter().find(|change| change.path == text.path) {
        Some(change) => Text::new(text.path.clone(), change.after.as_str()),
        None => text.clone(),
    };
    texts.iter().map(text).collect()
}

/// What the rule of this id makes of files, its other findings left.
fn fixed(rule: &str, grade: Grade, path: &str, text: &str) -> (String, Plan) {
    let rules = rules(&pack(), Some(rule));
    let texts = vec![Text::new(path, text)];
    let plan = plan(&scan(&rules, texts.clone()), &rules, grade, &|_| true);
    (changed(&texts, &plan)[0].text.to_string(), plan)
}

/// What must hold of every change, whatever it is.
fn judge(rule: &Rule, rules: &[Rule], texts: &[Text], plan: &Plan) {
    let says = |what: &str| format!("{}: {what}\n{plan:#?}", rule.id);
    let before = scan(rules, texts.to_vec());
    let next = changed(texts, plan);
    let after = scan(rules, next.clone());
    assert_eq!(of(&after, &rule.id).len(), plan.left.len(), "{}", says("it is quiet but where it says so"));
    let mended: usize = plan.changes.iter().map(|change| change.mended.len()).sum();
    assert!(of(&before, &rule.id).len() >= mended + plan.left.len(), "{}", says("a finding is told once"));
    for change in &plan.changes {
        let comments = |text: &str| -> Vec<String> {
            let lines = text.lines().filter_map(|line| line.split_once(" #").map(|(_, comment)| comment.to_owned()));
            lines.collect()
        };
        assert_eq!(comments(&change.before), comments(&change.after), "{}", says("comments stay"));
        let removed = unified("x", &change.before, &change.after);
        let removed = removed.lines().filter(|line| line.starts_with('-') && !line.starts_with("---")).count();
        assert!(removed <= 4 * change.mended.len(), "{}", says("lines that no edit is about stay"));
        assert_eq!(change.before.ends_with('\n'), change.after.ends_with('\n'), "{}", says("the end stays"));
        assert_eq!(
            change.before.contains("\r\n"),
            change.after.matches('\n').count() == change.after.matches("\r\n").count() && change.after.contains('\r'),
            "{}",
            says("line ends are of one kind")
        );
    }
    let again = super::plan(&after, rules, Grade::Unsafe, &|_| true);
    assert!(again.changes.is_empty(), "{}", says("doing it twice is doing it once"));
}

/// Every case that fires, of every rule with a fix: with the ends of lines of either kind.
#[test]
fn every_fix_mends_what_its_rule_finds() {
    let pack = pack();
    let (mut whole, mut cases, mut safe, mut none) = (0, 0, 0, Vec::new());
    let every = rules(&pack, None);
    for rule in every.iter().filter(|rule| rule.fix.is_some()) {
        let rules: Vec<Rule> = every.iter().map(|of| only(of, &rule.id)).collect();
        let page = Page::parse("", &pack.page_of(&rule.file).unwrap().text).unwrap();
        let (mut any, mut any_safe) = (false, false);
        for case in page.cases.iter().filter(|case| case.fires) {
            for newline in ["\n", "\r\n"] {
                let text = |(path, text): &(String, String)| Text::new(path.as_str(), text.replace('\n', newline));
                let texts: Vec<Text> = case.files.iter().map(text).collect();
                let plan = plan(&scan(&rules, texts.clone()), &rules, Grade::Unsafe, &|_| true);
                judge(rule, &rules, &texts, &plan);
                let mended = |change: &Change| change.mended.iter().any(|mended| mended.grade == Grade::Safe);
                any_safe |= plan.changes.iter().any(mended);
                any |= !plan.changes.is_empty();
                cases += 1;
                whole += usize::from(plan.left.is_empty());
            }
        }
        if !any {
            none.push(rule.id.to_string());
        }
        safe += usize::from(any_safe);
    }
    assert_eq!(none, [""; 0], "no case of their pages is mended");
    assert!(whole * 10 >= cases * 8, "{whole} of {cases} cases are mended whole");
    assert!(safe >= 25, "{safe} rules have a fix that is safe");
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n  containers:\n";
const ESCALATION: &str = "kubernetes-privilege-escalation";

fn pod(containers: &str) -> String {
    format!("{POD}{containers}")
}

/// The lines that are new.
fn added(before: &str, after: &str) -> Vec<String> {
    let diff = unified("x", before, after);
    let lines = diff
        .lines()
        .filter(|line| line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---"));
    lines.map(str::to_owned).collect()
}

#[test]
fn members_get_in_as_their_neighbours_are_written() {
    let set = |containers: &str| {
        let before = pod(containers);
        let (after, plan) = fixed(ESCALATION, Grade::Unsafe, "a.yml", &before);
        assert_eq!(plan.left, [], "{after}");
        added(&before, &after)
    };
    assert_eq!(
        set("  - name: a # the app\n    image: b:1\n\n  # the end\n"),
        ["+    securityContext:", "+      allowPrivilegeEscalation: false"]
    );
    assert_eq!(
        set("    -   name: a\n        securityContext:\n            runAsUser: 10 # why\n        image: b\n"),
        ["+            allowPrivilegeEscalation: false"]
    );
    assert_eq!(
        set("  - name: a\n    securityContext:   # todo\n    image: b\n"),
        ["-    securityContext:   # todo", "+    securityContext: {allowPrivilegeEscalation: false}   # todo"]
    );
    assert_eq!(
        set("  - {name: a, securityContext: {}}\n"),
        ["-  - {name: a, securityContext: {}}", "+  - {name: a, securityContext: {allowPrivilegeEscalation: false}}"]
    );
    assert_eq!(
        set("  - name: a\n    securityContext: {\n      runAsUser: 1\n    }\n"),
        ["-      runAsUser: 1", "+      runAsUser: 1,", "+      allowPrivilegeEscalation: false"]
    );
    assert_eq!(set("  - name: a\n    securityContext: {allowPrivilegeEscalation: true} # x\n").len(), 2);
    // The last member is a block of text, and the file has no last line end.
    assert_eq!(
        set("  - name: a\n    args:\n      - |\n        one\n\n        two"),
        ["-        two", "+        two", "+    securityContext:", "+      allowPrivilegeEscalation: false"]
    );
}

#[test]
fn json_stays_json() {
    let before = "{\n  \"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\"},\n  \"spec\": {\"containers\": [\n    {\n      \"name\": \"a\"\n    }\n  ]}\n}\n";
    let (after, plan) = fixed(ESCALATION, Grade::Unsafe, "a.json", before);
    assert_eq!(plan.left, []);
    assert_eq!(
        added(before, &after)[1..],
        ["+      \"name\": \"a\",", "+      \"securityContext\": {\"allowPrivilegeEscalation\": false}"]
    );
}

#[test]
fn what_other_places_name_is_left() {
    let shared = "    securityContext: &s\n      runAsUser: 10\n  - name: b\n    securityContext: *s\n";
    let merged = "    <<: &m\n      image: x\n      securityContext: {runAsUser: 10}\n  - name: b\n    <<: *m\n";
    for containers in [format!("  - name: a\n{shared}"), format!("  - name: a\n{merged}")] {
        let before = pod(&containers);
        let (after, plan) = fixed(ESCALATION, Grade::Unsafe, "a.yml", &before);
        assert_eq!(after, before);
        assert_eq!(plan.left.len(), 2, "{plan:#?}");
        assert!(plan.left.iter().all(|left| left.reason.contains("anchor")), "{plan:#?}");
    }
    // An anchor that nobody names, and an alias beside.
    let before = pod("  - &a\n    name: a\n    image: &i x\n  - name: b\n    image: *i\n");
    let (after, plan) = fixed(ESCALATION, Grade::Unsafe, "a.yml", &before);
    assert_eq!((plan.left.len(), added(&before, &after).len()), (0, 4), "{after}");
}

#[test]
fn templates_of_charts_are_left() {
    let template = pod("    - name: {{ .Values.name }}\n");
    let rules = rules(&pack(), Some(ESCALATION));
    let texts = vec![
        Text::new("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        Text::new("c/values.yaml", "name: a\n"),
        Text::new("c/templates/pod.yaml", template.as_str()),
    ];
    let plan = plan(&scan(&rules, texts), &rules, Grade::Unsafe, &|_| true);
    assert_eq!((plan.changes.len(), plan.left.len()), (0, 1), "{plan:#?}");
}

#[test]
fn unsafe_fixes_are_only_made_on_request() {
    let before = pod("  - name: a\n  - name: b\n    securityContext: {capabilities: {drop: [ALL]}}\n");
    let (after, plan) = fixed(ESCALATION, Grade::Safe, "a.yml", &before);
    assert_eq!(added(&before, &after).len(), 2);
    assert!(after.contains("{capabilities: {drop: [ALL]}, allowPrivilegeEscalation: false}"));
    assert_eq!(plan.left.len(), 1);
    assert!(plan.left[0].is_unsafe && plan.left[0].reason.contains("unsafe"), "{plan:#?}");
}

#[test]
fn a_suppressed_finding_is_left() {
    let rules = rules(&pack(), Some(ESCALATION));
    let mut scan = scan(&rules, vec![Text::new("a.yml", pod("  - name: a\n"))]);
    for found in &mut scan.findings {
        let foreign = crate::suppress::Foreign { tool: "nosec", line: 1, says: String::new() };
        found.hidden = Some(crate::suppress::Hidden::Foreign(foreign));
    }
    let plan = plan(&scan, &rules, Grade::Unsafe, &|_| true);
    assert_eq!((plan.changes.len(), plan.left.len()), (0, 0));
}

#[test]
fn all_rules_together_leave_nothing_new() {
    let pack = pack();
    let rules = rules(&pack, None);
    let before = "# the shop\nFROM debian:12\nMAINTAINER Jo\nRUN apt update && apt install curl\nADD a b /app\nCMD app --port 1\n";
    let workflow = "on: issues # all\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          # title\n          echo \"${{ github.event.issue.title }}\" '${{ github.event.issue.body }}'\n          echo \"::set-output name=x::1\"\n";
    let texts = vec![Text::new("Dockerfile", before), Text::new(".github/workflows/a.yml", workflow)];
    let first = scan(&rules, texts.clone());
    let plan = plan(&first, &rules, Grade::Safe, &|_| true);
    let next = changed(&texts, &plan);
    assert!(next[0].text.starts_with("# the shop\nFROM debian:12\nLABEL "), "{}", next[0].text);
    for says in
        ["apt-get install -y curl", "COPY a b /app/\n", "CMD [\"app\", \"--port\", \"1\"]", "/var/lib/apt/lists"]
    {
        assert!(next[0].text.contains(says), "{says}: {}", next[0].text);
    }
    for says in
        ["name: a\n", "\"${ISSUE_TITLE}\" ''\"${ISSUE_BODY}\"''", "ISSUE_BODY: ${{", "# title", ">> \"$GITHUB_OUTPUT\""]
    {
        assert!(next[1].text.contains(says), "{says}: {}", next[1].text);
    }
    let after = scan(&rules, next);
    assert!(after.findings.len() < first.findings.len());
}

mod writing {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn change(path: &str, before: &str, after: &str) -> Change {
        Change { path: path.into(), before: before.into(), after: after.to_owned(), mended: Vec::new() }
    }

    #[test]
    fn a_file_is_replaced_with_its_permissions() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/run.yml");
        fs::create_dir(dir.path().join("a")).unwrap();
        fs::write(&path, "one\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
        write(dir.path(), &change("a/run.yml", "one\n", "two\n")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o750);
        assert_eq!(fs::read_dir(dir.path().join("a")).unwrap().count(), 1);
        // The root may be the file.
        write(&path, &change("run.yml", "two\n", "three\n")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "three\n");
    }

    #[test]
    fn links_and_files_that_changed_are_left() {
        let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let says = |path: &str| write(dir.path(), &change(path, "one\n", "two\n")).unwrap_err().to_string();
        fs::write(outside.path().join("x"), "one\n").unwrap();
        symlink(outside.path().join("x"), dir.path().join("link")).unwrap();
        symlink(outside.path(), dir.path().join("folder")).unwrap();
        fs::write(dir.path().join("other"), "three\n").unwrap();
        assert!(says("link").contains("is a link"));
        assert!(says("folder/x").contains("no longer below"));
        assert!(says("other").contains("was changed since"));
        assert!(says("missing").contains("left as it is"));
        assert_eq!(fs::read_to_string(outside.path().join("x")).unwrap(), "one\n");
    }
}

#[test]
fn a_member_is_taken_out_with_its_line() {
    use super::document::Document;
    let text = Text::new(
        "a.yml",
        "a:\n  b: 1 # one\n  c: |\n    x\n\n    y\n  # of d\n  d: 2\nonly:\n  e: 1\nflow: {f: 1, g: 2}\n",
    );
    let document = Document::read(&text).unwrap();
    let whole = crate::text::Span::new(0, text.text.trim_end().len());
    let path = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<String>>();
    let without = |at: &str| {
        let root = document.target(Some(whole), whole).unwrap();
        document.remove(root, &path(at)).map(|edit| super::edit::apply(&text.text, &[edit]).unwrap())
    };
    assert_eq!(without("a.b").unwrap(), text.text.replace("  b: 1 # one\n", ""));
    assert_eq!(without("a.c").unwrap(), text.text.replace("  c: |\n    x\n\n    y\n", ""));
    assert_eq!(without("a.d").unwrap(), text.text.replace("  d: 2\n", ""));
    for at in ["only.e", "flow.f", "nothing", "a.z"] {
        assert!(without(at).is_err(), "{at}");
    }
}
