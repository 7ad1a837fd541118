#[path = "../../../../rego/tests/shared/hostile.rs"]
mod hostile;

use super::*;
use crate::evaluate::{Evaluated, Evaluator};
use crate::families;
use crate::pack::File;
use crate::rules::{Rule, Severity};
use crate::text::Text;

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned().into() }
}

fn run(rules: &[Rule], files: &[(&str, &str)]) -> Evaluated {
    let mut world = crate::resource::World::default();
    for (path, text) in files {
        let text = Text::new(*path, *text);
        let format = families::format(path).unwrap_or(families::Format::Plain);
        let families::Parsed { text, tree, .. } = families::parse(text, format);
        assert_eq!(families::read_or_keep(&mut world, text, tree, true), []);
    }
    families::link(&mut world);
    Evaluator::new(rules).run(&world)
}

fn said(told: &Evaluated) -> Vec<String> {
    told.findings
        .iter()
        .map(|found| format!("{}:{}: {} {}", found.path, found.start.line, found.rule, found.message))
        .collect()
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: app\n      image: other.example/x\n";

/// The form of OPA 1.0, with objects, metadata, a library and data.
const NEW: &str = "\
# METADATA
# title: Images come from our registry
# description: Others may change.
# custom:
#   severity: medium
package kubernetes.images

import data.lib.registries
import rego.v1

deny_registry contains result if {
	some at, container in input.spec.containers
	not startswith(container.image, registries.ours)
	result := {\"msg\": sprintf(\"container %v is from elsewhere\", [container.name]), \"path\": [\"spec\", \"containers\", at, \"image\"]}
}

warn contains msg if {
	input.kind == \"Pod\"
	msg := \"a 'Pod' is managed by nobody\"
}
";
const LIBRARY: &str = "package lib.registries\n\nours := data.registry\n";
/// The form before OPA 1.0.
const OLD: &str = "package main\n\ndeny[msg] {\n  input[i].Cmd == \"user\"\n  input[i].Value[0] == \"root\"\n  msg := \"the user is `root`\"\n}\n\nexception[rules] {\n  input.kind == \"Ignored\"\n  rules := [\"\"]\n}\n\ndeny[msg] {\n  input.kind == \"Ignored\"\n  msg := \"excepted\"\n}\n";

#[test]
fn packages_are_asked_of_every_document() {
    let read = read(
        &[file("a.rego", NEW), file("l.rego", LIBRARY), file("b.rego", OLD)],
        &[file("d.json", "{\"registry\": \"ours.example/\"}")],
    );
    assert_eq!(read.errors, []);
    let ids: Vec<&str> = read.rules.iter().map(|rule| &*rule.id).collect();
    assert_eq!(ids, ["kubernetes.images.deny_registry", "kubernetes.images.warn", "main.deny"]);
    assert_eq!((read.rules[0].severity, &*read.rules[0].title), (Severity::Medium, "Images come from our registry"));
    let docker = "FROM alpine:3.20\nUSER root\n";
    let told = run(&read.rules, &[("pod.yaml", POD), ("Dockerfile", docker), ("x.toml", "kind = 'Ignored'\n")]);
    let expected = [
        "Dockerfile:2: main.deny the user is `root`",
        "pod.yaml:2: kubernetes.images.warn a 'Pod' is managed by nobody",
        "pod.yaml:8: kubernetes.images.deny_registry container app is from elsewhere",
    ];
    assert_eq!(said(&told), expected);
    assert_eq!(told.undecided, []);
    let explained = crate::policies::explain(&read.rules[0]).unwrap();
    assert!(
        explained.contains("Images come from our registry") && explained.contains("Others may change."),
        "{explained}"
    );
}

#[test]
fn a_finding_has_words_and_an_error_a_place() {
    let empty = "package main\n\ndeny[\"\"] { input.kind }\n\nwarn[{\"msg\": \" \"}] { input.kind }\n";
    let rules = read(&[file("a.rego", empty)], &[]).rules;
    let told = said(&run(&rules, &[("pod.yaml", POD)]));
    assert_eq!(
        told,
        [
            "pod.yaml:1: main.deny A policy of main (deny): deny holds",
            "pod.yaml:1: main.warn A policy of main (warn): warn holds"
        ]
    );
    let errors = read(&[file("a.rego", "package main\n.x\n")], &[]).errors;
    assert_eq!(errors[0].place, (2, 1));
}

#[test]
fn a_broken_package_harms_no_other() {
    let broken = "package broken\n\ndeny[msg] {\n  msg := undefined_function(input)\n}\n";
    let worse = "package worse\n\ndeny[msg {\n";
    let network =
        "package net\n\nimport rego.v1\n\ndeny contains msg if {\n  msg := http.send({\"url\": input.x})\n}\n";
    let files = [file("b.rego", broken), file("w.rego", worse), file("n.rego", network), file("ok.rego", OLD)];
    let Read { rules, errors } = read(&files, &[]);
    assert_eq!(rules.iter().map(|rule| &*rule.id).collect::<Vec<_>>(), ["main.deny"]);
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 3, "{errors:?}");
    for start in ["b.rego:4:", "w.rego:3:", "n.rego:6:"] {
        assert!(errors.iter().any(|error| error.starts_with(start)), "{start} {errors:?}");
    }
}

#[test]
fn what_is_not_known_is_not_made_up() {
    let always = "package main\n\ndeny[msg] { input.kind; msg := \"it is there\" }\n";
    let rules = read(&[file("a.rego", always)], &[]).rules;
    let open = POD.replace("other.example/x", "\"{{ image }}\"");
    let told = run(&rules, &[("open.yaml", &open), ("pod.yaml", POD), ("bad.json", "{")]);
    assert_eq!(said(&told), ["pod.yaml:1: main.deny it is there"]);
    let undecided: Vec<&str> = told.undecided.iter().map(|undecided| &*undecided.path).collect();
    assert_eq!(undecided, ["open.yaml", "bad.json"]);
    // What is written in a workflow is what policies see.
    let workflow = "on: push\nkind: x\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.event.x }}\n";
    let told = run(&rules, &[(".github/workflows/ci.yml", workflow)]);
    assert_eq!((told.findings.len(), told.undecided.len()), (1, 0));
}

#[test]
fn steps_are_counted() {
    let endless = "package main\n\nimport rego.v1\n\ndeny contains msg if {\n  some a in input.l\n  some b in input.l\n  some c in input.l\n  some d in input.l\n  a + b + c + d == 17\n  msg := \"x\"\n}\n";
    let rules = read(&[file("a.rego", endless)], &[]).rules;
    let list: Vec<String> = (100..200).map(|number| number.to_string()).collect();
    let told = run(&rules, &[("l.json", &format!("{{\"l\": [{}]}}", list.join(",")))]);
    assert_eq!((told.findings.len(), told.undecided.len()), (0, 1));
}

#[test]
fn functions_that_make_much_are_bounded_however_they_are_named() {
    let one = |expression: &str| {
        let text = format!("package main\n\ndeny[x] {{ x := sprintf(\"%v\", [{expression}]) }}\n");
        let rules = read(&[file("a.rego", &text)], &[]);
        (said(&run(&rules.rules, &[("a.toml", "a = 1\n")])), rules.errors)
    };
    for (expression, value) in [
        ("numbers.range(3, 1)", "[3, 2, 1]"),
        ("numbers.range_step(1, 9, 4)", "[1, 5, 9]"),
        ("bits.lsh(3, 40)", "3298534883328"),
    ] {
        assert_eq!(one(expression).0, [format!("a.toml:1: main.deny {value}")]);
    }
    for expression in hostile::MUCH {
        let (findings, errors) = one(expression);
        assert_eq!((findings.len(), errors.len()), (0, 1), "{expression} {errors:?}");
    }
}

/// What would overflow the stack of the interpreter, or hold it up for hours, is refused or undecided, and other packages are asked.
#[test]
fn policies_without_end_harm_no_other() {
    for text in hostile::endless() {
        let rules = read(&[file("a.rego", &text), file("b.rego", OLD.replace("main", "other").as_str())], &[]);
        assert_eq!(rules.errors.len(), 1, "{:.80}", text);
        let told = run(&rules.rules, &[("Dockerfile", "FROM alpine:3.20\nUSER root\n")]);
        assert_eq!(said(&told), ["Dockerfile:2: other.deny the user is `root`"]);
    }
}

#[test]
fn documents_of_a_file_share_its_steps() {
    let squares = "package main\n\nimport rego.v1\n\ndeny contains msg if {\n  some a in input.l\n  some b in input.l\n  some c in input.l\n  a + b + c == -1\n  msg := \"x\"\n}\n";
    let rules = read(&[file("a.rego", squares)], &[]).rules;
    let list: Vec<String> = (0..60).map(|number| number.to_string()).collect();
    let documents = format!("l: [{}]\n---\n", list.join(",")).repeat(100);
    let told = run(&rules, &[("l.yml", &documents), ("m.yml", "l: [-1, 0]\n")]);
    assert_eq!(said(&told), ["m.yml:1: main.deny x"]);
    let shared = told.undecided.iter().filter(|undecided| undecided.reason.contains("documents before it")).count();
    assert!((50..100).contains(&shared), "{shared}");
}

/// Parts that are shared are few and stand for numbers without end.
#[test]
fn results_are_bounded() {
    let text = hostile::shared_without_end();
    let rules = read(&[file("a.rego", &text)], &[]).rules;
    assert_eq!(said(&run(&rules, &[("a.toml", "a = 1\n")])).len(), 1);
}

#[test]
fn files_can_be_named_and_tests_run() {
    let toml = "# METADATA\n# custom:\n#   files: ['**/*.toml']\npackage main\n\nimport rego.v1\n\ndeny contains \"no name\" if not input.name\n";
    let rules = read(&[file("a.rego", toml)], &[]).rules;
    let told = run(&rules, &[("pod.yaml", POD), ("x/y.toml", "a = 1\n"), ("z.toml", "name = 'z'\n")]);
    assert_eq!(said(&told), ["x/y.toml:1: main.deny no name"]);
    let tests = "package main_test\n\nimport rego.v1\nimport data.main\n\ntest_named if count(main.deny) == 0 with input as {\"name\": \"x\"}\n\ntest_wrong if count(main.deny) == 0 with input as {}\n";
    let tested = test(&[file("a.rego", toml), file("a_test.rego", tests)], &[]);
    assert_eq!(tested.tests, 2);
    let errors: Vec<String> = tested.errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].starts_with("a_test.rego:8:1: `test_wrong` is "), "{errors:?}");
}
