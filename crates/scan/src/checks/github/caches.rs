//! Caches that releases are built from.

use super::{action_of, conditions, events, expressions_at, first, major_of, parsed};
use crate::families::github::expression::{Value, evaluate};
use crate::finding::Hit;
use crate::resource::{ResourceId, World};
use crate::tree::Node;

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
    ("azure/functions-action", None),
    ("azure/webapps-deploy", None),
    ("azure/container-apps-deploy-action", None),
    ("cloudflare/wrangler-action", None),
    ("google-github-actions/deploy-cloudrun", None),
    ("google-github-actions/deploy-appengine", None),
    ("aws-actions/amazon-ecs-deploy-task-definition", None),
    ("actions/deploy-pages", None),
    ("peaceiris/actions-gh-pages", None),
    ("marvinpinto/action-automatic-releases", None),
    ("actions/attest-build-provenance", None),
];

/// How an action caches.
enum Caches {
    /// Always.
    Always,
    /// Always, unless an input has this value.
    Unless(&'static str, &'static str),
    /// Only with this input.
    With(&'static str),
    /// From this major version on, unless an input has this value; else only with the other input.
    From(i64, (&'static str, &'static str), &'static str),
    /// Only with one input, unless another one has this value.
    WithUnless(&'static str, (&'static str, &'static str)),
    /// Only when an input has this in it.
    Says(&'static str, &'static str),
}

const CACHES: &[(&str, Caches)] = &[
    ("actions/cache", Caches::Unless("lookup-only", "true")),
    ("actions/cache/restore", Caches::Unless("lookup-only", "true")),
    ("actions/setup-node", Caches::From(5, ("package-manager-cache", "false"), "cache")),
    ("actions/setup-python", Caches::With("cache")),
    ("actions/setup-java", Caches::With("cache")),
    ("actions/setup-dotnet", Caches::With("cache")),
    ("actions/setup-go", Caches::From(4, ("cache", "false"), "cache")),
    ("astral-sh/setup-uv", Caches::Unless("enable-cache", "false")),
    ("swatinem/rust-cache", Caches::Unless("lookup-only", "true")),
    ("gradle/actions/setup-gradle", Caches::Unless("cache-disabled", "true")),
    ("gradle/gradle-build-action", Caches::Unless("cache-disabled", "true")),
    ("ruby/setup-ruby", Caches::With("bundler-cache")),
    ("actions-rust-lang/setup-rust-toolchain", Caches::Unless("cache", "false")),
    ("mlugg/setup-zig", Caches::Unless("use-cache", "false")),
    ("oven-sh/setup-bun", Caches::Unless("no-cache", "true")),
    // Without a version the program of the machine is used.
    ("docker/setup-buildx-action", Caches::WithUnless("version", ("cache-binary", "false"))),
    ("docker/build-push-action", Caches::Says("cache-from", "type=gha")),
    ("graalvm/setup-graalvm", Caches::With("cache")),
    ("coursier/cache-action", Caches::Unless("lookup-only", "true")),
    ("nix-community/cache-nix-action", Caches::Unless("lookup-only", "true")),
    ("jdx/mise-action", Caches::Unless("cache", "false")),
    ("pnpm/action-setup", Caches::With("cache")),
    ("awalsh128/cache-apt-pkgs-action", Caches::Always),
    ("denoland/setup-deno", Caches::With("cache")),
    ("julia-actions/cache", Caches::Always),
    ("moonrepo/setup-toolchain", Caches::Unless("cache", "false")),
    ("ramsey/composer-install", Caches::Unless("ignore-cache", "yes")),
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
    let major = uses.and_then(|uses| major_of(world, uses));
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
        Caches::Always => Some(true),
        Caches::Unless(name, value) => sets(name, value).map(|set| !set),
        Caches::With(name) => with_input(name),
        Caches::From(from, (name, value), _) if major.is_none_or(|major| major >= *from) => {
            sets(name, value).map(|set| !set)
        }
        Caches::From(_, _, name) => with_input(name),
        Caches::WithUnless(name, (off, value)) => match (with_input(name), sets(off, value)) {
            (Some(false), _) | (_, Some(true)) => Some(false),
            (Some(true), Some(false)) => Some(true),
            _ => None,
        },
        Caches::Says(name, part) => Some(input(name).and_then(known).is_some_and(|said| said.contains(part))),
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
    let released = Some(("release", "refs/tags/v0"));
    if events(world, workflow).contains(&"release") && !refused(world, step, released) {
        return true;
    }
    let push = world.root(workflow).get("on").and_then(|on| on.get("push"));
    let says = |node: &Node<'_>| node.text().is_some_and(|text| !text.starts_with('!'));
    let tags = push.is_some_and(|push| push.each("tags").iter().any(says));
    if tags && !refused(world, step, Some(("push", "refs/tags/v0"))) {
        return true;
    }
    // A branch such as `patch-release` or `releases/*` is what releases are built from.
    let branches = push.into_iter().flat_map(|push| push.each("branches"));
    let mut branches = branches.filter_map(|node| node.text()).filter(|name| is_release(name));
    if branches.any(|name| {
        let reference = format!("refs/heads/{}", name.replace(['*', '?', '+'], "0"));
        !refused(world, step, Some(("push", &reference)))
    }) {
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

/// Whether a pattern of branches is about releases.
fn is_release(pattern: &str) -> bool {
    !pattern.starts_with('!') && pattern.to_lowercase().contains("release")
}

/// Whether conditions keep a step or its job from running for an event of a reference.
fn refused(world: &World, step: ResourceId, run: Option<(&str, &str)>) -> bool {
    let lookup = |context: &str| {
        let (event, reference) = run?;
        let kind = if reference.starts_with("refs/tags/") { "tag" } else { "branch" };
        let text = match context {
            "github.event_name" => event,
            "github.ref" => reference,
            "github.ref_type" => kind,
            "github.ref_name" => reference.splitn(3, '/').nth(2)?,
            _ => return None,
        };
        Some(Value::Text(text.to_owned()))
    };
    let own = |id: ResourceId| {
        expressions_at(world, id, "if")
            .filter_map(|expression| parsed(world, expression))
            .any(|expr| conditions::truth(&expr, &|part| evaluate(part, &lookup)) == Some(false))
    };
    own(step) || first(world, step, "job").is_some_and(own)
}
