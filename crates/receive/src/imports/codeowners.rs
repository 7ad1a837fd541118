//! CODEOWNERS of GitHub and GitLab: which team owns which path of a repository.
//!
//! Within a section the last rule that matches a path decides; without section headings a file is one section. What the
//! forges skip, such as a pattern that they cannot read, is skipped and noted here too.

use super::draft::{Draft, is_person};
use super::limits::{MAX_CODEOWNERS_BYTES, MAX_CODEOWNERS_LINE_BYTES, MAX_CODEOWNERS_RULES, MAX_OWNERS, MAX_SECTIONS};
use super::paths::{self, Pattern};
use super::{ImportError, Imported, Reading};
use model::entity::{OWNED_BY, team};
use model::{About, EntityRef};
use std::collections::{BTreeSet, HashSet};

pub use super::paths::Dialect;

/// What a CODEOWNERS file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    sections: Vec<Section>,
}

/// Rules of which the last that matches decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Section {
    /// Lower case; empty before the first heading.
    name: String,
    owners: Vec<EntityRef>,
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    /// As it is written.
    written: String,
    pattern: Pattern,
    owners: Vec<EntityRef>,
    /// GitLab's `!pattern`: what matches has no owner in this section, whatever follows.
    excludes: bool,
}

/// The teams that own a file, by its path within the repository. Persons own too, but are never kept.
pub fn owners_of_path<'r>(rules: &'r Rules, path: &str) -> Vec<&'r EntityRef> {
    let path = paths::parts(path);
    let mut owners: Vec<&EntityRef> = Vec::new();
    for section in &rules.sections {
        let matching = |rule: &&Rule| rule.pattern.matches(&path);
        if section.rules.iter().filter(|rule| rule.excludes).any(|rule| matching(&rule)) {
            continue;
        }
        let last = section.rules.iter().rev().filter(|rule| !rule.excludes).find(matching);
        for owner in last.map_or(&[][..], |rule| &rule.owners) {
            if !owners.contains(&owner) {
                owners.push(owner);
            }
        }
    }
    owners
}

/// Reads the rules of a file; answers notes beside them.
///
/// # Errors
/// When it is too large, or a heading of a section is not closed.
pub fn rules(text: &str, dialect: Dialect, reading: &Reading<'_>) -> Result<(Rules, Vec<String>), ImportError> {
    let mut draft = Draft::new("codeowners", reading);
    let rules = parse(text, dialect, &mut draft)?;
    Ok((rules, draft.finish()?.notes))
}

/// Whose rules a file follows: GitLab's when it lies there or has sections.
pub fn dialect_of(text: &str, name: &str, repository: Option<&EntityRef>) -> Dialect {
    let host = repository.and_then(|repository| repository.key.split('/').next()).unwrap_or_default();
    let sections = text.lines().any(|line| line.starts_with('[') || line.starts_with("^["));
    let gitlab = host.contains("gitlab") || name.contains(".gitlab/") || host != "github.com" && sections;
    if gitlab { Dialect::GitLab } else { Dialect::GitHub }
}

/// The file as facts about the repository.
pub fn read(text: &str, reading: &Reading<'_>) -> Result<Imported, ImportError> {
    let Some(repository) = reading.subject.filter(|subject| subject.kind == "repository") else {
        let reason =
            "a CODEOWNERS file does not say whose it is: name it, such as --subject repository:github.com/acme/shop";
        return Err(reading.refuse(reason));
    };
    let mut draft = Draft::new("codeowners", reading);
    let rules = parse(text, dialect_of(text, reading.name, Some(repository)), &mut draft)?;
    let mut told = BTreeSet::new();
    for section in &rules.sections {
        // What comes before a rule for everything never decides.
        let whole = section.rules.iter().rposition(|rule| rule.pattern.is_everything() && !rule.excludes);
        let hidden = whole.unwrap_or(0);
        (0..hidden).for_each(|_| draft.count("rules never decide: a later rule for everything comes after them"));
        let mut later = HashSet::new();
        for rule in section.rules[hidden..].iter().rev().filter(|rule| !rule.excludes) {
            // The same pattern again decides alone.
            if !later.insert(&rule.pattern) {
                continue;
            }
            let layer = if rule.pattern.is_everything() { String::new() } else { format!("path:{}", rule.written) };
            for owner in &rule.owners {
                if told.insert((layer.clone(), owner.clone())) {
                    let observation = draft.facts.related(repository.clone(), OWNED_BY, owner.clone(), reading.at);
                    if let About::Relation(relation) = &mut observation.about {
                        relation.layer.clone_from(&layer);
                    }
                }
            }
        }
    }
    draft.complete(repository, &[OWNED_BY]);
    draft.finish()
}

