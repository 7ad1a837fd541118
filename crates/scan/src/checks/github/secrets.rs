//! Secrets that reach too far.

use super::environment::{line_span, uses_variable};
use super::{Written, at_expression, expressions_at, first, parsed, text, workflow_of};
use crate::families::github::expression::{Expr, Kind, flows};
use crate::finding::Hit;
use crate::resource::{ResourceId, World};

fn owner(world: &World, expression: ResourceId) -> ResourceId {
    first(world, expression, "owner").unwrap_or(expression)
}

/// All secrets at once: `toJSON(secrets)`, or one by a name that is worked out.
pub(super) fn whole(world: &World, expression: ResourceId) -> Vec<Option<Hit>> {
    let Some(expr) = parsed(world, expression) else { return Vec::new() };
    let says = text(world, expression, "text").unwrap_or_default();
    let hit =
        |what: &str| vec![at_expression(world, owner(world, expression), expression, says.to_owned(), what.to_owned())];
    let is_all = |of: &Expr| of.context().as_deref() == Some("secrets");
    for part in expr.walk() {
        match &part.kind {
            Kind::Call(name, parts) if &**name == "tojson" && parts.iter().any(is_all) => {
                return hit("all secrets of the repository and the organisation go into one text");
            }
            Kind::Index(of, index) if is_all(of) && !matches!(index.kind, Kind::Text(_)) => {
                return hit("the secret's name is worked out at run time, so the machine is given all of them");
            }
            Kind::Every(of) if is_all(of) => {
                return hit("all secrets of the repository and the organisation are read");
            }
            _ => {}
        }
    }
    Vec::new()
}

/// A job that hands all secrets on: from the line that names who gets them to the one that hands them over.
pub(super) fn inherited(world: &World, job: ResourceId) -> Vec<Option<Hit>> {
    let root = world.root(job);
    let Some(secrets) = root.get("secrets").filter(|secrets| secrets.text() == Some("inherit")) else {
        return Vec::new();
    };
    let Some(called) = root.get("uses") else { return Vec::new() };
    let (first, second) = (called.span(), secrets.span());
    // Keys have no order, and an anchor may have put one of them elsewhere.
    let span = if first.start <= second.start { first.to(second) } else { second.to(first) };
    let value = called.scalar().unwrap_or_default();
    vec![Some(Hit { resource: job, span: Some(span), message: None, value })]
}

/// A part of a structured secret: only the whole is masked.
pub(super) fn unredacted(world: &World, expression: ResourceId) -> Vec<Option<Hit>> {
    let Some(expr) = parsed(world, expression) else { return Vec::new() };
    let of_secret = |of: &Expr| match &of.kind {
        Kind::Call(name, parts) if &**name == "fromjson" => {
            parts.first().and_then(Expr::context).is_some_and(|context| context.starts_with("secrets."))
        }
        _ => false,
    };
    let found = expr.walk().into_iter().any(|part| match &part.kind {
        Kind::Member(of, _) | Kind::Index(of, _) | Kind::Every(of) => of_secret(of),
        _ => of_secret(part),
    });
    if !found {
        return Vec::new();
    }
    let says = text(world, expression, "text").unwrap_or_default().to_owned();
    let message = "a part of a structured secret is used: logs mask only the whole of it".to_owned();
    vec![at_expression(world, owner(world, expression), expression, says, message)]
}

/// The secret that an expression may come to.
fn secret(world: &World, expression: ResourceId) -> Option<String> {
    let expr = parsed(world, expression)?;
    let names = flows(&expr).into_iter().map(|(context, _)| context);
    names.into_iter().find(|context| context.starts_with("secrets.") || context == "github.token")
}

