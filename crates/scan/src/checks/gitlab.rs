//! Checks of GitLab's pipelines.

use super::Check;
use crate::finding::Hit;
use crate::resource::{ResourceId, World};
use crate::tree::Node;

/// The checks by name.
pub(super) const CHECKS: &[(&str, Check)] =
    &[("gitlab_secret_in_variables", secret_in_variables), ("gitlab_script_injection", script_injection)];

/// Ends of names of variables that hold secrets.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "access_key",
    "secret_key",
    "private_key",
    "secret_access_key",
    "credentials",
    "passphrase",
];

/// Values that are no secrets, whatever their variable is called.
const PLACEHOLDERS: &[&str] =
    &["true", "false", "none", "null", "changeme", "example", "test", "password", "postgres", "root"];

/// A variable with the name of a secret and a value in the file.
fn secret_in_variables(world: &World, id: ResourceId) -> Vec<Option<Hit>> {
    let Some(variables) = world.root(id).get("variables") else { return Vec::new() };
    let mut out = Vec::new();
    for (name, value) in variables.members() {
        let lower = name.to_lowercase();
        if !NAMES.iter().any(|end| lower.ends_with(end)) {
            continue;
        }
        let value = if value.is_map() { value.get("value").unwrap_or(value) } else { value };
        let Some(said) = value.text() else { continue };
        if said.len() < 6
            || said.contains('$')
            || said.contains("://")
            || PLACEHOLDERS.contains(&said.to_lowercase().as_str())
        {
            continue;
        }
        // A path to a file with the secret.
        if said.starts_with('/') || said.starts_with("./") {
            continue;
        }
        let message = format!("`{name}` has its value in the file: everybody who can read the repository can read it");
        out.push(Some(Hit { resource: id, span: Some(value.span()), message: Some(message), value: name.to_owned() }));
    }
    out
}

/// Variables that GitLab fills with what people write.
const WRITTEN: &[&str] = &[
    "CI_COMMIT_MESSAGE",
    "CI_COMMIT_TITLE",
    "CI_COMMIT_DESCRIPTION",
    "CI_COMMIT_AUTHOR",
    "CI_COMMIT_BRANCH",
    "CI_COMMIT_TAG",
    "CI_COMMIT_TAG_MESSAGE",
    "CI_COMMIT_REF_NAME",
    "CI_MERGE_REQUEST_TITLE",
    "CI_MERGE_REQUEST_DESCRIPTION",
    "CI_MERGE_REQUEST_LABELS",
    "CI_MERGE_REQUEST_MILESTONE",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME",
    "GITLAB_USER_NAME",
    "TRIGGER_PAYLOAD",
];

/// Whether a text uses a variable of the shell.
fn uses(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let after = text.as_bytes().get(at + name.len());
        let before = &text[..at];
        (before.ends_with('$') || before.ends_with("${"))
            && !after.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    })
}

/// Where a command makes a program of its argument: from there on.
fn evaluated(line: &str) -> Option<&str> {
    let code = line.trim_start();
    if code.starts_with('#') {
        return None;
    }
    for program in [
        "eval ",
        "sh -c ",
        "sh -ec ",
        "sh -xc ",
        "sh -lc ",
        "python -c ",
        "python3 -c ",
        "perl -e ",
        "ruby -e ",
        "node -e ",
        "php -r ",
        "envsubst | sh",
        "ssh ",
    ] {
        for (at, _) in code.match_indices(program) {
            let before = code[..at].chars().next_back();
            // `sh -c` is also the end of `bash -c`.
            if before.is_none_or(|character| !character.is_ascii_alphanumeric() || program.starts_with("sh ")) {
                let rest = code[at + program.len()..].trim_start();
                // In single quotes nothing is put in before the inner program reads it.
                let whole = rest.starts_with('\'') && !rest[1..].trim_end().trim_end_matches('\'').contains('\'');
                return (!whole).then_some(rest);
            }
        }
    }
    None
}

/// Text that people write becomes a part of a program.
fn script_injection(world: &World, job: ResourceId) -> Vec<Option<Hit>> {
    let Some(lines) = world.field(job, "lines") else { return Vec::new() };
    let mut names: Vec<String> = WRITTEN.iter().map(|name| (*name).to_owned()).collect();
    let pipeline = world.related(job, "pipeline").next();
    for scope in [pipeline, Some(job)].into_iter().flatten() {
        let variables = world.root(scope).get("variables");
        for (name, value) in variables.into_iter().flat_map(Node::members) {
            if value.text().is_some_and(|said| names.iter().any(|of| uses(said, of))) {
                names.push(name.to_owned());
            }
        }
    }
    let mut out = Vec::new();
    for line in lines.items() {
        let said = line.text().unwrap_or_default();
        let code = evaluated(said);
        let name = code.and_then(|code| names.iter().find(|name| uses(code, name)));
        let Some(name) = name else { continue };
        let message = format!("`${name}` holds what people write, and it is put into a program here");
        let (span, value) = (Some(line.span()), said.trim().to_owned());
        out.push(Some(Hit { resource: job, span, message: Some(message), value }));
    }
    out
}
