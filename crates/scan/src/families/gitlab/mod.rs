//! GitLab CI.
//!
//! | kind | is |
//! |---|---|
//! | `pipeline` | a file of it |
//! | `include` | an entry of `include` |
//! | `job` | a job as it will run: `extends` and `default` are worked in, `lines` are all lines of its scripts |
//! | `image` | an image of a job or of a service |
//! | `script_line` | a line of its scripts, with those that it goes on with |
//!
//! Jobs are made when all files are read, because what they extend may be in a file that is included.

mod jobs;
mod merge;

pub use jobs::link;

use crate::resource::{FileId, Resource, ResourceId, World};
use crate::text::{Place, Span};
use crate::tree::{Data, Id, Node, Tree};

/// The name of this family.
pub const FAMILY: &str = "gitlab";

/// Keys at the top that are no jobs.
const RESERVED: &[&str] = &[
    "default",
    "include",
    "stages",
    "variables",
    "workflow",
    "image",
    "services",
    "cache",
    "before_script",
    "after_script",
    "spec",
    "types",
];

/// Whether a path says that a file is of this family.
fn is_named(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    let in_folder = [".gitlab", ".gitlab-ci"].iter().any(|of| folder.split('/').any(|part| part == *of));
    yaml && (name.contains("gitlab-ci") || (in_folder && !folder.ends_with("_templates") && !name.contains("agent")))
}

/// Whether a file may be of this family, before it is parsed.
pub fn may_be(path: &str, text: &str) -> bool {
    is_named(path) || memchr::memmem::find(text.as_bytes(), b"script").is_some()
}

/// Whether a file is of this family: by its path, else by what it says.
pub fn is(path: &str, tree: &Tree) -> bool {
    let Some(root) = root(tree) else { return false };
    let root = tree.node(root);
    let job = |job: Node<'_>| {
        job.get("script").is_some_and(|script| script.is_list() || script.text().is_some())
            && ["stage", "image", "rules", "only", "before_script", "tags", "extends", "artifacts"]
                .iter()
                .any(|name| job.get(name).is_some())
    };
    root.is_map()
        && (is_named(path)
            || (root.get("jobs").is_none() && root.get("language").is_none() && root.members().any(|(_, of)| job(of))))
}

/// The document with the jobs: the second when the first is a header with `spec`.
fn root(tree: &Tree) -> Option<Id> {
    let first = tree.documents().next()?;
    let header = first.get("spec").is_some() && tree.roots.len() > 1;
    tree.roots.get(usize::from(header)).copied()
}

/// Reads a file: the pipeline and what it includes.
pub fn read(world: &mut World, file: FileId) {
    let Some(root) = root(&world.file(file).tree) else { return };
    let node = world.node(file, root);
    let span = node.entries().next().map_or(node.span(), |(key, _)| key.span());
    let entries: Vec<Id> = node.each("include").into_iter().map(Node::id).collect();
    let pipeline = add(world, file, "pipeline", "pipeline", "", root, span);
    for entry in entries {
        include(world, file, pipeline, entry);
    }
}

fn add(
    world: &mut World,
    file: FileId,
    kind: &'static str,
    address: &str,
    name: &str,
    node: Id,
    span: Span,
) -> ResourceId {
    world.add(Resource {
        kind,
        family: FAMILY,
        file,
        address: address.to_owned(),
        name: name.to_owned(),
        node,
        span,
        fields: Vec::new(),
        relations: Vec::new(),
    })
}

fn set(world: &mut World, of: ResourceId, name: &'static str, data: Data, span: Span) {
    let file = world.resource(of).file;
    let id = world.tree_mut(file).add(data, span);
    world.resources[of.0 as usize].fields.push((name, id));
}

/// Adds an entry of `include`, with what sort it is and where it leads.
fn include(world: &mut World, file: FileId, pipeline: ResourceId, entry: Id) {
    let node = world.node(file, entry);
    let span = node.span();
    let sorts = ["local", "remote", "project", "template", "component", "artifact"];
    let (sort, location) = match node.text() {
        Some(text) if text.starts_with("http://") || text.starts_with("https://") => ("remote", text.to_owned()),
        Some(text) => ("local", text.to_owned()),
        None => {
            let found = sorts.iter().find_map(|sort| Some((*sort, node.get(sort)?.scalar()?)));
            match found {
                Some(found) => found,
                None => return,
            }
        }
    };
    let (reference, said) = match sort {
        "component" => (location.rsplit_once('@').map(|(_, version)| version.to_owned()), span),
        _ => (node.get("ref").and_then(Node::scalar), node.get("ref").map_or(span, |of| of.span())),
    };
    let kind = match reference.as_deref() {
        None => "none",
        Some(text) if text.contains('$') => "variable",
        Some(text) => super::github::ref_kind(text),
    };
    let data = match kind {
        "variable" => Data::Unknown("a variable".into()),
        "name" if sort == "component" && reference.as_deref().is_some_and(|text| text.starts_with('~')) => {
            Data::Text("latest".into())
        }
        kind => Data::Text(kind.into()),
    };
    let text = &world.file(file).text;
    let first = text.place(span.start).line;
    let shown = Span { start: span.start, end: text.byte(Place { line: first, column: u32::MAX }).max(span.start) };
    let found = add(world, file, "include", &format!("include/{sort}/{location}"), &location, entry, shown);
    world.relate(pipeline, "includes", found);
    set(world, found, "type", Data::Text(sort.into()), span);
    set(world, found, "location", Data::Text(location.into()), span);
    set(world, found, "ref_kind", data, said);
}

#[cfg(test)]
mod tests;
