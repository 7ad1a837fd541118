//! `COPY` and `ADD`: what is copied, from where, to where.

use super::dockerfile::{Instruction, Word};
use super::nodes::FAMILY;
use super::reader::{Here, Reader, image};
use super::variables::{Value, glob};
use crate::resource::{FileId, ResourceId, World};
use crate::tree::{Data, Id};

/// Endings of archives that `ADD` unpacks.
const ARCHIVES: &[&str] = &[
    ".tar",
    ".tar.gz",
    ".tgz",
    ".tar.bz2",
    ".tbz",
    ".tbz2",
    ".tar.xz",
    ".txz",
    ".tar.lz",
    ".tlz",
    ".tar.lzma",
    ".gz",
    ".bz2",
    ".xz",
    ".z",
    ".zst",
    ".tar.zst",
    ".lz",
    ".tb2",
    ".tz",
    ".tlzma",
    ".tar.z",
    ".lzma",
];

/// Where `--from` points.
fn from_kind(reader: &Reader<'_>, value: &Value, here: &Here) -> &'static str {
    let Some(name) = value.known() else { return "unknown" };
    if let Ok(number) = name.parse::<usize>() {
        return match number {
            number if number < here.number => "stage",
            number if number == here.number => "itself",
            _ => "nothing",
        };
    }
    let is = |at: usize| reader.stages[at].name.as_deref().is_some_and(|of| of.eq_ignore_ascii_case(name));
    if (0..here.number).any(is) {
        return "stage";
    }
    if is(here.number) {
        return "itself";
    }
    let later = (here.number + 1..reader.stages.len()).any(is);
    // A bare name may be an image or a build context; it is taken for a stage that is not there.
    if later || !name.contains(['/', ':', '.', '@']) { "nothing" } else { "image" }
}

/// What a `COPY` or `ADD` says.
pub(super) fn members(reader: &mut Reader<'_>, instruction: &Instruction, here: &Here) -> Vec<(&'static str, Id)> {
    let (escape, at) = (reader.file.escape, instruction.keyword);
    let words = instruction.words(escape);
    let scope = &here.state.scope;
    let Some((destination, sources)) = words.split_last() else { return Vec::new() };
    let sources: Vec<&Word> = sources.iter().filter(|word| !word.text.starts_with("<<")).collect();
    let to = scope.expand(&destination.text, escape);
    let begin = to.begin();
    let open = begin.is_empty() && to.known().is_none();
    let drive = begin.as_bytes().get(1) == Some(&b':');
    let absolute = begin.starts_with(['/', '\\']) || drive;
    let folder = match to.known() {
        Some(known) => Some(known.ends_with(['/', '\\']) || matches!(known, "." | "..")),
        None if to.end().is_empty() => None,
        None => Some(to.end().ends_with('/')),
    };
    let mut list = Vec::new();
    for word in &sources {
        let value = scope.expand(&word.text, escape);
        let kind = source_kind(&value);
        let ids = [("path", reader.make.value(&value, word.span)), ("kind", reader.make.text(kind, word.span))];
        list.push(reader.make.map(&ids, word.span));
    }
    let workdir = here.state.workdir.is_some();
    let parents = here.state.parent.is_none() && here.state.base.known().is_some();
    let mut members = vec![
        ("sources", reader.make.list(list, at)),
        ("source_count", reader.make.add(Data::Int(sources.len() as i64), at)),
        ("destination", reader.make.value(&to, destination.span)),
        ("absolute", reader.make.maybe((!open).then_some(absolute), destination.span)),
        ("to_folder", reader.make.maybe(folder, destination.span)),
        ("workdir_set", reader.make.bool(workdir, at)),
        ("base_known", reader.make.bool(parents, at)),
        ("whole_context", reader.make.bool(copies_all(instruction, &sources), at)),
    ];
    for (name, flag) in [("from", "from"), ("chmod", "chmod"), ("chown", "chown"), ("checksum", "checksum")] {
        if let Some(flag) = instruction.flag(flag) {
            let value = scope.expand(&flag.value, escape);
            members.push((name, reader.make.value(&value, flag.span)));
            if name == "from" {
                let kind = from_kind(reader, &value, here);
                members.push(("from_kind", reader.make.text(kind, flag.span)));
            }
        }
    }
    members
}

/// Says of each `COPY` of an archive whether a later command of its stage unpacks it, which `ADD` would do.
pub(super) fn unpacked(world: &mut World, file: FileId) {
    // Its resources are the last ones.
    let first = world.resources.iter().rposition(|resource| resource.file != file).map_or(0, |at| at + 1);
    let ids: Vec<ResourceId> = (first..world.resources.len()).map(|at| ResourceId(at as u32)).collect();
    let copies = ids.iter().filter(|id| {
        world.resource(**id).kind == "instruction"
            && world.field(**id, "kind").and_then(|kind| kind.text()) == Some("COPY")
            && world.field(**id, "from").is_none()
    });
    let mut found = Vec::new();
    for copy in copies.take(200) {
        let text = |of: &str| world.field(*copy, of).and_then(|node| node.text()).map(str::to_owned);
        let sources = world.field(*copy, "sources");
        let sources: Vec<String> = sources
            .map(|list| list.items().filter_map(|item| item.get("path")?.scalar()).collect())
            .unwrap_or_default();
        let to = text("destination").unwrap_or_default();
        let base = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let is_archive = |path: &&String| ARCHIVES.iter().any(|ending| path.to_ascii_lowercase().ends_with(ending));
        let names: Vec<String> = sources
            .iter()
            .filter(is_archive)
            .map(|path| if is_archive(&&to) { base(&to) } else { base(path) })
            .collect();
        let Some(stage) = world.related(*copy, "stage").next().filter(|_| !names.is_empty()) else { continue };
        let after = world.related(stage, "command").filter(|command| command.0 > copy.0);
        if after.take(500).any(|command| unpacks(world, command, &names)) {
            found.push(*copy);
        }
    }
    for id in found {
        let span = world.resource(id).span;
        let yes = world.tree_mut(file).add(Data::Bool(true), span);
        world.resources[id.0 as usize].fields.push(("unpacked", yes));
    }
}

/// Whether a command unpacks one of these archives in a way that `ADD` could.
fn unpacks(world: &World, command: ResourceId, names: &[String]) -> bool {
    let words: Vec<&str> = world
        .field(command, "words")
        .map(|words| words.items().filter_map(|word| word.text()).collect())
        .unwrap_or_default();
    let Some((name, words)) = words.split_first() else { return false };
    let takes = words.iter().any(|word| names.iter().any(|name| word.rsplit(['/', '=']).next() == Some(name)));
    let extracts = || {
        let first = words.first().is_some_and(|word| !word.contains('/') && word.contains('x'));
        let short = |word: &str| word.starts_with('-') && !word.starts_with("--") && word.contains('x');
        first || words.iter().any(|word| short(word) || matches!(*word, "--extract" | "--get"))
    };
    let program = name.rsplit('/').next().unwrap_or(name);
    takes
        && match program {
            "tar" | "bsdtar" => extracts(),
            "gunzip" | "bunzip2" | "unlzma" | "unxz" | "zcat" | "uncompress" => true,
            "gzip" | "bzip2" | "xz" => words.iter().any(|word| word.starts_with('-') && word.contains('d')),
            _ => false,
        }
}

fn copies_all(instruction: &Instruction, sources: &[&Word]) -> bool {
    instruction.flag("from").is_none()
        && sources.iter().any(|word| matches!(word.text.as_str(), "." | "./" | "*" | "./*"))
}

fn source_kind(value: &Value) -> &'static str {
    let begin = value.begin().to_ascii_lowercase();
    if begin.starts_with("git@")
        || begin.starts_with("git://")
        || (begin.starts_with("http") && value.end().ends_with(".git"))
    {
        return "git";
    }
    if begin.starts_with("http://") || begin.starts_with("https://") || begin.starts_with("ftp://") {
        return "url";
    }
    let end = value.end().to_ascii_lowercase();
    if ARCHIVES.iter().any(|ending| end.ends_with(ending)) {
        return "archive";
    }
    if value.known().is_none() && (begin.is_empty() || end.is_empty()) { "unknown" } else { "file" }
}

