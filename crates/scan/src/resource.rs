//! What files are about: workloads, containers, steps, settings ... with relations between them, so that a rule is written once.
//!
//! A family (`crate::families`) reads files of its formats and adds resources. What a resource says of itself is its node; what a
//! family worked out beside it (inherited settings, defaults of the platform) is in `fields` and counts first.

use crate::text::{Span, Text};
use crate::tree::{Id, Node, Tree};
use ahash::AHashSet;
use std::sync::Arc;

/// A file's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A resource's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId(pub u32);

/// A file with its tree.
#[derive(Debug)]
pub struct File {
    /// Its text.
    pub text: Text,
    /// What it says.
    pub tree: Tree,
}

/// Something that rules look at.
#[derive(Clone, Debug)]
pub struct Resource {
    /// What it is, such as `container`: rules say which they are about.
    pub kind: &'static str,
    /// What it is written in, such as `kubernetes`.
    pub family: &'static str,
    /// Where it is written.
    pub file: FileId,
    /// Its logical place in the file, such as `Deployment/shop/web/containers/app`: findings are known by it.
    pub address: String,
    /// Its short name, for sentences.
    pub name: String,
    /// What it says.
    pub node: Id,
    /// Where findings about the whole of it are shown: its name or its first line.
    pub span: Span,
    /// What was worked out about it.
    pub fields: Vec<(&'static str, Id)>,
    /// What it has to do with others, by the name of the relation.
    pub relations: Vec<(&'static str, ResourceId)>,
}

/// Everything that was read.
#[derive(Debug, Default)]
pub struct World {
    /// The files.
    pub files: Vec<File>,
    /// The resources in them.
    pub resources: Vec<Resource>,
    /// The paths of all files below the root, also of those that no family reads.
    pub paths: Vec<Arc<str>>,
    /// The root is that of a git repository, so what is not there is missing.
    pub is_repository: bool,
    /// What `helm` made of charts; charts that can be rendered here do not need it.
    pub rendered: Vec<crate::families::helm::Output>,
    /// Files whose objects are there once for each thing that overlays make of them: what is the same in them is found once.
    pub variants: AHashSet<FileId>,
}

impl World {
    /// Adds a file.
    pub fn add_file(&mut self, text: Text, tree: Tree) -> FileId {
        self.files.push(File { text, tree });
        FileId(self.files.len() as u32 - 1)
    }

    /// Adds a resource.
    pub fn add(&mut self, resource: Resource) -> ResourceId {
        self.resources.push(resource);
        ResourceId(self.resources.len() as u32 - 1)
    }

    /// Adds what was read apart: its files and resources get the numbers after those that are here.
    pub fn append(&mut self, part: World) {
        let (files, resources) = (self.files.len() as u32, self.resources.len() as u32);
        self.files.extend(part.files);
        self.resources.extend(part.resources.into_iter().map(|mut resource| {
            resource.file.0 += files;
            resource.relations.iter_mut().for_each(|(_, to)| to.0 += resources);
            resource
        }));
    }

    /// Says that one has to do with another.
    pub fn relate(&mut self, from: ResourceId, relation: &'static str, to: ResourceId) {
        self.resources[from.0 as usize].relations.push((relation, to));
    }

    /// A file by its number.
    pub fn file(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    /// The tree of a file, to add to it.
    pub fn tree_mut(&mut self, id: FileId) -> &mut Tree {
        &mut self.files[id.0 as usize].tree
    }

    /// A resource by its number.
    pub fn resource(&self, id: ResourceId) -> &Resource {
        &self.resources[id.0 as usize]
    }

    /// A node of a file.
    pub fn node(&self, file: FileId, id: Id) -> Node<'_> {
        self.file(file).tree.node(id)
    }

    /// What a resource says.
    pub fn root(&self, id: ResourceId) -> Node<'_> {
        let resource = self.resource(id);
        self.node(resource.file, resource.node)
    }

    /// A member of a resource: what was worked out, else what it says.
    pub fn field(&self, id: ResourceId, name: &str) -> Option<Node<'_>> {
        let resource = self.resource(id);
        let worked_out = resource.fields.iter().rev().find(|(of, _)| *of == name);
        match worked_out {
            Some((_, node)) => Some(self.node(resource.file, *node)).filter(|node| !node.is_null()),
            None => self.root(id).get(name),
        }
    }

    /// The resources that one has this relation to.
    pub fn related<'w>(&'w self, id: ResourceId, relation: &'w str) -> impl Iterator<Item = ResourceId> + 'w {
        self.resource(id).relations.iter().filter(move |(name, _)| *name == relation).map(|(_, to)| *to)
    }

    /// All resources with their numbers.
    pub fn ids(&self) -> impl Iterator<Item = ResourceId> + use<> {
        (0..self.resources.len() as u32).map(ResourceId)
    }
}
