//! Markdown: what is in it, and as HTML that is safe to show.

use super::text::{tame, tame_line};
use crate::limits::{MAX_OPENED_BY_LINE, MAX_PAGE_LINKS, MAX_RENDERED_DEPTH};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};
use std::borrow::Cow;
use std::collections::HashMap;

/// Ids of headings begin so, that none takes the name of something of the page around it.
const ANCHOR: &str = "page-";

/// A link of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where to.
    pub target: String,
    /// Line of the Markdown, from 1.
    pub line: usize,
}

/// A line of a fenced block with commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The line without its prompt.
    pub text: String,
    /// Line of the Markdown, from 1.
    pub line: usize,
}

/// What is in a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Its first heading of the first level.
    pub title: Option<String>,
    /// What links can point at: the headings' anchors, as GitHub makes them.
    pub anchors: Vec<String>,
    /// Its links, the first `MAX_PAGE_LINKS`.
    pub links: Vec<Link>,
    /// Lines of its fenced blocks that are commands.
    pub commands: Vec<Command>,
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

/// The text with at most so many quotes and lists opened by a line; lines keep their numbers. Every following line is
/// held against each that is open, so that thousands of them would take minutes.
fn bounded(text: &str) -> Cow<'_, str> {
    if !text.lines().any(|line| opened(line).0 > MAX_OPENED_BY_LINE) {
        return text.into();
    }
    let mut bounded = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match opened(line) {
            (_, Some((from, to))) => {
                bounded.push_str(&line[..from]);
                bounded.push_str(&line[to..]);
            }
            _ => bounded.push_str(line),
        }
    }
    bounded.into()
}

/// How many quotes and lists a line may open, and from where to where are those beyond the bound.
fn opened(line: &str) -> (usize, Option<(usize, usize)>) {
    let bytes = line.as_bytes();
    let (mut at, mut count, mut from) = (0, 0, None);
    loop {
        let start = at;
        while bytes.get(at).is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            at += 1;
        }
        let digits = bytes[at..].iter().take(9).take_while(|byte| byte.is_ascii_digit()).count();
        let after = |length: usize| matches!(bytes.get(at + length), None | Some(b' ' | b'\t' | b'\n' | b'\r'));
        let length = match bytes.get(at) {
            Some(b'>') => 1,
            Some(b'-' | b'*' | b'+') if after(1) => 1,
            Some(b'0'..=b'9') if matches!(bytes.get(at + digits), Some(b'.' | b')')) && after(digits + 1) => digits + 1,
            _ => return (count, from.map(|from| (from, start.max(from)))),
        };
        count += 1;
        if count == MAX_OPENED_BY_LINE + 1 {
            from = Some(at);
        }
        at += length;
    }
}

/// The anchor that GitHub makes of a heading.
fn slug(heading: &str) -> String {
    let mut slug = String::new();
    for c in heading.trim().chars() {
        match c {
            ' ' => slug.push('-'),
            '-' | '_' => slug.push(c),
            c if c.is_alphanumeric() => slug.extend(c.to_lowercase()),
            _ => {}
        }
    }
    slug
}

/// Anchors of a page, each once: the second of a name is `name-1`.
#[derive(Default)]
struct Anchors {
    used: HashMap<String, usize>,
}

impl Anchors {
    fn next(&mut self, heading: &str) -> String {
        let slug = slug(heading);
        let times = self.used.entry(slug.clone()).or_default();
        *times += 1;
        if *times == 1 { slug } else { format!("{slug}-{}", *times - 1) }
    }
}

/// Where lines begin, to say the line of a place.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next).collect())
    }

    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset) + 1
    }
}

/// Whether the lines of a fenced block are commands, by the word behind the fence.
fn is_shell(kind: &CodeBlockKind<'_>) -> bool {
    let CodeBlockKind::Fenced(info) = kind else { return false };
    let language = info.split([' ', ',', '{']).next().unwrap_or_default().to_ascii_lowercase();
    matches!(language.as_str(), "" | "sh" | "bash" | "shell" | "zsh" | "console" | "shell-session" | "terminal")
}

