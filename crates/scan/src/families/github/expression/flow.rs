//! Which contexts can be in the text that an expression comes to: only those can inject anything.

use super::{Expr, Kind, Op};

/// The contexts that can be in the result, with the parts that name them. What is only compared or counted cannot.
pub fn flows(expr: &Expr) -> Vec<(String, &Expr)> {
    let mut out = Vec::new();
    collect(expr, &mut out);
    out
}

fn collect<'e>(expr: &'e Expr, out: &mut Vec<(String, &'e Expr)>) {
    if let Some(context) = expr.context() {
        out.push((context, expr));
        return;
    }
    match &expr.kind {
        // What counts as false on the left is empty, zero, false or null: nothing that injects.
        Kind::Binary(Op::And, _, right) => collect(right, out),
        Kind::Binary(Op::Or, left, right) => {
            collect(left, out);
            collect(right, out);
        }
        Kind::Call(name, parts) => match &**name {
            "format" | "join" | "tojson" | "fromjson" => parts.iter().for_each(|part| collect(part, out)),
            "case" => {
                let values = parts.iter().enumerate().filter(|(at, _)| at % 2 == 1 || at + 1 == parts.len());
                values.for_each(|(_, part)| collect(part, out));
            }
            _ => {}
        },
        Kind::Member(of, _) | Kind::Every(of) | Kind::Index(of, _) => collect(of, out),
        _ => {}
    }
}
