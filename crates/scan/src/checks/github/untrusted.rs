//! Who decides what a context says.

use super::{first, parsed, text, workflow_of};
use crate::families::github::expression::{Expr, flows};
use crate::limits::{MAX_FLOWS, MIN_FLOWS};
use crate::resource::{ResourceId, World};
use std::cell::Cell;

/// Who decides, from nobody to anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trust {
    /// The platform, or the file itself.
    Fixed,
    /// Something that ran before; what it says is not known here.
    Output,
    /// Who calls or starts the workflow, or may push to the repository.
    Caller,
    /// Anybody, on the way through a variable or an output.
    Chain,
    /// Anybody.
    Anybody,
}

/// How far a chain of variables and outputs is followed.
const MAX_CHAIN: usize = 6;

/// What anybody can write; `*` is any part.
const ANYBODY: &[&str] = &[
    "github.head_ref",
    "github.event.issue.title",
    "github.event.issue.body",
    "github.event.pull_request.title",
    "github.event.pull_request.body",
    "github.event.pull_request.head.ref",
    "github.event.pull_request.head.label",
    "github.event.pull_request.head.repo.default_branch",
    "github.event.pull_request.head.repo.description",
    "github.event.pull_request.head.repo.homepage",
    "github.event.comment.body",
    "github.event.review.body",
    "github.event.review_comment.body",
    "github.event.pages.*.page_name",
    "github.event.pages.*.title",
    "github.event.commits.*.message",
    "github.event.commits.*.author.*",
    "github.event.commits.*.committer.*",
    "github.event.head_commit.message",
    "github.event.head_commit.author.*",
    "github.event.head_commit.committer.*",
    "github.event.discussion.title",
    "github.event.discussion.body",
    "github.event.workflow_run.head_branch",
    "github.event.workflow_run.display_title",
    "github.event.workflow_run.head_commit.message",
    "github.event.workflow_run.head_commit.author.*",
    "github.event.workflow_run.head_repository.description",
    "github.event.workflow_run.pull_requests.*.head.ref",
    "github.event.check_suite.head_branch",
    "github.event.check_run.check_suite.head_branch",
    "github.event.changes.title.from",
    "github.event.changes.body.from",
    "github.event.changes.head.ref.from",
    "github.event.forkee.description",
    "github.event.forkee.homepage",
];

/// What those who may push or start it can write.
const CALLER: &[&str] = &[
    "github.ref",
    "github.ref_name",
    "github.base_ref",
    "github.event.ref",
    "github.event.base_ref",
    "github.event.pusher.name",
    "github.event.pusher.email",
    "github.event.release.name",
    "github.event.release.body",
    "github.event.release.tag_name",
    "github.event.release.target_commitish",
    "github.event.pull_request.base.ref",
    "github.event.repository.description",
    "github.event.repository.homepage",
    "github.event.deployment.*",
    "github.event.inputs.*",
    "github.event.issue.milestone.title",
    "github.event.issue.labels.*.name",
    "github.event.pull_request.labels.*.name",
    "github.event.pull_request.milestone.title",
    "github.event.client_payload.*",
    "github.event.label.name",
    "github.event.label.description",
    "github.event.milestone.title",
    "github.event.milestone.description",
];

/// Last parts whose form the platform guarantees: numbers, hashes, one of few words.
const FORMED: &[&str] = &[
    "number",
    "id",
    "node_id",
    "sha",
    "before",
    "after",
    "merged",
    "draft",
    "state",
    "conclusion",
    "head_sha",
    "run_number",
    "run_id",
    "run_attempt",
    "merge_commit_sha",
    "private",
    "fork",
    "size",
    "workflow_id",
];

/// Outputs of actions that say what files or comments of a pull request say.
const OUTPUTS: &[&str] = &[
    "tj-actions/changed-files",
    "tj-actions/branch-names",
    "jitterbit/get-changed-files",
    "lots0logs/gh-action-get-changed-files",
    "trilom/file-changes-action",
    "futuratrepadeira/changed-files",
    "xt0rted/pull-request-comment-branch",
    "eficode/resolve-pr-refs",
    "potiuk/get-workflow-origin",
    "actions-ecosystem/action-regex-match",
    "peter-murray/issue-body-parser-action",
    "stefanbuck/github-issue-parser",
    "jossef/action-set-json-field",
];

