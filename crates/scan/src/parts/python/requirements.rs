//! Requirement files of pip: only what is pinned (`==` without `*`, or `===`) is a component.
//!
//! Files named by `-r` are read within the tree; those named by `-c` pin what the others ask for. What pip-compile notes
//! (`# via`) tells what came in by what.

use super::super::purl::Purl;
use super::super::{Inventory, Others, Part, relative};
use super::{leading_name, normal};
use crate::limits::MAX_REQUIREMENT_FILES;
use crate::text::{Span, Text};
use ahash::{AHashMap, AHashSet};

/// Reads a requirement file.
pub fn read(text: &Text, others: Others<'_>) -> Inventory {
    let mut reader = Reader::new(others);
    reader.seen.insert(text.path.to_string());
    reader.file(text, false, 0);
    reader.finish()
}

/// A requirement whose version is not told by itself.
struct Open {
    text: Text,
    span: Span,
    name: String,
    reason: &'static str,
}

struct Reader<'o> {
    others: Others<'o>,
    seen: AHashSet<String>,
    inventory: Inventory,
    /// By normal name.
    parts: AHashMap<String, Part>,
    pins: AHashMap<String, String>,
    open: Vec<Open>,
    via: Vec<(String, Part)>,
}

/// A line with its continuations, without its comment.
struct Line {
    span: Span,
    said: String,
    comment: String,
}

impl<'o> Reader<'o> {
    fn new(others: Others<'o>) -> Self {
        Reader {
            others,
            seen: AHashSet::new(),
            inventory: Inventory::default(),
            parts: AHashMap::new(),
            pins: AHashMap::new(),
            open: Vec::new(),
            via: Vec::new(),
        }
    }

    fn file(&mut self, text: &Text, is_constraint: bool, depth: usize) {
        let mut last: Option<Part> = None;
        let mut in_via = false;
        for line in lines(text) {
            if line.said.is_empty() {
                self.comment(&line.comment, last, &mut in_via);
                continue;
            }
            last = None;
            if let Some((option, value)) = file_option(&line.said) {
                self.option(text, &line, option, value, is_constraint, depth);
            } else if let Some(target) = editable(&line.said) {
                self.inventory.miss(
                    text,
                    line.span,
                    target,
                    "it is installed from a folder or repository: it has no version here",
                );
            } else if !line.said.starts_with('-') {
                last = self.requirement(text, &line, is_constraint);
            }
            in_via = false;
            self.comment(&line.comment, last, &mut in_via);
        }
    }

    fn option(&mut self, text: &Text, line: &Line, option: char, value: &str, is_constraint: bool, depth: usize) {
        let Some(path) = relative(&text.path, value) else {
            let reason = "it is outside of the tree, so that it was not read";
            return self.inventory.miss(text, line.span, value, reason);
        };
        if self.seen.contains(&path) {
            return;
        }
        if self.seen.len() >= MAX_REQUIREMENT_FILES || depth >= MAX_REQUIREMENT_FILES {
            let reason = format!("more than {MAX_REQUIREMENT_FILES} files (MAX_REQUIREMENT_FILES): it was not read");
            return self.inventory.miss(text, line.span, value, reason);
        }
        self.seen.insert(path.clone());
        match (self.others)(&path) {
            Some(other) => self.file(&other, is_constraint || option == 'c', depth + 1),
            None => self.inventory.miss(text, line.span, value, "this file is not there"),
        }
    }

