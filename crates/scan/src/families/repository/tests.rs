use super::*;
use crate::families;
use proptest::prelude::*;

fn read(files: &[(&str, &str)]) -> World {
    families::world(files.iter().map(|(path, text)| Text::new(*path, *text)).collect()).0
}

fn one(world: &World, kind: &str, field: &str) -> Option<String> {
    let id = world.ids().find(|id| world.resource(*id).kind == kind)?;
    world.field(id, field).and_then(|node| node.scalar())
}

#[test]
fn rulesets_and_a_protection_count_together() {
    let protection =
        r#"{"url": "x/protection", "enforce_admins": {"enabled": true}, "allow_force_pushes": {"enabled": true}}"#;
    let ruleset = r#"{"enforcement": "active", "target": "branch", "rules": [{"type": "non_fast_forward"},
        {"type": "pull_request", "parameters": {"required_approving_review_count": 2, "dismiss_stale_reviews_on_push": true}}]}"#;
    let world =
        read(&[(".tandem/github/branch-protection.json", protection), (".tandem/github/ruleset-1.json", ruleset)]);
    for (field, is) in [
        ("reviews", "2"),
        ("dismiss_stale", "true"),
        ("force_pushes", "false"),
        ("admins", "true"),
        ("signatures", "false"),
    ] {
        assert_eq!(one(&world, "branch_protection", field).as_deref(), Some(is), "{field}");
    }
    let disabled = ruleset.replace("active", "disabled");
    assert_eq!(one(&read(&[(".tandem/ruleset.json", &disabled)]), "branch_protection", "reviews"), None);
}

#[test]
fn of_several_branches_each_counts() {
    let one = |count: u32| {
        format!(
            r#"{{"enforce_admins": {{"enabled": true}}, "required_pull_request_reviews": {{"required_approving_review_count": {count}}}}}"#
        )
    };
    let (main, old) = (one(2), one(0));
    let world = read(&[(".tandem/branch-protection-main.json", &main), (".tandem/branch-protection-old.json", &old)]);
    let branches = world.ids().filter(|id| world.resource(*id).kind == "branch_protection");
    let reviews: Vec<_> = branches.map(|id| world.field(id, "reviews").and_then(|node| node.int())).collect();
    assert_eq!(reviews, [Some(2), Some(0)]);
}

#[test]
fn what_is_no_export_is_left_alone() {
    for (path, text) in [
        ("fixtures/repo.json", r#"{"enforce_admins": {"enabled": false}}"#),
        (".tandem/github/x.json", r#"{"hello": 1}"#),
        (".tandem/github/x.json", "[1, {}]"),
        (".tandem/github/x.json", "{"),
    ] {
        assert_eq!(one(&read(&[(path, text)]), "branch_protection", "reviews"), None, "{text}");
    }
}

#[test]
fn owners_count_only_in_a_repository() {
    let files = [
        (".github/CODEOWNERS", "*.rs @a\n/docs/ @b\n/gone/ @c\n"),
        ("docs/x.json", "{}"),
        (".github/workflows/ci.yml", "on: push"),
        ("CODEOWNERS", "bad owner\n"),
    ];
    let world = read(&files);
    assert_eq!(one(&world, "codeowners", "unowned_workflow"), None);
    let world = read(&[&files[..], &[(".git/HEAD", "")]].concat());
    assert_eq!(one(&world, "codeowners", "unowned_workflow").as_deref(), Some(".github/workflows/ci.yml"));
    let lines: Vec<_> = world.ids().filter(|id| world.resource(*id).kind == "codeowner_line").collect();
    let matches: Vec<_> = lines.iter().map(|id| world.field(*id, "matches").and_then(|node| node.bool())).collect();
    assert_eq!(matches, [Some(false), Some(true), Some(false)]);
}

proptest! {
    #[test]
    fn nothing_panics(text in "([*!/\\[\\]\\\\@# a-z.\n\u{e9}]{0,60})") {
        read(&[(".git/HEAD", ""), ("CODEOWNERS", &text), (".github/workflows/a.yml", "on: push")]);
    }
}
