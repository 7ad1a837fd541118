//! What GitHub's and GitLab's interfaces say, made the same.
//!
//! | export | from |
//! |---|---|
//! | protection of a branch | `repos/O/R/branches/B/protection` |
//! | rulesets | `repos/O/R/rulesets/ID`, `repos/O/R/rules/branches/B` |
//! | the repository | `repos/O/R` |
//! | rights of workflows | `repos/O/R/actions/permissions/workflow` |
//! | webhooks | `repos/O/R/hooks` |
//! | protected branches | `projects/ID/protected_branches` |
//! | the project, approvals, push rule | `projects/ID`, `projects/ID/approvals`, `projects/ID/push_rule` |
//!
//! Rulesets count together with the protection of a branch, as the strictest of them does; of several branches each counts.

use super::add;
use crate::limits::MAX_EXPORT_ENTRIES;
use crate::resource::{FileId, World};
use crate::text::Span;
use crate::tree::{Data, Id, Node};
use std::collections::BTreeMap;

/// What one export says of a branch: a value and where; none when it says nothing of it.
#[derive(Clone, Debug, Default)]
struct Said {
    values: BTreeMap<&'static str, (Value, Span)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    Is(bool),
    Count(i64),
    Open,
}

/// Settings for which `true` is what is wished for; of others it is `false`.
const GOOD: &[&str] = &["dismiss_stale", "code_owner_review", "signatures", "admins", "checks"];

impl Said {
    fn put(&mut self, name: &'static str, value: Value, span: Span) {
        let Some((before, at)) = self.values.get_mut(name) else {
            self.values.insert(name, (value, span));
            return;
        };
        let stricter = match (*before, value) {
            (Value::Count(a), Value::Count(b)) => b > a,
            (Value::Is(a), Value::Is(b)) => a != b && b == GOOD.contains(&name),
            (Value::Open, Value::Is(b)) => b == GOOD.contains(&name),
            (Value::Is(a), Value::Open) => a != GOOD.contains(&name),
            (Value::Open, Value::Count(count)) => count > 0,
            (Value::Count(count), Value::Open) => count == 0,
            _ => false,
        };
        if stricter {
            (*before, *at) = (value, span);
        }
    }

    /// Of several branches the one that is protected least.
    fn worst(&mut self, other: Said) {
        for (name, (value, span)) in other.values {
            let bad = value != Value::Is(GOOD.contains(&name));
            if bad || !self.values.contains_key(name) {
                self.values.insert(name, (value, span));
            }
        }
    }

    fn is(&mut self, name: &'static str, node: Option<Node<'_>>, default: bool, around: Span) {
        let value = match node {
            None => Value::Is(default),
            Some(node) => node.get("enabled").unwrap_or(node).bool().map_or(Value::Open, Value::Is),
        };
        self.put(name, value, node.map_or(around, |node| node.span()));
    }
}

/// Reads what is said in one file alone; protections wait for the others of their folder.
pub fn read(world: &mut World, file: FileId) {
    let Some(root) = world.file(file).tree.roots.first().copied() else { return };
    let node = world.node(file, root);
    let span = first_line(world, file);
    if node.get("default_workflow_permissions").is_some() {
        add(world, file, "workflow_permissions", "workflows".to_owned(), root, span);
    } else if node.get("full_name").is_some() && node.get("default_branch").is_some()
        || node.get("path_with_namespace").is_some()
    {
        settings(world, file, root, span);
    } else if node.is_list() && node.items().next().is_some_and(|hook| hook.get("config").is_some()) {
        let hooks: Vec<(Id, Span)> =
            node.items().take(MAX_EXPORT_ENTRIES).map(|hook| (hook.id(), hook.span())).collect();
        for (hook, at) in hooks {
            let name = world.node(file, hook).at(&["id"]).and_then(Node::scalar).unwrap_or_default();
            let line = Span::new(at.start as usize, at.start as usize + 1);
            add(world, file, "webhook", format!("webhook {name}"), hook, line);
        }
    }
    if said(world.node(file, root)).is_some() {
        add(world, file, "repository_export", String::new(), root, span);
    }
}

fn first_line(world: &World, file: FileId) -> Span {
    Span::new(0, world.file(file).text.line(1).len())
}

