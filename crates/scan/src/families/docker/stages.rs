//! A Dockerfile's stages: where they come from, and what is in force at each instruction.

use super::dockerfile::{Dockerfile, Instruction, Word};
use super::variables::{Known, Scope, Value};
use crate::text::Span;
use std::collections::HashMap;

/// A shell as `SHELL` sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shell {
    /// Its name without folder and ending, in lower case.
    pub name: String,
    /// A command of a pipe that fails makes the pipe fail.
    pub pipefail: bool,
}

/// A stage.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its name, as written.
    pub name: Option<String>,
    /// Its `FROM`; none for what stands before the first.
    pub from: Option<usize>,
    /// What it is built on.
    pub base: Value,
    /// What is written there.
    pub base_span: Span,
    /// The stage that it is built on.
    pub parent: Option<usize>,
    /// An earlier stage has the same name.
    pub again: bool,
    /// Its instructions.
    pub instructions: Vec<usize>,
    /// It runs on Windows, as far as that can be seen.
    pub windows: bool,
    /// The variables at its end.
    pub scope: Scope,
    /// The shell at its end.
    pub shell: Shell,
    /// The user at its end, and where that is said.
    pub user: Option<(Value, Span)>,
    /// The work folder at its end.
    pub workdir: Option<Value>,
    /// A health check is said.
    pub healthcheck: bool,
}

impl Stage {
    /// Whether a command of a pipe that fails makes the pipe fail. Only some plain `sh` know the option.
    pub fn pipefail(&self) -> bool {
        let knows = || {
            let base = self.base.joined();
            ["alpine", "busybox"].iter().any(|name| base.contains(name))
        };
        self.shell.pipefail && (self.shell.name != "sh" || knows())
    }
}

/// The stages of a file. Instructions before the first `FROM` are a stage of their own, unless they are `ARG`.
pub fn stages(file: &Dockerfile) -> Vec<Stage> {
    let (mut stages, mut global) = (Vec::<Stage>::new(), Scope::new(Known::Nothing));
    let mut names: HashMap<String, usize> = HashMap::new();
    for (number, instruction) in file.instructions.iter().enumerate() {
        match instruction.kind {
            // What another build would run is no stage of this one.
            "FROM" if !instruction.onbuild => {
                let stage = begin(file, number, instruction, &global, &stages, &mut names);
                stages.push(stage);
            }
            "ARG" if stages.is_empty() => argument(file, instruction, &mut global, None),
            _ => {
                if stages.is_empty() {
                    stages.push(nowhere(instruction));
                }
                if let Some(stage) = stages.last_mut() {
                    stage.instructions.push(number);
                }
            }
        }
    }
    let globals = global;
    for at in 0..stages.len() {
        if let Some(parent) = stages[at].parent.map(|parent| stages[parent].clone()) {
            let stage = &mut stages[at];
            stage.windows |= parent.windows;
            (stage.user, stage.workdir, stage.shell) = (parent.user, parent.workdir, parent.shell);
            (stage.healthcheck, stage.scope) = (parent.healthcheck, parent.scope);
        }
        for number in stages[at].instructions.clone() {
            apply(file, &file.instructions[number], &mut stages[at], &globals);
        }
    }
    stages
}

/// Lets an instruction change what is in force.
pub fn apply(file: &Dockerfile, instruction: &Instruction, stage: &mut Stage, globals: &Scope) {
    if instruction.onbuild {
        return;
    }
    let words = || instruction.words(file.escape);
    match instruction.kind {
        "ARG" => argument(file, instruction, &mut stage.scope, Some(globals)),
        "ENV" => {
            // All of a line see what was before the line.
            let expand = |value: Word| match value.literal {
                true => value.text.as_str().into(),
                false => stage.scope.expand(&value.text, file.escape),
            };
            let pairs = instruction.pairs(file.escape).into_iter();
            let pairs: Vec<_> = pairs.filter_map(|(key, value)| Some((key.text, value.map(&expand)?))).collect();
            for (name, value) in pairs {
                stage.scope.set(&name, Known::Value(value));
            }
        }
        "USER" => {
            if let Some(word) = words().first() {
                stage.user = Some((stage.scope.expand(&word.text, file.escape), word.span));
            }
        }
        "WORKDIR" => {
            stage.workdir = Some(stage.scope.expand(instruction.rest.text.trim(), file.escape));
        }
        "HEALTHCHECK" => stage.healthcheck = true,
        "SHELL" => {
            let words: Vec<String> = words().into_iter().map(|word| word.text).collect();
            stage.shell = shell(&words);
        }
        _ => {}
    }
}

