//! What files are about, by the names that Checkov's custom policies have for it.
//!
//! | of | types |
//! |---|---|
//! | Kubernetes, Helm | the kind of each object; `Pod` is the template of a workload, too |
//! | GitHub Actions | `jobs`, `steps`, and of a workflow `on` and `permissions` |
//! | Dockerfiles | each instruction, with `value` and `content` |
//!
//! Attributes are what is written, not what was worked out of it. What an expression would make of a text is not known, yet the
//! text itself is: a [`Thing`] of a workflow has both.

use crate::families::docker::dockerfile::Dockerfile;
use crate::resource::{FileId, ResourceId, World};
use crate::text::Span;
use crate::tree::{Id, Node, Tree};
use ahash::AHashMap;
use std::borrow::Cow;

/// Where the template of a pod is in a workload.
const TEMPLATES: [&[&str]; 2] = [&["spec", "template"], &["spec", "jobTemplate", "spec", "template"]];

/// A framework of Checkov that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    /// Manifests and charts.
    Kubernetes,
    /// Workflows and actions.
    Github,
    /// Dockerfiles.
    Docker,
}

impl Framework {
    /// The framework that has a type of this name; none for those that are not read here, such as `aws_instance`.
    pub fn of(kind: &str) -> Option<Framework> {
        match kind {
            "jobs" | "steps" | "on" | "permissions" => Some(Framework::Github),
            _ if crate::families::docker::dockerfile::INSTRUCTIONS.contains(&kind) => Some(Framework::Docker),
            _ => {
                let letters = kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
                let camel = kind.starts_with(|first: char| first.is_ascii_uppercase());
                (letters && camel).then_some(Framework::Kubernetes)
            }
        }
    }
}

/// A part of a file that policies look at.
#[derive(Clone, Copy)]
pub struct Thing<'t> {
    /// What other tools call it.
    pub kind: &'t str,
    /// Whose name that is.
    pub framework: Framework,
    /// What it says; parts may be unknown.
    pub node: Node<'t>,
    /// What is written, where that is more than what is known.
    pub raw: Option<Node<'t>>,
    /// The resource that it is.
    pub resource: ResourceId,
    /// Its file.
    pub file: FileId,
    /// Its logical place.
    pub address: &'t str,
    /// Where it is shown.
    pub span: Span,
}

struct Entry {
    kind: Cow<'static, str>,
    framework: Framework,
    file: FileId,
    /// It is in a tree of this module.
    own: bool,
    node: Id,
    resource: ResourceId,
    address: String,
    span: Span,
}

/// All of them.
#[derive(Default)]
pub struct Things {
    entries: Vec<Entry>,
    /// Instructions of Dockerfiles.
    made: AHashMap<FileId, Tree>,
    /// Workflows as they are written.
    raw: AHashMap<FileId, Tree>,
}

impl Things {
    /// Finds them.
    pub fn read(world: &World) -> Things {
        let mut things = Things::default();
        for id in world.ids() {
            let resource = world.resource(id);
            match (resource.family, resource.kind) {
                ("kubernetes" | "helm", "object") => things.object(world, id),
                ("github", "job") => things.add(world, id, "jobs", Framework::Github),
                ("github", "step") => things.add(world, id, "steps", Framework::Github),
                ("github", "workflow") => {
                    for part in ["on", "permissions"] {
                        things.part(world, id, part);
                    }
                }
                (_, "dockerfile") => things.dockerfile(world, id),
                _ => {}
            }
        }
        things
    }

    /// Each of them.
    pub fn iter<'t>(&'t self, world: &'t World) -> impl Iterator<Item = Thing<'t>> {
        self.entries.iter().map(move |entry| self.thing(world, entry))
    }