    /// What pip-compile writes: `# via flask`, or a list on the lines that follow `# via`.
    fn comment(&mut self, comment: &str, part: Option<Part>, in_via: &mut bool) {
        let Some(part) = part.or_else(|| self.inventory.components.len().checked_sub(1)) else { return };
        let said = comment.trim();
        let names = match said.strip_prefix("via") {
            Some(names) if names.is_empty() || names.starts_with(' ') => {
                *in_via = true;
                if let Some(component) = self.inventory.components.get_mut(part) {
                    component.direct = Some(false);
                }
                names
            }
            _ if *in_via => said,
            _ => return,
        };
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if name.starts_with("-r ") || name.starts_with("-c ") || name.contains(" (") {
                if !name.starts_with("-c ")
                    && let Some(component) = self.inventory.components.get_mut(part)
                {
                    component.direct = Some(true);
                }
            } else {
                self.via.push((normal(name), part));
            }
        }
    }

    fn requirement(&mut self, text: &Text, line: &Line, is_constraint: bool) -> Option<Part> {
        let Some((name, rest)) = leading_name(&line.said) else {
            self.inventory.miss(text, line.span, &line.said, "no requirement: expected NAME==VERSION");
            return None;
        };
        let key = normal(name);
        let rest = rest.trim_start();
        let rest = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(rest, |(_, rest)| rest);
        let rest = rest.split(';').next().unwrap_or_default();
        let rest = rest.split(" --").next().unwrap_or_default().trim();
        match pin(rest) {
            Ok(version) if is_constraint => {
                self.pins.insert(key, version.to_owned());
                None
            }
            Ok(version) => {
                let part = self.inventory.components.len();
                self.inventory.add(text, line.span, Purl::new("pypi", &key, version))?.direct = Some(true);
                self.parts.entry(key).or_insert(part);
                Some(part)
            }
            Err(_) if is_constraint => None,
            Err(reason) => {
                self.open.push(Open { text: text.clone(), span: line.span, name: name.to_owned(), reason });
                None
            }
        }
    }

    fn finish(mut self) -> Inventory {
        for open in std::mem::take(&mut self.open) {
            match self.pins.get(&normal(&open.name)) {
                Some(version) => {
                    let part = self.inventory.components.len();
                    let purl = Purl::new("pypi", &normal(&open.name), version);
                    if let Some(component) = self.inventory.add(&open.text, open.span, purl) {
                        component.direct = Some(true);
                        self.parts.entry(normal(&open.name)).or_insert(part);
                    }
                }
                None if self.parts.contains_key(&normal(&open.name)) => {}
                None => self.inventory.miss(&open.text, open.span, &open.name, open.reason),
            }
        }
        for (name, part) in self.via {
            self.inventory.edges.extend(self.parts.get(&name).map(|from| (*from, part)));
        }
        self.inventory
    }
}

/// The version that specifiers pin; otherwise why none.
fn pin(specifiers: &str) -> Result<&str, &'static str> {
    if specifiers.starts_with('@') {
        return Err("it is from an address: its version is not told");
    }
    let specifiers = specifiers.trim_matches(['(', ')', ' ']);
    let mut pins = specifiers.split(',').map(str::trim);
    let pinned = pins.find_map(|one| one.strip_prefix("===").or_else(|| one.strip_prefix("==")));
    match pinned.map(str::trim) {
        Some(version) if version.contains('*') => Err("`*` pins no version: write the whole version"),
        Some(version) if !version.is_empty() && !version.contains([' ', '$']) => Ok(version),
        _ => Err("no version is pinned: write NAME==VERSION, as `pip freeze` and `pip-compile` do"),
    }
}

/// `-r FILE` and `-c FILE` in their four spellings.
fn file_option(said: &str) -> Option<(char, &str)> {
    let long = |name: &str| {
        let rest = said.strip_prefix(name)?;
        rest.starts_with([' ', '=', '\t']).then(|| rest.trim_start_matches(['=', ' ', '\t']).trim())
    };
    let short = |name: &str| {
        said.strip_prefix(name).filter(|_| !said.starts_with("--")).map(|rest| rest.trim_start_matches('=').trim())
    };
    let file = |option, value: &'static str, name: &'static str| {
        long(name).or_else(|| short(value)).map(|path| (option, path))
    };
    file('r', "-r", "--requirement")
        .or_else(|| file('c', "-c", "--constraint"))
        .map(|(option, path)| (option, path.trim_matches(['"', '\''])))
}

fn editable(said: &str) -> Option<&str> {
    let rest = said.strip_prefix("-e").or_else(|| said.strip_prefix("--editable"));
    let is_path = said.starts_with(['.', '/'])
        || (said.contains("://") && leading_name(said).is_some_and(|(_, rest)| rest.starts_with([':', '+'])));
    rest.map(|rest| rest.trim_start_matches(['=', ' ']).trim()).or(is_path.then_some(said))
}

