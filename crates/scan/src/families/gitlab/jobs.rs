//! Jobs as they will run.

use super::merge::{Names, Value, extended, members, node};
use super::{FAMILY, RESERVED, add, set};
use crate::limits::{MAX_EXTENDS, MAX_INCLUDES, MAX_PIPELINE_PARTS};
use crate::resource::{FileId, ResourceId, World};
use crate::text::{Place, Span};
use crate::tree::{Data, Id, Node};
use ahash::AHashMap;

/// Keys that a job takes over from `default` when it has none itself.
const DEFAULTS: &[&str] = &[
    "after_script",
    "artifacts",
    "before_script",
    "cache",
    "hooks",
    "id_tokens",
    "image",
    "interruptible",
    "retry",
    "services",
    "tags",
    "timeout",
];

/// Jobs that one job extends, over all ways.
const MAX_EXTENDED: usize = 256;

/// Values of the scripts of one job that are looked at; long jobs have some hundred lines.
const MAX_COMMANDS: usize = 10_000;

/// Makes the jobs of all files.
pub fn link(world: &mut World) {
    let pipelines: Vec<ResourceId> = world
        .ids()
        .filter(|id| world.resource(*id).family == FAMILY && world.resource(*id).kind == "pipeline")
        .collect();
    let mut count = 0;
    for group in groups(world, &pipelines) {
        let mut shared: Names = AHashMap::new();
        for pipeline in &group {
            shared.extend(keys(world, *pipeline));
        }
        for pipeline in &group {
            let mut names = shared.clone();
            names.extend(keys(world, *pipeline));
            for (name, key, job) in jobs(world, *pipeline) {
                count += 1;
                if count > MAX_PIPELINE_PARTS {
                    return;
                }
                make(world, *pipeline, &names, &name, key, job);
            }
        }
    }
}

fn keys(world: &World, pipeline: ResourceId) -> Vec<(String, (FileId, Id))> {
    let file = world.resource(pipeline).file;
    world.root(pipeline).members().map(|(name, value)| (name.to_owned(), (file, value.id()))).collect()
}

/// Name, place and node of the jobs that run; hidden ones are only extended.
fn jobs(world: &World, pipeline: ResourceId) -> Vec<(String, Span, Id)> {
    let all = world.root(pipeline).entries();
    let named = all.filter_map(|(key, value)| Some((key.text()?.to_owned(), key.span(), value)));
    named
        .filter(|(name, _, value)| value.is_map() && !name.starts_with('.') && !RESERVED.contains(&name.as_str()))
        .map(|(name, span, value)| (name, span, value.id()))
        .collect()
}