/// Looks at a page.
pub fn outline(text: &str) -> Outline {
    let bounded = bounded(text);
    let lines = Lines::of(&bounded);
    let (mut outline, mut anchors) = (Outline::default(), Anchors::default());
    let mut heading: Option<(HeadingLevel, String)> = None;
    let mut shell = false;
    for (event, range) in Parser::new_ext(&bounded, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => heading = Some((level, String::new())),
            Event::End(TagEnd::Heading(_)) => {
                if let Some((level, text)) = heading.take() {
                    outline.anchors.push(anchors.next(&text));
                    if level == HeadingLevel::H1 && outline.title.is_none() && !text.trim().is_empty() {
                        outline.title = Some(super::text::title(&text));
                    }
                }
            }
            Event::Start(Tag::CodeBlock(kind)) => shell = is_shell(&kind),
            Event::End(TagEnd::CodeBlock) => shell = false,
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. })
                if outline.links.len() < MAX_PAGE_LINKS =>
            {
                outline.links.push(Link { target: dest_url.into_string(), line: lines.at(range.start) });
            }
            Event::Text(text) if shell => {
                let first = lines.at(range.start);
                for (line, number) in text.lines().zip(first..) {
                    let line = line.trim().trim_start_matches("$ ").trim();
                    if !line.is_empty() && !line.starts_with('#') {
                        outline.commands.push(Command { text: line.to_owned(), line: number });
                    }
                }
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, heading)) = &mut heading {
                    heading.push_str(&text);
                }
            }
            _ => {}
        }
    }
    outline
}

/// The text alone, without marks of Markdown.
pub fn plain(text: &str) -> String {
    let bounded = bounded(text);
    let mut plain = String::with_capacity(bounded.len());
    for event in Parser::new_ext(&bounded, options()) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) => plain.push_str(&text),
            Event::Html(text) if !text.trim_start().starts_with("<!--") => plain.push_str(&text),
            Event::End(
                TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock | TagEnd::TableCell,
            )
            | Event::SoftBreak
            | Event::HardBreak => plain.push('\n'),
            _ => {}
        }
    }
    plain
}

/// The text without most marks of Markdown, in one pass: for snippets, where nothing depends on a mark more or less.
pub fn skim(text: &str) -> String {
    let mut skimmed = String::with_capacity(text.len());
    for line in text.lines() {
        let mut rest = line.trim_start_matches([' ', '\t', '#', '>', '|']);
        rest = rest.strip_prefix("- ").or_else(|| rest.strip_prefix("* ")).unwrap_or(rest);
        if rest.starts_with("```") || rest.starts_with("<!--") || rest.starts_with("---") {
            continue;
        }
        while let Some(at) = rest.find(['*', '`', '[', ']', '|']) {
            skimmed.push_str(&rest[..at]);
            let link = rest[at..].strip_prefix("](").and_then(|link| link.find(')').map(|end| at + 2 + end + 1));
            rest = &rest[link.unwrap_or(at + 1)..];
        }
        skimmed.push_str(rest);
        skimmed.push('\n');
    }
    skimmed
}

/// Where a link may lead to; none when it is left out. Only the web, mail, and places beside the page.
fn safe_target(target: &str) -> Option<String> {
    // Browsers pass over blanks and controls before and in the scheme.
    let target: String = target.chars().filter(|c| !c.is_control() && !super::text::disguises(*c)).collect();
    let target = target.trim();
    let head = target.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    match head.split_once(':') {
        Some((scheme, _)) if !["http", "https", "mailto"].contains(&scheme.to_ascii_lowercase().as_str()) => None,
        _ => Some(match target.strip_prefix('#') {
            Some(anchor) => format!("#{ANCHOR}{anchor}"),
            None => target.to_owned(),
        }),
    }
}

/// The page as HTML. HTML in it is shown as text, links that run something are left out, pictures are links (they would
/// tell others who reads), and characters that disguise are replaced.
pub fn render_html(text: &str) -> String {
    let bounded = bounded(text);
    let mut rendering = Rendering::default();
    let mut events = Vec::new();
    for event in Parser::new_ext(&bounded, options()) {
        rendering.event(event, &mut events);
    }
    let mut page = String::with_capacity(bounded.len() * 5 / 4);
    html::push_html(&mut page, events.into_iter());
    page
}