fn settings(world: &mut World, file: FileId, root: Id, span: Span) {
    let node = world.node(file, root);
    let name =
        ["full_name", "path_with_namespace"].iter().find_map(|name| node.get(name)?.scalar()).unwrap_or_default();
    let scanning = |name: &str| {
        let status = node.at(&["security_and_analysis", name, "status"])?;
        Some((status.text()? == "enabled", status.span()))
    };
    let found = [
        ("secret_scanning", scanning("secret_scanning")),
        ("push_protection", scanning("secret_scanning_push_protection")),
        (
            "merge_checks",
            node.get("only_allow_merge_if_pipeline_succeeds").and_then(|of| Some((of.bool()?, of.span()))),
        ),
    ];
    let id = add(world, file, "repository_settings", name, root, span);
    for (name, value) in found {
        if let Some((value, at)) = value {
            let node = world.tree_mut(file).add(Data::Bool(value), at);
            world.resources[id.0 as usize].fields.push((name, node));
        }
    }
}

/// What an export says of a branch; none when it is about something else.
fn said(root: Node<'_>) -> Option<Said> {
    let mut out = Said::default();
    let around = root.entries().next().map_or(root.span(), |(key, _)| key.span());
    if root.is_list() {
        let mut any = false;
        for item in root.items().take(MAX_EXPORT_ENTRIES) {
            if let (Some(kind), true) = (item.get("type").and_then(Node::text), item.get("ruleset_id").is_some()) {
                rule(&mut out, kind, item);
                any = true;
            } else if item.get("push_access_levels").is_some() {
                let mut branch = Said::default();
                protected_branch(&mut branch, item);
                out.worst(branch);
                any = true;
            } else if item.get("enforcement").is_some() && item.get("rules").is_some() {
                any |= ruleset(&mut out, item);
            }
        }
        if root.items().any(|item| item.get("ruleset_id").is_some()) {
            rest(&mut out, root.span());
        }
        return any.then_some(out);
    }
    if root.get("enforce_admins").is_some()
        || root.get("url").and_then(Node::text).is_some_and(|url| url.ends_with("/protection"))
    {
        protection(&mut out, root, around);
    } else if root.get("enforcement").is_some() && root.get("rules").is_some() {
        if !ruleset(&mut out, root) {
            return None;
        }
        rest(&mut out, around);
    } else if root.get("push_access_levels").is_some() {
        protected_branch(&mut out, root);
    } else if root.get("reset_approvals_on_push").is_some() {
        approvals(&mut out, root);
    } else if let Some(signed) = root.get("reject_unsigned_commits") {
        out.is("signatures", Some(signed), false, around);
    } else {
        return None;
    }
    Some(out)
}

/// `branches/B/protection`.
fn protection(out: &mut Said, root: Node<'_>, around: Span) {
    let reviews = root.get("required_pull_request_reviews");
    let at = reviews.map_or(around, |node| node.span());
    let count = reviews.map_or(0, |node| node.get("required_approving_review_count").and_then(Node::int).unwrap_or(1));
    let span = reviews.and_then(|node| node.get("required_approving_review_count")).map_or(around, |node| node.span());
    out.put("reviews", Value::Count(count), span);
    out.is("dismiss_stale", reviews.and_then(|node| node.get("dismiss_stale_reviews")), false, at);
    out.is("code_owner_review", reviews.and_then(|node| node.get("require_code_owner_reviews")), false, at);
    // Older exports do not have it.
    if let Some(signatures) = root.get("required_signatures") {
        out.is("signatures", Some(signatures), false, around);
    }
    out.is("admins", root.get("enforce_admins"), false, around);
    out.is("force_pushes", root.get("allow_force_pushes"), false, around);
    out.is("deletions", root.get("allow_deletions"), false, around);
    let checks = root.get("required_status_checks");
    let named = |node: Node<'_>| {
        ["checks", "contexts"].iter().any(|name| node.get(name).is_some_and(|list| list.items().len() > 0))
    };
    out.put("checks", Value::Is(checks.is_some_and(named)), checks.map_or(around, |node| node.span()));
}

/// A ruleset, when it is in force for branches.
fn ruleset(out: &mut Said, root: Node<'_>) -> bool {
    let active = root.get("enforcement").and_then(Node::text) == Some("active");
    let branches = root.get("target").and_then(Node::text).is_none_or(|target| target == "branch");
    if !active || !branches {
        return false;
    }
    for item in root.each("rules") {
        if let Some(kind) = item.get("type").and_then(Node::text) {
            rule(out, kind, item);
        }
    }
    let bypassed = |actor: Node<'_>| actor.get("bypass_mode").and_then(Node::text).is_none_or(|mode| mode == "always");
    if let Some(actors) = root.get("bypass_actors") {
        out.put("admins", Value::Is(!actors.items().any(bypassed)), actors.span());
    }
    true
}

