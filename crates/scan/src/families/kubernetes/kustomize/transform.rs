//! What one kustomization makes of objects: patches, images, replicas, labels, and what is not decided here.

use super::Build;
use super::item::{Is, Item, blurred};
use super::patch::{merge, operations};
use crate::limits::{MAX_DEPTH, MAX_KUSTOMIZATION_ENTRIES, MAX_KUSTOMIZED_NODES};
use crate::resource::FileId;
use crate::text::Text;
use crate::tree::{Data, Node, Tree};

/// An object on its way through overlays.
#[derive(Clone)]
pub(super) struct Object {
    /// Where it is written.
    pub(super) file: FileId,
    /// Which document of the file it is.
    pub(super) document: usize,
    /// Its name, and those that overlays gave it so far.
    names: Vec<String>,
    pub(super) item: Item,
    /// A patch takes it away.
    pub(super) removed: bool,
}

impl Object {
    pub(super) fn new(file: FileId, document: usize, item: Item) -> Object {
        let names = item.said(&["metadata", "name"]).into_iter().collect();
        Object { file, document, names, item, removed: false }
    }

    fn kind(&self) -> String {
        self.item.said(&["kind"]).unwrap_or_default()
    }

    fn group(&self) -> String {
        let api = self.item.said(&["apiVersion"]).unwrap_or_default();
        api.rsplit_once('/').map_or(String::new(), |(group, _)| group.to_owned())
    }

    /// Whether it is of the platform itself: how its lists are merged is known.
    fn is_builtin(&self) -> bool {
        let group = self.group();
        !group.contains('.') || group.ends_with(".k8s.io")
    }

    /// What is made of it cannot be known.
    fn open(&mut self) {
        self.item = Object::opened(std::mem::take(&mut self.item));
    }

    pub(super) fn opened(mut item: Item) -> Item {
        let at = item.at;
        if let Is::Map(members) = &mut item.is {
            let named = |name: &str| matches!(name, "apiVersion" | "kind" | "metadata");
            members.iter_mut().filter(|(name, ..)| !named(name)).for_each(|(.., value)| *value = Item::unknown(at));
        }
        item
    }
}

/// A patch: its documents, and the file that they are in.
type Patch = (Vec<Item>, Option<FileId>);

