//! Expressions written into code: what they come to is code then.

use super::untrusted::{Trust, of_expression};
use super::{action_of, at_expression, parsed, text};
use crate::finding::Hit;
use crate::resource::{ResourceId, World};

/// Inputs that an action runs as code.
const CODE: &[(&str, &[&str])] = &[
    ("actions/github-script", &["script"]),
    ("amadevus/pwsh-script", &["script"]),
    ("appleboy/ssh-action", &["script"]),
    ("azure/cli", &["inlinescript"]),
    ("azure/powershell", &["inlinescript"]),
    ("addnab/docker-run-action", &["run", "options"]),
    ("cypress-io/github-action", &["command", "build", "start"]),
    ("gradle/gradle-build-action", &["arguments"]),
    ("jannekem/run-python-script-action", &["script"]),
    ("mikefarah/yq", &["cmd"]),
    ("nick-fields/retry", &["command"]),
    ("nick-invision/retry", &["command"]),
    ("reactivecircus/android-emulator-runner", &["script"]),
    ("roots/issue-closer", &["issue-close-message", "pr-close-message"]),
    ("roots/issue-closer-action", &["issue-close-message", "pr-close-message"]),
    ("satackey/action-js-inline", &["script"]),
    ("workflow/nix-shell-action", &["script"]),
];

/// Whether what is at this place of a step is code.
fn is_code(world: &World, step: ResourceId, at: &str) -> bool {
    if at == "run" {
        return true;
    }
    let Some(input) = at.strip_prefix("with.") else { return false };
    let inputs = action_of(world, step).and_then(|action| CODE.iter().find(|(of, _)| *of == action));
    inputs.is_some_and(|(_, inputs)| inputs.iter().any(|of| of.eq_ignore_ascii_case(input)))
}

fn injected(world: &World, step: ResourceId, says: fn(Trust) -> Option<&'static str>) -> Vec<Option<Hit>> {
    let mut out = Vec::new();
    for expression in world.related(step, "expressions") {
        let at = text(world, expression, "at").unwrap_or_default();
        if !is_code(world, step, at) {
            continue;
        }
        let Some(expr) = parsed(world, expression) else { continue };
        let (trust, context) = of_expression(world, step, &expr);
        let Some(who) = says(trust) else { continue };
        let message = format!("`{context}` is written into the code of this step before it is read as code: {who}");
        out.push(at_expression(world, step, expression, context, message));
    }
    out
}

/// Text of anybody in code.
pub(super) fn attacker(world: &World, step: ResourceId) -> Vec<Option<Hit>> {
    injected(world, step, |trust| (trust == Trust::Anybody).then_some("anybody on the internet can write it"))
}

/// Text of a caller, or of anybody on the way through variables and outputs.
pub(super) fn chain(world: &World, step: ResourceId) -> Vec<Option<Hit>> {
    injected(world, step, |trust| match trust {
        Trust::Chain => Some("it holds what anybody on the internet can write"),
        Trust::Caller => Some("whoever calls, starts or pushes decides what it says"),
        _ => None,
    })
}

/// Text that is not known here.
pub(super) fn expansion(world: &World, step: ResourceId) -> Vec<Option<Hit>> {
    injected(world, step, |trust| {
        (trust == Trust::Output).then_some("what it will say is not known here, and nothing quotes it")
    })
}