/// Whether a context is what a pattern says, or holds it, or is in it.
fn is(pattern: &str, context: &str) -> bool {
    let (mut pattern, mut context) = (pattern.split('.').peekable(), context.split('.').peekable());
    loop {
        match (pattern.next(), context.next()) {
            (None, None) | (Some(_), None) => return true,
            (None, Some(_)) => return false,
            (Some("*"), _) if pattern.peek().is_none() => return true,
            (Some(a), Some(b)) if a == b || a == "*" || b == "*" => {}
            _ => return false,
        }
    }
}

/// Who decides what an expression of an owner (step, job, workflow, action) comes to, and the context that says so.
pub(super) fn of_expression(world: &World, owner: ResourceId, expr: &Expr) -> (Trust, String) {
    of_flows(&Flow::new(world, owner), owner, expr, 0)
}

/// How far one question is followed: each variable may hold many others, and all of them again.
struct Flow<'w> {
    world: &'w World,
    /// Expressions that may still be looked at.
    left: Cell<usize>,
}

impl<'w> Flow<'w> {
    /// The more expressions a file has, the less is looked at for each, so that the time for all of them is bounded.
    fn new(world: &'w World, owner: ResourceId) -> Flow<'w> {
        let root = workflow_of(world, owner).or_else(|| first(world, owner, "action")).unwrap_or(owner);
        let all = world.field(root, "expression_count").and_then(|count| count.int()).unwrap_or(1);
        let all = usize::try_from(all).unwrap_or(usize::MAX).max(1);
        Flow { world, left: Cell::new((MAX_FLOWS / all).max(MIN_FLOWS)) }
    }

    fn step(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    /// Not everything was looked at.
    fn is_cut(&self) -> bool {
        self.left.get() == 0
    }

    /// The expressions of an owner, as far as may be looked.
    fn expressions(&self, owner: ResourceId) -> impl Iterator<Item = ResourceId> + '_ {
        self.world.related(owner, "expressions").take_while(|_| self.step())
    }

    /// Those at a place such as `env.NAME`; case does not count.
    fn expressions_at<'a>(&'a self, owner: ResourceId, at: &'a str) -> impl Iterator<Item = ResourceId> + 'a {
        let is_there = |id: &ResourceId| text(self.world, *id, "at").is_some_and(|is| is.eq_ignore_ascii_case(at));
        self.expressions(owner).filter(is_there)
    }
}

fn of_flows(flow: &Flow<'_>, owner: ResourceId, expr: &Expr, depth: usize) -> (Trust, String) {
    let all = flows(expr).into_iter().map(|(context, _)| (of_context(flow, owner, &context, depth), context));
    all.max_by_key(|(trust, _)| *trust).unwrap_or((Trust::Fixed, String::new()))
}

/// Of what is reached over a variable or an output.
fn indirectly((trust, _): (Trust, String)) -> Trust {
    if trust == Trust::Anybody { Trust::Chain } else { trust }
}

fn of_context(flow: &Flow<'_>, owner: ResourceId, context: &str, depth: usize) -> Trust {
    if depth > MAX_CHAIN || !flow.step() {
        return Trust::Output;
    }
    let (root, rest) = context.split_once('.').unwrap_or((context, ""));
    let trust = match root {
        "github" => of_event(context, rest),
        "inputs" => of_input(flow.world, owner, rest),
        "env" => of_env(flow, owner, rest, depth),
        "steps" => of_step(flow, owner, rest, depth),
        "needs" => of_needs(flow, owner, rest, depth),
        "matrix" => of_matrix(flow, owner, rest, depth),
        "vars" => Trust::Output,
        "jobs" => Trust::Output,
        _ => Trust::Fixed,
    };
    if flow.is_cut() { trust.max(Trust::Output) } else { trust }
}

fn of_event(context: &str, rest: &str) -> Trust {
    if ANYBODY.iter().any(|pattern| is(pattern, context)) {
        return Trust::Anybody;
    }
    if CALLER.iter().any(|pattern| is(pattern, context)) {
        return Trust::Caller;
    }
    let last = rest.rsplit('.').next().unwrap_or_default();
    if matches!(rest, "actor" | "triggering_actor") {
        return Trust::Output;
    }
    match rest.starts_with("event.") && !FORMED.contains(&last) {
        true => Trust::Output,
        false => Trust::Fixed,
    }
}

fn of_input(world: &World, owner: ResourceId, name: &str) -> Trust {
    let Some(workflow) = workflow_of(world, owner) else { return Trust::Caller };
    let on = world.root(workflow).get("on");
    let declared = |event: &str| {
        let inputs = on?.at(&[event, "inputs"])?;
        let (_, input) = inputs.members().find(|(of, _)| of.eq_ignore_ascii_case(name))?;
        Some(input.get("type").and_then(|of| of.text()).unwrap_or("string"))
    };
    let types: Vec<&str> = ["workflow_dispatch", "workflow_call"].into_iter().filter_map(declared).collect();
    let formed = |of: &&str| matches!(*of, "boolean" | "number" | "choice" | "environment");
    if !types.is_empty() && types.iter().all(formed) { Trust::Fixed } else { Trust::Caller }
}

/// The step, its job and its workflow, from the inside out.
fn scopes(world: &World, owner: ResourceId) -> Vec<ResourceId> {
    let job = first(world, owner, "job");
    [Some(owner), job, workflow_of(world, owner)].into_iter().flatten().collect()
}

fn of_env(flow: &Flow<'_>, owner: ResourceId, name: &str, depth: usize) -> Trust {
    let world = flow.world;
    let at = format!("env.{name}");
    for scope in scopes(world, owner) {
        let Some(env) = world.root(scope).get("env") else { continue };
        if !env.members().any(|(of, _)| of.eq_ignore_ascii_case(name)) {
            if env.is_map() {
                continue;
            }
            return Trust::Output;
        }
        let exprs = flow.expressions_at(scope, &at).filter_map(|id| parsed(world, id));
        let trust = exprs.map(|expr| indirectly(of_flows(flow, scope, &expr, depth + 1)));
        // What is worked out when it runs may be changed by a step before.
        return trust.map(|trust| trust.max(Trust::Output)).max().unwrap_or(Trust::Fixed);
    }
    Trust::Output
}

/// Who decides what a variable of the environment of a step says.
pub(super) fn of_variable(world: &World, step: ResourceId, name: &str) -> Trust {
    let known = scopes(world, step).into_iter().any(|scope| {
        world.root(scope).get("env").is_some_and(|env| env.members().any(|(of, _)| of.eq_ignore_ascii_case(name)))
    });
    if !known {
        return match name {
            "GITHUB_HEAD_REF" => Trust::Chain,
            _ => Trust::Fixed,
        };
    }
    of_env(&Flow::new(world, step), step, name, 0)
}

/// Whether a variable is set here, and to nothing that others decide.
pub(super) fn is_fixed(world: &World, step: ResourceId, name: &str) -> bool {
    let sets = |scope: &ResourceId| {
        world.root(*scope).get("env").is_some_and(|env| env.members().any(|(of, _)| of.eq_ignore_ascii_case(name)))
    };
    let at = format!("env.{name}");
    let flow = Flow::new(world, step);
    scopes(world, step).into_iter().find(sets).is_some_and(|scope| {
        let mut exprs = flow.expressions_at(scope, &at);
        exprs.all(|id| parsed(world, id).is_some_and(|expr| of_flows(&flow, scope, &expr, 1).0 == Trust::Fixed))
            && !flow.is_cut()
    })
}

fn of_step(flow: &Flow<'_>, owner: ResourceId, rest: &str, depth: usize) -> Trust {
    let world = flow.world;
    let mut parts = rest.split('.');
    let (id, what, name) = (parts.next().unwrap_or_default(), parts.next(), parts.next().unwrap_or_default());
    if !matches!(what, Some("outputs") | None) {
        return Trust::Fixed;
    }
    let group = first(world, owner, "job").or_else(|| first(world, owner, "action")).unwrap_or(owner);
    let named = |step: &ResourceId| {
        world.root(*step).get("id").and_then(|of| of.text()).is_some_and(|of| of.eq_ignore_ascii_case(id))
    };
    let Some(step) = world.related(group, "steps").find(named) else { return Trust::Output };
    if let Some(action) = super::action_of(world, step) {
        return if OUTPUTS.contains(&action) { Trust::Chain } else { Trust::Output };
    }
    let Some(script) = text(world, step, "script") else { return Trust::Output };
    // What is on the lines that name the output.
    let lines: Vec<&str> = script.lines().filter(|line| mentions(line, name)).collect();
    let mut trust = Trust::Output;
    for expression in flow.expressions_at(step, "run") {
        let written = text(world, expression, "text").unwrap_or_default();
        if let Some(expr) = parsed(world, expression)
            && lines.iter().any(|line| line.contains(written))
        {
            trust = trust.max(indirectly(of_flows(flow, step, &expr, depth + 1)));
        }
    }
    for scope in scopes(world, step) {
        let names = world.root(scope).get("env").into_iter().flat_map(|env| env.members());
        for (variable, _) in names.filter(|(variable, _)| lines.iter().any(|line| mentions(line, variable))) {
            trust = trust.max(of_env(flow, step, variable, depth + 1));
        }
    }
    trust
}

/// Whether a line has a word; case does not count.
pub(super) fn mentions(line: &str, word: &str) -> bool {
    let (line, word) = (line.to_lowercase(), word.to_lowercase());
    let inside = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    !word.is_empty()
        && line.match_indices(&word).any(|(at, _)| {
            let before = at.checked_sub(1).and_then(|at| line.as_bytes().get(at));
            !inside(before) && !inside(line.as_bytes().get(at + word.len()))
        })
}

fn of_needs(flow: &Flow<'_>, owner: ResourceId, rest: &str, depth: usize) -> Trust {
    let world = flow.world;
    let mut parts = rest.split('.');
    let (name, what, output) = (parts.next().unwrap_or_default(), parts.next(), parts.next().unwrap_or_default());
    if !matches!(what, Some("outputs") | None) {
        return Trust::Fixed;
    }
    let job = first(world, owner, "job").unwrap_or(owner);
    let needed = world.related(job, "needs").find(|other| world.resource(*other).name.eq_ignore_ascii_case(name));
    let Some(needed) = needed else { return Trust::Output };
    let at = format!("outputs.{output}");
    let exprs = flow.expressions_at(needed, &at).filter_map(|id| parsed(world, id));
    exprs.map(|expr| indirectly(of_flows(flow, needed, &expr, depth + 1))).max().unwrap_or(Trust::Output)
}

fn of_matrix(flow: &Flow<'_>, owner: ResourceId, rest: &str, depth: usize) -> Trust {
    let world = flow.world;
    let axis = rest.split('.').next().unwrap_or_default();
    let job = first(world, owner, "job").unwrap_or(owner);
    let places = [
        "strategy.matrix".to_owned(),
        "strategy.matrix.include".to_owned(),
        format!("strategy.matrix.{axis}"),
        format!("strategy.matrix.include.{axis}"),
        "strategy".to_owned(),
    ];
    let found = flow.expressions(job).filter(|id| {
        let at = text(world, *id, "at").unwrap_or_default();
        places.iter().any(|place| at.eq_ignore_ascii_case(place)) || at.starts_with(&format!("strategy.matrix.{axis}."))
    });
    let trust = |expr: Expr| indirectly(of_flows(flow, job, &expr, depth + 1));
    found.filter_map(|id| parsed(world, id)).map(|expr| trust(expr).max(Trust::Output)).max().unwrap_or(Trust::Fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_told_apart() {
        for (context, trust) in [
            ("github.head_ref", Trust::Anybody),
            ("github.event.pull_request.head.ref", Trust::Anybody),
            ("github.event.pull_request.head.sha", Trust::Fixed),
            ("github.event.commits.*.author.email", Trust::Anybody),
            ("github.event", Trust::Anybody),
            ("github", Trust::Anybody),
            ("github.event.issue", Trust::Anybody),
            ("github.event.client_payload.a.b", Trust::Caller),
            ("github.ref_name", Trust::Caller),
            ("github.event.something.odd", Trust::Output),
            ("github.sha", Trust::Fixed),
            ("github.repository", Trust::Fixed),
            ("github.event.number", Trust::Fixed),
        ] {
            assert_eq!(of_event(context, context.strip_prefix("github.").unwrap_or_default()), trust, "{context}");
        }
    }
}
