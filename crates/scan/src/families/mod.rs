//! Families: files of one sort of format, read to resources.
//!
//! | folder | reads |
//! |---|---|
//! | `docker` | Dockerfiles, Compose files |
//! | `github` | workflows, actions, Dependabot |
//! | `gitlab` | GitLab CI |
//! | `helm` | charts, rendered with their defaults |
//! | `kubernetes` | manifests |
//! | `repository` | exports of the platform's settings, code owners |
//! | `server` | nginx, sshd |
//!
//! A file goes three ways: [`parse`] makes a tree of it and [`read`] lets the family that it belongs to add its resources, alone
//! and on any thread, to a world that [`World::append`] takes over; [`link`] relates resources across files once everything is read.

pub mod docker;
pub mod github;
pub mod gitlab;
pub mod helm;
pub mod kubernetes;
pub mod repository;
pub mod server;

use crate::evaluate::Evaluator;
use crate::finding::Finding;
use crate::resource::{FileId, World};
use crate::rules::Rule;
use crate::text::Text;
use crate::tree::{Malformed, Tree};

/// How a file is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
    /// A Dockerfile.
    Dockerfile,
    /// nginx, when what it says is so.
    Nginx,
    /// OpenSSH's server.
    Sshd,
    /// No format: only its text, or that it is there, counts.
    Plain,
}

/// A file that was parsed.
pub struct Parsed {
    /// Its text.
    pub text: Text,
    /// What it says; empty when no family reads it.
    pub tree: Tree,
    /// What is wrong with it.
    pub malformed: Vec<Malformed>,
}

/// How a file is parsed that some family may read; none for others. The path has `/` between its parts.
pub fn format(path: &str) -> Option<Format> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if let Some(format) = docker::format(name) {
        return Some(format);
    }
    if repository::is_plain(path) {
        return Some(Format::Plain);
    }
    if server::sshd::may_be(path) {
        return Some(Format::Sshd);
    }
    match name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
        Some("yml" | "yaml") => Some(Format::Yaml),
        Some("json") => Some(Format::Json),
        Some("tpl") => Some(Format::Plain),
        _ => server::nginx::may_be(path).then_some(Format::Nginx),
    }
}

/// Whether a family may read a text: looking costs less than parsing, and most JSON is nobody's.
pub fn may_take(path: &str, text: &str, format: Format) -> bool {
    !matches!(format, Format::Yaml | Format::Json)
        || helm::is(path, text)
        || kubernetes::may_be(text)
        || kubernetes::is_kustomization(path)
        || kubernetes::may_be_operations(text)
        || docker::may_be(path, text)
        || github::may_be(path, text)
        || gitlab::may_be(path, text)
        || repository::may_be(path)
}

/// Parses a file.
pub fn parse(text: Text, format: Format) -> Parsed {
    if helm::is(&text.path, &text.text) || !may_take(&text.path, &text.text, format) {
        return Parsed { text, tree: Tree::default(), malformed: Vec::new() };
    }
    let (tree, malformed) = match format {
        Format::Yaml => Tree::yaml(&text),
        Format::Json => match Tree::json(&text) {
            Ok(tree) => (tree, Vec::new()),
            Err(malformed) => (Tree::default(), vec![malformed]),
        },
        // What is wrong with a Dockerfile is told when its resources are read.
        Format::Dockerfile => (Tree::default(), Vec::new()),
        Format::Nginx => (Tree::default(), server::nginx::malformed(&text)),
        Format::Sshd => (Tree::default(), server::sshd::malformed(&text)),
        Format::Plain => (Tree::default(), Vec::new()),
    };
    Parsed { text, tree, malformed }
}

/// Adds a file with its resources, by the family that it belongs to. Nothing but the file is looked at. Says what is wrong with
/// it, where parsing does not.
pub fn read(world: &mut World, text: Text, tree: Tree) -> Vec<Malformed> {
    if helm::is(&text.path, &text.text) {
        world.add_file(text, tree);
    } else if github::is(&text.path, Some(&tree), &text) {
        let file = world.add_file(text, tree);
        github::read(world, file);
    } else if kubernetes::is(&tree) || kubernetes::is_kustomization(&text.path) {
        let file = world.add_file(text, tree);
        kubernetes::read(world, file, "kubernetes");
    } else if gitlab::is(&text.path, &tree) {
        let file = world.add_file(text, tree);
        gitlab::read(world, file);
    } else if repository::is(&text) {
        let file = world.add_file(text, tree);
        repository::read(world, file);
    } else if server::nginx::is(&text) {
        let file = world.add_file(text, tree);
        server::nginx::read(world, file);
    } else if server::sshd::is(&text) {
        let file = world.add_file(text, tree);
        server::sshd::read(world, file);
    } else if docker::is(&text, &tree) {
        let file = world.add_file(text, tree);
        return docker::read(world, file);
    } else if kubernetes::is_operations(&tree) {
        world.add_file(text, tree);
    }
    Vec::new()
}

/// The same; a file of no family is kept when policies or charts are to see its text.
pub fn read_or_keep(world: &mut World, text: Text, tree: Tree, keep: bool) -> Vec<Malformed> {
    let (before, copy) = (world.files.len(), text.clone());
    let malformed = read(world, text, tree);
    if keep && world.files.len() == before {
        world.add_file(copy, Tree::default());
    }
    malformed
}

/// Relates resources across files, when all are read. Says what could only then be found to be wrong.
pub fn link(world: &mut World) -> Vec<(FileId, Malformed)> {
    // Charts first: what they describe is related as well.
    let refused = helm::link(world);
    github::link(world);
    gitlab::link(world);
    kubernetes::link(world);
    docker::link(world);
    repository::link(world);
    server::nginx::link(world);
    server::sshd::link(world);
    refused
}

/// Reads files that belong together, such as all of a repository, into a new world, and why some could not be read.
pub fn world(texts: Vec<Text>) -> (World, Vec<String>) {
    world_for(texts, false)
}

fn world_for(texts: Vec<Text>, keep: bool) -> (World, Vec<String>) {
    let (mut world, mut unread) = (World::default(), Vec::new());
    world.paths = texts.iter().map(|text| text.path.clone()).collect();
    world.is_repository = world.paths.iter().any(|path| path.starts_with(".git/"));
    let charts = helm::Folders::of(texts.iter().map(|text| &*text.path));
    for text in texts {
        let in_chart = charts.has(&text.path, text.text.len() as u64);
        let keep = keep && crate::policies::rego::keeps(&text.path) || in_chart;
        let format = format(&text.path).or(keep.then_some(Format::Plain));
        let Some(format) = format else { continue };
        let Parsed { text, tree, mut malformed } = parse(text, format);
        malformed.extend(read_or_keep(&mut world, text.clone(), tree, keep));
        let told = |Malformed { span, reason }| format!("{}:{}: {reason}", text.path, text.place(span.start).line);
        unread.extend(malformed.into_iter().map(told));
    }
    for (file, Malformed { span, reason }) in link(&mut world) {
        let text = &world.file(file).text;
        unread.push(format!("{}:{}: {reason}", text.path, text.place(span.start).line));
    }
    (world, unread)
}

/// What one rule finds in files, and why files could not be read: what pages are run with.
pub fn findings(rule: &Rule, texts: Vec<Text>) -> (Vec<Finding>, Vec<String>) {
    if crate::parts::run::is_about_components(rule) {
        return crate::parts::run::case(rule, texts);
    }
    let (world, unread) = world_for(texts, crate::policies::wants_documents([rule]));
    (Evaluator::new([rule]).run(&world).findings, unread)
}