impl Build<'_> {
    /// What a kustomization makes of the objects that it names.
    pub(super) fn transform(&mut self, id: FileId, folder: &str, objects: &mut [Object]) {
        let world = self.world;
        let Some(root) = world.file(id).tree.documents().next() else { return };
        for said in root.each("patchesStrategicMerge").into_iter().take(MAX_KUSTOMIZATION_ENTRIES) {
            let Some(text) = said.text() else { continue };
            let patch = if text.contains('\n') { self.inline(text) } else { self.file(folder, text) };
            self.patch(&patch, None, objects);
        }
        let both = root.each("patchesJson6902").into_iter().chain(root.each("patches"));
        for said in both.take(MAX_KUSTOMIZATION_ENTRIES) {
            let text = |name: &str| said.get(name).and_then(Node::text);
            let patch = match (text("patch"), text("path")) {
                (Some(inline), _) => self.inline(inline),
                (None, Some(path)) => self.file(folder, path),
                _ => continue,
            };
            self.patch(&patch, said.get("target"), objects);
        }
        let entries: usize = ["images", "replicas", "labels", "commonLabels", "commonAnnotations"]
            .iter()
            .filter_map(|list| root.get(list))
            .map(|list| list.walk(MAX_KUSTOMIZED_NODES).len())
            .sum();
        for object in objects.iter_mut() {
            if !self.spend(object.item.size().saturating_mul(entries)) {
                return;
            }
            rename(root, object);
            labels(root, object);
            replicas(root, object);
            let source = &*world.file(id).text.text;
            for image in root.each("images").into_iter().take(MAX_KUSTOMIZATION_ENTRIES) {
                images(image, source, &mut object.item, 0);
            }
        }
        self.undecided(root, objects);
    }

    fn inline(&mut self, text: &str) -> Option<Patch> {
        let (tree, malformed) = Tree::yaml(&Text::new("", text));
        if malformed.is_empty() { Some((self.items(&tree)?, None)) } else { None }
    }

    fn file(&mut self, folder: &str, path: &str) -> Option<Patch> {
        let id = *self.files.get(&super::join(folder, path)?)?;
        let world = self.world;
        Some((self.items(&world.file(id).tree)?, Some(id)))
    }

    fn items(&mut self, tree: &Tree) -> Option<Vec<Item>> {
        tree.documents().filter(|root| !root.is_null()).map(|root| Item::of(root, &mut self.left)).collect()
    }

    /// Patches what is meant. A patch that cannot be read opens what it is for.
    fn patch(&mut self, patch: &Option<Patch>, target: Option<Node<'_>>, objects: &mut [Object]) {
        let target = target.map(Target::of);
        let Some((documents, file)) = patch else {
            let meant = |object: &Object| target.as_ref().is_some_and(|of| of.selects(object) != Some(false));
            objects.iter_mut().filter(|object| meant(object)).for_each(Object::open);
            return;
        };
        for document in documents {
            for object in objects.iter_mut().filter(|object| !object.removed) {
                if !self.spend(1) {
                    return;
                }
                let meant = match &target {
                    Some(target) => target.selects(object),
                    None => Some(is_for(document, object)),
                };
                if meant == Some(false) || !self.spend(object.item.size() + document.size()) {
                    continue;
                }
                self.applied.extend(*file);
                let mut item = object.item.clone();
                let kept = match &document.is {
                    Is::List(list) => {
                        operations(&mut item, list, &mut self.left);
                        true
                    }
                    _ => merge(&mut item, document, object.is_builtin(), &mut self.left),
                };
                object.removed = !kept && meant == Some(true);
                object.item = if meant.is_some() { item } else { blurred(&object.item, &item) };
            }
        }
    }

    /// What plug-ins and replacements do is not known.
    fn undecided(&mut self, root: Node<'_>, objects: &mut [Object]) {
        if !root.each("transformers").is_empty() {
            objects.iter_mut().for_each(Object::open);
        }
        for replacement in root.each("replacements").into_iter().take(MAX_KUSTOMIZATION_ENTRIES) {
            let targets = replacement.each("targets");
            if targets.is_empty() {
                objects.iter_mut().for_each(Object::open);
            }
            for target in targets {
                let Some(select) = target.get("select").map(Target::of) else { continue };
                if !self.spend(objects.len()) {
                    return;
                }
                for object in objects.iter_mut().filter(|object| select.selects(object) != Some(false)) {
                    if !self.spend(object.item.size().saturating_mul(target.each("fieldPaths").len())) {
                        return;
                    }
                    for path in target.each("fieldPaths").into_iter().filter_map(Node::text) {
                        unset(&mut object.item, &steps(path));
                    }
                }
            }
        }
    }
}

/// Whether a strategic merge that names its object is for this one.
fn is_for(patch: &Item, object: &Object) -> bool {
    let name = patch.said(&["metadata", "name"]).unwrap_or_default();
    patch.said(&["kind"]).is_some_and(|kind| kind == object.kind()) && object.names.contains(&name)
}

/// Which objects a patch is for.
struct Target {
    group: Option<String>,
    kind: Option<Pattern>,
    name: Option<Pattern>,
    /// It says nothing of labels, and its patterns are understood.
    sure: bool,
}

/// A text, and the pattern that it is, of the whole of a text.
struct Pattern(String, Option<regex::Regex>);

impl Pattern {
    fn fits(&self, said: &[String]) -> bool {
        said.contains(&self.0) || said.iter().any(|said| self.1.as_ref().is_none_or(|pattern| pattern.is_match(said)))
    }
}