/// Files that are joined by local includes, whichever includes the other.
fn groups(world: &World, pipelines: &[ResourceId]) -> Vec<Vec<ResourceId>> {
    let path = |id: ResourceId| world.file(world.resource(id).file).text.path.to_string();
    let by_path: AHashMap<String, usize> = pipelines.iter().enumerate().map(|(at, id)| (path(*id), at)).collect();
    let mut of: Vec<usize> = (0..pipelines.len()).collect();
    fn find(of: &mut [usize], mut at: usize) -> usize {
        while of[at] != at {
            of[at] = of[of[at]];
            at = of[at];
        }
        at
    }
    for (at, pipeline) in pipelines.iter().enumerate() {
        let own = path(*pipeline);
        let folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
        let includes: Vec<ResourceId> = world.related(*pipeline, "includes").take(MAX_INCLUDES).collect();
        for include in includes {
            let text = |name| world.field(include, name).and_then(|of| of.text());
            if text("type") != Some("local") {
                continue;
            }
            let location = text("location").unwrap_or_default().trim_start_matches('/');
            // A path is below the root of the repository; the scan may begin above it.
            let whole = if folder.is_empty() { location.to_owned() } else { format!("{folder}/{location}") };
            let other = by_path.get(location).or_else(|| by_path.get(&whole)).copied();
            if let Some(other) = other {
                let (a, b) = (find(&mut of, at), find(&mut of, other));
                of[a] = b;
            }
        }
    }
    let mut groups: AHashMap<usize, Vec<ResourceId>> = AHashMap::new();
    for (at, pipeline) in pipelines.iter().enumerate() {
        groups.entry(find(&mut of, at)).or_default().push(*pipeline);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort();
    groups
}

/// Adds a job with what it extends and what `default` gives it.
fn make(world: &mut World, pipeline: ResourceId, names: &Names, name: &str, key: Span, job: Id) {
    let file = world.resource(pipeline).file;
    let mut left = MAX_EXTENDED;
    let (value, whole) = extended(world, names, (file, job), &mut left);
    let Some(mut all) = members(world, &value) else { return };
    let inherits = world.node(file, job).at(&["inherit", "default"]);
    let allowed = |name: &str| match inherits {
        Some(list) if list.is_list() => list.items().any(|item| item.text() == Some(name)),
        Some(flag) => flag.bool() != Some(false),
        None => true,
    };
    let default = names.get("default").map(|(file, id)| Value::Node(*file, *id));
    let default = default.and_then(|default| members(world, &default)).unwrap_or_default();
    for of in DEFAULTS.iter().filter(|of| allowed(of)) {
        if all.iter().any(|(name, _)| name == of) {
            continue;
        }
        let given = default.iter().find(|(name, _)| name == of).map(|(_, value)| value.clone());
        let given = given.or_else(|| names.get(*of).map(|(file, id)| Value::Node(*file, *id)));
        if let Some(given) = given {
            all.push(((*of).to_owned(), given));
        }
    }
    let root = node(world, file, &Value::Map(all), key);
    let found = add(world, file, "job", &format!("jobs/{name}"), name, root, key);
    world.relate(pipeline, "jobs", found);
    world.relate(found, "pipeline", pipeline);
    set(world, found, "whole", Data::Bool(whole), key);
    lines(world, found, names, key);
    deployment(world, found, key);
    let entries: Vec<Id> = world.root(found).each("cache").into_iter().map(Node::id).collect();
    set(world, found, "cache_entries", Data::List(entries), key);
    images(world, found, names);
}

/// All lines of the scripts, each with its place; a line that goes on is one with the next.
fn lines(world: &mut World, job: ResourceId, names: &Names, key: Span) {
    let file = world.resource(job).file;
    let mut out: Vec<(String, Span)> = Vec::new();
    let parts = ["before_script", "script", "after_script"];
    let roots: Vec<Id> = parts.iter().filter_map(|part| world.root(job).get(part)).map(Node::id).collect();
    for root in roots {
        let mut commands = Commands { world, names, out: &mut out, left: MAX_COMMANDS };
        commands.read((file, root), None, 0);
    }
    let tree = world.tree_mut(file);
    let items: Vec<Id> = out.iter().map(|(line, span)| tree.text(line, *span)).collect();
    let address = format!("{}/script", world.resource(job).address);
    let name = world.resource(job).name.clone();
    for (id, (_, span)) in items.iter().zip(&out) {
        let found = add(world, file, "script_line", &address, &name, *id, *span);
        world.relate(found, "job", job);
    }
    set(world, job, "lines", Data::List(items), key);
}

/// Collects the commands of scripts.
struct Commands<'a> {
    world: &'a World,
    names: &'a Names,
    out: &'a mut Vec<(String, Span)>,
    /// Values that may still be looked at: references can name each other.
    left: usize,
}

impl Commands<'_> {
    /// The commands in a value: a text, a list, or `!reference [job, script]`.
    fn read(&mut self, (file, id): (FileId, Id), shown: Option<Span>, depth: usize) {
        let node = self.world.node(file, id);
        if depth > MAX_EXTENDS || self.left == 0 {
            return;
        }
        self.left -= 1;
        if !node.is_list() {
            self.lines((file, id), shown);
            return;
        }
        let texts: Option<Vec<&str>> = node.items().map(|item| item.text()).collect();
        let referred = texts.filter(|texts| depth > 0 && texts.len() > 1);
        let target = referred.and_then(|texts| {
            let (of, first) = self.names.get(texts[0])?;
            let target = self.world.node(*of, *first).at(&texts[1..])?;
            Some((*of, target.id()))
        });
        match target {
            Some(target) => self.read(target, shown.or(Some(node.span())), depth + 1),
            None => node.items().for_each(|item| self.read((file, item.id()), shown, depth + 1)),
        }
    }

    fn lines(&mut self, (file, id): (FileId, Id), shown: Option<Span>) {
        let node = self.world.node(file, id);
        let Some(text) = node.scalar() else { return };
        let of = &self.world.file(file).text;
        let (first, last) = (of.place(node.span().start), of.place(node.span().end).line);
        let mut joined: Option<(String, Span)> = None;
        for (number, line) in text.lines().enumerate() {
            let at = (first.line + number as u32).min(last);
            let said = of.line(at);
            let column = if number == 0 { first.column } else { (said.len() - said.trim_start().len()) as u32 + 1 };
            let start = of.byte(Place { line: at, column });
            // What is written with escapes is longer than what it says.
            let end = of.byte(Place { line: at, column: u32::MAX }).min(start + line.trim().len() as u32);
            let span = shown.unwrap_or(Span { start, end: end.max(start) });
            let whole = match joined.take() {
                Some((before, span)) => (format!("{before}\n{line}"), span),
                None => (line.to_owned(), span),
            };
            if line.trim_end().ends_with(['\\', '|']) { joined = Some(whole) } else { self.out.push(whole) }
        }
        self.out.extend(joined);
    }
}

