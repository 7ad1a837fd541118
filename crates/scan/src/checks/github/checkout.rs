//! Code of strangers that runs with rights; artefacts that carry more than they should.

use super::environment::{PRIVILEGED, line_span};
use super::{action_of, events, excluded, expressions_at, first, parsed, text};
use crate::families::github::expression::flows;
use crate::finding::Hit;
use crate::resource::{ResourceId, World};
use crate::tree::Data;

/// What names the head of a pull request.
const HEADS: &[&str] = &[
    "github.head_ref",
    "github.event.pull_request.head.ref",
    "github.event.pull_request.head.sha",
    "github.event.pull_request.head.label",
    "github.event.pull_request.head.repo.full_name",
    "github.event.pull_request.head.repo.clone_url",
    "github.event.pull_request.merge_commit_sha",
    "github.event.workflow_run.head_sha",
    "github.event.workflow_run.head_branch",
    "github.event.workflow_run.head_commit.id",
    "github.event.workflow_run.head_repository.full_name",
    "github.event.workflow_run.pull_requests.*.head.sha",
    "github.event.workflow_run.pull_requests.*.head.ref",
];

/// What names a pull request; with `refs/pull/` before it, its head.
const NUMBERS: &[&str] = &[
    "github.event.number",
    "github.event.pull_request.number",
    "github.event.issue.number",
    "github.event.workflow_run.pull_requests.*.number",
];

/// The job's or step's conditions, as they are written.
fn conditions<'w>(world: &'w World, step: ResourceId) -> Vec<&'w str> {
    let job = first(world, step, "job");
    let of = |id: ResourceId| {
        expressions_at(world, id, "if").filter_map(|id| text(world, id, "text")).collect::<Vec<&'w str>>()
    };
    [of(step), job.map(of).unwrap_or_default()].concat()
}

/// Whether conditions let only branches of the repository itself through.
fn only_own(world: &World, step: ResourceId) -> bool {
    conditions(world, step).iter().any(|said| {
        let said: String = said.chars().filter(|character| !character.is_whitespace()).collect();
        let head = ["head.repo.full_name", "head_repository.full_name"].iter().any(|name| said.contains(name));
        (head && said.contains("==") && said.contains("github.repository"))
            || said.contains("head.repo.fork==false")
            || said.contains("!github.event.pull_request.head.repo.fork")
            || said.contains("workflow_run.event=='push'")
            || said.contains("workflow_run.event!='pull_request'")
    })
}

/// A checkout of a pull request's head in a workflow that runs with the repository's rights.
pub(super) fn untrusted_checkout(world: &World, step: ResourceId) -> Vec<Option<Hit>> {
    let Some(workflow) = first(world, step, "workflow") else { return Vec::new() };
    let started = events(world, workflow);
    let event = PRIVILEGED.iter().find(|event| started.contains(event) && !excluded(world, step, event));
    let Some(event) = event else { return Vec::new() };
    if only_own(world, step) {
        return Vec::new();
    }
    let message =
        format!("the code of a pull request is fetched while `{event}` gives the repository's rights and secrets");
    if action_of(world, step) == Some("actions/checkout") {
        let found = ["with.ref", "with.repository"].into_iter().find_map(|at| {
            expressions_at(world, step, at).find(|id| {
                let before = world.root(step).at(&["with", "ref"]).is_some_and(|of| match of.data() {
                    Data::Partly(pieces) => pieces.iter().any(|piece| piece.contains("pull/")),
                    _ => false,
                });
                let all = parsed(world, *id);
                all.is_some_and(|expr| {
                    let said = text(world, *id, "text").unwrap_or_default();
                    flows(&expr).iter().any(|(context, _)| {
                        HEADS.contains(&context.as_str())
                            || ((before || said.contains("refs/pull/")) && NUMBERS.contains(&context.as_str()))
                            || is_head_output(context)
                    })
                })
            })
        });
        let Some(found) = found else { return Vec::new() };
        let span = Some(world.resource(found).span);
        return vec![Some(Hit { resource: step, span, message: Some(message), value: "checkout".to_owned() })];
    }
    let Some(script) = text(world, step, "script") else { return Vec::new() };
    let fetches = |line: &str| {
        line.contains("gh pr checkout")
            || (line.contains("git ")
                && (line.contains("refs/pull/") || line.contains("origin pull/") || line.contains("origin \"pull/")))
            || (["git checkout", "git fetch", "git clone", "git pull", "git switch"]
                .iter()
                .any(|git| line.contains(git))
                && HEADS.iter().any(|head| line.contains(head)))
    };
    let line = script.lines().position(|line| fetches(line) && !line.trim_start().starts_with('#'));
    line.map(|number| {
        let span = line_span(world, step, number);
        Some(Hit { resource: step, span, message: Some(message), value: "script".to_owned() })
    })
    .into_iter()
    .collect()
}

