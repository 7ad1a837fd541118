use super::*;
use crate::evaluate::{Evaluated, Evaluator};
use crate::families;
use crate::rules::Rule;
use crate::text::Text;
use proptest::prelude::*;

fn rule(definition: &str) -> Rule {
    let text = format!("metadata: {{id: CKV2_T_1, name: T, category: IAM, severity: HIGH}}\ndefinition:\n{definition}");
    read("p.yaml", &text).unwrap_or_else(|error| panic!("{error}")).unwrap()
}

fn block(kind: &str, attribute: &str, operator: &str, value: &str) -> Rule {
    rule(&format!(
        "  {{cond_type: attribute, resource_types: [{kind}], attribute: '{attribute}', operator: {operator}, value: {value}}}\n"
    ))
}

fn run(rule: &Rule, files: &[(&str, &str)]) -> Evaluated {
    let texts = files.iter().map(|(path, text)| Text::new(*path, *text)).collect();
    let (world, unread) = families::world(texts);
    assert_eq!(unread, [""; 0]);
    Evaluator::new([rule]).run(&world)
}

/// Lines of findings, and how many are undecided.
fn lines(rule: &Rule, files: &[(&str, &str)]) -> (Vec<u32>, usize) {
    let told = run(rule, files);
    (told.findings.iter().map(|finding| finding.start.line).collect(), told.undecided.len())
}

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {team: shop, example.com/tier: front}
spec:
  hostNetwork: true
  replicas: 3
  containers:
    - name: a
      image: registry.example/a:1.2
      ports: [{containerPort: 80}]
    - name: b
      image: other.example/b
  tolerations: []
  cidr: 10.1.0.0/16
  range: 20-80,443
  words: one two three
";

#[test]
fn operators_are_what_their_documentation_says() {
    // Attribute, operator, value, and whether it passes.
    let cases: &[(&str, &str, &str, bool)] = &[
        ("spec.hostNetwork", "equals", "true", true),
        ("spec.hostNetwork", "equals", "'True'", true),
        ("spec.hostNetwork", "not_equals", "true", false),
        ("spec.none", "equals", "x", false),
        ("spec.none", "not_equals", "x", true),
        ("spec.none", "not_exists", "x", true),
        ("spec.replicas", "equals", "'3'", true),
        ("spec.replicas", "greater_than", "2", true),
        ("spec.replicas", "less_than_or_equal", "2", false),
        ("spec.hostNetwork", "is_true", "x", true),
        ("spec.hostNetwork", "is_false", "x", false),
        ("metadata.labels.team", "within", "[shop, pay]", true),
        ("metadata.labels.team", "not_within", "[shop, pay]", false),
        ("metadata.labels.team", "equals_ignore_case", "SHOP", true),
        ("metadata.labels.example.com/tier", "equals", "front", true),
        ("metadata.labels", "contains", "team", true),
        ("metadata.labels", "length_equals", "2", true),
        ("spec.containers", "length_greater_than", "2", false),
        ("spec.containers.0.image", "starting_with", "registry.", true),
        ("spec.containers[1].image", "ending_with", "'/b'", true),
        ("spec.containers.*.image", "starting_with", "registry.", true),
        // One that passes is enough, also for what is not.
        ("spec.containers.*.image", "not_starting_with", "registry.", true),
        ("spec.containers.*.image", "regex_match", "'other'", true),
        ("spec.containers.*.image", "regex_match", "'example'", false),
        ("spec.containers.*.name", "subset", "[a]", true),
        ("spec.tolerations", "is_empty", "x", true),
        ("spec.tolerations", "is_not_empty", "x", false),
        ("spec.none", "is_not_empty", "x", false),
        ("spec.cidr", "cidr_range_subset", "10.0.0.0/8", true),
        ("spec.cidr", "cidr_range_not_subset", "[192.168.0.0/16]", true),
        ("spec.range", "range_includes", "443", true),
        ("spec.range", "range_includes", "'30-40'", true),
        ("spec.range", "range_not_includes", "90", true),
        ("spec.words", "number_of_words_equals", "3", true),
        ("spec.words", "intersects", "two", true),
        ("spec.words", "not_intersects", "four", true),
        ("$.spec.containers[*].image", "jsonpath_contains", "registry", true),
        ("$..containerPort", "jsonpath_equals", "80", true),
        ("$.spec.containers[?(@.name == 'b')].image", "jsonpath_exists", "x", true),
        ("$.spec.containers[?(@.name == 'b')].ports", "jsonpath_exists", "x", false),
        ("$.metadata.labels['example.com/tier']", "jsonpath_equals", "front", true),
    ];
    for (attribute, operator, value, passes) in cases {
        let rule = block("Pod", &attribute.replace('\'', "''"), operator, value);
        let (found, undecided) = lines(&rule, &[("pod.yaml", POD)]);
        assert_eq!((found.is_empty(), undecided), (*passes, 0), "{attribute} {operator} {value}: {found:?}");
    }
}

