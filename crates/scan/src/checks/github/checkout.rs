//! Code of strangers that runs with rights; caches and artefacts that carry more than they should.

use super::environment::{PRIVILEGED, line_span};
use super::{action_of, events, excluded, expressions_at, first, parsed, text};
use crate::families::github::expression::flows;
use crate::finding::Hit;
use crate::resource::{ResourceId, World};
use crate::tree::{Data, Node};

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

/// Actions that publish, and the input without which they do not.
const PUBLISH: &[(&str, Option<(&str, &str)>)] = &[
    ("pypa/gh-action-pypi-publish", None),
    ("softprops/action-gh-release", None),
    ("ncipollo/release-action", None),
    ("actions/create-release", None),
    ("svenstaro/upload-release-action", None),
    ("goreleaser/goreleaser-action", None),
    ("js-devtools/npm-publish", None),
    ("rubygems/release-gem", None),
    ("cargo-bins/release-pr", None),
    ("release-plz/action", None),
    ("changesets/action", None),
    ("google-github-actions/release-please-action", None),
    ("googleapis/release-please-action", None),
    ("cycjimmy/semantic-release-action", None),
    ("docker/build-push-action", Some(("push", "true"))),
    ("softprops/turnstyle", None),
    ("marvinpinto/action-automatic-releases", None),
    ("actions/attest-build-provenance", None),
];

/// How an action caches.
enum Caches {
    /// Always, unless an input has this value.
    Unless(&'static str, &'static str),
    /// Only with this input.
    With(&'static str),
    /// From this major version on, unless an input has this value; before, only with the other input.
    From(i64, &'static str, &'static str),
}

const CACHES: &[(&str, Caches)] = &[
    ("actions/cache", Caches::Unless("lookup-only", "true")),
    ("actions/cache/restore", Caches::Unless("lookup-only", "true")),
    ("actions/setup-node", Caches::With("cache")),
    ("actions/setup-python", Caches::With("cache")),
    ("actions/setup-java", Caches::With("cache")),
    ("actions/setup-dotnet", Caches::With("cache")),
    ("actions/setup-go", Caches::From(4, "cache", "false")),
    ("astral-sh/setup-uv", Caches::Unless("enable-cache", "false")),
    ("swatinem/rust-cache", Caches::Unless("lookup-only", "true")),
    ("gradle/actions/setup-gradle", Caches::Unless("cache-disabled", "true")),
    ("gradle/gradle-build-action", Caches::Unless("cache-disabled", "true")),
    ("ruby/setup-ruby", Caches::With("bundler-cache")),
    ("actions-rust-lang/setup-rust-toolchain", Caches::Unless("cache", "false")),
    ("mlugg/setup-zig", Caches::Unless("use-cache", "false")),
    ("oven-sh/setup-bun", Caches::Unless("no-cache", "true")),
    ("docker/setup-buildx-action", Caches::Unless("cache-binary", "false")),
    ("docker/build-push-action", Caches::With("cache-from")),
    ("graalvm/setup-graalvm", Caches::With("cache")),
    ("coursier/cache-action", Caches::Unless("lookup-only", "true")),
    ("mozilla-actions/sccache-action", Caches::Unless("disable_annotations", "never")),
    ("nix-community/cache-nix-action", Caches::Unless("lookup-only", "true")),
    ("jdx/mise-action", Caches::Unless("cache", "false")),
    ("pnpm/action-setup", Caches::With("cache")),
];

/// A cache that a release is built from: whoever can write the cache writes the release.
pub(super) fn cache_poisoning(world: &World, step: ResourceId) -> Vec<Option<Hit>> {
    let (Some(workflow), Some(action)) = (first(world, step, "workflow"), action_of(world, step)) else {
        return Vec::new();
    };
    let Some((_, caches)) = CACHES.iter().find(|(of, _)| *of == action) else { return Vec::new() };
    if !releases(world, workflow, step) {
        return Vec::new();
    }
    let with = world.root(step).get("with");
    let input = |name: &str| with.and_then(|with| with.get(name));
    let known = |node: Node<'_>| node.scalar().map(|said| said.to_lowercase());
    let uses = first(world, step, "uses");
    let major = uses.and_then(|uses| world.field(uses, "major")).and_then(|major| major.int());
    let sets = |name: &str, value: &str| match input(name) {
        None => Some(false),
        Some(node) => known(node).map(|said| said == value),
    };
    let with_input = |name: &str| match input(name) {
        None => Some(false),
        Some(node) if node.is_open() => None,
        Some(node) => Some(!matches!(known(node).as_deref(), Some("false" | ""))),
    };
    let answer = match caches {
        Caches::Unless(name, value) => sets(name, value).map(|set| !set),
        Caches::With(name) => with_input(name),
        Caches::From(from, name, value) if major.is_none_or(|major| major >= *from) => {
            sets(name, value).map(|set| !set)
        }
        Caches::From(_, name, _) => with_input(name),
    };
    match answer {
        Some(false) => Vec::new(),
        None => vec![None],
        Some(true) => {
            let span = world.root(step).get("uses").map(|uses| uses.span());
            let message = format!(
                "`{action}` restores a cache in a workflow that publishes: a poisoned cache goes into the release"
            );
            vec![Some(Hit { resource: step, span, message: Some(message), value: action.to_owned() })]
        }
    }
}

/// Whether a workflow publishes: by what starts it, or by what the same job does.
fn releases(world: &World, workflow: ResourceId, step: ResourceId) -> bool {
    let on = world.root(workflow).get("on");
    if events(world, workflow).contains(&"release") && !excluded(world, step, "release") {
        return true;
    }
    let push = on.and_then(|on| on.get("push"));
    let tags = push.is_some_and(|push| push.get("tags").is_some() && push.get("branches").is_none());
    let branches = push.is_some_and(|push| {
        let named = push.each("branches");
        !named.is_empty()
            && named.iter().all(|branch| branch.text().is_some_and(|branch| branch.starts_with("release")))
    });
    if (tags || branches) && !excluded(world, step, "push") {
        return true;
    }
    let Some(job) = first(world, step, "job") else { return false };
    world.related(job, "steps").any(|other| {
        let Some(action) = action_of(world, other) else { return false };
        let published = PUBLISH.iter().find(|(of, _)| *of == action);
        published.is_some_and(|(_, input)| {
            input.is_none_or(|(name, value)| {
                let said = world.root(other).at(&["with", name]);
                said.is_some_and(|said| said.is_open() || said.scalar().as_deref() == Some(value))
            })
        })
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
