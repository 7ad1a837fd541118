//! Conditions that do not say what they seem to.

use super::{at_expression, first, text, workflow_of};
use crate::families::github::expression::{Expr, Kind, Op, Value, evaluate};
use crate::finding::Hit;
use crate::resource::{ResourceId, World};

/// Contexts that tell who acted last, not who wrote the code.
const ACTORS: &[&str] = &[
    "github.actor",
    "github.triggering_actor",
    "github.event.sender.login",
    "github.event.pull_request.sender.login",
    "github.actor_id",
    "github.event.sender.id",
];

/// Numbers of the accounts of well-known bots, which conditions compare instead of names.
const BOT_IDS: &[&str] = &["49699333", "29110", "27856297", "29139614", "41898282"];

fn is_condition(world: &World, expression: ResourceId) -> bool {
    text(world, expression, "at") == Some("if")
}

fn hit(world: &World, expression: ResourceId, message: String) -> Vec<Option<Hit>> {
    let owner = first(world, expression, "owner").unwrap_or(expression);
    let says = text(world, expression, "text").unwrap_or_default().to_owned();
    vec![at_expression(world, owner, expression, says, message)]
}

fn condition(world: &World, expression: ResourceId) -> Option<Expr> {
    is_condition(world, expression).then(|| super::parsed(world, expression)).flatten()
}

/// Trust in who acted: a stranger can make a bot act last on a change of theirs.
pub(super) fn bot(world: &World, expression: ResourceId) -> Vec<Option<Hit>> {
    let Some(expr) = condition(world, expression) else { return Vec::new() };
    let owner = first(world, expression, "owner").unwrap_or(expression);
    let public = workflow_of(world, owner).and_then(|id| world.field(id, "public")).and_then(|of| of.bool());
    if public == Some(false) {
        return Vec::new();
    }
    let Some(actor) = trusted_actor(&expr, true) else { return Vec::new() };
    let said = text(world, expression, "text").unwrap_or_default();
    if said.contains("pull_request.user.login") && said.contains("&&") {
        return Vec::new();
    }
    hit(
        world,
        expression,
        format!(
            "`{actor}` is who acted last, which a stranger can make a bot be: compare the author of the pull request"
        ),
    )
}

/// The context by which a condition trusts a bot. `positive` turns with every `!`.
fn trusted_actor(expr: &Expr, positive: bool) -> Option<String> {
    let bot = |part: &Expr| match &part.kind {
        Kind::Text(name) => name.to_lowercase().contains("[bot]") || BOT_IDS.contains(&&**name),
        Kind::Number(number) => BOT_IDS.contains(&number.to_string().as_str()),
        _ => false,
    };
    let actor = |part: &Expr| part.context().filter(|context| ACTORS.contains(&context.as_str()));
    match &expr.kind {
        Kind::Not(inner) => trusted_actor(inner, !positive),
        Kind::Binary(Op::And | Op::Or, a, b) => trusted_actor(a, positive).or_else(|| trusted_actor(b, positive)),
        Kind::Binary(Op::Equal, a, b) if positive => match (bot(a), bot(b)) {
            (true, _) => actor(b),
            (_, true) => actor(a),
            _ => None,
        },
        Kind::Binary(Op::NotEqual, a, b) if !positive => match (bot(a), bot(b)) {
            (true, _) => actor(b),
            (_, true) => actor(a),
            _ => None,
        },
        Kind::Call(name, parts) if positive && matches!(&**name, "contains" | "startswith" | "endswith") => {
            let (one, other) = (parts.first()?, parts.get(1)?);
            if bot(one) || contains_bot(one) {
                actor(other)
            } else if bot(other) {
                actor(one)
            } else {
                None
            }
        }
        _ => None,
    }
}

/// A list of names as JSON that has a bot's.
fn contains_bot(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Call(name, parts) if &**name == "fromjson" => {
            parts.iter().any(|part| matches!(&part.kind, Kind::Text(text) if text.contains("[bot]")))
        }
        _ => false,
    }
}

