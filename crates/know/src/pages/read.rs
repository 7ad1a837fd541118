//! A file to a page: Markdown, or HTML of a wiki.

use super::folder::Found;
use super::page::{Kind, Origin, Page, Problem};
use super::text::title;
use super::{front, html, markdown};
use crate::limits::MAX_PAGE_BYTES;
use std::fs::File;
use std::io::Read as _;

/// Reads a file. It may have grown since it was listed; no more than the bound is read.
pub(super) fn read(found: &Found, problems: &mut Vec<Problem>) -> Option<Page> {
    let file = found.path.display().to_string();
    let mut problem = |line: Option<usize>, what: String| problems.push(Problem { path: file.clone(), line, what });
    let mut bytes = Vec::with_capacity(found.stamp.size().min(MAX_PAGE_BYTES) as usize + 1);
    let opened = File::open(&found.path).and_then(|file| {
        // A link may have been put in its place that leads elsewhere.
        if !found.stamp.is_of(&file.metadata()?) {
            return Err(std::io::Error::other("it was replaced while it was read; the next reload reads it"));
        }
        file.take(MAX_PAGE_BYTES + 1).read_to_end(&mut bytes)
    });
    if let Err(error) = opened {
        problem(None, format!("the file cannot be read: {error}"));
        return None;
    }
    if bytes.len() as u64 > MAX_PAGE_BYTES {
        problem(None, format!("the page has more than {} KiB and is not read: split it", MAX_PAGE_BYTES >> 10));
        return None;
    }
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => {
            let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            problem(Some(line), "the page is no UTF-8: save it as UTF-8".to_owned());
            return None;
        }
    };
    page(&found.relative, &file, text, problems)
}