/// What is left of the events of Markdown when all that could harm is gone.
#[derive(Default)]
struct Rendering {
    /// Whether what is open is shown.
    open: Vec<bool>,
    anchors: Anchors,
    /// Where the start of the open heading is, and its text.
    heading: Option<(usize, String)>,
}

impl Rendering {
    fn event<'t>(&mut self, event: Event<'t>, events: &mut Vec<Event<'t>>) {
        match event {
            Event::Start(tag) => {
                let shown = if self.open.len() < MAX_RENDERED_DEPTH { start(tag) } else { None };
                self.open.push(shown.is_some());
                if let Some(tag) = shown {
                    if matches!(tag, Tag::Heading { .. }) {
                        self.heading = Some((events.len(), String::new()));
                    }
                    events.push(Event::Start(tag));
                }
            }
            Event::End(tag) => {
                if self.open.pop() != Some(true) {
                    return;
                }
                if let (TagEnd::Heading(_), Some((at, text))) = (tag, self.heading.take())
                    && let Some(Event::Start(Tag::Heading { id, .. })) = events.get_mut(at)
                {
                    *id = Some(format!("{ANCHOR}{}", self.anchors.next(&text)).into());
                }
                events.push(Event::End(match tag {
                    TagEnd::HtmlBlock => TagEnd::Paragraph,
                    TagEnd::Image => TagEnd::Link,
                    other => other,
                }));
            }
            Event::Text(text) => {
                if let Some((_, heading)) = &mut self.heading {
                    heading.push_str(&text);
                }
                events.push(Event::Text(tamed(text)));
            }
            Event::Code(text) => {
                if let Some((_, heading)) = &mut self.heading {
                    heading.push_str(&text);
                }
                events.push(Event::Code(tamed(text)));
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                if !text.trim_start().starts_with("<!--") {
                    events.push(Event::Text(tamed(text)));
                }
            }
            Event::SoftBreak | Event::HardBreak | Event::Rule | Event::TaskListMarker(_) => events.push(event),
            // Not switched on.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                events.push(Event::Text(tamed(text)));
            }
        }
    }
}

/// How an element is shown, if at all; what is in it is.
fn start(tag: Tag<'_>) -> Option<Tag<'_>> {
    let link = |target: &str, title: &str| {
        let mut shown = String::new();
        tame_line(title, &mut shown);
        let dest_url = safe_target(target)?.into();
        Some(Tag::Link { link_type: LinkType::Inline, dest_url, title: shown.into(), id: "".into() })
    };
    match tag {
        Tag::Link { dest_url, title, .. } | Tag::Image { dest_url, title, .. } => link(&dest_url, &title),
        Tag::HtmlBlock => Some(Tag::Paragraph),
        Tag::Heading { level, .. } => Some(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() }),
        Tag::CodeBlock(CodeBlockKind::Fenced(info)) => Some(Tag::CodeBlock(CodeBlockKind::Fenced(tamed(info)))),
        other => Some(other),
    }
}