/// Whether it deploys, where to, and whether somebody has to start it.
fn deployment(world: &mut World, job: ResourceId, key: Span) {
    let root = world.root(job);
    let environment = root.get("environment");
    let named = environment.map(|of| of.get("name").unwrap_or(of)).and_then(Node::scalar).unwrap_or_default();
    let action = environment.and_then(|of| of.get("action")).and_then(|of| of.text()).unwrap_or("start");
    let deploys = environment.is_some() && matches!(action, "start");
    let lower = named.to_lowercase();
    let production =
        deploys && lower.split(['/', '-', '_', ' ']).any(|part| matches!(part, "prod" | "production" | "prd" | "live"));
    let when = |of: Node<'_>| of.get("when").and_then(|when| when.text()) == Some("manual");
    let rules: Vec<Node<'_>> = root.get("rules").map(|rules| rules.items().collect()).unwrap_or_default();
    let never = |of: &Node<'_>| of.get("when").and_then(|when| when.text()) == Some("never");
    let running: Vec<&Node<'_>> = rules.iter().filter(|of| of.is_map() && !never(of)).collect();
    let manual = if running.is_empty() {
        when(root)
    } else {
        running.iter().all(|of| when(**of) || (of.get("when").is_none() && when(root)))
    };
    let limited = ["rules", "only", "except"].iter().any(|name| root.get(name).is_some());
    let flags = [("deploys", deploys), ("production", production), ("manual", manual), ("limited", limited)];
    for (name, value) in flags {
        set(world, job, name, Data::Bool(value), key);
    }
}

/// A text with the variables of the job and of the pipeline put in, as far as the files say them.
fn filled(world: &World, job: ResourceId, names: &Names, text: &str) -> String {
    let own = world.root(job).get("variables");
    let shared = names.get("variables").map(|(file, id)| world.node(*file, *id));
    let value = |name: &str| {
        let said = own.and_then(|own| own.get(name)).or_else(|| shared.and_then(|shared| shared.get(name)))?;
        let said = if said.is_map() { said.get("value")? } else { said };
        said.scalar().filter(|text| !text.contains('$'))
    };
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let inner = after.strip_prefix('{').unwrap_or(after);
        let length = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        let (name, then) = inner.split_at(length);
        let then = if inner.len() < after.len() { then.strip_prefix('}') } else { Some(then) };
        match (value(name), then) {
            (Some(value), Some(then)) => {
                out.push_str(&value);
                rest = then;
            }
            _ => {
                out.push('$');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Adds the images of a job.
fn images(world: &mut World, job: ResourceId, names: &Names) {
    let root = world.root(job);
    let image = root.get("image").map(|image| ("image".to_owned(), image.id()));
    let services = root.get("services").into_iter().flat_map(|all| all.items());
    let services = services.enumerate().map(|(number, of)| (format!("services/{number}"), of.id()));
    let all: Vec<(String, Id)> = image.into_iter().chain(services).collect();
    let (file, address) = (world.resource(job).file, world.resource(job).address.clone());
    for (of, id) in all {
        let node = world.node(file, id);
        let name = if node.is_map() { node.get("name") } else { Some(node) };
        let Some((text, span)) = name.and_then(|name| Some((name.text()?.to_owned(), name.span()))) else { continue };
        if text.is_empty() {
            continue;
        }
        let found = add(world, file, "image", &format!("{address}/{of}"), &text, id, span);
        world.relate(job, "images", found);
        world.relate(found, "job", job);
        let said = filled(world, job, names, &text);
        let last = said.rsplit('/').next().unwrap_or_default();
        // A tag that is known decides; a name with a variable may bring its own.
        let known = last.split_once(':').is_some_and(|(_, tag)| !tag.contains('$')) || !last.contains('$');
        let data = match known || said.contains("@sha256:") {
            true => Data::Text(crate::families::github::pinned_by(&said).into()),
            false => Data::Unknown("a variable".into()),
        };
        set(world, found, "pinned_by", data, span);
        set(world, found, "image", Data::Text(text.into()), span);
    }
}
