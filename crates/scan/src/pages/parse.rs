//! The form of a page: headings, sections, blocks that are files.

use super::{Case, LEAST_CASES, Page, Problem};
use crate::limits::{MAX_CASE_FILES, MAX_CASES, MAX_PAGE_PROBLEMS, MAX_RULE_BYTES};
use crate::text::Place;
use std::sync::Arc;

const OPERATIONS: &str = "Why it matters for operations";
const SECURITY: &str = "Why it matters for security";
const FALSE_POSITIVES: &str = "False positives";
const HOW_TO_FIX: &str = "How to fix";
const CASES: &str = "Cases";
/// The sections that a page must have, and what belongs into them.
const SECTIONS: [(&str, &str); 4] = [
    (OPERATIONS, "say what outage, drift or toil it means"),
    (SECURITY, "say what attack it means"),
    (FALSE_POSITIVES, "say what else looks like it"),
    (HOW_TO_FIX, "say what to write instead"),
];

pub(super) fn page(file: &str, text: &str) -> Result<Page, Vec<Problem>> {
    let mut reader = Reader { file: file.into(), ..Reader::default() };
    if text.len() > MAX_RULE_BYTES {
        reader.problem(1, 1, format!("a page has at most {} KiB", MAX_RULE_BYTES >> 10));
        return Err(reader.problems);
    }
    for (index, line) in text.lines().enumerate() {
        reader.line(index + 1, line);
    }
    reader.finish()
}

/// A section on its way.
struct Section {
    name: String,
    line: usize,
    text: String,
}

/// An open block of a case.
struct Block {
    line: usize,
    /// The backticks that close it.
    fence: usize,
    path: String,
    text: String,
}

#[derive(Default)]
struct Reader {
    file: Arc<str>,
    title: Option<(String, usize)>,
    sections: Vec<Section>,
    cases: Vec<Case>,
    /// An open block of a section that is prose: nothing in it is a heading.
    prose_fence: Option<usize>,
    block: Option<Block>,
    problems: Vec<Problem>,
}

impl Reader {
    fn problem(&mut self, line: usize, column: usize, says: impl Into<String>) {
        if self.problems.len() < MAX_PAGE_PROBLEMS {
            let place = Place { line: line as u32, column: column as u32 };
            self.problems.push(Problem { file: self.file.clone(), place, says: says.into() });
        }
    }

    fn in_cases(&self) -> bool {
        self.sections.last().is_some_and(|section| section.name == CASES)
    }

    fn line(&mut self, number: usize, line: &str) {
        if let Some(block) = &mut self.block {
            if closes(line, block.fence) {
                self.close();
            } else {
                block.text.push_str(line);
                block.text.push('\n');
            }
            return;
        }
        if let Some(fence) = self.prose_fence {
            if closes(line, fence) {
                self.prose_fence = None;
            }
            return self.prose(number, line);
        }
        if let Some((fence, info)) = opens(line) {
            if self.in_cases() {
                return self.open(number, fence, info);
            }
            self.prose_fence = Some(fence);
            return self.prose(number, line);
        }
        if let Some(title) = line.strip_prefix("# ") {
            match &self.title {
                None => self.title = Some((title.trim().to_owned(), number)),
                Some(_) => self.problem(number, 1, "a page has one title; sections begin with `## `"),
            }
        } else if let Some(name) = line.strip_prefix("## ") {
            self.section(number, name.trim());
        } else if self.in_cases() {
            self.case_line(number, line);
        } else {
            self.prose(number, line);
        }
    }

    fn section(&mut self, number: usize, name: &str) {
        if let Some(first) = self.sections.iter().find(|section| section.name == name) {
            let says = format!("there is a section `{name}` in line {} already", first.line);
            self.problem(number, 4, says);
        }
        self.sections.push(Section { name: name.to_owned(), line: number, text: String::new() });
    }

    fn prose(&mut self, number: usize, line: &str) {
        if self.title.is_none() {
            if line.trim().is_empty() {
                return;
            }
            self.problem(number, 1, "a page begins with `# ` and the title of the rule");
            // Told once is enough.
            self.title = Some((String::new(), number));
        }
        if self.sections.is_empty() {
            // The front paragraph is the section without a name.
            self.sections.push(Section { name: String::new(), line: number, text: String::new() });
        }
        if let Some(section) = self.sections.last_mut() {
            section.text.push_str(line);
            section.text.push('\n');
        }
    }