fn lines(text: &Text) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let (mut start, mut continues) = (0, false);
    for line in text.text.split_inclusive('\n') {
        let from = start;
        start += line.len();
        let end = line.trim_end();
        let comment = end
            .char_indices()
            .find(|(at, character)| *character == '#' && (*at == 0 || end[..*at].ends_with(char::is_whitespace)));
        let (said, comment) = comment.map_or((end, ""), |(at, _)| (&end[..at], &end[at + 1..]));
        let (said, more) = match end.strip_suffix('\\').filter(|_| comment.is_empty()) {
            Some(said) => (said, true),
            None => (said, false),
        };
        let indent = line.len() - line.trim_start().len();
        let span = Span::new(from + indent, from + indent + said.trim().len());
        match lines.last_mut().filter(|_| continues) {
            Some(last) => {
                last.said = format!("{} {}", last.said, said.trim()).trim().to_owned();
                last.comment.push_str(comment);
            }
            None => lines.push(Line {
                span,
                said: said.trim().trim_start_matches('\u{feff}').to_owned(),
                comment: comment.to_owned(),
            }),
        }
        continues = more;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{edges, lines, read};
    use proptest::prelude::*;

    #[test]
    fn only_pins_are_components() {
        let text = "# comment\n-i https://example.com/simple\nFlask[async]==2.0.1 ; python_version >= \"3.6\" \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    # via -r requirements.in\n\
            Jinja2 == 3.0  # via flask\nclick===8.0.post1\n    # via\n    #   flask\n    #   other-thing\nloose>=1.0\nstar==1.*\n\
            -r more/base.txt\n-cpins.txt\npinned_elsewhere\nat @ https://example.com/at-1.0.zip\n-e .\ngit+https://example.com/x.git#egg=x\n-r ../out.txt\n-r requirements.txt\n";
        let others = [
            ("more/base.txt", "Zope.Interface==5.0\n-r ../requirements.txt\n"),
            ("pins.txt", "Pinned.Elsewhere==4\nunused==1\n"),
        ];
        let inventory = read("requirements.txt", text, &others);
        assert_eq!(
            lines(&inventory),
            [
                "3 pypi/flask@2.0.1 direct Unknown",
                "7 pypi/jinja2@3.0 indirect Unknown",
                "8 pypi/click@8.0.post1 indirect Unknown",
                "1 pypi/zope-interface@5.0 direct Unknown",
                "16 pypi/pinned-elsewhere@4 direct Unknown"
            ]
        );
        assert_eq!(edges(&inventory), ["flask@2.0.1 > jinja2@3.0", "flask@2.0.1 > click@8.0.post1"]);
        assert_eq!(
            inventory.missed.iter().map(|missed| (missed.line, &*missed.name)).collect::<Vec<_>>(),
            [
                (18, "."),
                (19, "git+https://example.com/x.git#egg=x"),
                (20, "../out.txt"),
                (12, "loose"),
                (13, "star"),
                (17, "at")
            ]
        );
    }

    #[test]
    fn what_pip_takes_is_taken() {
        let text = "\u{feff}a==1.0\r\nB_c[x, y] == 2.0 ; python_version < '3' and extra == \"z\"\r\n\
            d==3.0 --hash=sha256:00 --hash=sha256:11\n   e==4.0   # indented\nf ==5.0, !=5.1\ng==6.0;os_name=='nt'\n\
            h (==7.0)\ni==1!8.0+local.1\n--extra-index-url https://u:p@example.com/simple\n-f ./wheels\n--no-binary :all:\n\
            https://example.com/j-1.0-py3-none-any.whl\n./k-1.0.whl\nl @ git+https://example.com/l@v1\n${M}==1\nn==${N}\n\
            --requirement=missing.txt\n--constraint missing-pins.txt\no>=1,==9.0\n\\\np==10.0\\";
        let inventory = read("requirements-dev.txt", text, &[]);
        let names: Vec<String> = inventory.components.iter().map(|part| part.purl.to_string()).collect();
        assert_eq!(
            names,
            [
                "pkg:pypi/a@1.0",
                "pkg:pypi/b-c@2.0",
                "pkg:pypi/d@3.0",
                "pkg:pypi/e@4.0",
                "pkg:pypi/f@5.0",
                "pkg:pypi/g@6.0",
                "pkg:pypi/h@7.0",
                "pkg:pypi/i@1%218.0%2Blocal.1",
                "pkg:pypi/o@9.0",
                "pkg:pypi/p@10.0"
            ]
        );
        let mut missed: Vec<&str> = inventory.missed.iter().map(|missed| &*missed.name).collect();
        missed.sort_unstable();
        assert_eq!(
            missed,
            [
                "${M}==1",
                "./k-1.0.whl",
                "https://example.com/j-1.0-py3-none-any.whl",
                "l",
                "missing-pins.txt",
                "missing.txt",
                "n"
            ]
        );
        assert!(
            super::super::super::kind("requirements.lock").is_some() && super::super::super::kind("a.lock").is_none()
        );
    }

    proptest! {
        #[test]
        fn it_never_panics(text in "([a-c=@\\[\\];#\\\\ .*\u{e9}-]{0,8}(==1|via|-r |--hash=)?\n?){0,10}") {
            let _ = super::read(&crate::text::Text::new("requirements.txt", text), &|_| None);
        }
    }
}