#[test]
fn a_finding_is_where_the_value_is_and_templates_are_pods() {
    let rule = block("Pod", "spec.hostNetwork", "not_equals", "true");
    assert_eq!(lines(&rule, &[("pod.yaml", POD)]), (vec![7], 0));
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      hostNetwork: true\n";
    assert_eq!(lines(&rule, &[("d.yaml", deployment)]), (vec![7], 0));
    let other = block("Deployment", "spec.template.spec.hostNetwork", "not_equals", "true");
    assert_eq!(lines(&other, &[("d.yaml", deployment)]), (vec![7], 0));
    assert_eq!(lines(&block("StatefulSet", "spec.x", "exists", "x"), &[("d.yaml", deployment)]), (vec![], 0));
}

#[test]
fn what_is_not_known_is_undecided() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - image: \"reg.example/{{ name }}:1\"\n      user: \"{{ user }}\"\n";
    for (attribute, operator, value, fails, undecided) in [
        ("spec.containers.*.image", "starting_with", "reg.example/", 0, 0),
        ("spec.containers.*.image", "starting_with", "other", 1, 0),
        ("spec.containers.*.image", "equals", "reg.example/a:1", 0, 1),
        ("spec.containers.*.image", "equals", "reg.example/a:2", 1, 0),
        ("spec.containers.*.image", "contains", "nginx", 0, 1),
        ("spec.containers.*.user", "equals", "root", 0, 1),
        ("spec.containers.*.user.deep", "exists", "x", 0, 1),
        ("spec.containers.*.group", "exists", "x", 1, 0),
    ] {
        let (found, open) = lines(&block("Pod", attribute, operator, value), &[("pod.yaml", pod)]);
        assert_eq!((found.len(), open), (fails, undecided), "{attribute} {operator} {value}");
    }
}

const WORKFLOW: &str = "\
on:
  push:
    branches: [main]
permissions: write-all
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          echo \"${{ github.event.issue.title }}\"
  deploy:
    runs-on: ${{ matrix.os }}
    steps:
      - run: make
";

#[test]
fn workflows_and_dockerfiles_have_their_types() {
    let workflow = [(".github/workflows/ci.yml", WORKFLOW)];
    assert_eq!(lines(&block("permissions", "permissions", "not_equals", "write-all"), &workflow), (vec![4], 0));
    assert_eq!(lines(&block("on", "on.push.branches", "not_contains", "main"), &workflow), (vec![3], 0));
    assert_eq!(lines(&block("jobs", "timeout-minutes", "exists", "x"), &workflow), (vec![6, 12], 0));
    assert_eq!(lines(&block("steps", "run", "not_contains", "'${{ github.event'"), &workflow).0, [11]);
    let hosted = lines(&block("jobs", "runs-on", "starting_with", "ubuntu"), &workflow);
    assert_eq!(hosted, (vec![], 1));
    let docker = "FROM alpine:3.20\nRUN apk update \\\n  && sudo apk add vim\nUSER root\n";
    let docker = [("Dockerfile", docker)];
    assert_eq!(lines(&block("RUN", "value", "not_contains", "sudo"), &docker).0.len(), 1);
    assert_eq!(lines(&block("RUN", "content", "starting_with", "RUN apk"), &docker), (vec![], 0));
    assert_eq!(lines(&block("USER", "value", "not_equals", "root"), &docker), (vec![4], 0));
    let all = rule("  {cond_type: resource, resource_types: [ADD], operator: not_exists}\n");
    assert_eq!(lines(&all, &docker), (vec![], 0));
    let allowed = rule("  {cond_type: resource, resource_types: [FROM, RUN], operator: exists}\n");
    assert_eq!(lines(&allowed, &docker), (vec![4], 0));
}