/// The shell of a `SHELL` instruction.
pub fn shell(words: &[String]) -> Shell {
    let first = words.first().map_or("", String::as_str).to_ascii_lowercase();
    let name = first.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(".exe").to_owned();
    let off = words.windows(2).any(|two| two[0] == "+o" && two[1] == "pipefail");
    Shell { name, pipefail: !off && words.iter().any(|word| word == "pipefail") }
}

fn argument(file: &Dockerfile, instruction: &Instruction, scope: &mut Scope, globals: Option<&Scope>) {
    for (key, value) in instruction.pairs(file.escape) {
        let known = match value {
            Some(value) if value.literal => Known::Value(value.text.as_str().into()),
            Some(value) => Known::Value(scope.expand(&value.text, file.escape)),
            None => match globals.map(|globals| globals.get(&key.text)) {
                Some(Known::Nothing | Known::Open) | None => Known::Argument,
                Some(known) => known,
            },
        };
        scope.set(&key.text, known);
    }
}

fn empty(from: Option<usize>, base: Value, base_span: Span) -> Stage {
    Stage {
        name: None,
        from,
        base,
        base_span,
        parent: None,
        again: false,
        instructions: Vec::new(),
        windows: false,
        scope: Scope::new(Known::Open),
        shell: Shell { name: "sh".to_owned(), pipefail: false },
        user: None,
        workdir: None,
        healthcheck: false,
    }
}

fn nowhere(instruction: &Instruction) -> Stage {
    empty(None, Value::unknown(), instruction.keyword)
}

fn begin(
    file: &Dockerfile,
    number: usize,
    instruction: &Instruction,
    global: &Scope,
    stages: &[Stage],
    names: &mut HashMap<String, usize>,
) -> Stage {
    let words = instruction.words(file.escape);
    let written = words.first();
    let base = written.map_or_else(Value::unknown, |word| global.expand(&word.text, file.escape));
    let span = written.map_or(instruction.keyword, |word| word.span);
    let mut stage = empty(Some(number), base, span);
    stage.parent = stage.base.known().and_then(|base| names.get(&base.to_ascii_lowercase()).copied());
    let lower = stage.base.begin().to_ascii_lowercase();
    let platform = instruction.flag("platform").is_some_and(|flag| flag.value.contains("windows"));
    stage.windows = platform
        || file.escape == '`'
        || ["mcr.microsoft.com/windows", "microsoft/windowsservercore", "microsoft/nanoserver"]
            .iter()
            .any(|begin| lower.starts_with(begin))
        || ["windowsservercore", "nanoserver", "-windows"].iter().any(|part| lower.contains(part));
    if stage.windows {
        stage.shell.name = "cmd".to_owned();
    }
    if let [_, between, name, ..] = words.as_slice()
        && between.text.eq_ignore_ascii_case("as")
    {
        stage.again = names.contains_key(&name.text.to_ascii_lowercase());
        names.insert(name.text.to_ascii_lowercase(), stages.len());
        stage.name = Some(name.text.clone());
    }
    stage
}

/// The stages that the last one is built on, itself among them.
pub fn kept(stages: &[Stage]) -> Vec<bool> {
    let mut kept = vec![false; stages.len()];
    let mut next = stages.len().checked_sub(1);
    while let Some(at) = next.filter(|at| !kept[*at]) {
        kept[at] = true;
        next = stages[at].parent;
    }
    kept
}