fn parse(text: &str, dialect: Dialect, draft: &mut Draft<'_>) -> Result<Rules, ImportError> {
    if text.len() > MAX_CODEOWNERS_BYTES {
        let reason = format!("{} bytes; at most {MAX_CODEOWNERS_BYTES} (MAX_CODEOWNERS_BYTES) are read", text.len());
        return Err(draft.reading.refuse(reason));
    }
    let mut sections = vec![Section::default()];
    let (mut current, mut count) = (0, 0);
    for (index, line) in text.lines().enumerate() {
        let place = (index + 1, 1);
        if line.len() > MAX_CODEOWNERS_LINE_BYTES {
            let reason =
                format!("the line has more than {MAX_CODEOWNERS_LINE_BYTES} bytes (MAX_CODEOWNERS_LINE_BYTES)");
            return Err(draft.reading.refuse_at(place, reason));
        }
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let heading = line.strip_prefix('^').unwrap_or(line).starts_with('[');
        if heading && dialect == Dialect::GitLab {
            current = section(line, &mut sections, place, draft)?;
            continue;
        }
        count += 1;
        if count > MAX_CODEOWNERS_RULES {
            let reason = format!("more than {MAX_CODEOWNERS_RULES} rules (MAX_CODEOWNERS_RULES)");
            return Err(draft.reading.refuse_at(place, reason));
        }
        if let Some(rule) = rule(line, dialect, &sections[current].owners, place.0, draft) {
            sections[current].rules.push(rule);
        }
    }
    Ok(Rules { sections })
}

/// `^[Name][2] @owner`: the section, which an earlier heading of the same name may have begun.
fn section(
    line: &str,
    sections: &mut Vec<Section>,
    place: (usize, usize),
    draft: &mut Draft<'_>,
) -> Result<usize, ImportError> {
    let open = line.trim_start_matches('^').trim_start_matches('[');
    let refuse = |reason: &str| draft.reading.refuse_at(place, reason);
    let (name, rest) = open.split_once(']').ok_or_else(|| refuse("the heading of the section has no closing ]"))?;
    if name.trim().is_empty() {
        return Err(refuse("the heading of the section has no name"));
    }
    let rest = match rest.strip_prefix('[') {
        Some(rest) => {
            let (number, rest) =
                rest.split_once(']').ok_or_else(|| refuse("the number of approvals has no closing ]"))?;
            if number.parse::<u32>().is_err() {
                return Err(refuse("the number of approvals is no number"));
            }
            rest
        }
        None => rest,
    };
    let name = name.trim().to_lowercase();
    let known = sections.iter().position(|section| section.name == name);
    if known.is_none() && sections.len() > MAX_SECTIONS {
        return Err(refuse(&format!("more than {MAX_SECTIONS} sections (MAX_SECTIONS)")));
    }
    let owners = owners(rest, place.0, draft);
    let index = known.unwrap_or(sections.len());
    if known.is_none() {
        sections.push(Section { name, ..Section::default() });
    }
    sections[index].owners = owners;
    Ok(index)
}

fn rule(line: &str, dialect: Dialect, default: &[EntityRef], number: usize, draft: &mut Draft<'_>) -> Option<Rule> {
    let (written, rest) = pattern(line);
    let (excludes, plain) = match written.strip_prefix('!') {
        Some(plain) => (true, plain),
        None => (false, written.as_str()),
    };
    if excludes && dialect == Dialect::GitHub || plain.is_empty() || plain.contains(['[', ']', '\0']) {
        draft.note(format!("line {number}: the forge cannot read this pattern and skips the rule"));
        return None;
    }
    let named = rest.split('#').next().is_some_and(|rest| !rest.trim().is_empty());
    let owners = if named { owners(rest, number, draft) } else { default.to_vec() };
    Some(Rule { pattern: Pattern::new(plain, dialect), owners, excludes, written })
}

