//! Values written into the environment of later steps: `LD_PRELOAD`, `NODE_OPTIONS` or a first entry of the path is code.

use super::untrusted::{Trust, is_fixed, mentions, of_expression, of_variable};
use super::{Written, events, parsed, text, workflow_of};
use crate::finding::Hit;
use crate::resource::{ResourceId, World};
use crate::text::Span;

/// Events that come from strangers and run with rights.
pub(super) const PRIVILEGED: &[&str] = &[
    "pull_request_target",
    "workflow_run",
    "issue_comment",
    "issues",
    "discussion",
    "discussion_comment",
    "pull_request_review_comment",
    "pull_request_review",
];

/// Variables that the machine sets and that say nothing of strangers.
const SOUND: &[&str] = &[
    "HOME",
    "PATH",
    "PWD",
    "USER",
    "SHELL",
    "GOPATH",
    "GITHUB_WORKSPACE",
    "GITHUB_SHA",
    "GITHUB_RUN_ID",
    "GITHUB_ENV",
    "GITHUB_RUN_NUMBER",
    "GITHUB_ACTION_PATH",
    "GITHUB_REPOSITORY",
    "GITHUB_PATH",
    "RUNNER_TEMP",
    "RUNNER_OS",
    "RUNNER_ARCH",
    "RUNNER_TOOL_CACHE",
    "GITHUB_SERVER_URL",
    "GITHUB_API_URL",
    "GITHUB_RUN_ATTEMPT",
    "RANDOM",
    "EPOCHSECONDS",
];

/// Writes to `GITHUB_ENV` or `GITHUB_PATH` of what is not written in the file.
pub(super) fn environment_file(world: &World, step: ResourceId) -> Vec<Option<Hit>> {
    let Some(script) = text(world, step, "script") else { return Vec::new() };
    if !script.contains("GITHUB_ENV") && !script.contains("GITHUB_PATH") {
        return Vec::new();
    }
    let strangers = match workflow_of(world, step) {
        Some(workflow) => events(world, workflow).iter().any(|event| PRIVILEGED[..2].contains(event)),
        None => true,
    };
    let expressions = Written::new(world, step);
    let trust = |id| parsed(world, id).map_or(Trust::Fixed, |expr| of_expression(world, step, &expr).0);
    let mut out = Vec::new();
    for (number, file, written) in writes(script) {
        let tainted = variables(&written).iter().any(|name| of_variable(world, step, name) >= Trust::Chain)
            || expressions.within(&written).any(|id| trust(id) >= Trust::Chain);
        let unknown = expressions.within(&written).any(|id| trust(id) > Trust::Fixed);
        let dynamic = strangers && (unknown || is_dynamic(&written, |name| is_fixed(world, step, name)));
        if !tainted && !dynamic {
            continue;
        }
        let message = if tainted {
            format!("text that anybody can write goes to `{file}`, so it sets variables of the steps that follow")
        } else {
            format!("what goes to `{file}` is not written here, and strangers may start this")
        };
        let span = line_span(world, step, number);
        out.push(Some(Hit {
            resource: step,
            span,
            message: Some(message),
            value: format!("{file}/{}", written.trim()),
        }));
    }
    out
}

/// Whether what is before the name of a file writes into it.
fn redirects(before: &str) -> bool {
    let lower = before.to_lowercase();
    let sign = lower.rfind(['>', '|']).map(|at| &lower[at..]);
    let programs = ["tee", "out-file", "add-content"];
    let near = |rest: &str| {
        rest.len() < 40 && (rest.starts_with('>') || programs.iter().any(|program| rest.contains(program)))
    };
    sign.is_some_and(near)
        || programs[1..].iter().any(|program| lower.contains(program))
        || lower.trim_start().starts_with("tee ")
}