impl Target {
    // A namespace may be given by another kustomization, so none is asked for.
    fn of(node: Node<'_>) -> Target {
        let text = |name: &str| node.get(name).and_then(Node::scalar).filter(|text| !text.is_empty());
        let mut sure = text("labelSelector").is_none() && text("annotationSelector").is_none();
        let mut pattern = |name: &str| {
            let text = text(name)?;
            let pattern = regex::RegexBuilder::new(&format!("^(?:{text})$")).size_limit(64 * 1024).build().ok();
            sure &= pattern.is_some();
            Some(Pattern(text, pattern))
        };
        let (kind, name) = (pattern("kind"), pattern("name"));
        Target { group: text("group"), kind, name, sure }
    }

    /// Whether it means an object; none when that is not known here.
    fn selects(&self, object: &Object) -> Option<bool> {
        let group = self.group.as_ref().is_none_or(|group| *group == object.group());
        let kind = self.kind.as_ref().is_none_or(|kind| kind.fits(&[object.kind()]));
        let name = self.name.as_ref().is_none_or(|name| name.fits(&object.names));
        if group && kind && name { self.sure.then_some(true) } else { Some(false) }
    }
}

fn rename(root: Node<'_>, object: &mut Object) {
    let part = |name: &str| root.get(name).and_then(Node::scalar).unwrap_or_default();
    let (before, after) = (part("namePrefix"), part("nameSuffix"));
    if let Some(last) = object.names.last().filter(|_| !before.is_empty() || !after.is_empty()) {
        let name = format!("{before}{last}{after}");
        object.names.push(name);
    }
}

/// Labels and annotations of the object, and of its pods where they are given to these as well.
fn labels(root: Node<'_>, object: &mut Object) {
    let mut add = |to: &str, pairs: Node<'_>, pods: bool| {
        for (name, value) in pairs.members().take(MAX_KUSTOMIZATION_ENTRIES) {
            let text = value.scalar().unwrap_or_default();
            let set = |metadata: Option<&mut Item>| {
                if let Some(into) = metadata.and_then(|metadata| metadata.entry(to)) {
                    let at = into.at;
                    into.set(name, Item::leaf(Data::Text(text.as_str().into()), at), at);
                }
            };
            set(object.item.entry("metadata"));
            let template = object.item.get_mut("spec").and_then(|spec| spec.get_mut("template")).filter(|_| pods);
            set(template.and_then(|template| template.entry("metadata")));
        }
    };
    if let Some(pairs) = root.get("commonLabels") {
        add("labels", pairs, true);
    }
    if let Some(pairs) = root.get("commonAnnotations") {
        add("annotations", pairs, true);
    }
    for said in root.each("labels").into_iter().take(MAX_KUSTOMIZATION_ENTRIES) {
        let says = |name: &str| said.get(name).and_then(Node::bool) == Some(true);
        if let Some(pairs) = said.get("pairs") {
            add("labels", pairs, says("includeSelectors") || says("includeTemplates"));
        }
    }
}

fn replicas(root: Node<'_>, object: &mut Object) {
    let counted = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];
    if !counted.contains(&object.kind().as_str()) {
        return;
    }
    for said in root.each("replicas").into_iter().take(MAX_KUSTOMIZATION_ENTRIES) {
        let name = said.get("name").and_then(Node::scalar).unwrap_or_default();
        let (Some(count), true) = (said.get("count").and_then(Node::int), object.names.contains(&name)) else {
            continue;
        };
        if let Some(spec) = object.item.entry("spec") {
            let at = spec.get("replicas").map_or(spec.at, |own| own.at);
            spec.set("replicas", Item::leaf(Data::Int(count), at), at);
        }
    }
}