/// The pattern at the start of a line without its escapes, and the rest.
fn pattern(line: &str) -> (String, &str) {
    let mut pattern = String::new();
    let mut letters = line.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => pattern.extend(letters.next().map(|(_, escaped)| escaped)),
            letter if letter.is_whitespace() => return (pattern, &line[at..]),
            letter => pattern.push(letter),
        }
    }
    (pattern, "")
}

/// The teams of a list of owners. What is no team is counted, never named.
fn owners(text: &str, number: usize, draft: &mut Draft<'_>) -> Vec<EntityRef> {
    let mut teams: Vec<EntityRef> = Vec::new();
    for (index, word) in text.split_whitespace().take_while(|word| !word.starts_with('#')).enumerate() {
        if index == MAX_OWNERS {
            draft.note(format!("line {number}: owners after the first {MAX_OWNERS} (MAX_OWNERS) are left out"));
            break;
        }
        let path = word.strip_prefix('@').filter(|path| !path.starts_with('@'));
        match path {
            Some(path) if path.contains('/') => match team(path) {
                Ok(team) if !teams.contains(&team) => teams.push(team),
                Ok(_) => {}
                Err(_) => draft.note(format!("line {number}: an owner has no name")),
            },
            Some(_) => draft.count("owners are persons (@name) and are not kept; a team is @org/name"),
            None if word.starts_with("@@") => draft.count("owners are roles (@@role) and are not kept"),
            None if is_person(word) => draft.count("owners are e-mail addresses of persons and are not kept"),
            None => draft.note(format!("line {number}: an owner has neither @ nor an address and is skipped")),
        }
    }
    teams
}

#[cfg(test)]
mod tests {
    use super::super::testing::{entity, reading, relations};
    use super::*;
    use proptest::prelude::*;

    fn facts(text: &str, repository: &str) -> Result<Imported, ImportError> {
        let repository = entity(&format!("repository:{repository}"));
        read(text, &Reading { subject: Some(&repository), ..reading("CODEOWNERS") })
    }

    fn parsed(text: &str, dialect: Dialect) -> Rules {
        rules(text, dialect, &reading("CODEOWNERS")).unwrap().0
    }

    fn teams(rules: &Rules, path: &str) -> String {
        owners_of_path(rules, path).iter().map(|team| team.key.as_str()).collect::<Vec<_>>().join(" ")
    }

    const GITHUB: &str = "\
# Everyone
*            @acme/Shop  @ada  # who answers first
/docs/       @acme/writers docs@example.org
/apps/       @acme/apps
/apps/github
/with\\ space/ @acme/space
!/secret     @acme/none
[a-z].rs     @acme/none
/pay/        payments
";

    #[test]
    fn github_becomes_layers_of_the_repository() {
        let imported = facts(GITHUB, "github.com/acme/shop").unwrap();
        let repository = "repository:github.com/acme/shop";
        assert_eq!(
            relations(&imported.facts),
            [
                format!("{repository} owned_by team:shop"),
                format!("{repository} owned_by/path:/apps/ team:apps"),
                format!("{repository} owned_by/path:/docs/ team:writers"),
                format!("{repository} owned_by/path:/with space/ team:space"),
            ]
        );
        assert_eq!(imported.facts.origin, "codeowners");
        assert_eq!(imported.facts.complete.len(), 1);
        assert_eq!(imported.facts.complete[0].relation, "owned_by");
        assert_eq!(
            imported.notes,
            [
                "line 7: the forge cannot read this pattern and skips the rule",
                "line 8: the forge cannot read this pattern and skips the rule",
                "line 9: an owner has neither @ nor an address and is skipped",
                "1 owners are e-mail addresses of persons and are not kept",
                "1 owners are persons (@name) and are not kept; a team is @org/name",
            ]
        );
        assert!(!format!("{imported:?}").contains("ada"));
    }

    #[test]
    fn the_last_rule_of_a_path_decides() {
        let rules = parsed(GITHUB, Dialect::GitHub);
        for (path, expected) in [
            ("src/main.rs", "shop"),
            ("docs/a/b.md", "writers"),
            ("/apps/x", "apps"),
            ("apps/github/x", ""),
            ("apps/github", ""),
            ("with space/a", "space"),
            ("secret", "shop"),
            ("pay/a", ""),
        ] {
            assert_eq!(teams(&rules, path), expected, "{path}");
        }
    }

