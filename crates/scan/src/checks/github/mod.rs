//! Checks of GitHub's pipelines: where values flow.
//!
//! | file | holds |
//! |---|---|
//! | `untrusted.rs` | who decides what a context says |
//! | `injection.rs` | expressions written into code |
//! | `environment.rs` | values written into the environment of later steps |
//! | `checkout.rs` | code of strangers that runs with rights; artefacts |
//! | `caches.rs` | caches that releases are built from |
//! | `secrets.rs` | secrets that reach too far |
//! | `conditions.rs` | conditions and expressions that do not say what they seem to |
//! | `permissions.rs` | rights for all jobs, rights that nobody explains |
//! | `supply.rs` | what actions are used, and how |
//! | `versions.rs` | versions with known weaknesses, and those that are out of date |
//! | `names.rs` | names that are nearly those of well-known actions |
//! | `packages.rs` | packages that no lock file names |

mod caches;
mod checkout;
mod conditions;
mod environment;
mod injection;
mod names;
mod packages;
mod permissions;
mod secrets;
mod supply;
mod untrusted;
mod versions;

use super::Check;
use crate::families::github::expression::{Expr, Piece, Value, evaluate, pieces};
use crate::finding::Hit;
use crate::resource::{ResourceId, World};
use ahash::AHashMap;

/// The checks by name.
pub(super) const CHECKS: &[(&str, Check)] = &[
    ("github_template_injection", injection::attacker),
    ("github_template_injection_chain", injection::chain),
    ("github_template_expansion", injection::expansion),
    ("github_environment_file", environment::environment_file),
    ("github_untrusted_checkout", checkout::untrusted_checkout),
    ("github_cache_poisoning", caches::cache_poisoning),
    ("github_untrusted_artifact", checkout::untrusted_artifact),
    ("github_credentials_in_artifact", checkout::credentials_in_artifact),
    ("github_whole_secrets", secrets::whole),
    ("github_secrets_inherited", secrets::inherited),
    ("github_unredacted_secret", secrets::unredacted),
    ("github_secret_in_command", secrets::in_command),
    ("github_secret_printed", secrets::printed),
    ("github_secret_outside_environment", secrets::outside_environment),
    ("github_bot_condition", conditions::bot),
    ("github_condition_always_true", conditions::always_true),
    ("github_contains_misuse", conditions::contains_misuse),
    ("github_obfuscated_expression", conditions::obfuscated),
    ("github_false_ternary", conditions::false_ternary),
    ("github_permissions_for_all", permissions::for_all),
    ("github_permissions_for_one", permissions::for_one),
    ("github_permission_unexplained", permissions::unexplained),
    ("github_version_comment", supply::version_comment),
    ("github_confusable_reference", supply::confusable_reference),
    ("github_obfuscated_reference", supply::obfuscated_reference),
    ("github_vulnerable_action", versions::vulnerable),
    ("github_outdated_action", versions::outdated),
    ("github_lookalike_action", names::lookalike),
    ("github_unlocked_package", packages::unlocked),
    ("github_trusted_publishing", supply::trusted_publishing),
    ("github_app_token", supply::app_token),
];

/// A known text of a resource.
fn text<'w>(world: &'w World, id: ResourceId, field: &str) -> Option<&'w str> {
    world.field(id, field).and_then(|node| node.text())
}

/// The first resource of a relation.
fn first(world: &World, id: ResourceId, relation: &str) -> Option<ResourceId> {
    world.related(id, relation).next()
}

/// An expression's tree; none when it is none.
fn parsed(world: &World, expression: ResourceId) -> Option<Expr> {
    Expr::parse(text(world, expression, "text")?).ok()
}

/// The expressions of an owner at a place such as `env.NAME`; case does not count.
fn expressions_at<'w>(world: &'w World, owner: ResourceId, at: &'w str) -> impl Iterator<Item = ResourceId> + 'w {
    world
        .related(owner, "expressions")
        .filter(move |id| text(world, *id, "at").is_some_and(|is| is.eq_ignore_ascii_case(at)))
}

/// The expressions that a step's script is written with, by what they say. Those that say the same come to the same.
struct Written<'w> {
    by_text: AHashMap<&'w str, ResourceId>,
}

impl<'w> Written<'w> {
    fn new(world: &'w World, step: ResourceId) -> Written<'w> {
        let by_text = expressions_at(world, step, "run").filter_map(|id| Some((text(world, id, "text")?, id)));
        Written { by_text: by_text.collect() }
    }

    /// Those in a part of the script.
    fn within(&self, part: &str) -> impl Iterator<Item = ResourceId> {
        let inner = pieces(part).into_iter().filter_map(|piece| match piece {
            Piece::Expression(inner) => self.by_text.get(inner.trim()).copied(),
            Piece::Text(_) => None,
        });
        inner.collect::<Vec<_>>().into_iter()
    }
}

/// The workflow of a workflow, job or step.
fn workflow_of(world: &World, id: ResourceId) -> Option<ResourceId> {
    match world.resource(id).kind {
        "workflow" => Some(id),
        _ => first(world, id, "workflow"),
    }
}

/// The events that start the workflow.
fn events(world: &World, workflow: ResourceId) -> Vec<&str> {
    let names = world.field(workflow, "triggers");
    names.into_iter().flat_map(|names| names.items().filter_map(|name| name.text())).collect()
}

/// What the action of a step is, without its reference; in lower case.
fn action_of(world: &World, step: ResourceId) -> Option<&str> {
    first(world, step, "uses").and_then(|uses| text(world, uses, "action"))
}

/// The version that an `action_use` names: its reference, else what the comment beside a commit says.
fn version_of(world: &World, uses: ResourceId) -> Option<&str> {
    match text(world, uses, "ref_kind")? {
        "tag" => {
            let reference = text(world, uses, "ref")?;
            Some(reference.strip_prefix("refs/tags/").unwrap_or(reference))
        }
        "sha" => text(world, uses, "comment").and_then(supply::version),
        _ => None,
    }
}

/// The first number of the version that an `action_use` names.
fn major_of(world: &World, uses: ResourceId) -> Option<i64> {
    let version = version_of(world, uses)?;
    version.strip_prefix('v').unwrap_or(version).split('.').next()?.parse().ok()
}

/// A hit at an expression.
fn at_expression(
    world: &World,
    owner: ResourceId,
    expression: ResourceId,
    value: String,
    message: String,
) -> Option<Hit> {
    let span = Some(world.resource(expression).span);
    Some(Hit { resource: owner, span, message: Some(message), value })
}

/// Whether conditions forbid that a step or job runs for an event. What is not known forbids nothing.
fn excluded(world: &World, id: ResourceId, event: &str) -> bool {
    let event = event.to_owned();
    let lookup = |context: &str| (context == "github.event_name").then(|| Value::Text(event.clone()));
    let own = |id: ResourceId| {
        expressions_at(world, id, "if")
            .filter_map(|expression| parsed(world, expression))
            .any(|expr| conditions::truth(&expr, &|part| evaluate(part, &lookup)) == Some(false))
    };
    own(id) || first(world, id, "job").is_some_and(own)
}
