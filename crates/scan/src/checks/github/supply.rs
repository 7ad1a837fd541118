//! What actions are used, and how.

use super::environment::line_span;
use super::{action_of, expressions_at, first, text};
use crate::finding::Hit;
use crate::resource::{ResourceId, World};

/// The version that a comment names.
pub(super) fn version(comment: &str) -> Option<&str> {
    let words = comment.split([' ', '=', ',', '@', ':']);
    let version = |word: &&str| {
        let digits = word.strip_prefix('v').unwrap_or(word);
        digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte))
            && (digits.contains('.') || digits.len() <= 3)
    };
    words.map(str::trim).find(version)
}

/// A comment with another version than the reference: of a tag directly, of a commit where it is named elsewhere.
pub(super) fn version_comment(world: &World, found: ResourceId) -> Vec<Option<Hit>> {
    let (Some(reference), Some(said)) = (text(world, found, "ref"), text(world, found, "comment").and_then(version))
    else {
        return Vec::new();
    };
    let hit = |message: String| {
        let span = Some(world.resource(found).span);
        vec![Some(Hit { resource: found, span, message: Some(message), value: format!("{reference} {said}") })]
    };
    let plain = |version: &str| version.strip_prefix('v').unwrap_or(version).to_owned();
    match text(world, found, "ref_kind") {
        Some("tag") => {
            let (is, said_plain) = (plain(reference), plain(said));
            let same = is == said_plain
                || said_plain.starts_with(&format!("{is}."))
                || is.starts_with(&format!("{said_plain}."));
            if same { Vec::new() } else { hit(format!("the reference is `{reference}`, the comment says `{said}`")) }
        }
        Some("sha") => {
            for other in world.related(found, "siblings") {
                let (Some(sha), Some(comment)) =
                    (text(world, other, "ref"), text(world, other, "comment").and_then(version))
                else {
                    continue;
                };
                let exact = plain(said).matches('.').count() == 2;
                if sha == reference
                    && plain(comment) != plain(said)
                    && exact
                    && plain(comment).matches('.').count() == 2
                {
                    return hit(format!("the same commit is called `{said}` here and `{comment}` elsewhere"));
                }
                if sha != reference && plain(comment) == plain(said) && exact {
                    return hit(format!("`{said}` is another commit elsewhere"));
                }
            }
            // Which version a commit is only the network knows: the rule's page says so once for all uses.
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// References that may be two things, or something else than they look like.
pub(super) fn confusable_reference(world: &World, found: ResourceId) -> Vec<Option<Hit>> {
    let Some(reference) = text(world, found, "ref") else { return Vec::new() };
    let hit = |message: &str| {
        let span = Some(world.resource(found).span);
        vec![Some(Hit { resource: found, span, message: Some(message.to_owned()), value: reference.to_owned() })]
    };
    match text(world, found, "ref_kind") {
        Some("short_sha") => hit("a shortened commit looks like one and can be a branch's or a tag's name"),
        Some("branch") if reference.starts_with("refs/heads/") && looks_like_version(&reference[11..]) => {
            hit("a branch that is named like a version: who reads it takes it for a tag")
        }
        // Whether a name is both a tag and a branch, or a commit is one of a fork, only the network knows. The rule's page
        // says so once; it is not counted for every use.
        _ => Vec::new(),
    }
}

fn looks_like_version(name: &str) -> bool {
    name.strip_prefix('v').unwrap_or(name).starts_with(|c: char| c.is_ascii_digit())
}

/// Actions that publish with a token where the registry would trust the workflow itself: action, input.
const PUBLISHERS: &[(&str, &[&str])] = &[
    ("pypa/gh-action-pypi-publish", &["password"]),
    ("rubygems/release-gem", &["api-token"]),
    ("rubygems/configure-rubygems-credentials", &["api-token"]),
    ("js-devtools/npm-publish", &["token"]),
];

/// Commands that publish to a registry that can trust a workflow, and the variables that hold their token.
const COMMANDS: &[(&[&str], &[&str])] = &[
    (&["twine", "upload"], &["TWINE_PASSWORD", "TWINE_USERNAME"]),
    (&["uv", "publish"], &["UV_PUBLISH_TOKEN", "UV_PUBLISH_PASSWORD"]),
    (&["poetry", "publish"], &["POETRY_PYPI_TOKEN_PYPI", "POETRY_HTTP_BASIC_PYPI_PASSWORD"]),
    (&["hatch", "publish"], &["HATCH_INDEX_AUTH"]),
    (&["pdm", "publish"], &["PDM_PUBLISH_PASSWORD"]),
    (&["npm", "publish"], &["NODE_AUTH_TOKEN", "NPM_TOKEN"]),
    (&["pnpm", "publish"], &["NODE_AUTH_TOKEN", "NPM_TOKEN"]),
    (&["bun", "publish"], &["NODE_AUTH_TOKEN", "NPM_TOKEN", "NPM_CONFIG_TOKEN"]),
    (&["yarn", "publish"], &["NODE_AUTH_TOKEN", "NPM_TOKEN"]),
    (&["yarn", "npm", "publish"], &["NODE_AUTH_TOKEN", "NPM_TOKEN", "YARN_NPM_AUTH_TOKEN"]),
    (&["cargo", "publish"], &["CARGO_REGISTRY_TOKEN"]),
    (&["cargo", "workspaces", "publish"], &["CARGO_REGISTRY_TOKEN"]),
    (&["gem", "push"], &["GEM_HOST_API_KEY", "RUBYGEMS_API_KEY"]),
    (&["nuget", "push"], &["NUGET_API_KEY"]),
    (&["dart", "pub", "publish"], &["PUB_TOKEN"]),
];

/// Words that stand before a command that publishes.
const BEFORE: &[&str] = &[
    "sudo", "env", "then", "do", "else", "exec", "bundle", "python", "python3", "-m", "pipx", "uvx", "uv", "poetry",
    "run", "dotnet", "npx", "corepack", "tool", "bunx", "bun", "pnpm", "exec", "dlx", "command", "time", "rye",
    "hatch",
];

/// Options whose value is the word behind them.
const VALUED: &[&str] = &[
    "--with",
    "--from",
    "--python",
    "--spec",
    "--prefix",
    "--filter",
    "--workspace",
    "--cwd",
    "--project",
    "--directory",
    "--manifest-path",
    "-C",
    "-w",
];

/// The command that publishes in a part of a script; none for a trial run.
fn publishes(part: &str) -> Option<usize> {
    if part.contains("--dry-run") || part.contains("--help") {
        return None;
    }
    let mut words = Vec::new();
    let mut all = part.split_whitespace();
    while let Some(word) = all.next() {
        // What stands before a command may take a value; `python -m twine` does not.
        if VALUED.contains(&word) {
            all.next();
        } else if word == "-m" || !(word.starts_with(['-', '+']) || word.contains('=')) {
            words.push(word);
        }
    }
    let starts = (0..words.len()).take_while(|at| words[..*at].iter().all(|word| BEFORE.contains(word)));
    starts.into_iter().find_map(|at| COMMANDS.iter().position(|(command, _)| words[at..].starts_with(command)))
}

fn is_job_token(world: &World, expression: ResourceId) -> bool {
    let said = text(world, expression, "text").unwrap_or_default().trim().to_lowercase();
    matches!(said.as_str(), "secrets.github_token" | "github.token")
}

/// A token that lives on where trusted publishing would need none.
pub(super) fn trusted_publishing(world: &World, step: ResourceId) -> Vec<Option<Hit>> {
    let hit = |span, value: &str| {
        let message = format!("`{value}` publishes with a stored token; the registry can trust this workflow instead");
        vec![Some(Hit { resource: step, span, message: Some(message), value: value.to_owned() })]
    };
    let root = world.root(step);
    if let Some((action, inputs)) =
        action_of(world, step).and_then(|action| PUBLISHERS.iter().find(|(of, _)| *of == action))
    {
        let with = root.get("with");
        let given = inputs.iter().any(|input| with.is_some_and(|with| with.get(input).is_some()));
        let untrusted = with.and_then(|with| with.get("setup-trusted-publisher")).and_then(|of| of.bool());
        let given = given || untrusted == Some(false);
        let url = with.and_then(|with| with.get("repository-url").or_else(|| with.get("repository_url")));
        let elsewhere = url.is_some_and(|url| url.text().is_none_or(|url| !url.contains("pypi.org")));
        return if given && !elsewhere { hit(root.get("uses").map(|uses| uses.span()), action) } else { Vec::new() };
    }
    let Some(script) = text(world, step, "script") else { return Vec::new() };
    let job = first(world, step, "job");
    let scopes = [Some(step), job, first(world, step, "workflow")];
    let has = |name: &str| scopes.into_iter().flatten().any(|id| world.root(id).at(&["env", name]).is_some());
    // The registry trusts a token of the job's identity, which the job must be allowed to ask for.
    let allowed = job.and_then(|job| world.field(job, "effective_permissions"));
    let trusted = job.is_none() || allowed.and_then(|of| of.get("id-token")).and_then(|of| of.text()) == Some("write");
    for (number, line) in script.lines().enumerate() {
        let code = line.split(" #").next().unwrap_or_default().trim();
        for part in code.split(['&', '|', ';', '(', ')']).filter(|part| !part.starts_with('#')) {
            let Some((command, variables)) = publishes(part).map(|at| COMMANDS[at]) else { continue };
            // The platform's own registry takes the job's token.
            let own =
                |name: &&str| expressions_at(world, step, &format!("env.{name}")).any(|id| is_job_token(world, id));
            if part.contains("pkg.github.com") || variables.iter().any(own) {
                continue;
            }
            let named = ["--token", "--api-key", "-p ", "--password"].iter().any(|option| part.contains(option));
            if !trusted || named || variables.iter().any(|name| has(name)) {
                return hit(line_span(world, step, number), &command.join(" "));
            }
        }
    }
    Vec::new()
}

/// A token of an application with all its rights, or for all its repositories.
pub(super) fn app_token(world: &World, step: ResourceId) -> Vec<Option<Hit>> {
    let apps = [
        "actions/create-github-app-token",
        "tibdex/github-app-token",
        "peter-murray/workflow-application-token-action",
    ];
    if !action_of(world, step).is_some_and(|action| apps.contains(&action)) {
        return Vec::new();
    }
    let root = world.root(step);
    let with = root.get("with");
    let limited = with.is_some_and(|with| with.members().any(|(name, _)| name.starts_with("permission")));
    let input = |name: &str| with.and_then(|with| with.get(name));
    let span = root.get("uses").map(|uses| uses.span());
    let mut out = Vec::new();
    let mut hit = |span, message: &str, value: &str| {
        out.push(Some(Hit { resource: step, span, message: Some(message.to_owned()), value: value.to_owned() }));
    };
    if !limited {
        hit(
            span,
            "this token has every right of the application: name the permissions that the job needs",
            "permissions",
        );
    }
    if let Some(owner) = input("owner").filter(|_| input("repositories").is_none()) {
        hit(
            Some(owner.span()),
            "this token reaches every repository where the application is installed",
            "repositories",
        );
    }
    if let Some(skip) = input("skip-token-revoke").filter(|skip| skip.bool() == Some(true)) {
        hit(Some(skip.span()), "this token lives on when the job has ended", "revoke");
    }
    out
}

/// A reference that is written in a roundabout way, so that who looks for the action does not find it.
pub(super) fn obfuscated_reference(world: &World, found: ResourceId) -> Vec<Option<Hit>> {
    let Some(said) = text(world, found, "uses") else { return Vec::new() };
    let path = said.split('@').next().unwrap_or_default();
    let (path, local) = match path.strip_prefix("./").or_else(|| path.strip_prefix("$/")) {
        Some(rest) => (rest.trim_end_matches('/'), true),
        None => (path, false),
    };
    if path.contains("://") || path.is_empty() || (local && path.starts_with("..")) {
        return Vec::new();
    }
    if !path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Vec::new();
    }
    let span = Some(world.resource(found).span);
    let message = "the path has parts that lead nowhere: written plainly it is found by who looks for it".to_owned();
    vec![Some(Hit { resource: found, span, message: Some(message), value: said.to_owned() })]
}