    const GITLAB: &str = "\
* @acme/all

[Documentation][2] @acme/writers @acme/editors
docs/
README.md @acme/readme
!docs/private/

^[Database] @acme/dba
*.sql
model/db/ @acme/group/storage

[DOCUMENTATION] @acme/other
/guide/
";

    #[test]
    fn sections_of_gitlab_decide_side_by_side() {
        let rules = parsed(GITLAB, Dialect::GitLab);
        for (path, expected) in [
            ("x", "all"),
            ("docs/a", "all writers editors"),
            ("docs/README.md", "all readme"),
            ("docs/private/a", "all"),
            ("docs/a.sql", "all writers editors dba"),
            ("x/model/db/a.sql", "all storage"),
            ("guide/a", "all other"),
        ] {
            assert_eq!(teams(&rules, path), expected, "{path}");
        }
        assert_eq!(dialect_of(GITLAB, "CODEOWNERS", None), Dialect::GitLab);
        assert_eq!(dialect_of("*", ".gitlab/CODEOWNERS", None), Dialect::GitLab);
        assert_eq!(dialect_of("[a]", "CODEOWNERS", Some(&entity("repository:github.com/a/b"))), Dialect::GitHub);
        let told = relations(&facts(GITLAB, "gitlab.com/acme/shop").unwrap().facts);
        assert_eq!(told[0], "repository:gitlab.com/acme/shop owned_by team:all");
        assert!(told.contains(&"repository:gitlab.com/acme/shop owned_by/path:model/db/ team:storage".to_owned()));
        assert_eq!(told.len(), 7);
    }

    #[test]
    fn what_never_decides_is_not_told() {
        let text = "/a/ @x/one\n* @x/two\n/b/ @x/three\n/b/ @x/four\n* @x/five\n/c/ @x/six\n/c/ @x/seven\n";
        let imported = facts(text, "github.com/a/b").unwrap();
        let repository = "repository:github.com/a/b";
        assert_eq!(
            relations(&imported.facts),
            [format!("{repository} owned_by team:five"), format!("{repository} owned_by/path:/c/ team:seven")]
        );
        assert_eq!(imported.notes, ["4 rules never decide: a later rule for everything comes after them"]);
    }

    #[test]
    fn what_is_malformed_names_its_line() {
        let long = format!("* @a/b\n/x {}\n", "@a/b ".repeat(2_000));
        let many = "* @a/b\n".repeat(MAX_CODEOWNERS_RULES + 1);
        for (text, expected) in [
            ("* @a/b\n[Docs\n/x @a/b\n", "CODEOWNERS:2:1: the heading of the section has no closing ]"),
            ("[ ]\n", "CODEOWNERS:1:1: the heading of the section has no name"),
            ("\n\n[Docs][two] @a/b\n", "CODEOWNERS:3:1: the number of approvals is no number"),
            ("[Docs][2 @a/b\n", "CODEOWNERS:1:1: the number of approvals has no closing ]"),
            (&long, "CODEOWNERS:2:1: the line has more than 8192 bytes (MAX_CODEOWNERS_LINE_BYTES)"),
            (&many, "CODEOWNERS:20001:1: more than 20000 rules (MAX_CODEOWNERS_RULES)"),
        ] {
            assert_eq!(facts(text, "gitlab.com/a/b").unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn it_must_be_said_whose_it_is() {
        for subject in [None, Some(entity("service:shop"))] {
            let reading = Reading { subject: subject.as_ref(), ..reading("CODEOWNERS") };
            let error = read("* @a/b", &reading).unwrap_err().to_string();
            assert!(error.contains("--subject repository:github.com/acme/shop"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_the_last_owner_wins(text in "[a-z/*@\\[\\]^!#\\\\ \n]{0,80}", path in "[a-z/]{0,12}") {
            for dialect in [Dialect::GitHub, Dialect::GitLab] {
                if let Ok((rules, _)) = rules(&text, dialect, &reading("CODEOWNERS")) {
                    owners_of_path(&rules, &path);
                }
                let closed = format!("/a/ @x/first\n{path}/q @x/other\n/** @x/last\n");
                prop_assert_eq!(teams(&parsed(&closed, dialect), &format!("z/{path}")), "last");
            }
        }
    }
}
