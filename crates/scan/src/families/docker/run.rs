//! The commands of `RUN`, as resources.

use super::dockerfile::{Form, Instruction};
use super::mapped::Mapped;
use super::nodes::Draft;
use super::packages::Action;
use super::reader::{Here, Reader};
use super::shell::{Command, Script, Word};
use super::variables::Value;
use crate::resource::ResourceId;
use crate::text::Span;
use crate::tree::Id;

/// Shells whose scripts can be read here.
const READABLE: &[&str] = &["sh", "bash", "ash", "dash", "zsh", "ksh"];

/// What is mounted while a `RUN` runs.
pub(super) fn mounts(reader: &mut Reader<'_>, instruction: &Instruction) -> Vec<(&'static str, Id)> {
    let (mut mounts, at) = (Vec::new(), instruction.keyword);
    for flag in instruction.flags.iter().filter(|flag| flag.name == "mount") {
        let part = |names: &[&str]| {
            let pairs = flag.value.split(',').filter_map(|part| part.split_once('='));
            pairs.into_iter().find(|(name, _)| names.contains(name)).map_or("", |(_, value)| value)
        };
        let kind = if part(&["type"]).is_empty() { "bind" } else { part(&["type"]) };
        let target = part(&["target", "dst", "destination"]);
        let ids = [("type", reader.make.text(kind, flag.span)), ("target", reader.make.text(target, flag.span))];
        mounts.push(reader.make.map(&ids, flag.span));
    }
    vec![("mounts", reader.make.list(mounts, at))]
}

/// Whether a `RUN` and the one right before it are two of one command each that could be one.
pub(super) fn could_be_one(before: &Instruction, instruction: &Instruction) -> bool {
    let plain = |of: &Instruction| {
        let divided = ["&&", ";", " | ", "||", "\n"].iter().any(|sign| of.rest.text.contains(sign));
        of.kind == "RUN" && !of.onbuild && of.heredocs.is_empty() && !divided
    };
    let flags =
        |of: &Instruction| of.flags.iter().map(|flag| (flag.name.clone(), flag.value.clone())).collect::<Vec<_>>();
    plain(before) && plain(instruction) && flags(before) == flags(instruction)
}

/// Adds the commands of an instruction.
pub(super) fn commands(reader: &mut Reader<'_>, instruction: &Instruction, here: &Here, run: ResourceId) {
    if instruction.unread {
        return;
    }
    let shell = here.state.shell.name.clone();
    for (script, shell, pipefail, exec) in scripts(instruction, &shell, here.state.pipefail()) {
        for at in 0..script.commands.len() {
            command(reader, &script, at, (&shell, pipefail, exec), instruction, here, run);
        }
    }
}

/// The scripts of an instruction: each with its shell, whether pipes fail as a whole, and whether it is no script but words.
fn scripts(instruction: &Instruction, shell: &str, pipefail: bool) -> Vec<(Script, String, bool, bool)> {
    let health = usize::from(instruction.kind == "HEALTHCHECK");
    if let Form::Exec(words) = &instruction.form {
        let word = |word: &super::dockerfile::Word| {
            let span = word.span;
            // The text begins after its quote.
            let raw = Mapped::of(&word.text, span.start as usize + 1);
            Word { value: word.text.as_str().into(), raw, span, quoted: true }
        };
        let words: Vec<Word> = words.iter().skip(health).map(word).collect();
        return if words.is_empty() {
            Vec::new()
        } else {
            vec![(Script::of_words(words), "exec".to_owned(), false, true)]
        };
    }
    if !READABLE.contains(&shell) {
        return Vec::new();
    }
    let mut out = Vec::new();
    let text = instruction.rest.text.as_str();
    let named = text.trim_start().starts_with("<<");
    match instruction.heredocs.first().filter(|_| named) {
        Some(heredoc) => {
            let begin = heredoc.body.text.lines().next().unwrap_or_default();
            let program = begin.strip_prefix("#!").map(|line| line.rsplit(['/', ' ']).next().unwrap_or_default());
            let program = program.unwrap_or(shell);
            if READABLE.contains(&program) {
                out.push((Script::read(&heredoc.body), program.to_owned(), pipefail && program == shell, false));
            }
        }
        None => {
            let mut rest = instruction.rest.clone();
            if health == 1 {
                let skip =
                    text.len() - text.trim_start().len() + text.trim_start().find(char::is_whitespace).unwrap_or(0);
                rest = rest.slice(skip..text.len());
                if text.trim_start().get(..4).is_some_and(|none| none.eq_ignore_ascii_case("none")) {
                    return out;
                }
            }
            let script = Script::read(&rest);
            let reads = |command: &Command| {
                let shell = command.name().filter(|name| READABLE.contains(name))?;
                let fed = command
                    .redirects
                    .iter()
                    .any(|redirect| redirect.operator.ends_with("<<") || redirect.operator.ends_with("<<-"));
                fed.then(|| shell.to_owned())
            };
            let fed = script.commands.iter().find_map(reads);
            out.push((script, shell.to_owned(), pipefail, false));
            if let (Some(fed), Some(heredoc)) = (fed, instruction.heredocs.first()) {
                out.push((Script::read(&heredoc.body), fed, false, false));
            }
        }
    }
    out
}

