//! Resources of a Dockerfile: the file, its stages, its instructions.

use super::dockerfile::{Dockerfile, Form, Instruction};
use super::image::Reference;
use super::nodes::{Draft, Maker};
use super::stages::{self, Stage, stages};
use super::variables::{Known, Scope, Value};
use super::{copy, run};
use crate::resource::{FileId, ResourceId, World};
use crate::text::Span;
use crate::tree::{Data, Id, Malformed};

/// Reads a Dockerfile.
pub(super) struct Reader<'w> {
    pub(super) make: Maker<'w>,
    pub(super) file: Dockerfile,
    pub(super) stages: Vec<Stage>,
    globals: Scope,
    whole: ResourceId,
    /// The resource of each stage that was read.
    pub(super) read: Vec<ResourceId>,
    /// The program that downloads which this stage called first.
    pub(super) loader: Option<String>,
}

/// A stage while its instructions are read.
pub(super) struct Here {
    /// Its number.
    pub(super) number: usize,
    /// How it is called in addresses.
    pub(super) name: String,
    /// What is in force.
    pub(super) state: Stage,
    /// It is the last one, or the last one is built on it.
    pub(super) kept: bool,
    /// It is the last one.
    pub(super) last: bool,
    /// Its resource.
    pub(super) resource: ResourceId,
}

/// Reads a file's resources, and what is wrong with it.
pub(super) fn read(world: &mut World, file: FileId) -> Vec<Malformed> {
    let mut dockerfile = Dockerfile::read(&world.file(file).text.clone());
    let malformed = std::mem::take(&mut dockerfile.malformed);
    let stages = stages(&dockerfile);
    let first = dockerfile.instructions.first().map_or_else(Span::default, |first| first.keyword);
    let mut make = Maker { world, file };
    let count = make.add(Data::Int(stages.len() as i64), first);
    let path = make.world.file(file).text.path.clone();
    let whole = make.resource(Draft {
        kind: "dockerfile",
        address: "Dockerfile".to_owned(),
        name: path.to_string(),
        span: first,
        members: vec![("stages", count)],
    });
    let globals = globals(&dockerfile);
    let mut reader = Reader { make, file: dockerfile, stages, globals, whole, read: Vec::new(), loader: None };
    reader.top();
    for number in 0..reader.stages.len() {
        reader.stage(number);
    }
    copy::unpacked(world, file);
    malformed
}

/// The arguments before the first stage.
fn globals(file: &Dockerfile) -> Scope {
    let mut scope = Scope::new(Known::Nothing);
    for instruction in file.instructions.iter().take_while(|instruction| instruction.kind == "ARG") {
        for (key, value) in instruction.pairs(file.escape) {
            let known = value.map_or(Known::Argument, |value| Known::Value(scope.expand(&value.text, file.escape)));
            scope.set(&key.text, known);
        }
    }
    scope
}

