//! HTML of wikis to Markdown.
//!
//! Tokens are read one after the other and nothing recurses, so no nesting breaks it. What Markdown has no word for
//! (colours, emphasis, pictures) is left out; persons that wikis write beside a page are as well.

use crate::limits::MAX_HTML_NESTING;
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use std::fmt::Write as _;

/// A page out of HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// Text of its `title`.
    pub title: Option<String>,
    /// Its text.
    pub markdown: String,
}

/// Elements whose content is not the page's.
const SKIPPED: &[&str] = &[
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "math",
    "iframe",
    "object",
    "embed",
    "form",
    "select",
    "button",
    "nav",
    "footer",
    "ac:parameter",
    "ri:user",
    "ac:placeholder",
];
/// Elements that have no end.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
/// Classes of what names a person.
const PERSONS: &[&str] = &["author", "editor", "confluence-userlink", "user-mention", "user", "page-metadata", "fn"];
/// Elements that end a line.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "section",
    "article",
    "header",
    "main",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "table",
    "tbody",
    "thead",
    "figure",
    "details",
    "summary",
    "ac:rich-text-body",
    "ac:task",
    "ac:layout-section",
    "ac:layout-cell",
    "address",
    "body",
];

/// Where the page itself is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Region {
    /// Everywhere.
    #[default]
    All,
    /// In the element with this id.
    Id(&'static str),
    /// In the element with this class.
    Class(&'static str),
}

/// Reads a page.
pub fn convert(html: &str) -> Converted {
    let html = plain_cdata(html);
    let region = match () {
        () if html.contains("id=\"main-content\"") => Region::Id("main-content"),
        () if html.contains("class=\"page-body\"") => Region::Class("page-body"),
        () => Region::All,
    };
    let mut writer = Writer { region, inside: region == Region::All, ..Writer::default() };
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html.as_str(), emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => writer.start(&tag),
            Token::EndTag(tag) => writer.end(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) => writer.text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    writer.finish()
}

/// Sections of XML that hold text as it is, which HTML does not know, as text of HTML.
fn plain_cdata(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<![CDATA[") {
        let (text, after) = after.split_once("]]>").unwrap_or((after, ""));
        plain.push_str(before);
        for c in text.chars() {
            match c {
                '&' => plain.push_str("&amp;"),
                '<' => plain.push_str("&lt;"),
                c => plain.push(c),
            }
        }
        rest = after;
    }
    plain.push_str(rest);
    plain
}

/// Writes Markdown as elements come and go.
#[derive(Default)]
struct Writer {
    out: String,
    title: Option<String>,
    in_title: bool,
    region: Region,
    inside: bool,
    /// Open elements of the name of the region's, within it.
    region_open: Option<(String, usize)>,
    /// The element that is left out, and how many of its name are open.
    skip: Option<(String, usize)>,
    /// What is in a block of code so far, and its language.
    pre: Option<(String, String, String)>,
    /// What is in a piece of code so far.
    code: Option<String>,
    /// Where the text of a link begins, and where it leads to.
    link: Option<(usize, String)>,
    /// Open lists: the number of the next item, of those that have numbers.
    lists: Vec<Option<usize>>,
    /// Where open quotes begin.
    quotes: Vec<usize>,
    /// Cells of the open row, and whether its table has rows already.
    row: usize,
    rows: Option<usize>,
    tables: usize,
    /// The parameter of a macro that says the language.
    language: Option<String>,
    in_language: bool,
    /// The page that a link of the storage format names.
    named: Option<String>,
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).into_owned())
}

impl Writer {
    fn start(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        let name = name.as_str();
        let ends_itself = VOID.contains(&name) || tag.self_closing && name.contains(':');
        if let Some((skipped, open)) = &mut self.skip {
            *open += usize::from(skipped == name && !ends_itself);
            return;
        }
        self.in_title |= name == "title";
        let class = attribute(tag, "class").unwrap_or_default();
        if !self.inside {
            let here = match self.region {
                Region::All => true,
                Region::Id(id) => attribute(tag, "id").as_deref() == Some(id),
                Region::Class(wanted) => class.split_whitespace().any(|one| one == wanted),
            };
            if here {
                self.inside = true;
                self.region_open = Some((name.to_owned(), 1));
            }
            return;
        }
        if let Some((region, open)) = &mut self.region_open {
            *open += usize::from(region == name && !ends_itself);
        }
        self.in_language = name == "ac:parameter" && attribute(tag, "ac:name").as_deref() == Some("language");
        let person = class.split_whitespace().any(|one| PERSONS.contains(&one));
        if (SKIPPED.contains(&name) || person) && !self.in_language {
            if !ends_itself {
                self.skip = Some((name.to_owned(), 1));
            }
            return;
        }
        if self.pre.is_none() {
            self.element(name, tag, &class);
        } else if name == "code" {
            self.code_language(&class);
        } else if name == "br" {
            self.text("\n");
        }
    }

