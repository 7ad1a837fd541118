//! Templates run with the values that are known: text out, and where each part of it comes from.

use super::expression::{Expression, Start};
use super::files;
use super::functions::{KUBERNETES, call};
use super::parse::{self, Node, Refused, Template};
use super::value::Value;
use crate::limits::{MAX_RENDERED_BYTES, MAX_TEMPLATE_CALLS, MAX_TEMPLATE_STEPS};
use crate::text::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A template of any file of the chart, by its name, with the text that its spans are of.
pub(super) type Defined<'t> = BTreeMap<&'t str, (&'t str, &'t [Node])>;

/// A text that was made, and where its parts come from.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    pub(super) text: String,
    /// Where a part begins, where it comes from, and whether byte by byte.
    parts: Vec<(usize, Span, bool)>,
}

impl Rendered {
    /// Adds what the same file made once more, as documents of their own.
    pub(super) fn append(&mut self, other: Rendered) {
        self.text.push_str("\n---\n");
        let before = self.text.len();
        self.text.push_str(&other.text);
        self.parts.extend(other.parts.into_iter().map(|(start, span, exact)| (before + start, span, exact)));
    }

    /// Where a byte comes from; of what was printed, the whole action.
    fn source(&self, byte: usize, ends: bool) -> u32 {
        let at = self.parts.partition_point(|(start, ..)| if ends { *start < byte } else { *start <= byte });
        match at.checked_sub(1).map(|at| self.parts[at]) {
            None => 0,
            Some((start, span, true)) => (span.start + (byte - start) as u32).min(span.end),
            Some((_, span, false)) => {
                if ends {
                    span.end
                } else {
                    span.start
                }
            }
        }
    }

    /// Where a span of the text comes from.
    pub(super) fn origin(&self, span: Span) -> Span {
        let start = self.source(span.start as usize, false);
        let end = self.source(span.end as usize, span.end > span.start);
        Span { start, end: end.max(start) }
    }
}

/// Runs the templates of one chart.
pub(super) struct Renderer<'t> {
    defined: Rc<Defined<'t>>,
    /// The files of the chart, by their paths in it.
    pub(super) files: Rc<BTreeMap<String, Value>>,
    steps: usize,
}

/// What an expression is worked out with.
struct Scope {
    dot: Value,
    root: Value,
    variables: Vec<(String, Value)>,
    calls: usize,
}

impl Scope {
    /// Sets a variable.
    fn set(&mut self, name: &str, value: Value) {
        match self.variables.iter_mut().rev().find(|(of, _)| of == name) {
            Some((_, old)) => *old = value,
            None => self.variables.push((name.to_owned(), value)),
        }
    }
}

struct Output<'t> {
    source: &'t str,
    out: Rendered,
}