/// Gives images their new name, tag or digest, in every list of containers.
fn images(said: Node<'_>, source: &str, item: &mut Item, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match &mut item.is {
        Is::Leaf(_) => {}
        Is::List(items) => items.iter_mut().for_each(|item| images(said, source, item, depth + 1)),
        Is::Map(members) => {
            for (name, _, value) in members {
                if let (true, Is::List(containers)) =
                    (matches!(name.as_str(), "containers" | "initContainers"), &mut value.is)
                {
                    containers.iter_mut().filter_map(|container| container.get_mut("image")).for_each(|image| {
                        if let Is::Leaf(Data::Text(text)) = &image.is
                            && let Some(renamed) = image_of(said, source, text)
                        {
                            image.is = Is::Leaf(renamed);
                        }
                    });
                }
                images(said, source, value, depth + 1);
            }
        }
    }
}

/// An image's new name; none for another image.
fn image_of(said: Node<'_>, source: &str, image: &str) -> Option<Data> {
    // As it is written: the tag `1.10` is no number.
    let text = |name: &str| {
        let node = said.get(name)?;
        match node.data() {
            Data::Float(_) | Data::Int(_) => source.get(node.span().range()).map(str::to_owned),
            _ => node.scalar(),
        }
    };
    let (name, rest) = match image.split_once('@') {
        Some((name, _)) => (name, &image[name.len()..]),
        None => (image, ""),
    };
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match name[slash..].find(':') {
        Some(colon) => name.split_at(slash + colon),
        None => (name, ""),
    };
    if text("name")? != name {
        return None;
    }
    let open = ["newName", "newTag", "digest"].iter().any(|part| said.get(part).is_some_and(Node::is_open));
    if open || said.get("tagSuffix").is_some() {
        return Some(Data::Unknown("what a kustomization makes of it".into()));
    }
    let new_tag = text("newTag").filter(|tag| !tag.is_empty()).map(|tag| format!(":{tag}"));
    let digest = text("digest").filter(|digest| !digest.is_empty()).map(|digest| format!("@{digest}"));
    let behind = match (new_tag, digest) {
        (None, None) => format!("{tag}{rest}"),
        (tag, digest) => tag.unwrap_or_default() + &digest.unwrap_or_default(),
    };
    let name = text("newName").filter(|name| !name.is_empty()).unwrap_or_else(|| name.to_owned());
    Some(Data::Text(format!("{name}{behind}").into()))
}

/// The steps of a field's path: `spec.a.[name=x].b`, `spec.a\.b`.
fn steps(path: &str) -> Vec<String> {
    let (mut steps, mut one, mut inside) = (Vec::new(), String::new(), false);
    let mut characters = path.chars();
    while let Some(next) = characters.next() {
        match next {
            '\\' => one.extend(characters.next()),
            '.' if !inside => steps.push(std::mem::take(&mut one)),
            '[' | ']' => {
                inside = next == '[';
                one.push(next);
            }
            _ => one.push(next),
        }
    }
    steps.push(one);
    steps.retain(|step| !step.is_empty());
    steps
}

/// What is at a path is not known; what may be meant by a pattern neither.
fn unset(item: &mut Item, path: &[String]) {
    let at = item.at;
    let Some((step, rest)) = path.split_first() else {
        *item = Item::unknown(at);
        return;
    };
    let picked = step.strip_prefix('[').and_then(|step| step.strip_suffix(']')).and_then(|step| step.split_once('='));
    match &mut item.is {
        Is::List(items) => {
            let index = step.parse::<usize>().ok();
            for (number, one) in items.iter_mut().enumerate() {
                let meant = match picked {
                    Some((name, value)) => one.said(&[name]).is_some_and(|said| said == value),
                    None => index.is_none_or(|index| index == number),
                };
                if meant {
                    unset(one, rest);
                }
            }
        }
        Is::Map(_) => match item.get_mut(step) {
            Some(inner) => unset(inner, rest),
            // It may be created.
            None => item.set(step, Item::unknown(at), at),
        },
        Is::Leaf(_) => *item = Item::unknown(at),
    }
}