#[test]
fn connections_and_filters() {
    let workflow = [(".github/workflows/ci.yml", WORKFLOW)];
    let definition = "  and:
  - {cond_type: filter, attribute: resource_type, operator: within, value: [steps]}
  - {cond_type: connection, resource_types: [steps], connected_resource_types: [jobs], operator: exists}
  - {cond_type: attribute, resource_types: [jobs], attribute: timeout-minutes, operator: exists}
";
    assert_eq!(lines(&rule(definition), &workflow).0, [9, 10, 15]);
    let none = definition
        .replace("operator: exists}\n  - {cond_type: attribute", "operator: not_exists}\n  - {cond_type: attribute");
    assert_eq!(lines(&rule(&none), &workflow).0.len(), 3);
    let cluster =
        "  {cond_type: connection, resource_types: [Pod], connected_resource_types: [Service], operator: exists}\n";
    assert_eq!(lines(&rule(cluster), &[("pod.yaml", POD)]), (vec![], 1));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let read_error = |text: &str| read("p.yaml", text).unwrap_err().to_string();
    let head = "metadata: {id: CKV2_X_1, name: X}\n";
    let attribute = "cond_type: attribute, resource_types: [Pod], attribute: spec.x";
    for (text, says) in [
        (
            format!("{head}definition: {{{attribute}, operator: equal, value: 1}}\n"),
            "p.yaml:2:88: there is no operator `equal` (did you mean `equals`?)",
        ),
        (
            format!("{head}definition: {{{attribute}, operater: equals, value: 1}}\n"),
            "unknown member `operater` (did you mean `operator`?)",
        ),
        (format!("{head}definition: {{cond_type: atribute}}\n"), "and not `atribute` (did you mean `attribute`?)"),
        (format!("{head}definition: {{{attribute}, operator: equals}}\n"), "needs a `value`"),
        (format!("{head}definition: {{{attribute}, operator: greater_than, value: x}}\n"), "and `x` is none"),
        (format!("{head}definition: {{{attribute}, operator: regex_match, value: '(?!a)'}}\n"), "look-around"),
        (format!("{head}definition: {{and: {{}}}}\n"), "`and` needs a list"),
        (format!("{head}definition: {{not: [{{}}, {{}}]}}\n"), "`not` has one block"),
        (
            format!("{head}definition: {{{attribute}[?(, operator: jsonpath_exists}}\n")
                .replace("[Pod]", "all")
                .replace(" spec.x[?(", " '$.x[?(@.a'"),
            "path",
        ),
        (format!("{head}definitions: {{}}\n"), "unknown member `definitions` (did you mean `definition`?)"),
        ("metadata: {id: a b, name: X}\ndefinition: {}\n".to_owned(), "an id has letters"),
        ("metadata: {id: X}\ndefinition: {}\n".to_owned(), "and a `name`"),
    ] {
        let error = read_error(&text);
        assert!(error.contains(says), "{text}{error}");
    }
    let off = "metadata: {id: A, name: X, severity: 'OFF'}\ndefinition: {}\n";
    assert!(read("p.yaml", off).unwrap().is_none());
    let foreign = block("aws_instance", "ami", "exists", "x");
    assert_eq!(
        crate::policies::remarks(&[foreign]),
        ["CKV2_T_1: nothing here is of type aws_instance; it looks at the rest"]
    );
}

/// A definition of leaves that are known: `h` exists with these values.
#[derive(Clone, Debug)]
enum Law {
    Leaf(u8, bool),
    And(Vec<Law>),
    Or(Vec<Law>),
    Not(Box<Law>),
}