    fn thing<'t>(&'t self, world: &'t World, entry: &'t Entry) -> Thing<'t> {
        let made = self.made.get(&entry.file).filter(|_| entry.own);
        let node = made.unwrap_or(&world.file(entry.file).tree).node(entry.node);
        // Both trees are of one text, and the world's only grew.
        let raw = self.raw.get(&entry.file).filter(|raw| raw.has(entry.node));
        let raw = raw.map(|raw| raw.node(entry.node)).filter(|raw| raw.span() == node.span());
        Thing {
            kind: &entry.kind,
            framework: entry.framework,
            node,
            raw,
            resource: entry.resource,
            file: entry.file,
            address: &entry.address,
            span: entry.span,
        }
    }

    fn add(&mut self, world: &World, id: ResourceId, kind: &'static str, framework: Framework) {
        let resource = world.resource(id);
        self.keep_raw(world, resource.file);
        self.entries.push(Entry {
            kind: kind.into(),
            framework,
            file: resource.file,
            own: false,
            node: resource.node,
            resource: id,
            address: resource.address.clone(),
            span: resource.span,
        });
    }

    /// A part of a workflow's top; its attributes begin with its name.
    fn part(&mut self, world: &World, id: ResourceId, name: &'static str) {
        let Some((key, _)) = world.root(id).member(name) else { return };
        self.add(world, id, name, Framework::Github);
        if let Some(entry) = self.entries.last_mut() {
            entry.span = key.span();
            entry.address = format!("{}/{name}", entry.address);
        }
    }

    /// Expressions are settled in the world's tree: what is written is read again.
    fn keep_raw(&mut self, world: &World, file: FileId) {
        let text = &world.file(file).text;
        if memchr::memmem::find(text.text.as_bytes(), b"${{").is_some() {
            self.raw.entry(file).or_insert_with(|| Tree::yaml(text).0);
        }
    }

    fn object(&mut self, world: &World, id: ResourceId) {
        let resource = world.resource(id);
        let Some(kind) = world.field(id, "kind").and_then(Node::text) else { return };
        let mut add = |kind: &str, node: Id, address: String, span: Span| {
            let (kind, framework) = (Cow::Owned(kind.to_owned()), Framework::Kubernetes);
            self.entries.push(Entry {
                kind,
                framework,
                file: resource.file,
                own: false,
                node,
                resource: id,
                address,
                span,
            });
        };
        add(kind, resource.node, resource.address.clone(), resource.span);
        let template =
            TEMPLATES.iter().find_map(|path| world.root(id).at(path)).filter(|node| node.get("spec").is_some());
        if let Some(template) = template {
            add("Pod", template.id(), format!("{}/template", resource.address), resource.span);
        }
    }

    fn dockerfile(&mut self, world: &World, id: ResourceId) {
        let file = world.resource(id).file;
        let text = &world.file(file).text;
        let read = Dockerfile::read(text);
        let at: AHashMap<Span, ResourceId> = world
            .ids()
            .filter(|id| world.resource(*id).file == file && world.resource(*id).kind == "instruction")
            .map(|id| (world.resource(id).span, id))
            .collect();
        let mut tree = Tree::default();
        for instruction in &read.instructions {
            let content = tree.text(text.slice(instruction.span), instruction.span);
            let value = text.slice(instruction.keyword.to(instruction.span));
            let value = value.get(instruction.kind.len()..).unwrap_or_default().trim();
            let value = tree.text(&joined(value, read.escape), instruction.rest.whole());
            let node = tree.map(&[("content", content), ("value", value)], instruction.span);
            let resource = at.get(&instruction.keyword).copied().unwrap_or(id);
            self.entries.push(Entry {
                kind: instruction.kind.into(),
                framework: Framework::Docker,
                file,
                own: true,
                node,
                resource,
                address: world.resource(resource).address.clone(),
                span: instruction.keyword,
            });
        }
        self.made.insert(file, tree);
    }
}

/// One line of several.
fn joined(text: &str, escape: char) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        // Comments between the lines of an instruction are none of it.
        if !out.is_empty() && line.trim_start().starts_with('#') {
            continue;
        }
        let line = line.trim_end();
        out.push_str(line.strip_suffix(escape).unwrap_or(line));
    }
    out
}