/// Outputs that are usually named after the head they hold.
fn is_head_output(context: &str) -> bool {
    let output = context.strip_prefix("steps.").or_else(|| context.strip_prefix("needs."));
    output.and_then(|output| output.rsplit('.').next()).is_some_and(|name| {
        matches!(
            name,
            "head_ref" | "head_sha" | "head-ref" | "head-sha" | "pr_head_sha" | "pr_sha" | "pr-sha" | "head_branch"
        )
    })
}

/// An artefact of the whole checkout while the token lies in `.git/config`.
pub(super) fn credentials_in_artifact(world: &World, step: ResourceId) -> Vec<Option<Hit>> {
    if action_of(world, step) != Some("actions/upload-artifact") {
        return Vec::new();
    }
    let Some(group) = first(world, step, "job").or_else(|| first(world, step, "action")) else { return Vec::new() };
    let with = world.root(step).get("with");
    let Some(path) = with.and_then(|with| with.get("path")) else { return Vec::new() };
    let uses = first(world, step, "uses");
    let major = uses.and_then(|uses| world.field(uses, "major")).and_then(|major| major.int());
    let hidden = with.and_then(|with| with.get("include-hidden-files")).and_then(|of| of.bool());
    if hidden == Some(false) || (hidden.is_none() && major.is_some_and(|major| major >= 5)) {
        return Vec::new();
    }
    let written = world.file(world.resource(step).file).text.slice(path.span());
    let whole = written.lines().map(|line| line.trim().trim_matches(['\'', '"'])).any(|line| {
        let line: String = line.chars().filter(|character| !character.is_whitespace()).collect();
        let line = line.strip_prefix("${{github.workspace}}").map_or(line.clone(), |rest| format!(".{rest}"));
        matches!(
            line.as_str(),
            "." | "./" | ".." | "../" | "*" | "./*" | "**" | "./**" | "**/*" | "./**/*" | ".git" | "./.git" | ".git/"
        )
    });
    if !whole {
        return Vec::new();
    }
    let before = world.related(group, "steps").take_while(|other| *other != step);
    let persisted = before.filter(|other| action_of(world, *other) == Some("actions/checkout")).find_map(|other| {
        match world.root(other).at(&["with", "persist-credentials"]) {
            None => Some(true),
            Some(node) => match node.bool() {
                Some(kept) => kept.then_some(true),
                None => Some(false),
            },
        }
    });
    match persisted {
        Some(true) => {
            let message = "the whole checkout is uploaded, and `.git/config` in it may hold the job's token".to_owned();
            vec![Some(Hit {
                resource: step,
                span: Some(path.span()),
                message: Some(message),
                value: "path".to_owned(),
            })]
        }
        Some(false) => vec![None],
        None => Vec::new(),
    }
}

/// Actions that fetch artefacts of other runs.
const DOWNLOADS: &[&str] = &[
    "dawidd6/action-download-artifact",
    "aochmann/actions-download-artifact",
    "bettermarks/action-artifact-download",
    "marcofaggian/action-download-multiple-artifacts",
    "redhat-plumbers-in-action/download-artifact",
];

/// An artefact of a stranger's run, put where the repository's code or tools are.
pub(super) fn untrusted_artifact(world: &World, step: ResourceId) -> Vec<Option<Hit>> {
    let Some(workflow) = first(world, step, "workflow") else { return Vec::new() };
    let started = events(world, workflow);
    let event = PRIVILEGED.iter().find(|event| started.contains(event) && !excluded(world, step, event));
    let Some(event) = event else { return Vec::new() };
    if only_own(world, step) {
        return Vec::new();
    }
    let message = format!(
        "what a stranger's run has left is fetched while `{event}` gives the repository's rights: it may overwrite files"
    );
    let with = |name: &str| world.root(step).at(&["with", name]);
    let apart = ["path", "dir"].iter().filter_map(|name| with(name)).any(|path| {
        let text = world.file(world.resource(step).file).text.slice(path.span());
        text.contains("runner.temp") || text.contains("/tmp/")
    });
    let action = action_of(world, step).unwrap_or_default();
    let fetched = DOWNLOADS.contains(&action) || (action == "actions/download-artifact" && with("run-id").is_some());
    if fetched && !apart {
        let span = world.root(step).get("uses").map(|uses| uses.span());
        return vec![Some(Hit { resource: step, span, message: Some(message), value: action.to_owned() })];
    }
    if action == "actions/github-script" {
        let script = with("script").filter(|_| *event == "workflow_run");
        let written = script.map(|script| world.file(world.resource(step).file).text.slice(script.span()));
        if written.is_some_and(|written| written.contains("downloadArtifact")) {
            let span = world.root(step).get("uses").map(|uses| uses.span());
            return vec![Some(Hit { resource: step, span, message: Some(message), value: action.to_owned() })];
        }
        return Vec::new();
    }
    let script = text(world, step, "script").unwrap_or_default();
    let fetches = |line: &str| {
        line.contains("gh run download") && !line.trim_start().starts_with('#') && !line.to_lowercase().contains("temp")
    };
    let line = script.lines().position(fetches);
    line.map(|number| {
        let span = line_span(world, step, number);
        Some(Hit { resource: step, span, message: Some(message), value: "script".to_owned() })
    })
    .into_iter()
    .collect()
}
