//! The page of a rule.

use super::{About, Abouts, Behind, plain};

/// What is known of one, with how to answer it; none when there is none of that id.
pub fn explain(abouts: &Abouts, id: &str) -> Option<String> {
    let about = abouts.get(id)?;
    Some(plain(&page(about, abouts.behind(id))))
}

fn page(about: &About, behind: Option<&Behind>) -> String {
    let mut text =
        format!("{}  ({}, confidence {})\n{}\n", about.id, about.severity.name(), about.confidence.name(), about.title);
    let reasons = about.reasons();
    if !reasons.is_empty() {
        text.push_str(&reasons);
        text.push('\n');
    }
    if let Some(behind) = behind {
        text.push_str(&format!("control {}; ask {}\n", behind.words(), behind.ask));
    }
    text.push('\n');
    match &about.page {
        Some(page) => text.push_str(page.split("\n## Cases").next().unwrap_or_default().trim_end()),
        None => text.push_str("This rule has no page."),
    }
    text.push_str("\n\nTo answer: mend it, or say why not in the code, for a time:\n");
    text.push_str(&format!("  # tandem:ignore {} reason=\"...\" owner=TEAM until=YYYY-MM-DD\n", about.id));
    text
}