impl<'t> Renderer<'t> {
    pub(super) fn new(defined: Defined<'t>) -> Renderer<'t> {
        Renderer { defined: Rc::new(defined), files: Rc::default(), steps: 0 }
    }

    /// Renders a file. What it takes is taken from what is left for all.
    pub(super) fn render(
        &mut self,
        source: &'t str,
        template: &'t Template,
        root: &Value,
        left: &mut usize,
    ) -> Result<Rendered, Refused> {
        let least = MAX_TEMPLATE_STEPS.saturating_sub(*left);
        self.steps = least;
        let rendered = self.run(source, &template.nodes, root.clone(), root.clone(), 0);
        *left = left.saturating_sub(self.steps - least);
        rendered
    }

    fn run(
        &mut self,
        source: &'t str,
        nodes: &'t [Node],
        dot: Value,
        root: Value,
        calls: usize,
    ) -> Result<Rendered, Refused> {
        let mut scope = Scope { variables: vec![("$".to_owned(), root.clone())], dot, root, calls };
        let mut output = Output { source, out: Rendered::default() };
        self.nodes(nodes, &mut scope, &mut output)?;
        Ok(output.out)
    }

    fn nodes(&mut self, nodes: &'t [Node], scope: &mut Scope, output: &mut Output<'t>) -> Result<(), Refused> {
        for node in nodes {
            self.node(node, scope, output)?;
        }
        Ok(())
    }

    fn node(&mut self, node: &'t Node, scope: &mut Scope, output: &mut Output<'t>) -> Result<(), Refused> {
        self.steps += 1;
        let at = match node {
            Node::Text(span)
            | Node::Print(_, span)
            | Node::Assign(.., span)
            | Node::If(_, span)
            | Node::With(.., span)
            | Node::Range(.., span) => *span,
        };
        if self.steps > MAX_TEMPLATE_STEPS || output.out.text.len() > MAX_RENDERED_BYTES {
            return Err((at, "it makes more text than is read (MAX_TEMPLATE_STEPS, MAX_RENDERED_BYTES)".to_owned()));
        }
        let open = |what: &str| (at, format!("`{what}` depends on what only an installation knows"));
        match node {
            Node::Text(span) => {
                output.out.parts.push((output.out.text.len(), *span, true));
                let text = output.source.get(span.start as usize..span.end as usize).unwrap_or_default();
                output.out.text.push_str(text);
            }
            Node::Print(expression, span) => {
                let text = self.value(expression, scope, *span)?.print();
                if !text.is_empty() {
                    output.out.parts.push((output.out.text.len(), *span, false));
                    output.out.text.push_str(&text);
                }
            }
            Node::Assign(name, expression, span) => {
                let value = self.value(expression, scope, *span)?;
                scope.set(name, value);
            }
            Node::If(arms, span) => {
                for (condition, body) in arms {
                    let holds = match condition {
                        None => Some(true),
                        Some(condition) => self.value(condition, scope, *span)?.truth(),
                    };
                    if holds.ok_or_else(|| open("if"))? {
                        return self.nodes(body, scope, output);
                    }
                }
            }
            Node::With(name, expression, body, other, span) => {
                let value = self.value(expression, scope, *span)?;
                match value.truth() {
                    None => return Err(open("with")),
                    Some(false) => self.nodes(other, scope, output)?,
                    Some(true) => {
                        let variables = name.iter().map(|name| (name.clone(), value.clone())).collect();
                        self.inside(value, variables, body, scope, output)?;
                    }
                }
            }
            Node::Range(names, expression, body, other, span) => {
                let items = entries(self.value(expression, scope, *span)?).ok_or_else(|| open("range"))?;
                if items.is_empty() {
                    self.nodes(other, scope, output)?;
                }
                for (key, value) in items {
                    let variables = match names.as_slice() {
                        [] => Vec::new(),
                        [one] => vec![(one.clone(), value.clone())],
                        [first, second, ..] => vec![(first.clone(), key), (second.clone(), value.clone())],
                    };
                    self.inside(value, variables, body, scope, output)?;
                }
            }
        }
        Ok(())
    }

    /// Runs a body with another dot and variables of its own.
    fn inside(
        &mut self,
        dot: Value,
        variables: Vec<(String, Value)>,
        body: &'t [Node],
        scope: &mut Scope,
        output: &mut Output<'t>,
    ) -> Result<(), Refused> {
        let outer = std::mem::replace(&mut scope.dot, dot);
        let before = scope.variables.len();
        scope.variables.extend(variables);
        let result = self.nodes(body, scope, output);
        scope.variables.truncate(before);
        scope.dot = outer;
        result
    }

    /// What an expression is. Its depth is bounded by the parser.
    fn value(&mut self, expression: &'t Expression, scope: &mut Scope, at: Span) -> Result<Value, Refused> {
        self.steps += 1;
        if self.steps > MAX_TEMPLATE_STEPS {
            return Err((at, "it takes more steps than are made (MAX_TEMPLATE_STEPS)".to_owned()));
        }
        Ok(match expression {
            Expression::Text(text) => Value::text(text.as_str()),
            Expression::Literal(value) => value.clone(),
            Expression::Field(start, names) => {
                let start = match start {
                    Start::Dot => scope.dot.clone(),
                    Start::Variable(name) => {
                        let found = scope.variables.iter().rev().find(|(of, _)| of == name);
                        found.map_or(Value::Unknown, |(_, value)| value.clone())
                    }
                    Start::Inner(inner) => self.value(inner, scope, at)?,
                };
                match (start, names.as_slice()) {
                    (files @ Value::Map(_), [form]) if matches!(form.as_str(), "AsConfig" | "AsSecrets") => {
                        files::printed(form, &files)
                    }
                    (start, names) => names.iter().fold(start, |value, name| value.get(name)),
                }
            }
            Expression::Method(names, arguments) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                match (names.as_slice(), arguments.as_slice()) {
                    ([.., "Has"], [api]) => {
                        let api = self.value(api, scope, at)?.print();
                        Value::Bool(is_built_in(&api))
                    }
                    ([.., "Files", name], [argument]) => {
                        let argument = self.value(argument, scope, at)?;
                        self.steps += self.files.len();
                        let found = files::method(name, &argument, &self.files).unwrap_or(Value::Unknown);
                        self.charge(std::slice::from_ref(&found), at)?;
                        found
                    }
                    _ => Value::Unknown,
                }
            }
            Expression::Call(name, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(self.value(argument, scope, at)?);
                }
                if name != "include" {
                    self.charge(&values, at)?;
                }
                let value = match (name.as_str(), values.as_slice()) {
                    ("include", [name, dot]) => self.include(&name.print(), dot.clone(), scope, at)?,
                    ("include", [name]) => self.include(&name.print(), Value::Null, scope, at)?,
                    ("tpl", [Value::Text(text), dot]) => self.tpl(text, dot.clone(), scope, at)?,
                    ("fail", _) => return Err((at, "the chart refuses its own default values".to_owned())),
                    ("lookup", _) => Value::map([]),
                    _ => call(name, &values),
                };
                if let ("set" | "unset", Some(Expression::Field(Start::Variable(name), path))) =
                    (name.as_str(), arguments.first())
                    && path.is_empty()
                {
                    // Both change what they are given.
                    scope.set(name, value.clone());
                }
                self.charge(std::slice::from_ref(&value), at)?;
                value
            }
        })
    }

    /// Renders a text as a template. One without an action is itself.
    fn tpl(&mut self, text: &str, dot: Value, scope: &Scope, at: Span) -> Result<Value, Refused> {
        if !text.contains("{{") {
            return Ok(Value::text(text));
        }
        if scope.calls >= MAX_TEMPLATE_CALLS {
            return Err((at, "`tpl` is in itself (MAX_TEMPLATE_CALLS)".to_owned()));
        }
        let within = |(_, reason): Refused| (at, format!("in `tpl`: {reason}"));
        let template = parse::template(text).map_err(within)?;
        let mut inner =
            Renderer { defined: Rc::clone(&self.defined), files: Rc::clone(&self.files), steps: self.steps };
        if !template.defined.is_empty() {
            let mut defined = Defined::clone(&self.defined);
            self.steps += defined.len();
            defined.extend(template.defined.iter().map(|(name, nodes)| (name.as_str(), (text, nodes.as_slice()))));
            inner.defined = Rc::new(defined);
        }
        let rendered = inner.run(text, &template.nodes, dot.clone(), dot, scope.calls + 1);
        self.steps = inner.steps.max(self.steps);
        rendered.map(|rendered| Value::text(rendered.text)).map_err(within)
    }

    /// Counts what looking at values costs, so that none that a chart builds can explode.
    fn charge(&mut self, values: &[Value], at: Span) -> Result<(), Refused> {
        let mut left = MAX_TEMPLATE_STEPS.saturating_sub(self.steps);
        let fits = values.iter().all(|value| value.spend(&mut left, 0));
        self.steps = MAX_TEMPLATE_STEPS - left;
        if fits { Ok(()) } else { Err((at, "its values are too large (MAX_TEMPLATE_STEPS, MAX_DEPTH)".to_owned())) }
    }

    fn include(&mut self, name: &str, dot: Value, scope: &Scope, at: Span) -> Result<Value, Refused> {
        if scope.calls >= MAX_TEMPLATE_CALLS {
            return Err((at, format!("`{name}` includes itself (MAX_TEMPLATE_CALLS)")));
        }
        let Some((source, nodes)) = self.defined.get(name).copied() else { return Ok(Value::Unknown) };
        let rendered = self.run(source, nodes, dot, scope.root.clone(), scope.calls + 1);
        // Where it is in its own file says nothing here.
        rendered
            .map(|rendered| Value::text(rendered.text))
            .map_err(|(_, reason)| (at, format!("in `{name}`: {reason}")))
    }
}