/// The lines that write to one of the files: number, file, and what is written. A block or a here document counts whole.
fn writes(script: &str) -> Vec<(usize, &'static str, String)> {
    let lines: Vec<&str> = script.lines().collect();
    let mut out = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let code = line.split(" #").next().unwrap_or_default();
        for file in ["GITHUB_ENV", "GITHUB_PATH"] {
            let Some(at) = code.find(file).filter(|at| redirects(&code[..*at])) else { continue };
            out.push((number, file, written(&lines, number, code, &code[..at])));
        }
    }
    out
}

/// What a line writes: itself, the here document after it, or the block before it.
fn written(lines: &[&str], number: usize, code: &str, before: &str) -> String {
    let mut parts = vec![before];
    let lower = code.to_lowercase();
    if lower.contains("add-content") || lower.contains("out-file") {
        // The value may come behind the name of the file.
        parts.push(&code[before.len()..]);
    }
    let document = code.split_once("<<").filter(|(_, word)| !word.starts_with('<'));
    if let Some((_, word)) = document {
        let word = word.trim_start_matches(['-', '~']).trim_start();
        if word.starts_with(['\'', '"', '\\']) {
            // Nothing is put into a document whose end is quoted, but by the platform before the shell reads it.
            let end = word.trim_matches(['\'', '"', '\\']).split(['\'', '"']).next().unwrap_or_default();
            let body = lines.iter().skip(number + 1).take_while(|inner| inner.trim() != end);
            let platform: Vec<&str> = body.copied().filter(|inner| inner.contains("${{")).collect();
            return platform.join("\n");
        }
        let length = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(word.len());
        parts.extend(lines.iter().skip(number + 1).take_while(|inner| inner.trim() != &word[..length]));
    } else if before.trim_start().starts_with(['}', ')']) || before.trim_start().starts_with("done") {
        let opens = |inner: &str| matches!(inner, "{" | "(") || inner.ends_with("do");
        parts.extend(lines[..number].iter().rev().take_while(|inner| !opens(inner.trim())));
    }
    parts.join("\n")
}

/// Names of variables in a text of a script.
fn variables(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (at, _) in text.match_indices('$') {
        let rest = text[at + 1..].trim_start_matches('{').trim_start_matches("env:");
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            out.push(name);
        }
    }
    out
}

/// Whether what is written comes from elsewhere than this file.
fn is_dynamic(written: &str, is_fixed: impl Fn(&str) -> bool) -> bool {
    // `%NAME%` is a variable of cmd.
    let percent = |part: &str| {
        !part.is_empty()
            && part != "GITHUB_ENV"
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if written.split('%').skip(1).step_by(2).any(percent) {
        return true;
    }
    let written = &written.replace("$env:GITHUB_ENV", "").replace("$env:GITHUB_PATH", "");
    written.contains("$(")
        || written.contains('`')
        || variables(written)
            .iter()
            .any(|name| !SOUND.contains(&name.as_str()) && !name.starts_with("RUNNER_") && !is_fixed(name))
        || ["cat ", "jq ", "sed ", "grep ", "curl "]
            .iter()
            .any(|program| written.trim_start().starts_with(program) && !written.contains("<<"))
}

/// The place of a line of a script in its file.
pub(super) fn line_span(world: &World, step: ResourceId, number: usize) -> Option<Span> {
    let run = world.root(step).get("run")?.span();
    let text = &world.file(world.resource(step).file).text;
    let first = text.place(run.start).line;
    let line = first + number as u32;
    let end = text.place(run.end).line;
    let line = line.min(end);
    let said = text.line(line);
    let indent = said.len() - said.trim_start().len();
    let start = text.byte(crate::text::Place { line, column: indent as u32 + 1 });
    Some(Span { start, end: start + said.trim().len() as u32 })
}

/// Whether a line uses a variable of the shell.
pub(super) fn uses_variable(line: &str, name: &str) -> bool {
    mentions(line, name) && variables(line).iter().any(|of| of.eq_ignore_ascii_case(name))
}
