//! Helm charts: templates rendered with the chart's own default values, as far as that can be decided.
//!
//! | file | holds |
//! |---|---|
//! | `parse.rs` | templates to nodes |
//! | `expression.rs` | what stands in their actions |
//! | `value.rs` | values, and texts with holes |
//! | `functions.rs`, `lists.rs` | the functions that charts use most |
//! | `files.rs` | what templates find in files of their chart |
//! | `render.rs` | nodes to text, and where each part of it comes from |
//! | `chart.rs` | charts in charts, and the values of each |
//! | `output.rs` | what the program `helm` made of a chart that could not be rendered whole here |
//!
//! A value that only an installation knows, such as a random password or the release's namespace, is a hole in the text and
//! unknown in the tree. A condition over such a value makes the whole file "not rendered", which is reported; nothing is guessed.
//! What is found is shown in the template, where it is to be changed.

mod chart;
mod expression;
mod files;
mod functions;
mod lists;
mod output;
mod parse;
mod render;
mod value;

use crate::families::kubernetes;
use crate::limits::{MAX_CHART_FILE_BYTES, MAX_CHART_FILES, MAX_CHART_INSTANCES, MAX_RENDER_STEPS};
use crate::resource::{FileId, World};
use crate::text::{Span, Text};
use crate::tree::{Data, Malformed, Tree};
use ahash::AHashSet;
use chart::{Chart, Installed, Instance};
pub use functions::KUBERNETES;
pub use output::{NAMESPACE, Output};
use parse::Template;
use render::Renderer;
use std::collections::BTreeMap;
use std::rc::Rc;
use value::{HOLE, Value};

/// The folder of templates in a chart.
const TEMPLATES: &str = "templates/";

