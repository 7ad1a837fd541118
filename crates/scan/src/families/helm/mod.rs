//! Helm charts: templates rendered with the chart's own default values, as far as that can be decided.
//!
//! | file | holds |
//! |---|---|
//! | `parse.rs` | templates to nodes |
//! | `expression.rs` | what stands in their actions |
//! | `value.rs` | values, and texts with holes |
//! | `functions.rs` | the functions that charts use most |
//! | `render.rs` | nodes to text, and where each part of it comes from |
//!
//! A value that only an installation knows, such as a random password or the release's namespace, is a hole in the text and
//! unknown in the tree. A condition over such a value makes the whole file "not rendered", which is reported; nothing is guessed.
//! What is found is shown in the template, where it is to be changed.

mod expression;
mod functions;
mod parse;
mod render;
mod value;

use crate::families::kubernetes;
use crate::resource::{FileId, World};
use crate::text::{Span, Text};
use crate::tree::{Data, Malformed, Tree};
use parse::Template;
use render::Renderer;
use std::collections::BTreeMap;
use value::{HOLE, Value};

/// The folder of templates in a chart.
const TEMPLATES: &str = "templates/";

/// Whether a file is a template, or what templates are rendered with; it is then not parsed as anything else.
pub fn is(path: &str, text: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name {
        "Chart.yaml" | "values.yaml" => true,
        _ => {
            let ending = name.rsplit_once('.').map(|(_, ending)| ending);
            // `${{` is an expression of a pipeline.
            let action = |at: usize| at == 0 || text.as_bytes()[at - 1] != b'$';
            matches!(ending, Some("yaml" | "yml" | "tpl"))
                && chart_of(path).is_some()
                && memchr::memmem::find_iter(text.as_bytes(), b"{{").any(action)
        }
    }
}

/// The folder of the chart that a template is in, with its last slash.
fn chart_of(path: &str) -> Option<&str> {
    let at = path.rfind(TEMPLATES).filter(|at| *at == 0 || path.as_bytes()[at - 1] == b'/')?;
    Some(&path[..at])
}

/// Renders the templates of all charts and adds what they describe. Says what could not be rendered, and why.
pub fn link(world: &mut World) -> Vec<(FileId, Malformed)> {
    let mut charts: BTreeMap<String, Vec<FileId>> = BTreeMap::new();
    let mut others: BTreeMap<String, FileId> = BTreeMap::new();
    for (number, file) in world.files.iter().enumerate() {
        let (path, id) = (&file.text.path, FileId(number as u32));
        let is_template = file.tree.roots.is_empty() && is(path, &file.text.text);
        match chart_of(path) {
            Some(chart) if is_template => charts.entry(chart.to_owned()).or_default().push(id),
            _ if is_template => {
                others.insert(path.to_string(), id);
            }
            _ => {}
        }
    }
    let mut refused = Vec::new();
    for (chart, files) in charts {
        let read = |name: &str| others.get(&format!("{chart}{name}")).map(|id| values(&world.file(*id).text));
        let (Some(about), defaults) = (read("Chart.yaml"), read("values.yaml")) else {
            let manifests = files.into_iter().filter(|id| kubernetes::may_be(&world.file(*id).text.text));
            let reason = format!("there is no {chart}Chart.yaml");
            refused.extend(manifests.map(|id| (id, not_rendered(Span::default(), &reason))));
            continue;
        };
        let trees = render_chart(world, &files, about, defaults.unwrap_or(Value::map([])));
        for (file, tree) in trees {
            match tree {
                Ok(tree) => {
                    *world.tree_mut(file) = tree;
                    kubernetes::read(world, file, "helm");
                }
                Err(malformed) => refused.push((file, malformed)),
            }
        }
    }
    refused
}

/// What a file of values says; what is damaged is not known.
fn values(text: &Text) -> Value {
    let (tree, malformed) = Tree::yaml(text);
    match tree.documents().next() {
        Some(root) if malformed.is_empty() => Value::of(root),
        None if malformed.is_empty() => Value::map([]),
        _ => Value::Unknown,
    }
}

type Trees = Vec<(FileId, Result<Tree, Malformed>)>;

fn render_chart(world: &World, files: &[FileId], about: Value, defaults: Value) -> Trees {
    let mut parsed: Vec<(FileId, &Text, Template)> = Vec::new();
    let mut out: Trees = Vec::new();
    for id in files {
        let text = &world.file(*id).text;
        match parse::template(&text.text) {
            Ok(template) => parsed.push((*id, text, template)),
            Err((span, reason)) => out.push((*id, Err(not_rendered(span, &reason)))),
        }
    }
    let defined = parsed.iter().flat_map(|(_, text, template)| {
        template.defined.iter().map(|(name, nodes)| (name.as_str(), (&*text.text, nodes.as_slice())))
    });
    let mut renderer = Renderer::new(defined.collect());
    let name = about.get("name");
    for (id, text, template) in &parsed {
        let file_name = text.path.rsplit('/').next().unwrap_or_default();
        // Helpers print nothing of their own, and notes are for people.
        if !file_name.ends_with(".yaml") && !file_name.ends_with(".yml") || file_name.starts_with('_') {
            continue;
        }
        let root = Value::map([
            ("Values", defaults.clone()),
            ("Chart", chart(&about)),
            ("Release", release()),
            ("Capabilities", render::capabilities()),
            ("Files", Value::Unknown),
            ("Subcharts", Value::Unknown),
            ("Template", Value::map([("Name", name.clone()), ("BasePath", Value::text("templates"))])),
        ]);
        let tree = renderer.render(&text.text, template, &root).map_err(|(span, reason)| not_rendered(span, &reason));
        out.push((*id, tree.and_then(|rendered| tree_of(&rendered))));
    }
    out
}

/// `Chart.yaml` as templates see it: with capital letters.
fn chart(about: &Value) -> Value {
    let names = [("Name", "name"), ("Version", "version"), ("AppVersion", "appVersion"), ("Type", "type")];
    Value::map(names.map(|(seen, name)| (seen, about.get(name))))
}

/// A first installation, called as `helm template` calls it. Its namespace is whoever installs it says.
fn release() -> Value {
    Value::map([
        ("Name", Value::text("release-name")),
        ("Namespace", Value::Unknown),
        ("Service", Value::text("Helm")),
        ("IsInstall", Value::Bool(true)),
        ("IsUpgrade", Value::Bool(false)),
        ("Revision", Value::Int(1)),
    ])
}

fn not_rendered(span: Span, reason: &str) -> Malformed {
    Malformed { span, reason: format!("not rendered: {reason}; scan the output of `helm template`") }
}

/// The tree of what was rendered, with the places of the template.
fn tree_of(rendered: &render::Rendered) -> Result<Tree, Malformed> {
    let text = Text::new("", rendered.text.as_str());
    let (mut tree, malformed) = Tree::yaml(&text);
    if let Some(Malformed { span, reason }) = malformed.into_iter().next() {
        return Err(not_rendered(rendered.origin(span), &format!("the text is no YAML: {reason}")));
    }
    tree.move_spans(|span| rendered.origin(span));
    for id in tree.ids() {
        let Some(text) = tree.node(id).text().filter(|text| text.contains(HOLE)) else { continue };
        let pieces: Vec<Box<str>> = text.split(HOLE).map(Box::from).collect();
        let whole = pieces.iter().all(|piece| piece.is_empty());
        let data = if whole { Data::Unknown("a value of the chart".into()) } else { Data::Partly(pieces.into()) };
        tree.replace(id, data);
    }
    Ok(tree)
}

#[cfg(test)]
mod tests;
