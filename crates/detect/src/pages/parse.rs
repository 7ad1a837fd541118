//! The form of a page: headings, sections, blocks of JSON.

use super::{Case, CaseEvent, LEAST_CASES, Page, Problem};
use crate::limits::{MAX_CASE_EVENTS, MAX_CASES, MAX_PACK_FILE_BYTES, MAX_PAGE_PROBLEMS};
use crate::rule::Place;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The sections that a page must have, and what belongs into them.
const SECTIONS: [(&str, &str); 4] = [
    (OPERATIONS, "say what outage, drift or toil it means"),
    (SECURITY, "say what attack it means"),
    (FALSE_POSITIVES, "say what else looks like it"),
    (WHAT_TO_DO, "say where to look first, how to decide, and how to answer back"),
];
const OPERATIONS: &str = "Why it matters for operations";
const SECURITY: &str = "Why it matters for security";
const FALSE_POSITIVES: &str = "False positives";
const WHAT_TO_DO: &str = "What to do";
const CASES: &str = "Cases";

pub(super) fn page(file: &str, text: &str) -> Result<Page, Vec<Problem>> {
    let mut reader = Reader { file: file.into(), ..Reader::default() };
    if text.len() as u64 > MAX_PACK_FILE_BYTES {
        reader.problem(1, 1, format!("a page has at most {} KiB", MAX_PACK_FILE_BYTES >> 10));
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
    json: bool,
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
    fn place(&self, line: usize, column: usize) -> Place {
        Place { file: self.file.clone(), line, column }
    }

    fn problem(&mut self, line: usize, column: usize, says: impl Into<String>) {
        if self.problems.len() < MAX_PAGE_PROBLEMS {
            let place = self.place(line, column);
            self.problems.push(Problem { place, says: says.into() });
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
        if let Some((fence, language)) = opens(line) {
            if self.in_cases() {
                return self.open(number, fence, language);
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
        let (kind, says) = (kind.trim(), says.trim());
        if !matches!(kind, "fires" | "quiet") || says.is_empty() {
            self.problem(number, 5, "a case is called `### fires: a sentence` or `### quiet: a sentence`");
        }
        if self.cases.len() == MAX_CASES {
            self.problem(number, 1, format!("a page has at most {MAX_CASES} cases"));
            return;
        }
        let place = self.place(number, 1);
        self.cases.push(Case { fires: kind == "fires", says: says.to_owned(), place, events: Vec::new() });
    }

    fn open(&mut self, number: usize, fence: usize, language: &str) {
        let json = language == "json";
        if !json {
            self.problem(number, fence + 1, "the events of a case stand in a block that begins with ```json");
        } else if self.cases.is_empty() {
            self.problem(number, 1, "events stand below a `### fires: ...` or `### quiet: ...`");
        }
        self.block = Some(Block { line: number, fence, json, text: String::new() });
    }

    fn close(&mut self) {
        let Some(block) = self.block.take() else { return };
        if !block.json {
            return;
        }
        let mut stream = serde_json::Deserializer::from_str(&block.text).into_iter::<Map<String, Value>>();
        let mut found = Vec::new();
        let mut end = 0;
        while let Some(event) = stream.next() {
            let start = end + block.text[end..].len() - block.text[end..].trim_start().len();
            match event {
                Ok(object) => found.push((position(&block, start), object)),
                Err(error) => {
                    let (line, column) = (block.line + error.line(), error.column().max(1));
                    let text = error.to_string();
                    let reason = text.rfind(" at line ").map_or(text.as_str(), |at| &text[..at]);
                    self.problem(line, column, format!("no event, which is a JSON object: {reason}"));
                    break;
                }
            }
            end = stream.byte_offset();
            if found.len() > MAX_CASE_EVENTS {
                break;
            }
        }
        let Some(case) = self.cases.last_mut() else { return };
        for ((line, column), object) in found {
            let place = Place { file: self.file.clone(), line, column };
            case.events.push(CaseEvent { place, object });
        }
        if case.events.len() > MAX_CASE_EVENTS {
            case.events.truncate(MAX_CASE_EVENTS);
            self.problem(block.line, 1, format!("a case has at most {MAX_CASE_EVENTS} events"));
        }
    }

    fn finish(mut self) -> Result<Page, Vec<Problem>> {
        if let Some(block) = self.block.take() {
            self.problem(block.line, 1, "this block is never closed");
        }
        let (title, title_line) = self.title.take().unwrap_or_default();
        if title_line == 0 {
            self.problem(1, 1, "a page begins with `# ` and the title of the rule");
        }
        let front = self.take("", title_line.max(1), "say below the title what the rule sees");
        let [operations, security, false_positives, what_to_do] =
            SECTIONS.map(|(name, wanted)| self.take(name, title_line.max(1), wanted));
        self.check_cases(title_line.max(1));
        if !self.problems.is_empty() {
            self.problems.sort_by_key(|problem| (problem.place.line, problem.place.column));
            return Err(self.problems);
        }
        let other = self.sections.drain(..).filter(|section| section.name != CASES);
        let other = other.map(|section| (section.name, section.text.trim().to_owned())).collect();
        let place = self.place(title_line, 1);
        let cases = self.cases;
        Ok(Page { title, place, front, operations, security, false_positives, what_to_do, other, cases })
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
        let empty: Vec<usize> =
            self.cases.iter().filter(|case| case.events.is_empty()).map(|case| case.place.line).collect();
        for line in empty {
            self.problem(line, 1, "this case has no events: put them below it, in a block that begins with ```json");
        }
    }
}

/// Line and column of a byte of a block, in the page.
fn position(block: &Block, at: usize) -> (usize, usize) {
    let before = &block.text[..at];
    let line = block.line + 1 + before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// Whether a line opens a block: how many backticks, and the language.
fn opens(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches('`');
    let fence = line.len() - rest.len();
    (fence >= 3).then(|| (fence, rest.trim()))
}

/// Whether a line closes a block of so many backticks.
fn closes(line: &str, fence: usize) -> bool {
    opens(line.trim_end()).is_some_and(|(backticks, rest)| backticks >= fence && rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
# A title

What it sees.

## Why it matters for operations
Toil.

## Why it matters for security
Attack.

```sh
# no heading in here
```

## False positives
Few.

## What to do
Look.

## Background
More.

## Cases

### fires: one
```json
{\"a\": 1}
  {\"a\": 2,
   \"b\": {\"c\": null}}
```

### fires: two: with a colon
```json
{\"a\": 1}
```
```json
{\"a\": 3}
```

### quiet: three
```json
{}
```

### quiet: four
```json
{\"a\": 1}
```
";

    fn problems(text: &str) -> Vec<String> {
        Page::parse("p.md", text).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_page_has_its_sections_and_cases_with_places() {
        let page = Page::parse("p.md", GOOD).unwrap();
        assert_eq!((page.title.as_str(), page.front.as_str()), ("A title", "What it sees."));
        assert_eq!(page.operations, "Toil.");
        assert!(page.security.contains("# no heading in here"));
        assert_eq!(page.other, [("Background".to_owned(), "More.".to_owned())]);
        assert_eq!(page.cases.len(), 4);
        assert_eq!(page.cases[1].says, "two: with a colon");
        assert_eq!(page.cases[1].events.len(), 2);
        let second = &page.cases[0].events[1];
        assert_eq!((second.place.line, second.place.column), (29, 3));
        assert_eq!(second.object["a"], 2);
        assert_eq!(page.cases[2].events.len(), 1);
    }

    #[test]
    fn each_part_is_needed() {
        for (cut, says) in [
            ("# A title\n", "p.md:2:1: a page begins with"),
            ("What it sees.\n", "front paragraph is empty"),
            ("Toil.\n", "`## Why it matters for operations` is empty"),
            ("## Why it matters for security\n", "`## Why it matters for security` is missing"),
            ("Few.\n", "`## False positives` is empty"),
            ("## What to do\n", "`## What to do` is missing"),
            ("### fires: one\n", "at least 2 are needed"),
            ("### quiet: four\n", "at least 2 are needed"),
            ("{}\n", "this case has no events"),
        ] {
            assert!(GOOD.contains(cut), "{cut}");
            let found = problems(&GOOD.replacen(cut, "", 1));
            assert!(found.iter().any(|problem| problem.contains(says)), "{cut:?}: {found:?}");
        }
    }

    #[test]
    fn errors_know_their_place() {
        assert_eq!(
            problems(&GOOD.replace("{\"a\": 3}", "{\"a\": 3,}")),
            ["p.md:38:9: no event, which is a JSON object: trailing comma"]
        );
        assert_eq!(
            problems(&GOOD.replace("### quiet: three", "### silent: three")),
            ["p.md:41:5: a case is called `### fires: a sentence` or `### quiet: a sentence`"]
        );
        let open = GOOD.trim_end().trim_end_matches('`');
        assert!(problems(open).contains(&"p.md:47:1: this block is never closed".to_owned()), "{:?}", problems(open));
        let other = GOOD.replacen("```json", "```yaml", 1);
        assert!(problems(&other)[1].starts_with("p.md:27:4: the events of a case"), "{:?}", problems(&other));
    }

    #[test]
    fn a_page_is_bounded() {
        let events = "{}\n".repeat(MAX_CASE_EVENTS + 1);
        let found = problems(&GOOD.replace("{}\n", &events));
        assert!(found[0].contains("at most"), "{found:?}");
        let cases = "### quiet: five\n".repeat(MAX_CASES * 2);
        assert!(problems(&format!("{GOOD}{cases}")).len() <= MAX_PAGE_PROBLEMS);
        let large = "x".repeat(MAX_PACK_FILE_BYTES as usize + 1);
        assert_eq!(problems(&large), ["p.md:1:1: a page has at most 1024 KiB"]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_fail_otherwise(text in "(# |## |### |fires: |quiet: |```json\n|```\n|\\{|\\}|é|\n|Cases|\"){0,60}") {
            let _ = Page::parse("p.md", &text);
        }
    }
}