/// Whether a file is a template, or what templates are rendered with; it is then not parsed as anything else.
pub fn is(path: &str, text: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name {
        "Chart.yaml" | "values.yaml" | "requirements.yaml" => true,
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

/// The folders of charts: templates may ask for the text of files in them.
#[derive(Clone, Debug, Default)]
pub struct Folders(AHashSet<Box<str>>);

impl Folders {
    /// Those of all paths.
    pub fn of<'p>(paths: impl Iterator<Item = &'p str>) -> Folders {
        let folders = paths.filter_map(|path| path.strip_suffix("Chart.yaml"));
        Folders(folders.filter(|folder| folder.is_empty() || folder.ends_with('/')).map(Box::from).collect())
    }

    /// Whether a file is in a chart.
    pub fn contain(&self, path: &str) -> bool {
        let mut ends = memchr::memrchr_iter(b'/', path.as_bytes()).map(|slash| slash + 1).chain([0]);
        !self.0.is_empty() && ends.any(|end| self.0.contains(&path[..end]))
    }

    /// Whether templates may get the text of a file so long.
    pub fn has(&self, path: &str, bytes: u64) -> bool {
        bytes <= MAX_CHART_FILE_BYTES as u64 && !path.ends_with(".md") && chart_of(path).is_none() && self.contain(path)
    }
}

/// The folder of the chart that a template is in, with its last slash.
fn chart_of(path: &str) -> Option<&str> {
    let at = path.rfind(TEMPLATES).filter(|at| *at == 0 || path.as_bytes()[at - 1] == b'/')?;
    Some(&path[..at])
}

/// Renders the templates of all charts and adds what they describe. Says what could not be rendered, and why.
pub fn link(world: &mut World) -> Vec<(FileId, Malformed)> {
    let rendered = std::mem::take(&mut world.rendered);
    let mut refused = Vec::new();
    for mut whole in render_all(world) {
        if let Some(of) = rendered.iter().find(|of| *of.chart == *whole.folder) {
            output::fill(world, of, &mut whole);
        }
        for (file, tree) in whole.trees {
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

/// The folders of charts that were not rendered whole: `helm` can do more.
pub fn not_whole(world: &World) -> Vec<String> {
    let open = |whole: &Whole| whole.is_chart && whole.trees.iter().any(|(_, tree)| tree.is_err());
    render_all(world).into_iter().filter(open).map(|whole| whole.folder).collect()
}

type Trees = Vec<(FileId, Result<Tree, Malformed>)>;

/// A chart with all in it, rendered as far as that can be decided.
struct Whole {
    /// Its folder, with its last slash.
    folder: String,
    /// There is a `Chart.yaml`.
    is_chart: bool,
    trees: Trees,
    /// By names on the way, as Helm has them, the folders of charts.
    ways: BTreeMap<String, String>,
}

fn render_all(world: &World) -> Vec<Whole> {
    let mut templates: BTreeMap<String, Vec<FileId>> = BTreeMap::new();
    let mut others: BTreeMap<&str, FileId> = BTreeMap::new();
    for (number, file) in world.files.iter().enumerate() {
        let (path, id) = (&*file.text.path, FileId(number as u32));
        let is_template = file.tree.roots.is_empty() && is(path, &file.text.text);
        match chart_of(path) {
            Some(chart) if is_template => templates.entry(chart.to_owned()).or_default().push(id),
            _ if is_template => {
                others.insert(path, id);
            }
            _ => {}
        }
    }
    let charts = charts(world, &mut templates, &others);
    // Templates without a chart.
    let mut all: Vec<Whole> = templates
        .into_iter()
        .map(|(folder, files)| {
            let manifests = files.into_iter().filter(|id| kubernetes::may_be(&world.file(*id).text.text));
            let reason = format!("there is no {folder}Chart.yaml");
            let trees = manifests.map(|id| (id, Err(not_rendered(Span::default(), &reason)))).collect();
            Whole { folder, is_chart: false, trees, ways: BTreeMap::new() }
        })
        .collect();
    let (mut left, files) = (MAX_RENDER_STEPS, files(world, &charts));
    let roots = (0..charts.len()).filter(|at| !charts[*at].is_inner);
    all.extend(roots.map(|root| render_chart(world, &charts, &files, root, &mut left)));
    all
}

/// All charts of the tree, those in others among them.
fn charts(world: &World, templates: &mut BTreeMap<String, Vec<FileId>>, others: &BTreeMap<&str, FileId>) -> Vec<Chart> {
    let read = |path: &str| others.get(path).map(|id| values(&world.file(*id).text));
    let folders = others.keys().filter_map(|path| path.strip_suffix("Chart.yaml"));
    let mut charts: Vec<Chart> = folders
        .filter(|folder| folder.is_empty() || folder.ends_with('/'))
        .map(|folder| {
            let about = read(&format!("{folder}Chart.yaml")).unwrap_or(Value::Unknown);
            let dependencies = match about.get("dependencies") {
                Value::Null => {
                    read(&format!("{folder}requirements.yaml")).map_or(Value::Null, |of| of.get("dependencies"))
                }
                said => said,
            };
            Chart {
                folder: folder.to_owned(),
                about,
                dependencies,
                defaults: read(&format!("{folder}values.yaml")).unwrap_or(Value::map([])),
                templates: templates.remove(folder).unwrap_or_default(),
                inner: Vec::new(),
                is_inner: false,
            }
        })
        .collect();
    let by_folder: BTreeMap<String, usize> =
        charts.iter().enumerate().map(|(at, chart)| (chart.folder.clone(), at)).collect();
    for (folder, at) in &by_folder {
        let outer = folder.trim_end_matches('/').rsplit_once('/').and_then(|(outer, _)| outer.strip_suffix("charts"));
        let outer = outer.filter(|outer| outer.is_empty() || outer.ends_with('/'));
        if let Some(outer) = outer.and_then(|outer| by_folder.get(outer)) {
            charts[*outer].inner.push(*at);
            charts[*at].is_inner = true;
        }
    }
    charts
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

fn render_chart(world: &World, charts: &[Chart], files: &Files, root: usize, left: &mut usize) -> Whole {
    let folder = charts[root].folder.clone();
    let mut whole = Whole { folder, is_chart: true, trees: Vec::new(), ways: BTreeMap::new() };
    let instances = match Installed::of(charts, root) {
        Ok(instances) => instances,
        Err(reason) => {
            let files = charts.iter().filter(|chart| chart.folder.starts_with(&whole.folder));
            let files = files.flat_map(|chart| &chart.templates);
            let all = files.map(|id| (*id, Err(not_rendered(Span::default(), &reason))));
            whole.trees.extend(all);
            return whole;
        }
    };
    // Named templates of inner charts come first: those of outer ones count.
    let mut parsed: BTreeMap<usize, Vec<(FileId, &Text, Template)>> = BTreeMap::new();
    let lent = lent(charts, &instances);
    for chart in lent.iter().copied().chain(instances.iter().map(|instance| instance.chart)) {
        if parsed.contains_key(&chart) {
            continue;
        }
        let mut own = Vec::new();
        for id in &charts[chart].templates {
            let text = &world.file(*id).text;
            match parse::template(&text.text) {
                Ok(template) => own.push((*id, text, template)),
                // One that is lent is told with the chart that it is of.
                Err(_) if lent.contains(&chart) => {}
                Err((span, reason)) => whole.trees.push((*id, Err(not_rendered(span, &reason)))),
            }
        }
        parsed.insert(chart, own);
    }
    let order = lent.iter().copied().chain(instances.iter().map(|instance| instance.chart));
    let defined = order.flat_map(|chart| parsed.get(&chart).into_iter().flatten()).flat_map(|(_, text, template)| {
        template.defined.iter().map(|(name, nodes)| (name.as_str(), (&*text.text, nodes.as_slice())))
    });
    let mut renderer = Renderer::new(defined.collect());
    let mut made: BTreeMap<FileId, Result<render::Rendered, Malformed>> = BTreeMap::new();
    for instance in &instances {
        let chart = &charts[instance.chart];
        whole.ways.insert(instance.way.clone(), chart.folder.clone());
        if chart.is_library() {
            continue;
        }
        renderer.files = files.get(&chart.folder).cloned().unwrap_or_default();
        let root = root_of(chart, instance);
        for (id, text, template) in parsed.get(&instance.chart).into_iter().flatten() {
            let file_name = text.path.rsplit('/').next().unwrap_or_default();
            // Helpers print nothing of their own, and notes are for people.
            if !file_name.ends_with(".yaml") && !file_name.ends_with(".yml") || file_name.starts_with('_') {
                continue;
            }
            let rendered = renderer.render(&text.text, template, &root, left);
            let rendered = rendered.map_err(|(span, reason)| not_rendered(span, &reason));
            // A chart that is installed twice prints its files twice.
            match (made.get_mut(id), rendered) {
                (Some(Ok(before)), Ok(rendered)) => before.append(rendered),
                (Some(Err(_)), _) => {}
                (_, rendered) => {
                    made.insert(*id, rendered);
                }
            }
        }
    }
    let trees = made.into_iter().map(|(id, rendered)| (id, rendered.and_then(|rendered| tree_of(&rendered))));
    whole.trees.extend(trees);
    whole
}

/// Charts elsewhere in the tree that are named as `file://`: their named templates are used. What they install they install
/// themselves.
fn lent(charts: &[Chart], instances: &[Instance]) -> Vec<usize> {
    let mut lent = Vec::new();
    for chart in instances.iter().map(|instance| &charts[instance.chart]) {
        let Value::List(dependencies) = &chart.dependencies else { continue };
        for dependency in dependencies.iter().take(MAX_CHART_INSTANCES) {
            let repository = dependency.get("repository").print();
            let Some(path) = repository.strip_prefix("file://") else { continue };
            let Some(folder) = kubernetes::join(&chart.folder, path) else { continue };
            let at = charts.iter().position(|chart| chart.folder.trim_end_matches('/') == folder);
            lent.extend(at.filter(|at| !instances.iter().any(|instance| instance.chart == *at)));
        }
    }
    lent.sort_unstable();
    lent.dedup();
    lent
}

/// By the folder of a chart, the files that its templates can ask for, with what they say where that is known.
type Files = BTreeMap<String, Rc<BTreeMap<String, Value>>>;

fn files(world: &World, charts: &[Chart]) -> Files {
    let mut all: BTreeMap<&str, BTreeMap<String, Value>> =
        charts.iter().map(|chart| (chart.folder.as_str(), BTreeMap::new())).collect();
    if all.is_empty() {
        return Files::new();
    }
    let mut add = |path: &str, value: Value| {
        for end in memchr::memrchr_iter(b'/', path.as_bytes()).map(|slash| slash + 1).chain([0]) {
            let (folder, name) = path.split_at(end);
            let is_chart = matches!(name, "Chart.yaml" | "values.yaml")
                || name.starts_with(TEMPLATES)
                || name.starts_with("charts/");
            if let Some(files) = all.get_mut(folder).filter(|_| !is_chart)
                && (files.len() < MAX_CHART_FILES || files.contains_key(name))
            {
                files.insert(name.to_owned(), value.clone());
            }
        }
    };
    world.paths.iter().for_each(|path| add(path, Value::Unknown));
    for text in world.files.iter().map(|file| &file.text).filter(|text| text.text.len() <= MAX_CHART_FILE_BYTES) {
        add(&text.path, Value::text(&*text.text));
    }
    all.into_iter().map(|(folder, files)| (folder.to_owned(), Rc::new(files))).collect()
}

/// What templates start from.
fn root_of(of: &Chart, instance: &Instance) -> Value {
    let path = format!("{}/templates", instance.way);
    Value::map([
        ("Values", instance.values.clone()),
        ("Chart", chart(&of.about, &instance.name)),
        ("Release", release()),
        ("Capabilities", render::capabilities()),
        ("Files", Value::Unknown),
        ("Subcharts", Value::Unknown),
        ("Template", Value::map([("Name", Value::Unknown), ("BasePath", Value::text(path))])),
    ])
}

/// `Chart.yaml` as templates see it: with capital letters.
fn chart(about: &Value, name: &str) -> Value {
    let names = [
        ("Version", "version"),
        ("AppVersion", "appVersion"),
        ("Type", "type"),
        ("ApiVersion", "apiVersion"),
        ("Description", "description"),
        ("Home", "home"),
        ("Icon", "icon"),
        ("KubeVersion", "kubeVersion"),
        ("Annotations", "annotations"),
        ("Deprecated", "deprecated"),
    ];
    let said = names.into_iter().map(|(seen, name)| (seen, about.get(name)));
    Value::map(said.chain([("Name", Value::text(name)), ("IsRoot", Value::Unknown)]))
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
    unknown(&mut tree);
    Ok(tree)
}

/// Holes in texts are what is not known.
fn unknown(tree: &mut Tree) {
    for id in tree.ids() {
        let Some(text) = tree.node(id).text().filter(|text| text.contains(HOLE)) else { continue };
        let pieces: Vec<Box<str>> = text.split(HOLE).map(Box::from).collect();
        let whole = pieces.iter().all(|piece| piece.is_empty());
        let data = if whole { Data::Unknown("a value of the chart".into()) } else { Data::Partly(pieces.into()) };
        tree.replace(id, data);
    }
}

#[cfg(test)]
mod tests;