/// Flags, each alone: `-yq` is `-y` and `-q`; what follows `=` is left out.
fn flags(command: &Command) -> Vec<(Value, Span)> {
    let mut out = Vec::new();
    for word in command.words.iter().skip(1) {
        let text = word.raw.text.as_str();
        if text.starts_with("APT::") || text.starts_with("Acquire::") {
            out.push((text.split('=').next().unwrap_or(text).into(), word.span));
        } else if let Some(name) = text.strip_prefix('$') {
            let upper = name.to_ascii_uppercase();
            // A variable that may hold flags.
            if ["OPT", "FLAG", "ARG"].iter().any(|part| upper.contains(part)) {
                out.push((Value::unknown(), word.span));
            }
        } else if let Some(long) = text.strip_prefix("--") {
            out.push((format!("--{}", long.split('=').next().unwrap_or_default()).as_str().into(), word.span));
        } else if let Some(short) = text.strip_prefix('-').filter(|short| !short.is_empty()) {
            let name = text.split('=').next().unwrap_or(text);
            out.push((name.into(), word.span));
            if text.contains('=') {
                // `-q=2` means another thing than `-q`.
                out.push((text.into(), word.span));
            }
            // `-yq` is `-y` and `-q`; a hyphen at the end, as in `-qO-`, is a value.
            let letters = short.strip_suffix('-').unwrap_or(short);
            if letters.len() > 1 && letters.chars().all(|c| c.is_ascii_alphanumeric()) {
                out.extend(letters.chars().map(|letter| (format!("-{letter}").as_str().into(), word.span)));
            }
        }
    }
    out
}

/// Whether a command is a shell that runs what another one downloads.
fn runs_download(script: &Script, at: usize) -> bool {
    let command = &script.commands[at];
    let name = command.name().unwrap_or_default();
    let downloads = |at: usize| matches!(script.commands[at].name(), Some("curl" | "wget" | "fetch" | "aria2c"));
    let python = name.starts_with("python");
    if name != "eval" && name != "source" && name != "." && !python && !READABLE.contains(&name) {
        return false;
    }
    let words: Vec<&str> = command.words.iter().skip(1).map(|word| word.raw.text.as_str()).collect();
    // `bash <(curl ...)`, `sh -c "$(curl ...)"`, `eval "$(curl ...)"`
    if command.within.clone().any(downloads)
        && words.iter().any(|word| word.starts_with("$(") || word.starts_with("<("))
    {
        return true;
    }
    let of_its_own = words.iter().any(|word| matches!(*word, "-c" | "-m" | "-ec" | "-lc" | "-exc"));
    let input = words.iter().find(|word| !word.starts_with('-') || **word == "-");
    let stdin = words.contains(&"-s") || input.is_none_or(|word| matches!(*word, "-" | "/dev/stdin"));
    !of_its_own && stdin && command.reads.clone().any(downloads)
}