/// Makes a page of a text; none of what is only a list of pages.
pub(super) fn page(relative: &str, file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Page> {
    let ending = relative.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    if ending.starts_with("htm") {
        from_html(relative, file, text)
    } else {
        Some(from_markdown(relative, file, text, problems))
    }
}

fn from_markdown(relative: &str, file: &str, text: &str, problems: &mut Vec<Problem>) -> Page {
    let id = without_notion_ids(relative);
    let notion = id != relative;
    let (front, body, first_line) = front::read(text, file, problems);
    let (properties, body, skipped) =
        if notion { notion_properties(body) } else { (Properties::default(), body.into(), 0) };
    let outline_title = markdown::outline(&body).title;
    Page {
        kind: front.kind.unwrap_or_else(|| kind_of(&id, front.title.as_deref().or(outline_title.as_deref()), notion)),
        title: front.title.or(outline_title).unwrap_or_else(|| name_of(&id)),
        services: if front.services.is_empty() { properties.services } else { front.services },
        rules: if front.rules.is_empty() { properties.rules } else { front.rules },
        alerts: if front.alerts.is_empty() { properties.alerts } else { front.alerts },
        techniques: front.techniques,
        owner: front.owner.or(properties.team),
        review_by: front.review_by.or(properties.review_by),
        origin: if notion { Origin::Notion } else { Origin::Markdown },
        file: file.to_owned(),
        markdown: body.as_ref().into(),
        // What is cut out of a page of Notion stands below its title.
        first_line: if skipped == 0 { first_line } else { 0 },
        id,
    }
}

fn from_html(relative: &str, file: &str, text: &str) -> Option<Page> {
    let id = without_notion_ids(relative);
    let name = id.rsplit('/').next().unwrap_or(&id);
    let confluence = text.contains("id=\"main-content\"") || text.contains("<ac:") || text.contains("<ri:");
    let notion = id != relative || text.contains("class=\"page-body\"");
    if name == "index.html" && (text.contains("Available Pages") || text.contains("Space Details")) {
        return None;
    }
    let converted = html::convert(text);
    // Confluence says `Space : Page`.
    let of_head = converted.title.map(|head| match head.split_once(" : ") {
        Some((_, page)) if confluence => page.to_owned(),
        _ => head,
    });
    let heading = || markdown::outline(&converted.markdown).title;
    let title = title(&of_head.or_else(heading).unwrap_or_else(|| name_of(&id)));
    Some(Page {
        kind: kind_of(&id, Some(&title), true),
        title,
        services: Vec::new(),
        rules: Vec::new(),
        alerts: Vec::new(),
        techniques: Vec::new(),
        owner: None,
        review_by: None,
        origin: match (confluence, notion) {
            (true, _) => Origin::Confluence,
            (false, true) => Origin::Notion,
            (false, false) => Origin::Html,
        },
        file: file.to_owned(),
        markdown: converted.markdown.into(),
        first_line: 0,
        id,
    })
}

/// The kind by the nearest folder that is called as one; of wikis, which have no such folders, by the title.
fn kind_of(id: &str, title: Option<&str>, wiki: bool) -> Kind {
    let folders = id.rsplit('/').skip(1);
    let by_title = || {
        let title = title.unwrap_or_default().to_lowercase();
        let word = title.split(|c: char| !c.is_alphanumeric() && c != '-').find_map(Kind::from_name);
        word.filter(|_| wiki)
    };
    folders.filter_map(Kind::from_name).next().or_else(by_title).unwrap_or_default()
}

/// A title out of the name of a file.
fn name_of(id: &str) -> String {
    let name = id.rsplit('/').next().unwrap_or(id);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    title(&stem.replace(['-', '_', '+'], " "))
}

/// The path without the ids that Notion adds to names: `Restore 0123...cdef.md` is `Restore.md`.
pub(super) fn without_notion_ids(path: &str) -> String {
    let part = |part: &str| {
        let (stem, ending) = match part.rsplit_once('.') {
            Some((stem, ending)) if matches!(ending, "md" | "html" | "csv") => (stem, Some(ending)),
            _ => (part, None),
        };
        let named = stem
            .rsplit_once(' ')
            .filter(|(name, id)| !name.is_empty() && id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let stem = named.map_or(stem, |(name, _)| name);
        ending.map_or_else(|| stem.to_owned(), |ending| format!("{stem}.{ending}"))
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// What a page of Notion's databases says of itself that means something here.
#[derive(Debug, Default)]
struct Properties {
    services: Vec<String>,
    rules: Vec<String>,
    alerts: Vec<String>,
    team: Option<String>,
    review_by: Option<i64>,
}

/// Takes the lines `Name: value` below the title out of a page of Notion. They name persons (made by, assigned to), so
/// only those that mean something here are kept.
fn notion_properties(body: &str) -> (Properties, std::borrow::Cow<'_, str>, usize) {
    let mut properties = Properties::default();
    let mut lines = body.split_inclusive('\n');
    let head: String = lines.by_ref().take(1).collect();
    if !head.starts_with("# ") {
        return (properties, body.into(), 0);
    }
    let mut at = head.len();
    let mut skipped = 0;
    for line in lines {
        let text = line.trim();
        let named = text.split_once(": ").filter(|(name, _)| {
            name.len() <= 40 && name.split(' ').count() <= 4 && !name.starts_with(['#', '-', '*', '[', '`'])
        });
        match named {
            Some((name, value)) => properties.take(name, value),
            None if text.is_empty() && skipped == 0 => {}
            None => break,
        }
        skipped += usize::from(named.is_some());
        at += line.len();
    }
    if skipped == 0 {
        return (properties, body.into(), 0);
    }
    (properties, format!("{head}\n{}", &body[at..]).into(), skipped)
}

impl Properties {
    fn take(&mut self, name: &str, value: &str) {
        let list = || value.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect();
        match name.to_lowercase().as_str() {
            "service" | "services" => self.services = list(),
            "rule" | "rules" => self.rules = list(),
            "alert" | "alerts" => self.alerts = list(),
            "team" | "owner team" | "owning team" => self.team = Some(value.to_owned()),
            "review by" | "review_by" => self.review_by = front::day(value),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_notion_lose_their_ids() {
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(without_notion_ids(&format!("Runbooks {id}/Restore {id}.md")), "Runbooks/Restore.md");
        assert_eq!(without_notion_ids("a b/c d.md"), "a b/c d.md");
        assert_eq!(without_notion_ids(&format!(" {id}.md")), format!(" {id}.md"));
    }

    #[test]
    fn a_page_of_notion_names_nobody() {
        let text =
            "# Restore\n\nCreated by: Ada L\nServices: cart, shop-db\nTeam: shop\nReview by: 2026-12-01\n\nDo: this\n";
        let path = "Runbooks 0123456789abcdef0123456789abcdef/R 0123456789abcdef0123456789abcdef.md";
        let page = page(path, "f", text, &mut Vec::new()).unwrap();
        assert_eq!((page.id.as_str(), page.kind, page.origin), ("Runbooks/R.md", Kind::Runbook, Origin::Notion));
        assert_eq!((page.services.len(), page.owner.as_deref(), page.review_by.is_some()), (2, Some("shop"), true));
        assert!(!page.markdown.contains("Ada") && page.markdown.ends_with("\n\nDo: this\n"), "{}", page.markdown);
    }

    #[test]
    fn kinds_come_from_folders_and_titles() {
        for (id, kind) in [
            ("runbooks/a.md", Kind::Runbook),
            ("x/reviews/2026/a.md", Kind::Review),
            ("runbooks/notes/a.md", Kind::Note),
            ("a.md", Kind::Note),
            ("adr/a.md", Kind::Decision),
            ("Controls/a.md", Kind::Control),
        ] {
            assert_eq!(kind_of(id, Some("a runbook"), false), kind, "{id}");
        }
        assert_eq!(kind_of("a.html", Some("Playbook: disk"), true), Kind::Runbook);
        let index = "<html><body><h2>Available Pages:</h2></body></html>";
        assert!(page("w/index.html", "f", index, &mut Vec::new()).is_none());
    }
}