/// One rule of a ruleset.
fn rule(out: &mut Said, kind: &str, item: Node<'_>) {
    let span = item.get("type").map_or(item.span(), |node| node.span());
    let parameter = |name: &str| item.at(&["parameters", name]);
    match kind {
        "pull_request" => {
            let count = parameter("required_approving_review_count");
            let reviews = count.and_then(Node::int).map_or(Value::Open, Value::Count);
            out.put("reviews", reviews, count.map_or(span, |node| node.span()));
            out.is("dismiss_stale", parameter("dismiss_stale_reviews_on_push"), false, span);
            out.is("code_owner_review", parameter("require_code_owner_review"), false, span);
        }
        "required_signatures" => out.put("signatures", Value::Is(true), span),
        "non_fast_forward" => out.put("force_pushes", Value::Is(false), span),
        "deletion" => out.put("deletions", Value::Is(false), span),
        "required_status_checks" | "workflows" => out.put("checks", Value::Is(true), span),
        _ => {}
    }
}

/// What no ruleset of an export says is not demanded.
fn rest(out: &mut Said, around: Span) {
    out.put("reviews", Value::Count(0), around);
    for (name, value) in [
        ("dismiss_stale", false),
        ("code_owner_review", false),
        ("signatures", false),
        ("checks", false),
        ("force_pushes", true),
        ("deletions", true),
    ] {
        out.put(name, Value::Is(value), around);
    }
}

/// One of GitLab's protected branches.
fn protected_branch(out: &mut Said, item: Node<'_>) {
    let span = item.get("name").map_or(item.span(), |node| node.span());
    out.is("force_pushes", item.get("allow_force_push"), false, span);
    if let Some(owners) = item.get("code_owner_approval_required") {
        out.is("code_owner_review", Some(owners), false, span);
    }
    // 30 are developers, 40 maintainers, 0 nobody.
    let developers = |level: &Node<'_>| level.get("access_level").and_then(Node::int) == Some(30);
    let pushes = item.each("push_access_levels").into_iter().find(developers);
    out.put(
        "direct_push",
        Value::Is(pushes.is_some()),
        pushes.map_or(span, |level| level.get("access_level").unwrap_or(level).span()),
    );
}

/// GitLab's approvals of a project.
fn approvals(out: &mut Said, root: Node<'_>) {
    let around = root.span();
    out.is("dismiss_stale", root.get("reset_approvals_on_push"), false, around);
    if let Some(author) = root.get("merge_requests_author_approval") {
        out.is("author_approves", Some(author), false, around);
    }
    if let Some(count) = root.get("approvals_before_merge") {
        out.put("reviews", count.int().filter(|count| *count > 0).map_or(Value::Open, Value::Count), count.span());
    }
}

/// Puts together what the exports of one folder say: each protection with all others.
pub fn link(world: &mut World) {
    let mut folders: BTreeMap<String, Vec<(FileId, bool, Said)>> = BTreeMap::new();
    for id in world.ids().filter(|id| world.resource(*id).kind == "repository_export") {
        let file = world.resource(id).file;
        let path = &world.file(file).text.path;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let classic = world.root(id).get("enforce_admins").is_some();
        if let Some(said) = said(world.root(id)) {
            folders.entry(folder).or_default().push((file, classic, said));
        }
    }
    for mut exports in folders.into_values() {
        // With no protection the first export stands for the branch.
        if let (false, Some(first)) = (exports.iter().any(|(_, classic, _)| *classic), exports.first_mut()) {
            first.1 = true;
        }
        exports.truncate(MAX_EXPORT_ENTRIES);
        for (at, (file, classic, said)) in exports.iter().enumerate() {
            if *classic {
                let others = exports.iter().enumerate().filter(|(of, (_, classic, _))| *of != at && !classic);
                branch(world, *file, said.clone(), others.map(|(_, (_, _, said))| said));
            }
        }
    }
}

/// Adds a branch at its export, with what others say of it.
fn branch<'s>(world: &mut World, file: FileId, mut all: Said, others: impl Iterator<Item = &'s Said>) {
    let shown = first_line(world, file);
    for said in others {
        for (name, (value, _)) in &said.values {
            // A place in another file cannot be shown at this one.
            all.put(name, *value, shown);
        }
    }
    let tree = world.tree_mut(file);
    let members: Vec<(&str, Id)> = all
        .values
        .iter()
        .map(|(name, (value, span))| {
            let data = match value {
                Value::Is(is) => Data::Bool(*is),
                Value::Count(count) => Data::Int(*count),
                Value::Open => Data::Unknown("the export".into()),
            };
            (*name, tree.add(data, *span))
        })
        .collect();
    let node = tree.map(&members, shown);
    add(world, file, "branch_protection", "the branch".to_owned(), node, shown);
}
