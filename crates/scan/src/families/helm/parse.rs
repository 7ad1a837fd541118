//! Templates to nodes: Go's template language as charts use it.

use super::expression::{Expression, pipeline};
use crate::limits::MAX_TEMPLATE_DEPTH;
use crate::text::Span;

/// A part of a template.
#[derive(Debug)]
pub(super) enum Node {
    /// As it is written.
    Text(Span),
    /// Something that is printed.
    Print(Expression, Span),
    /// `$x := ...`, or `=`.
    Assign(String, Expression, Span),
    /// `if` with its `else if` and `else`.
    If(Vec<(Option<Expression>, Vec<Node>)>, Span),
    /// `with`, and its `else`.
    With(Option<String>, Expression, Vec<Node>, Vec<Node>, Span),
    /// `range`, its variables, and its `else`.
    Range(Vec<String>, Expression, Vec<Node>, Vec<Node>, Span),
}

/// What is defined in a file, and what is printed by it.
#[derive(Debug, Default)]
pub(super) struct Template {
    pub(super) defined: Vec<(String, Vec<Node>)>,
    pub(super) nodes: Vec<Node>,
}

/// Why a template is not understood, and where.
pub(super) type Refused = (Span, String);

enum Token<'t> {
    Text(Span),
    Action(&'t str, Span),
}

/// Texts and actions, spaces trimmed as the hyphens say.
fn tokens(text: &str) -> Result<Vec<Token<'_>>, Refused> {
    let (mut out, mut at, mut trim) = (Vec::new(), 0, false);
    loop {
        let open = text[at..].find("{{").map(|found| at + found);
        let (mut start, mut end) = (at, open.unwrap_or(text.len()));
        let left = open.is_some_and(|open| {
            text[open + 2..].strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_whitespace))
        });
        if trim {
            start = end - text[start..end].trim_start().len();
        }
        if left {
            end = start + text[start..end].trim_end().len();
        }
        if start < end {
            out.push(Token::Text(Span::new(start, end)));
        }
        let Some(open) = open else { return Ok(out) };
        let inside = open + 2 + usize::from(left);
        let close = close(text, inside).ok_or((Span::new(open, open + 2), "this `{{` is never closed".to_owned()))?;
        let body = &text[inside..close];
        trim = body.ends_with('-') && (body.len() == 1 || body[..body.len() - 1].ends_with(char::is_whitespace))
            || body.ends_with("*/-");
        let body = if trim { &body[..body.len() - 1] } else { body };
        out.push(Token::Action(body.trim(), Span::new(open, close + 2)));
        at = close + 2;
    }
}

/// Where an action ends; braces in texts and comments do not end it.
fn close(text: &str, from: usize) -> Option<usize> {
    if let Some(comment) = text[from..].trim_start().strip_prefix("/*") {
        let start = text.len() - comment.len();
        let end = start + comment.find("*/")? + 2;
        return text[end..].find("}}").map(|found| end + found);
    }
    let bytes = text.as_bytes();
    let (mut at, mut quote) = (from, None);
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(b'"'), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, byte @ (b'"' | b'`')) => quote = Some(byte),
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            (None, _) => {}
        }
        at += 1;
    }
    None
}

/// Reads a template.
pub(super) fn template(text: &str) -> Result<Template, Refused> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: tokens.into_iter().peekable(), template: Template::default() };
    let (nodes, end) = parser.nodes(0)?;
    match end {
        None => Ok(Template { nodes, ..parser.template }),
        Some((word, _, span)) => Err((span, format!("`{word}` closes nothing"))),
    }
}

struct Parser<'t> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token<'t>>>,
    template: Template,
}

/// The action that ended some nodes: `end`, `else`, and what follows that.
type End<'t> = Option<(&'static str, &'t str, Span)>;