fn tamed(text: CowStr<'_>) -> CowStr<'_> {
    match tame(&text) {
        Cow::Owned(tamed) => tamed.into(),
        Cow::Borrowed(_) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn what_is_in_a_page() {
        let page = outline(
            "# Disk `full`\n\nSee [next](b.md#x) and\n![p](c.png).\n\n## First\n\n## First\n\n```sh\n# a comment\n$ tandem search x\n\n\
             df -h\n```\n\n```python\nprint()\n```\n",
        );
        assert_eq!(page.title.as_deref(), Some("Disk full"));
        assert_eq!(page.anchors, ["disk-full", "first", "first-1"]);
        let links: Vec<(&str, usize)> = page.links.iter().map(|link| (link.target.as_str(), link.line)).collect();
        assert_eq!(links, [("b.md#x", 3), ("c.png", 4)]);
        let commands: Vec<(&str, usize)> = page.commands.iter().map(|one| (one.text.as_str(), one.line)).collect();
        assert_eq!(commands, [("tandem search x", 12), ("df -h", 14)]);
        assert_eq!(plain("# A *b*\n\n- [c](d) `e`\n"), "A b\nc e\n");
        assert_eq!(skim("# A *b*\n- [c](d) `e` a_b\n```sh\nls\n```\n| x | ](\n"), "A b\nc e a_b\nls\nx  (\n");
    }

    #[test]
    fn nothing_in_a_page_runs() {
        let hostile = "# T <script>alert(1)</script>\n\n<script>alert(2)</script>\n\n<img src=x onerror=alert(3)>\n\n\
            [a](javascript:alert(4)) [b](JaVa\u{1}Script:alert(5)) [c](data:text/html,x) [d](<java\tscript:alert(6)>)\n\n\
            [e](vbscript:x) [f](&#106;avascript:alert(7)) [g][r] ![h](https://example.com/x.png \"a\\\"onload=b\")\n\n\
            <https://example.com/?a=\"onclick=x>\n\n| a |\n|---|\n| <b onclick=y> |\n\n```\"><script>\n</code><script>\n```\n\n\
            \u{202e}txt.exe\u{2066}\n\n[r]: javascript:alert(8)\n";
        let page = render_html(hostile);
        let low = page.to_ascii_lowercase();
        for part in
            ["<script", "<img", "<b ", "href=\"javascript", "href=\"data", "href=\"vbscript", "\u{202e}", "\u{2066}"]
        {
            assert!(!low.contains(part), "{part} in {page}");
        }
        // An attribute of its own would follow a closed quote.
        let quotes_closed = low.split('<').filter(|tag| tag.starts_with('a')).all(|tag| {
            let tag = tag.split('>').next().unwrap_or_default();
            !tag.contains(" onclick") && !tag.contains(" onload") || tag.contains("&quot;")
        });
        assert!(quotes_closed, "{page}");
        assert!(page.contains("&lt;script&gt;alert(2)") && page.contains("<h1 id=\"page-t-"), "{page}");
        assert!(page.contains("<a href=\"https://example.com/x.png\""), "{page}");
        assert!(page.contains('\u{fffd}'));
    }

    #[test]
    fn links_beside_the_page_stay() {
        let page = render_html("[a](b.md) [c](#d-e) [f](mailto:x@example.com) [g](../h/i.md#j) [k](a:b/c)\n\n## d e\n");
        for part in ["href=\"b.md\"", "href=\"#page-d-e\"", "mailto:x@", "../h/i.md#j", "<h2 id=\"page-d-e\">"] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(!page.contains("a:b/c"), "{page}");
    }

    #[test]
    fn nesting_costs_no_time() {
        let much = 10_000;
        let began = Instant::now();
        for text in [
            ">".repeat(much) + "x",
            "> ".repeat(much) + "x\n" + &"\n".repeat(much),
            "[".repeat(much) + "x",
            "[".repeat(much) + "x" + &"]".repeat(much),
            "![".repeat(much) + "x" + &"](y)".repeat(much),
            "*a **b ".repeat(much),
            "- ".repeat(much) + "x\n" + &"\n".repeat(much) + "y",
            "1. ".repeat(much) + "x\n" + &"\n".repeat(much) + "y",
            (0..700).map(|depth| " ".repeat(depth * 2) + "- a\n").collect::<String>() + &"\n".repeat(much),
            "`".repeat(much) + "x" + &"`".repeat(much - 1),
            "<a".repeat(much),
            "|".repeat(much) + "\n" + &"|-".repeat(much) + "|\n" + &"|\n".repeat(20),
        ] {
            let page = render_html(&text);
            assert!(
                page.matches("<blockquote").count() + page.matches("<ul").count() <= 2 * MAX_RENDERED_DEPTH,
                "{}",
                &text[..20]
            );
            outline(&text);
            plain(&text);
        }
        // Each takes some milliseconds, unoptimised; a quadratic one took minutes.
        assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    }

    #[test]
    fn bounds_keep_the_lines() {
        let text = format!("{}x\ny\n[a](b)\n", "> ".repeat(100));
        assert_eq!(bounded(&text).lines().count(), 3);
        assert_eq!(outline(&text).links[0].line, 3);
        assert_eq!(bounded("- - - - - -\n> > a"), "- - - - - -\n> > a");
    }
}