impl Reader<'_> {
    /// The arguments before the first stage are instructions, too.
    fn top(&mut self) {
        let count = self.file.instructions.iter().take_while(|instruction| instruction.kind == "ARG").count();
        for number in 0..count {
            let instruction = self.file.instructions[number].clone();
            let members = self.common(&instruction, &Scope::new(Known::Nothing));
            let name = members.1;
            let draft = self.draft(&instruction, format!("top/{name}"), members.0);
            let resource = self.make.resource(draft);
            self.make.world.relate(self.whole, "instruction", resource);
        }
    }

    fn draft(&self, instruction: &Instruction, address: String, members: Vec<(&'static str, Id)>) -> Draft {
        let (kind, name) = ("instruction", instruction.kind.to_owned());
        Draft { kind, address, name, span: instruction.keyword, members }
    }

    fn stage(&mut self, number: usize) {
        let end = self.stages[number].clone();
        let last = number + 1 == self.stages.len();
        let kept = stages::kept(&self.stages)[number];
        let name = end.name.clone().unwrap_or_else(|| format!("stage-{number}"));
        let span = end.from.map_or(end.base_span, |from| self.file.instructions[from].keyword.to(end.base_span));
        let members = self.stage_members(&end, &name, last, kept, span);
        let draft = Draft { kind: "stage", address: name.clone(), name: name.clone(), span, members };
        let resource = self.make.resource(draft);
        self.read.push(resource);
        self.make.world.relate(self.whole, "stage", resource);
        self.make.world.relate(resource, "dockerfile", self.whole);
        if let Some(parent) = end.parent {
            self.make.world.relate(resource, "base", self.read[parent]);
        }
        self.base_image(&end, &name, resource);
        // What is in force at the beginning: what the stage before left.
        let mut state = match end.parent {
            Some(parent) => Stage { windows: end.windows, ..self.stages[parent].clone() },
            None => {
                Stage { user: None, workdir: None, healthcheck: false, scope: Scope::new(Known::Open), ..end.clone() }
            }
        };
        if end.parent.is_none() {
            state.shell = stages::shell(&[if end.windows { "cmd" } else { "sh" }.to_owned()]);
        }
        let mut here = Here { number, name, state, kept, last, resource };
        let mut seen: Vec<&'static str> = Vec::new();
        self.loader = None;
        for at in end.instructions {
            let instruction = self.file.instructions[at].clone();
            let again = seen.contains(&instruction.kind) && !instruction.onbuild;
            if !instruction.onbuild {
                seen.push(instruction.kind);
            }
            seen.truncate(64);
            if !matches!(instruction.kind, "CMD" | "ENTRYPOINT" | "HEALTHCHECK") {
                seen.retain(|kind| *kind != instruction.kind);
            }
            self.instruction(at, &instruction, &here, again);
            stages::apply(&self.file, &instruction, &mut here.state, &self.globals);
        }
    }

    fn stage_members(
        &mut self,
        end: &Stage,
        name: &str,
        last: bool,
        kept: bool,
        span: Span,
    ) -> Vec<(&'static str, Id)> {
        let make = &mut self.make;
        let mut members = vec![
            ("name", make.text(name, span)),
            ("base", make.value(&end.base, end.base_span)),
            ("final", make.bool(last, span)),
            ("kept", make.bool(kept, span)),
            ("on_stage", make.bool(end.parent.is_some(), span)),
            ("scratch", make.bool(end.base.known() == Some("scratch"), span)),
            ("windows", make.bool(end.windows, span)),
            ("healthcheck", make.bool(end.healthcheck, span)),
            ("name_again", make.bool(end.again, span)),
            ("nonroot_base", make.bool(is_nonroot(&self.stages, end), span)),
            ("has_from", make.bool(end.from.is_some(), span)),
        ];
        if let Some((user, at)) = &end.user {
            let name = user.split_at_first(':').map_or_else(|| user.clone(), |(name, _)| name);
            members.push(("user", make.value(&name, *at)));
        }
        // The builder itself says what these are, whatever default they have.
        let platform = end.from.and_then(|from| self.file.instructions[from].flag("platform").cloned());
        if let Some(flag) = platform.filter(|flag| !["BUILD", "TARGET"].iter().any(|of| flag.value.contains(of))) {
            let platform = self.globals.expand(&flag.value, self.file.escape);
            members.push(("platform", self.make.value(&platform, flag.span)));
        }
        members
    }

    fn base_image(&mut self, stage: &Stage, name: &str, resource: ResourceId) {
        if stage.from.is_none() || stage.parent.is_some() || stage.base.known() == Some("scratch") {
            return;
        }
        let image = image(&mut self.make, &stage.base, "from", format!("{name}/image"), stage.base_span);
        self.make.world.relate(resource, "image", image);
        self.make.world.relate(image, "stage", resource);
    }

    fn instruction(&mut self, at: usize, instruction: &Instruction, here: &Here, again: bool) {
        let before = at.checked_sub(1).and_then(|before| self.file.instructions.get(before)).cloned();
        let (mut members, what) = self.common(instruction, &here.state.scope);
        let at = instruction.keyword;
        members.push(("again", self.make.bool(again, at)));
        members.push(("final", self.make.bool(here.last, at)));
        members.push(("kept", self.make.bool(here.kept, at)));
        members.push(("windows", self.make.bool(here.state.windows, at)));
        members.push(("before_from", self.make.bool(here.state.from.is_none(), at)));
        let shell = here.state.shell.name.clone();
        members.push(("shell", self.make.text(&shell, at)));
        match instruction.kind {
            "COPY" | "ADD" => members.extend(copy::members(self, instruction, here)),
            "EXPOSE" => members.push(("ports", self.ports(instruction, &here.state.scope))),
            "RUN" => {
                members.extend(run::mounts(self, instruction));
                let follows = before.is_some_and(|before| run::could_be_one(&before, instruction));
                members.push(("follows_run", self.make.bool(follows, at)));
            }
            "ENV" => {
                let itself = own_name(instruction, self.file.escape, &here.state.scope);
                members.extend(itself.map(|(name, at)| ("refers_itself", self.make.text(&name, at))));
            }
            _ => {}
        }
        let draft = self.draft(instruction, format!("{}/{what}", here.name), members);
        let resource = self.make.resource(draft);
        self.make.world.relate(resource, "stage", here.resource);
        self.make.world.relate(here.resource, "instruction", resource);
        self.make.world.relate(self.whole, "instruction", resource);
        if instruction.kind == "RUN" || (instruction.kind == "HEALTHCHECK" && !instruction.onbuild) {
            run::commands(self, instruction, here, resource);
        }
        copy::images(self, instruction, here, resource);
    }

    /// What every instruction has, and how it is called in addresses: without values, which may be secret.
    fn common(&mut self, instruction: &Instruction, scope: &Scope) -> (Vec<(&'static str, Id)>, String) {
        let (escape, at) = (self.file.escape, instruction.keyword);
        let mut name = instruction.kind.to_owned();
        let make = &mut self.make;
        let form = if matches!(instruction.form, Form::Exec(_)) { "exec" } else { "shell" };
        let mut members = vec![
            ("kind", make.text(instruction.kind, at)),
            ("form", make.text(form, instruction.rest.whole())),
            ("onbuild", make.bool(instruction.onbuild, at)),
            ("heredoc", make.bool(!instruction.heredocs.is_empty(), at)),
        ];
        if matches!(instruction.kind, "ENV" | "ARG" | "LABEL") {
            let mut pairs = Vec::new();
            for (key, value) in instruction.pairs(escape) {
                if pairs.is_empty() {
                    name = format!("{name} {}", shortened(&key.text));
                }
                let id = make.text(&key.text, key.span);
                let mut pair = vec![("name", id)];
                if let Some(value) = value {
                    let expanded =
                        if value.literal { value.text.as_str().into() } else { scope.expand(&value.text, escape) };
                    let known = expanded.known().is_some_and(|text| !text.trim().is_empty());
                    // A value that is only another variable is written nowhere here.
                    let literal = known && !value.text.trim_start().starts_with('$');
                    pair.push(("value", make.value(&expanded, value.span)));
                    pair.push(("literal", make.bool(literal, value.span)));
                }
                pairs.push(make.map(&pair, key.span));
            }
            members.push(("pairs", make.list(pairs, at)));
        } else {
            let words = instruction.words(escape);
            let said: Vec<Id> =
                words.iter().take(1_000).map(|word| make.value(&scope.expand(&word.text, escape), word.span)).collect();
            if matches!(instruction.kind, "COPY" | "ADD" | "WORKDIR" | "USER" | "EXPOSE") {
                name = format!("{name} {}", words.last().map_or_else(String::new, |word| shortened(&word.text)));
            }
            members.push(("words", make.list(said, at)));
            let rest = scope.expand(instruction.rest.text.trim(), escape);
            members.push(("rest", make.value(&rest, instruction.rest.whole())));
        }
        let mut flags = Vec::new();
        for flag in &instruction.flags {
            let value = scope.expand(&flag.value, escape);
            let ids = [("name", make.text(&flag.name, flag.span)), ("value", make.value(&value, flag.span))];
            flags.push(make.map(&ids, flag.span));
        }
        members.push(("flags", make.list(flags, at)));
        (members, name)
    }

    /// Ports with their protocol; a range is its two ends.
    fn ports(&mut self, instruction: &Instruction, scope: &Scope) -> Id {
        let mut ports = Vec::new();
        for word in instruction.words(self.file.escape).into_iter().take(1_000) {
            let value = scope.expand(&word.text, self.file.escape);
            let Some(text) = value.known() else {
                ports.push(self.make.value(&value, word.span));
                continue;
            };
            let number = text.split('/').next().unwrap_or_default();
            for end in number.split('-') {
                let data = end.parse().map_or_else(|_| Data::Text(end.into()), Data::Int);
                ports.push(self.make.add(data, word.span));
            }
        }
        self.make.list(ports, instruction.keyword)
    }
}

/// The first variable of an `ENV` whose value uses another one that only the same line sets.
fn own_name(instruction: &Instruction, escape: char, scope: &Scope) -> Option<(String, Span)> {
    let pairs = instruction.pairs(escape);
    let new: Vec<&str> = pairs.iter().map(|(key, _)| key.text.as_str()).collect();
    let fresh = |name: &&&str| matches!(scope.get(name), Known::Nothing | Known::Open) && **name != "PATH";
    let new: Vec<&str> = new.iter().filter(fresh).copied().take(100).collect();
    let uses = |value: &str, name: &str| {
        let bare = value.match_indices(&format!("${name}")).any(|(at, found)| {
            let next = value[at + found.len()..].chars().next();
            !next.is_some_and(|next| next.is_ascii_alphanumeric() || next == '_')
        });
        bare || value.contains(&format!("${{{name}}}")) || value.contains(&format!("${{{name}:"))
    };
    pairs.iter().find_map(|(key, value)| {
        let value = value.as_ref().filter(|value| !value.literal)?;
        let other = new.iter().find(|name| **name != key.text && uses(&value.text, name))?;
        Some(((*other).to_owned(), value.span))
    })
}

/// A text for an address.
fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Whether the image that a stage is built on is known to set a user that is not root.
fn is_nonroot(stages: &[Stage], stage: &Stage) -> bool {
    let mut stage = stage;
    while let Some(parent) = stage.parent {
        stage = &stages[parent];
    }
    let name = stage.base.joined();
    let tagged = name.rsplit(['/']).next().unwrap_or_default();
    name.contains("nonroot")
        || name.contains("cgr.dev/chainguard/")
        || tagged.contains("unprivileged")
        || tagged.contains("rootless")
}

/// Adds an image.
pub(super) fn image(make: &mut Maker<'_>, value: &Value, used: &str, address: String, span: Span) -> ResourceId {
    let reference = Reference::read(value);
    let mut members = vec![
        ("reference", make.value(value, span)),
        ("registry", make.value(&reference.registry, span)),
        ("repository", make.value(&reference.name, span)),
        ("used", make.text(used, span)),
    ];
    if let Some(tag) = &reference.tag {
        members.push(("tag", make.value(tag, span)));
    }
    if let Some(digest) = &reference.digest {
        members.push(("digest", make.value(digest, span)));
    }
    make.resource(Draft { kind: "image", address, name: value.shown(), span, members })
}