/// A secret written into a script: it is on command lines and in the file of the script.
pub(super) fn in_command(world: &World, step: ResourceId) -> Vec<Option<Hit>> {
    let at = expressions_at(world, step, "run");
    at.filter_map(|expression| {
        let name = secret(world, expression)?;
        let message =
            format!("`{name}` is written into the script itself: give it to the step as a variable of its environment");
        Some(at_expression(world, step, expression, name, message))
    })
    .collect()
}

/// A script that writes a secret to its output.
pub(super) fn printed(world: &World, step: ResourceId) -> Vec<Option<Hit>> {
    let Some(script) = text(world, step, "script") else { return Vec::new() };
    let mut names = Vec::new();
    let job = first(world, step, "job");
    for scope in [Some(step), job, workflow_of(world, step)].into_iter().flatten() {
        for expression in world.related(scope, "expressions") {
            let at = text(world, expression, "at").unwrap_or_default();
            if let Some(name) = at.strip_prefix("env.")
                && secret(world, expression).is_some()
            {
                names.push(name.to_owned());
            }
        }
    }
    let written = Written::new(world, step);
    let mut out = Vec::new();
    for (number, line) in script.lines().enumerate() {
        let code = line.trim();
        let prints = ["echo ", "printf ", "write-host ", "write-output ", "cat <<<"];
        let lower = code.to_lowercase();
        let whole = matches!(lower.as_str(), "env" | "printenv" | "export -p" | "set") && !names.is_empty();
        let says = prints.iter().any(|print| lower.starts_with(print)) && !lower.contains("add-mask");
        let says = says && stays_in_log(code);
        if !whole && !says {
            continue;
        }
        let direct = written.within(line).any(|id| secret(world, id).is_some());
        let variable = names.iter().find(|name| uses_variable(code, name));
        if !whole && !direct && variable.is_none() {
            continue;
        }
        let message =
            "a secret is written to the log: masking hides only its exact text, not parts or other forms".to_owned();
        let span = line_span(world, step, number);
        out.push(Some(Hit { resource: step, span, message: Some(message), value: code.to_owned() }));
    }
    out
}

/// Whether what a line writes ends in the log: not in a file or another program that keeps it.
fn stays_in_log(line: &str) -> bool {
    let quiet = line.contains('>') || line.contains("--password-stdin");
    let last = line.rsplit('|').next().unwrap_or_default().trim();
    let piped = line.contains('|')
        && !["base64", "rev", "xxd", "od", "sed", "tr", "hexdump", "cut", "head", "cat", "tee"]
            .iter()
            .any(|program| last.starts_with(program));
    let decoded = last.contains("-d") && last.starts_with("base64");
    // What a secret hashes to does not say it: a usual word to stop commands with.
    let hashed = ["sha256sum", "sha512sum", "shasum"].iter().any(|program| line.contains(program));
    !quiet && !piped && !decoded && !hashed
}

/// A secret of a job without an environment: nothing but the branch's rules stands before it.
pub(super) fn outside_environment(world: &World, job: ResourceId) -> Vec<Option<Hit>> {
    if world.root(job).get("environment").is_some() || world.root(job).get("uses").is_some() {
        return Vec::new();
    }
    // A called workflow takes its secrets from the caller, and the caller's environments do not reach it.
    let workflow = first(world, job, "workflow");
    if workflow.is_some_and(|id| super::events(world, id).contains(&"workflow_call")) {
        return Vec::new();
    }
    let steps = world.related(job, "steps").flat_map(|step| world.related(step, "expressions"));
    let all = world.related(job, "expressions").chain(steps);
    let mut out = Vec::new();
    for expression in all {
        let Some(expr) = parsed(world, expression) else { continue };
        let names = expr.walk().into_iter().filter_map(Expr::context);
        for name in names.filter(|name| name.starts_with("secrets.") && name.matches('.').count() == 1) {
            if name == "secrets.github_token" {
                continue;
            }
            let message =
                format!("`{name}` is used in a job without an environment: any branch's workflow can read it");
            out.push(at_expression(world, job, expression, name, message));
        }
    }
    out
}