/// Images that an instruction copies or mounts from.
pub(super) fn images(reader: &mut Reader<'_>, instruction: &Instruction, here: &Here, resource: ResourceId) {
    let mut from = Vec::new();
    if matches!(instruction.kind, "COPY" | "ADD") {
        from.extend(instruction.flag("from").map(|flag| (flag.value.clone(), flag.span)));
    }
    for flag in instruction.flags.iter().filter(|flag| flag.name == "mount") {
        let name = flag.value.split(',').find_map(|part| part.strip_prefix("from="));
        from.extend(name.map(|name| (name.to_owned(), flag.span)));
    }
    for (name, span) in from {
        let value = here.state.scope.expand(&name, reader.file.escape);
        if from_kind(reader, &value, here) == "image" {
            let id = image(&mut reader.make, &value, "copy", format!("{}/{}", here.name, value.shown()), span);
            reader.make.world.relate(id, "instruction", resource);
        }
    }
}

/// Files that should be in no image, by their names.
const SECRET_FILES: &[&str] = &[
    ".env",
    ".env.*",
    "*.pem",
    "*.key",
    "*.pfx",
    "*.p12",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    ".npmrc",
    ".pypirc",
    ".netrc",
    ".git-credentials",
    "credentials.json",
];

/// Says of each `COPY .` which files next to the Dockerfile go into the image and should not.
pub(super) fn link(world: &mut World) {
    let is_copy = |world: &World, id: ResourceId| {
        let resource = world.resource(id);
        resource.family == FAMILY
            && resource.kind == "instruction"
            && world.field(id, "whole_context").and_then(|of| of.bool()) == Some(true)
    };
    let copies: Vec<ResourceId> = world.ids().filter(|id| is_copy(world, *id)).collect();
    let mut known: Vec<(FileId, Vec<String>)> = Vec::new();
    for id in copies {
        let (file, span) = (world.resource(id).file, world.resource(id).span);
        let secrets = match known.iter().find(|(of, _)| *of == file) {
            Some((_, secrets)) => secrets.clone(),
            None => {
                let found = context_secrets(world, file);
                known.push((file, found.clone()));
                found
            }
        };
        let tree = world.tree_mut(file);
        let items = secrets.iter().map(|path| tree.text(path, span)).collect();
        let list = tree.add(Data::List(items), span);
        world.resources[id.0 as usize].fields.push(("context_secrets", list));
    }
}