    fn element(&mut self, name: &str, tag: &StartTag<()>, class: &str) {
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.block();
                self.out.push_str(&"#".repeat(usize::from(name.as_bytes()[1] - b'0')));
                self.out.push(' ');
            }
            "pre" | "ac:plain-text-body" => {
                self.block();
                let brush = attribute(tag, "data-syntaxhighlighter-params").unwrap_or_default();
                let brush = brush.split(';').find_map(|part| part.trim().strip_prefix("brush:")).map(str::trim);
                let language = self.language.take().or(brush.map(str::to_owned)).unwrap_or_default();
                self.pre = Some((name.to_owned(), word(&language), String::new()));
                self.code_language(class);
            }
            "code" | "tt" | "kbd" | "samp" if self.code.is_none() => self.code = Some(String::new()),
            "a" | "ac:link" if self.link.is_none() => {
                let target = attribute(tag, "href").unwrap_or_default();
                self.link = Some((self.out.len(), target));
            }
            "ri:page" => self.named = attribute(tag, "ri:content-title"),
            "br" => self.text("\n"),
            "hr" => {
                self.block();
                self.out.push_str("---");
                self.block();
            }
            "img" => {
                let alt = attribute(tag, "alt").unwrap_or_default();
                self.text(&alt);
            }
            "ul" | "ol" if self.lists.len() < MAX_HTML_NESTING => self.lists.push((name == "ol").then_some(1)),
            "li" | "ac:task-body" => self.item(),
            "blockquote" if self.quotes.len() < MAX_HTML_NESTING => {
                self.block();
                self.quotes.push(self.out.len());
            }
            "table" => {
                self.tables += 1;
                if self.tables == 1 {
                    self.block();
                    self.rows = Some(0);
                }
            }
            "tr" if self.tables == 1 => self.row = 0,
            "td" | "th" if self.tables == 1 => {
                if self.row == 0 {
                    self.line();
                    self.out.push('|');
                }
                self.row += 1;
                self.out.push(' ');
            }
            _ if BLOCKS.contains(&name) => self.block(),
            _ => {}
        }
    }

    fn code_language(&mut self, class: &str) {
        let language = class.split_whitespace().find_map(|one| one.strip_prefix("language-"));
        if let (Some(language), Some((_, known, _))) = (language, &mut self.pre)
            && known.is_empty()
        {
            *known = word(&language.to_ascii_lowercase());
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((skipped, open)) = &mut self.skip {
            if skipped == name {
                *open -= 1;
                if *open == 0 {
                    self.skip = None;
                }
            }
            return;
        }
        if name == "title" {
            self.in_title = false;
        }
        if let Some((region, open)) = &mut self.region_open
            && region == name
        {
            *open -= 1;
            if *open == 0 {
                (self.inside, self.region_open) = (false, None);
                // What comes after the page is not its.
                self.region = Region::Id("");
            }
        }
        if let Some((opened, language, text)) = &self.pre {
            if opened == name {
                let block = fenced(language, text);
                self.pre = None;
                self.put_lines(&block);
                self.block();
            }
            return;
        }
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.block(),
            "code" | "tt" | "kbd" | "samp" => self.end_code(),
            "a" | "ac:link" => self.end_link(),
            "ul" | "ol" => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.block();
                }
            }
            "blockquote" => self.end_quote(),
            "td" | "th" if self.tables == 1 => {
                self.out.truncate(self.out.trim_end_matches(' ').len());
                self.out.push_str(" |");
            }
            "tr" if self.tables == 1 => self.end_row(),
            "table" => {
                self.tables = self.tables.saturating_sub(1);
                if self.tables == 0 {
                    self.rows = None;
                    self.block();
                }
            }
            "ac:parameter" => self.in_language = false,
            _ if BLOCKS.contains(&name) => self.block(),
            _ => {}
        }
    }

    fn end_code(&mut self) {
        if let Some(code) = self.code.take().filter(|code| !code.trim().is_empty()) {
            let fence = "`".repeat(longest_run(&code, '`') + 1);
            let blank = if fence.len() > 1 { " " } else { "" };
            let code = code.replace('\n', " ");
            let _ = write!(self.out, "{fence}{blank}{code}{blank}{fence}");
        }
    }

    fn end_link(&mut self) {
        let Some((start, target)) = self.link.take() else { return };
        if let Some(named) = self.named.take()
            && self.out.len() == start
        {
            self.text(&named);
        }
        let target: String = target.chars().filter(|c| !c.is_control() && !matches!(c, '<' | '>')).collect();
        let text = self.out.get(start..).unwrap_or_default();
        if !target.is_empty() && !text.contains('\n') && !text.trim().is_empty() {
            self.out.insert(start, '[');
            let _ = write!(self.out, "](<{target}>)");
        }
    }

    fn end_quote(&mut self) {
        self.block();
        // What is quoted is written anew, so that no place in it counts any more.
        self.link = None;
        let Some(quoted) =
            self.quotes.pop().and_then(|start| self.out.get(start..).map(|text| (start, text.trim().to_owned())))
        else {
            return;
        };
        self.out.truncate(quoted.0);
        for line in quoted.1.lines() {
            self.out.push_str(if line.is_empty() { ">" } else { "> " });
            self.out.push_str(line);
            self.out.push('\n');
        }
        self.block();
    }

    fn end_row(&mut self) {
        if let Some(rows) = &mut self.rows
            && self.row > 0
        {
            *rows += 1;
            let (first, cells) = (*rows == 1, std::mem::take(&mut self.row));
            if first {
                self.line();
                self.out.push_str(&format!("|{}", "---|".repeat(cells)));
            }
        }
    }

    fn item(&mut self) {
        self.line();
        let depth = self.lists.len();
        self.out.push_str(&"  ".repeat(depth.saturating_sub(1) * 2));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                let _ = write!(self.out, "{number}. ");
                *number += 1;
            }
            _ => self.out.push_str("- "),
        }
    }

    fn text(&mut self, text: &str) {
        if self.skip.is_some() {
            return;
        }
        if self.in_title {
            self.title.get_or_insert_default().push_str(text);
            return;
        }
        if !self.inside {
            return;
        }
        if self.in_language {
            self.language = Some(text.trim().to_owned());
            return;
        }
        if let Some((_, _, code)) = &mut self.pre {
            code.push_str(text);
            return;
        }
        if let Some(code) = &mut self.code {
            code.push_str(text);
            return;
        }
        for c in text.chars() {
            let blank = c.is_whitespace();
            let after_blank = self.out.is_empty() || self.out.ends_with([' ', '\n']);
            match c {
                _ if blank && after_blank => {}
                _ if blank => self.out.push(' '),
                '\\' | '*' | '_' | '[' | ']' | '<' | '`' | '|' => self.out.extend(['\\', c]),
                // Only at the beginning of a line they mean something.
                '#' | '>' | '+' | '-' | '=' | '~' if self.out.is_empty() || self.out.ends_with('\n') => {
                    self.out.extend(['\\', c]);
                }
                c => self.out.push(c),
            }
        }
    }

    /// Ends the line, if something is on it.
    fn line(&mut self) {
        if self.code.is_some() {
            self.end_code();
        }
        if self.tables > 0 && self.row > 0 {
            // A cell has one line.
            return;
        }
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// Ends the paragraph, if there is one. In an item or a cell only the line.
    fn block(&mut self) {
        if self.tables > 0 && self.row > 0 {
            if !self.out.ends_with(' ') {
                self.out.push(' ');
            }
            return;
        }
        if !self.lists.is_empty() {
            // `<li><p>text` is one item.
            if !self.out.ends_with("- ") && !self.out.ends_with(". ") {
                self.line();
            }
            return;
        }
        self.line();
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn put_lines(&mut self, block: &str) {
        if self.tables > 0 && self.row > 0 {
            self.text(&block.replace("```", " "));
            return;
        }
        self.line();
        for line in block.lines() {
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    fn finish(mut self) -> Converted {
        if let Some((_, language, text)) = self.pre.take() {
            let block = fenced(&language, &text);
            self.put_lines(&block);
        }
        self.end_code();
        let title = self.title.map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
        Converted { title: title.filter(|title| !title.is_empty()), markdown: self.out.trim().to_owned() + "\n" }
    }
}

fn fenced(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_matches('\n'))
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or_default()
}

/// Letters and digits of a name.
fn word(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '#')).take(20).collect()
}

#[cfg(test)]
mod tests;
