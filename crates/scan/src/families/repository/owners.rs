//! `CODEOWNERS`: lines that the platform passes over, patterns for nothing, workflows without an owner.

use super::add;
use crate::limits::{MAX_OWNER_LINES, MAX_OWNER_PAIRS};
use crate::resource::{FileId, World};
use crate::text::Span;
use crate::tree::Data;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Where it may lie: the first that is there counts.
pub const PLACES: &[&str] = &[".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// A line with a pattern.
struct Line {
    span: Span,
    pattern: String,
    owners: Vec<String>,
    /// GitLab: the owners of its section count when it has none.
    section_owners: bool,
    problem: Option<String>,
}

/// Reads the file that counts.
pub fn read(world: &mut World, file: FileId) {
    let text = world.file(file).text.clone();
    let gitlab = text.path.starts_with(".gitlab/")
        || text.text.lines().any(|line| line.trim_start().starts_with(['[', '^']) && line.contains(']'));
    let lines = lines(&text.text, gitlab);
    let whole = world.is_repository && lines.len().saturating_mul(world.paths.len()) <= MAX_OWNER_PAIRS;
    let matchers: Vec<Option<Gitignore>> = lines.iter().map(|line| matcher(&line.pattern)).collect();
    let paths = world.paths.clone();
    for (line, matcher) in lines.iter().zip(&matchers) {
        let matches = matcher
            .as_ref()
            .filter(|_| whole)
            .map(|matcher| paths.iter().any(|path| matcher.matched_path_or_any_parents(&**path, false).is_ignore()));
        let tree = world.tree_mut(file);
        let mut members = vec![("pattern", tree.text(&line.pattern, line.span))];
        if let Some(matches) = matches {
            members.push(("matches", tree.add(Data::Bool(matches), line.span)));
        }
        if let Some(problem) = &line.problem {
            members.push(("problem", tree.text(problem, line.span)));
        }
        let node = tree.map(&members, line.span);
        add(world, file, "codeowner_line", line.pattern.clone(), node, line.span);
    }
    let workflows = paths.iter().filter(|path| path.starts_with(".github/workflows/") && path.ends_with("ml"));
    let owned = |path: &str| {
        let last = lines.iter().zip(&matchers).rev().find(|(line, matcher)| {
            matcher.as_ref().is_some_and(|matcher| {
                if line.pattern.ends_with("/*") {
                    matcher.matched(path, false).is_ignore()
                } else {
                    matcher.matched_path_or_any_parents(path, false).is_ignore()
                }
            })
        });
        last.is_some_and(|(line, _)| !line.owners.is_empty() || line.section_owners)
    };
    let unowned = workflows.filter(|_| whole && !gitlab).find(|path| !owned(path)).cloned();
    let span = Span::new(0, text.line(1).len());
    let tree = world.tree_mut(file);
    let mut members = vec![("lines", tree.add(Data::Int(lines.len() as i64), span))];
    if let Some(path) = unowned {
        members.push(("unowned_workflow", tree.text(&path, span)));
    }
    let node = tree.map(&members, span);
    add(world, file, "codeowners", "CODEOWNERS".to_owned(), node, span);
}

fn matcher(pattern: &str) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new("");
    builder.add_line(None, pattern.trim_start_matches('!')).ok()?;
    builder.build().ok().filter(|matcher| !matcher.is_empty())
}

fn lines(text: &str, gitlab: bool) -> Vec<Line> {
    let (mut out, mut start, mut section_owners) = (Vec::new(), 0, false);
    for whole in text.split_inclusive('\n').take(MAX_OWNER_LINES) {
        let begin = start;
        start += whole.len();
        let line = whole.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let section = line.trim_start_matches('^');
        if gitlab && section.starts_with('[') {
            section_owners = section.rsplit(']').next().is_some_and(|rest| rest.contains('@'));
            continue;
        }
        let indent = whole.len() - whole.trim_start().len();
        let mut words = words(line).into_iter();
        let Some(pattern) = words.next() else { continue };
        let owners: Vec<String> = words.take_while(|word| !word.starts_with('#')).collect();
        let problem = problem(&pattern, &owners, gitlab);
        let span = Span::new(begin + indent, begin + indent + line.len());
        out.push(Line { span, pattern, owners, section_owners, problem });
    }
    out
}

/// Words between blanks; a blank after a backslash divides nothing.
fn words(line: &str) -> Vec<String> {
    let (mut out, mut word, mut characters) = (Vec::new(), String::new(), line.chars());
    while let Some(character) = characters.next() {
        if character == '\\' {
            word.push(character);
            word.extend(characters.next());
        } else if character.is_whitespace() {
            if !word.is_empty() {
                out.push(std::mem::take(&mut word));
            }
        } else {
            word.push(character);
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

/// What the platform does not understand.
fn problem(pattern: &str, owners: &[String], gitlab: bool) -> Option<String> {
    if !gitlab && pattern.starts_with('!') {
        return Some("`!` is not known here, so the line is passed over".to_owned());
    }
    if !gitlab && pattern.starts_with('[') {
        return Some("sections and `[ ]` are not known here, so the line is passed over".to_owned());
    }
    let is = |owner: &&String| {
        let name = owner.strip_prefix('@').unwrap_or("");
        let team = !name.is_empty()
            && name.split('/').all(|part| !part.is_empty())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./@".contains(&byte));
        let mail = owner.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        team || mail
    };
    owners.iter().find(|owner| !is(owner)).map(|owner| {
        let owner: String = owner.chars().take(60).collect();
        format!("`{owner}` is no owner: expected @user, @org/team or a mail address")
    })
}