/// What a range goes through; none when that is not known.
fn entries(value: Value) -> Option<Vec<(Value, Value)>> {
    match value {
        Value::List(items) => {
            Some(items.iter().enumerate().map(|(at, item)| (Value::Int(at as i64), item.clone())).collect())
        }
        Value::Map(members) => {
            Some(members.iter().map(|(name, value)| (Value::text(name.as_str()), value.clone())).collect())
        }
        Value::Null => Some(Vec::new()),
        _ => None,
    }
}

/// Whether the platform has this API without extensions.
fn is_built_in(api: &str) -> bool {
    let group = api.split('/').next().unwrap_or_default();
    let of_platform = matches!(group, "v1" | "apps" | "batch" | "autoscaling" | "policy") || group.ends_with(".k8s.io");
    let snapshot_or_metrics =
        ["snapshot.", "metrics.", "gateway.networking."].iter().any(|part| group.starts_with(part));
    of_platform && !snapshot_or_metrics && !api.contains("alpha") && !api.contains("beta") && group != "extensions"
}

/// What templates find in `.Capabilities`.
pub(super) fn capabilities() -> Value {
    let (major, minor) = KUBERNETES;
    let version = Value::text(format!("v{major}.{minor}.0"));
    let kubernetes = Value::map([
        ("Version", version.clone()),
        ("GitVersion", version),
        ("Major", Value::text(major.to_string())),
        ("Minor", Value::text(minor.to_string())),
    ]);
    Value::map([("KubeVersion", kubernetes), ("APIVersions", Value::Unknown), ("HelmVersion", Value::Unknown)])
}