    fn case_line(&mut self, number: usize, line: &str) {
        let Some(heading) = line.strip_prefix("### ") else {
            // Words between cases are for people.
            return;
        };
        let (kind, says) = heading.split_once(':').unwrap_or((heading, ""));
        let (kind, mut says, mut expected) = (kind.trim(), says.trim(), None);
        if let Some((before, number)) = says.strip_suffix(')').and_then(|says| says.rsplit_once("(line "))
            && let Ok(number) = number.trim().parse()
        {
            (says, expected) = (before.trim_end(), Some(number));
        }
        if !matches!(kind, "fires" | "quiet") || says.is_empty() {
            self.problem(number, 5, "a case is called `### fires: a sentence` or `### quiet: a sentence`");
        }
        if kind == "quiet" && expected.is_some() {
            self.problem(number, 5, "a quiet case expects no finding, so it has no `(line N)`");
        }
        if self.cases.len() == MAX_CASES {
            self.problem(number, 1, format!("a page has at most {MAX_CASES} cases"));
            return;
        }
        let (fires, says) = (kind == "fires", says.to_owned());
        self.cases.push(Case { fires, says, line: number, expected, files: Vec::new() });
    }

    fn open(&mut self, number: usize, fence: usize, info: &str) {
        let path = info.split_whitespace().nth(1).unwrap_or_default().to_owned();
        let inside = !path.starts_with('/') && !path.contains('\\') && path.split('/').all(|part| part != "..");
        if self.cases.is_empty() {
            self.problem(number, 1, "files stand below a `### fires: ...` or `### quiet: ...`");
        } else if path.is_empty() || !inside {
            self.problem(number, fence + 1, "a file begins with its language and its path: ```yaml deployment.yml");
        }
        self.block = Some(Block { line: number, fence, path, text: String::new() });
    }

    fn close(&mut self) {
        let Some(block) = self.block.take() else { return };
        let Some(case) = self.cases.last_mut() else { return };
        if case.files.iter().any(|(path, _)| *path == block.path) {
            let says = format!("this case has a file `{}` already", block.path);
            self.problem(block.line, 1, says);
        } else if case.files.len() >= MAX_CASE_FILES {
            self.problem(block.line, 1, format!("a case has at most {MAX_CASE_FILES} files"));
        } else {
            case.files.push((block.path, block.text));
        }
    }

    fn finish(mut self) -> Result<Page, Vec<Problem>> {
        if let Some(block) = self.block.take() {
            self.problem(block.line, 1, "this block is never closed");
        }
        let (title, line) = self.title.take().unwrap_or_default();
        if line == 0 {
            self.problem(1, 1, "a page begins with `# ` and the title of the rule");
        }
        let front = self.take("", line.max(1), "say below the title what the rule sees");
        let [operations, security, false_positives, how_to_fix] =
            SECTIONS.map(|(name, wanted)| self.take(name, line.max(1), wanted));
        self.check_cases(line.max(1));
        if !self.problems.is_empty() {
            self.problems.sort_by_key(|problem| problem.place);
            return Err(self.problems);
        }
        let other = self.sections.drain(..).filter(|section| section.name != CASES);
        let other = other.map(|section| (section.name, section.text.trim().to_owned())).collect();
        let cases = self.cases;
        Ok(Page { title, line, front, operations, security, false_positives, how_to_fix, other, cases })
    }

    /// The text of a section, which must be there and say something.
    fn take(&mut self, name: &str, title_line: usize, wanted: &str) -> String {
        let named = if name.is_empty() { "front paragraph".to_owned() } else { format!("section `## {name}`") };
        let Some(at) = self.sections.iter().position(|section| section.name == name) else {
            self.problem(title_line, 1, format!("the {named} is missing: {wanted}"));
            return String::new();
        };
        let section = self.sections.remove(at);
        let text = section.text.trim().to_owned();
        if text.is_empty() {
            self.problem(section.line, 1, format!("the {named} is empty: {wanted}"));
        }
        text
    }

    fn check_cases(&mut self, title_line: usize) {
        let line = self.sections.iter().find(|section| section.name == CASES).map_or(title_line, |cases| cases.line);
        for (fires, kind) in [(true, "fires"), (false, "quiet")] {
            let count = self.cases.iter().filter(|case| case.fires == fires).count();
            if count < LEAST_CASES {
                let says =
                    format!("{count} cases `### {kind}: ...` below `## {CASES}`, at least {LEAST_CASES} are needed");
                self.problem(line, 1, says);
            }
        }
        let empty = self.cases.iter().filter(|case| case.files.is_empty()).map(|case| case.line);
        for line in empty.collect::<Vec<_>>() {
            self.problem(line, 1, "this case has no files: put them below it, in blocks like ```yaml deployment.yml");
        }
    }
}

/// Whether a line opens a block: how many backticks, and what follows them.
fn opens(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches('`');
    let fence = line.len() - rest.len();
    (fence >= 3).then(|| (fence, rest.trim()))
}

/// Whether a line closes a block of so many backticks.
fn closes(line: &str, fence: usize) -> bool {
    opens(line.trim_end()).is_some_and(|(backticks, rest)| backticks >= fence && rest.is_empty())
}