impl<'t> Parser<'t> {
    fn nodes(&mut self, depth: usize) -> Result<(Vec<Node>, End<'t>), Refused> {
        let mut nodes = Vec::new();
        while let Some(token) = self.tokens.next() {
            let (body, span) = match token {
                Token::Text(span) => {
                    nodes.push(Node::Text(span));
                    continue;
                }
                Token::Action(body, span) => (body, span),
            };
            if depth > MAX_TEMPLATE_DEPTH {
                return Err((span, format!("nested deeper than {MAX_TEMPLATE_DEPTH} (MAX_TEMPLATE_DEPTH)")));
            }
            if body.starts_with("/*") || body.is_empty() {
                continue;
            }
            let end = body.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(body.len());
            let (word, rest) = (&body[..end], body[end..].trim());
            let expression = |text: &str| pipeline(text).map_err(|reason| (span, reason));
            match word {
                "end" => return Ok((nodes, Some(("end", rest, span)))),
                "else" => return Ok((nodes, Some(("else", rest, span)))),
                "if" => nodes.push(self.choice(expression(rest)?, span, depth)?),
                "with" => {
                    let (names, rest) = variables(rest);
                    let value = expression(rest)?;
                    let (body, other) = self.two(span, depth)?;
                    nodes.push(Node::With(names.into_iter().next(), value, body, other, span));
                }
                "range" => {
                    let (names, rest) = variables(rest);
                    let value = expression(rest)?;
                    let (body, other) = self.two(span, depth)?;
                    nodes.push(Node::Range(names, value, body, other, span));
                }
                "define" | "block" => {
                    let name = rest.trim_matches(['"', '`']).to_owned();
                    let (body, _) = self.two(span, depth)?;
                    self.template.defined.push((name, body));
                }
                "template" => nodes.push(Node::Print(expression(&format!("include {rest}"))?, span)),
                "break" | "continue" => return Err((span, format!("`{word}` is not understood here"))),
                _ => match variables(body) {
                    (names, rest) if names.len() == 1 => {
                        nodes.push(Node::Assign(names[0].clone(), expression(rest)?, span));
                    }
                    _ => nodes.push(Node::Print(expression(body)?, span)),
                },
            }
        }
        Ok((nodes, None))
    }

    fn choice(&mut self, first: Expression, span: Span, depth: usize) -> Result<Node, Refused> {
        let (mut arms, mut condition) = (Vec::new(), Some(first));
        loop {
            let (nodes, end) = self.nodes(depth + 1)?;
            arms.push((condition.take(), nodes));
            match end {
                Some(("end", ..)) => return Ok(Node::If(arms, span)),
                Some((_, rest, at)) => {
                    if let Some(rest) = rest.strip_prefix("if") {
                        condition = Some(pipeline(rest.trim()).map_err(|reason| (at, reason))?);
                    }
                }
                None => return Err((span, "this `if` has no `end`".to_owned())),
            }
        }
    }

    /// A body and its `else`.
    fn two(&mut self, span: Span, depth: usize) -> Result<(Vec<Node>, Vec<Node>), Refused> {
        let unclosed = || (span, "this has no `end`".to_owned());
        let (body, end) = self.nodes(depth + 1)?;
        match end.ok_or_else(unclosed)? {
            ("else", "", _) => match self.nodes(depth + 1)? {
                (other, Some(("end", ..))) => Ok((body, other)),
                _ => Err(unclosed()),
            },
            ("else", _, at) => Err((at, "`else with` is not understood here".to_owned())),
            _ => Ok((body, Vec::new())),
        }
    }
}

/// The variables that are set, and what they are set to.
fn variables(text: &str) -> (Vec<String>, &str) {
    let split = text.split_once(":=").or_else(|| text.split_once(" = "));
    let Some((names, rest)) = split.filter(|(names, _)| names.trim_start().starts_with('$')) else {
        return (Vec::new(), text);
    };
    let names: Vec<String> = names.split(',').map(|name| name.trim().to_owned()).collect();
    let are_names = names.iter().all(|name| {
        name.strip_prefix('$').is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
    });
    if are_names { (names, rest.trim()) } else { (Vec::new(), text) }
}