impl Law {
    fn yaml(&self) -> String {
        let list = |laws: &[Law]| laws.iter().map(Law::yaml).collect::<Vec<_>>().join(", ");
        match self {
            Law::Leaf(bit, set) => {
                let operator = if *set { "equals" } else { "not_equals" };
                format!(
                    "{{cond_type: attribute, resource_types: [Pod], attribute: spec.b{bit}, operator: {operator}, value: 'on'}}"
                )
            }
            Law::And(laws) => format!("{{and: [{}]}}", list(laws)),
            Law::Or(laws) => format!("{{or: [{}]}}", list(laws)),
            Law::Not(law) => format!("{{not: {}}}", law.yaml()),
        }
    }

    fn holds(&self, bits: u8) -> bool {
        match self {
            Law::Leaf(bit, set) => (bits >> bit & 1 == 1) == *set,
            Law::And(laws) => laws.iter().all(|law| law.holds(bits)),
            Law::Or(laws) => laws.iter().any(|law| law.holds(bits)),
            Law::Not(law) => !law.holds(bits),
        }
    }
}

fn law() -> impl Strategy<Value = Law> {
    let leaf = (0u8..3, any::<bool>()).prop_map(|(bit, set)| Law::Leaf(bit, set));
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Law::And),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Law::Or),
            inner.prop_map(|law| Law::Not(Box::new(law))),
        ]
    })
}

fn pod(values: [Option<bool>; 3]) -> String {
    let mut text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n".to_owned();
    for (bit, value) in values.into_iter().enumerate() {
        let value = value.map_or("\"{{ x }}\"", |on| if on { "'on'" } else { "'off'" });
        text.push_str(&format!("  b{bit}: {value}\n"));
    }
    text
}

#[test]
fn paths_take_steps() {
    let inner = format!("{}1{}", "[".repeat(80), "]".repeat(80));
    let pod = |name: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{l: {inner}}}\n");
    let files = [("a.yml", format!("{}---\n{}", pod("a"), pod("b"))), ("b.yml", POD.to_owned())];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    for path in ["$..*..*..*..*..*..zzz", "$..*[?(@..*..*..*..zzz)]..zzz"] {
        // What is too much in one file is enough for the next.
        let (found, undecided) = lines(&block("Pod", path, "jsonpath_exists", "x"), &files);
        assert_eq!((found.len(), undecided), (1, 2), "{path}");
    }
    assert_eq!(lines(&block("Pod", "$..l", "jsonpath_exists", "x"), &files).1, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Nested blocks are what logic says; with unknown values an answer is given only when every filling in gives it.
    #[test]
    fn nesting_is_logic(law in law(), bits in 0u8..8, unknown in 0u8..8) {
        let rule = rule(&format!("  {}\n", law.yaml()));
        let known = [0, 1, 2].map(|bit| Some(bits >> bit & 1 == 1));
        let (found, undecided) = lines(&rule, &[("pod.yaml", &pod(known))]);
        prop_assert_eq!((found.is_empty(), undecided), (law.holds(bits), 0));
        let some = [0, 1, 2].map(|bit| known[bit].filter(|_| unknown >> bit & 1 == 0));
        let (found, undecided) = lines(&rule, &[("pod.yaml", &pod(some))]);
        let fills = (0u8..8).filter(|fill| fill & !unknown == 0).map(|fill| law.holds(bits & !unknown | fill));
        let fills: Vec<bool> = fills.collect();
        if undecided == 0 {
            prop_assert!(fills.iter().all(|holds| *holds == found.is_empty()));
        } else {
            prop_assert!(found.is_empty() && unknown != 0);
        }
    }

    #[test]
    fn any_path_and_any_policy_is_read_or_refused(path in "[$@a-c.*'\"=~<>&?()\\[\\]0-9 ]{0,24}", junk in "[a-z:{}\\[\\], \n-]{0,80}") {
        let text = Text::new("a.yml", POD);
        let (tree, _) = crate::tree::Tree::yaml(&text);
        for path in [Path::json(&path), Path::dotted(&path)].into_iter().flatten() {
            tree.documents().for_each(|root| drop(path.find(root)));
        }
        let _ = read("p.yaml", &format!("metadata: {{id: A, name: B}}\ndefinition: {junk}"));
    }
}