/// Whether a condition holds whatever is not known.
pub(super) fn truth(expr: &Expr, value: &dyn Fn(&Expr) -> Value) -> Option<bool> {
    match &expr.kind {
        Kind::Not(inner) => truth(inner, value).map(|truth| !truth),
        Kind::Binary(Op::And, a, b) => match (truth(a, value), truth(b, value)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Kind::Binary(Op::Or, a, b) => match (truth(a, value), truth(b, value)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        _ => value(expr).truth(),
    }
}

/// A condition that is always true: text around the expression, or a part that is never false.
pub(super) fn always_true(world: &World, expression: ResourceId) -> Vec<Option<Hit>> {
    if !is_condition(world, expression) {
        return Vec::new();
    }
    let flag = |name: &str| world.field(expression, name).and_then(|of| of.bool()) == Some(true);
    if flag("fenced") && !flag("alone") {
        let message = "there is text around `${{ }}`, so the condition is a text that is never empty: it always holds";
        return hit(world, expression, message.to_owned());
    }
    let Some(expr) = condition(world, expression) else { return Vec::new() };
    let all = expr.walk();
    let status = all.iter().any(|part| matches!(&part.kind, Kind::Call(name, _) if &**name == "always"));
    let depends = all.iter().any(|part| part.context().is_some());
    if status || !depends || truth(&expr, &|part| evaluate(part, &|_| None)) != Some(true) {
        return Vec::new();
    }
    hit(world, expression, "a part of this condition is never false, so it always holds".to_owned())
}

/// `contains` of a text that lists names: parts of names are in it, too.
pub(super) fn contains_misuse(world: &World, expression: ResourceId) -> Vec<Option<Hit>> {
    let Some(expr) = super::parsed(world, expression) else { return Vec::new() };
    let misused = expr.walk().into_iter().any(|part| match &part.kind {
        Kind::Call(name, parts) if &**name == "contains" => {
            let literal = matches!(parts.first().map(|part| &part.kind), Some(Kind::Text(_)));
            literal && parts.get(1).is_some_and(|sought| sought.context().is_some())
        }
        _ => false,
    });
    if !misused {
        return Vec::new();
    }
    hit(
        world,
        expression,
        "`contains` looks for a part of this text, not for a name in a list: `ma` is in `main`".to_owned(),
    )
}

/// Expressions that could be written plainly, and names that are put together.
pub(super) fn obfuscated(world: &World, expression: ResourceId) -> Vec<Option<Hit>> {
    let Some(expr) = super::parsed(world, expression) else { return Vec::new() };
    let fenced = world.field(expression, "fenced").and_then(|of| of.bool()) == Some(true);
    // `${{ '{{' }}` is how braces are written.
    let braces = matches!(&expr.kind, Kind::Text(text) if text.contains(['{', '}']));
    if fenced && is_constant(&expr) && !braces {
        let message = "this always comes to the same: written as an expression it only hides what it says";
        return hit(world, expression, message.to_owned());
    }
    for part in expr.walk() {
        let worked_out = match &part.kind {
            Kind::Call(name, parts) => {
                let undone = |part: &Expr, other: &str| matches!(&part.kind, Kind::Call(of, _) if &**of == other);
                if &**name == "fromjson" && parts.first().is_some_and(|part| undone(part, "tojson")) {
                    let message = "what is read here was written right before: written as an expression it only hides";
                    return hit(world, expression, message.to_owned());
                }
                let texts =
                    matches!(&**name, "format" | "join" | "contains" | "startswith" | "endswith" | "case" | "tojson");
                texts && !parts.is_empty() && parts.iter().all(is_constant)
            }
            Kind::Binary(_, a, b) => is_constant(a) && is_constant(b),
            Kind::Index(_, index) => !matches!(index.kind, Kind::Text(_) | Kind::Number(_)) && is_constant(index),
            _ => false,
        };
        if worked_out {
            let message = "this part always comes to the same: written as an expression it only hides what it says";
            return hit(world, expression, message.to_owned());
        }
    }
    Vec::new()
}

fn is_constant(expr: &Expr) -> bool {
    expr.walk().iter().all(|part| match &part.kind {
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::Not(_)
        | Kind::Binary(..)
        | Kind::Index(..) => true,
        Kind::Call(name, _) => {
            matches!(
                &**name,
                "format" | "join" | "contains" | "startswith" | "endswith" | "case" | "tojson" | "fromjson"
            )
        }
        _ => false,
    })
}

/// `a && b || c` with a `b` that counts as false: it is always `c`.
pub(super) fn false_ternary(world: &World, expression: ResourceId) -> Vec<Option<Hit>> {
    let Some(expr) = super::parsed(world, expression) else { return Vec::new() };
    let found = expr.walk().into_iter().any(|part| match &part.kind {
        Kind::Binary(Op::Or, left, _) => match &left.kind {
            Kind::Binary(Op::And, _, then) => is_constant(then) && evaluate(then, &|_| None).truth() == Some(false),
            _ => false,
        },
        _ => false,
    });
    if !found {
        return Vec::new();
    }
    let message = "what stands between `&&` and `||` counts as false, so the part behind `||` is always taken";
    hit(world, expression, message.to_owned())
}