fn command(
    reader: &mut Reader<'_>,
    script: &Script,
    at: usize,
    (shell, pipefail, exec): (&str, bool, bool),
    instruction: &Instruction,
    here: &Here,
    run: ResourceId,
) {
    let command = &script.commands[at];
    let (span, make) = (command.span, &mut reader.make);
    let name = command.name().map(str::to_owned);
    let inner = command.shell.as_deref().unwrap_or(shell).to_owned();
    let own = command.shell.is_none() && !exec;
    let words: Vec<Id> = command.words.iter().map(|word| make.value(&word.value, word.span)).collect();
    let arguments: Vec<Id> = command
        .words
        .iter()
        .zip(&words)
        .skip(1)
        .filter(|(word, _)| !word.raw.text.starts_with('-'))
        .map(|(_, id)| *id)
        .collect();
    let said = command.words.iter().zip(&words).skip(1);
    let known: Vec<Id> = said.filter(|(word, _)| word.known().is_some()).map(|(_, id)| *id).collect();
    let mut line = Value::default();
    for (number, word) in command.words.iter().take(200).enumerate() {
        line.push(if number > 0 { " " } else { "" });
        line.append(&word.value);
    }
    let flags: Vec<Id> = flags(command).into_iter().map(|(flag, at)| make.value(&flag, at)).collect();
    let name_of = |at: usize| {
        let other = &script.commands[at];
        other.name().filter(|_| !other.substituted)
    };
    let reads: Vec<&str> = command.reads.clone().filter_map(name_of).collect();
    let within: Vec<&str> = command.within.clone().filter_map(|at| script.commands[at].name()).collect();
    let mut members = vec![
        ("words", make.list(words, span)),
        ("arguments", make.list(arguments, span)),
        // For words that a variable would hardly hold.
        ("known", make.list(known, span)),
        ("line", make.value(&line, span)),
        ("flags", make.list(flags, span)),
        ("reads", make.texts(reads, span)),
        ("within", make.texts(within, span)),
        ("runs_download", make.bool(runs_download(script, at), span)),
        ("through", make.texts(command.through.iter().map(String::as_str), span)),
        ("in_pipeline", make.bool(command.piped || !command.reads.is_empty(), span)),
        ("piped", make.bool(command.piped, span)),
        ("after", make.text(command.after.as_str(), span)),
        ("substituted", make.bool(command.substituted, span)),
        ("shell", make.text(&inner, span)),
        ("pipefail", make.bool(command.pipefail || (pipefail && own), span)),
        ("onbuild", make.bool(instruction.onbuild, span)),
        ("final", make.bool(here.last, span)),
        ("kept", make.bool(here.kept, span)),
        ("in", make.text(instruction.kind, span)),
    ];
    // Which of the two programs that download was called in this stage before the other.
    if let Some(loader @ ("curl" | "wget")) = name.as_deref()
        && instruction.kind == "RUN"
    {
        let before = reader.loader.get_or_insert_with(|| loader.to_owned()).clone();
        if before != loader {
            members.push(("loads_also", make.text(&before, span)));
        }
    }
    match &name {
        Some(name) => members.push(("name", make.text(name, command.words[0].span))),
        None if command.words.is_empty() => {}
        None => members.push(("name", make.value(&Value::unknown(), span))),
    }
    let mut variables = Vec::new();
    for (name, word) in &command.assignments {
        let ids = [("name", make.text(name, word.span)), ("value", make.value(&word.value, word.span))];
        variables.push(make.map(&ids, word.span));
    }
    members.push(("variables", make.list(variables, span)));
    members.extend(redirects(reader, command));
    members.extend(packages(reader, command));
    let name = name.unwrap_or_else(|| "?".to_owned());
    let address = format!("{}/{}/{name}", here.name, instruction.kind);
    let resource = reader.make.resource(Draft { kind: "command", address, name, span, members });
    reader.make.world.relate(run, "command", resource);
    reader.make.world.relate(here.resource, "command", resource);
    reader.make.world.relate(resource, "run", run);
    reader.make.world.relate(resource, "shown_with", run);
    reader.make.world.relate(resource, "stage", here.resource);
}

fn redirects(reader: &mut Reader<'_>, command: &Command) -> Vec<(&'static str, Id)> {
    let mut list = Vec::new();
    for redirect in &command.redirects {
        let at = redirect.target.span;
        let ids = [
            ("operator", reader.make.text(&redirect.operator, at)),
            ("target", reader.make.value(&redirect.target.value, at)),
        ];
        list.push(reader.make.map(&ids, at));
    }
    vec![("redirects", reader.make.list(list, command.span))]
}

fn packages(reader: &mut Reader<'_>, command: &Command) -> Vec<(&'static str, Id)> {
    let Some(action) = Action::of(command) else { return Vec::new() };
    let mut packages = Vec::new();
    for (at, pinned) in &action.packages {
        let word = &command.words[*at];
        let ids =
            [("name", reader.make.value(&word.value, word.span)), ("pinned", reader.make.maybe(*pinned, word.span))];
        packages.push(reader.make.map(&ids, word.span));
    }
    let span = command.span;
    vec![
        ("manager", reader.make.text(action.manager, span)),
        ("action", reader.make.text(&action.action, span)),
        ("subcommand", reader.make.text(&action.subcommand, span)),
        ("packages", reader.make.list(packages, span)),
        ("listed", reader.make.bool(action.listed, span)),
    ]
}