fn context_secrets(world: &World, file: FileId) -> Vec<String> {
    let path = &world.file(file).text.path;
    let (folder, name) = path.rsplit_once('/').map_or(("", &**path), |(folder, name)| (folder, name));
    let within = |path: &str| -> Option<String> {
        if folder.is_empty() {
            Some(path.to_owned())
        } else {
            path.strip_prefix(folder)?.strip_prefix('/').map(str::to_owned)
        }
    };
    let find =
        |wanted: String| world.files.iter().find(|file| within(&file.text.path).is_some_and(|path| path == wanted));
    let ignore = find(format!("{name}.dockerignore")).or_else(|| find(".dockerignore".to_owned()));
    let patterns: Vec<&str> = ignore.map_or(Vec::new(), |file| file.text.text.lines().map(str::trim).collect());
    let is_secret = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let example = name.contains("example") || name.contains("sample") || name.contains("template");
        !example && SECRET_FILES.iter().any(|pattern| glob(pattern, name))
    };
    let files = world.files.iter().filter_map(|file| within(&file.text.path));
    files.filter(|path| is_secret(path) && !is_ignored(&patterns, path)).take(20).collect()
}

/// Whether a `.dockerignore` leaves a path out: the last pattern that fits counts.
fn is_ignored(patterns: &[&str], path: &str) -> bool {
    let mut ignored = false;
    for pattern in patterns.iter().filter(|line| !line.is_empty() && !line.starts_with('#')).take(2_000) {
        let (keeps, pattern) = pattern.strip_prefix('!').map_or((false, *pattern), |pattern| (true, pattern));
        let pattern = pattern.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
        let any = pattern.strip_prefix("**/");
        let name = path.rsplit('/').next().unwrap_or(path);
        let fits = glob(pattern, path)
            || path.strip_prefix(pattern).is_some_and(|rest| rest.starts_with('/'))
            || any.is_some_and(|pattern| glob(pattern, path) || glob(pattern, name));
        if fits {
            ignored = !keeps;
        }
    }
    ignored
}
