//! `uses` and images, taken apart.

use super::reader::Reader;
use super::workflow;
use crate::resource::ResourceId;
use crate::text::Span;
use crate::tree::{Data, Id, Node};

/// Branches that everybody has.
const BRANCHES: &[&str] =
    &["main", "master", "develop", "dev", "trunk", "next", "stable", "latest", "release", "production", "beta", "head"];

/// What a reference of an action is, by how it looks: nobody asks the network here.
pub(in crate::families) fn ref_kind(reference: &str) -> &'static str {
    let hex = reference.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex && matches!(reference.len(), 40 | 64) {
        return "sha";
    }
    if hex && (7..40).contains(&reference.len()) && reference.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return "short_sha";
    }
    let lower = reference.to_ascii_lowercase();
    if reference.starts_with("refs/tags/") {
        return "tag";
    }
    let first = lower.split('/').next().unwrap_or_default();
    if reference.starts_with("refs/heads/") || BRANCHES.contains(&lower.as_str()) {
        return "branch";
    }
    let version = lower.strip_prefix('v').unwrap_or(&lower);
    if version.starts_with(|character: char| character.is_ascii_digit()) {
        return "tag";
    }
    if first != lower && (BRANCHES.contains(&first) || first == "releases" || first == "feature") {
        return "branch";
    }
    "name"
}

/// Adds the `uses` of a step or a job.
pub(super) fn read(reader: &mut Reader<'_>, owner: ResourceId, uses: Id, with: Option<Id>) -> Option<ResourceId> {
    let node = reader.node(uses);
    let (text, span) = (node.text()?.trim().to_owned(), node.span());
    let address = format!("{}/uses", reader.world.resource(owner).address);
    let name = text.split('@').next().unwrap_or_default().to_owned();
    let found = reader.add("action_use", address, &name, uses, span);
    reader.relate(owner, "uses", found, "user");
    reader.set_text(found, "uses", &text, span);
    if let Some(with) = with {
        reader.set_node(found, "with", with);
    }
    if let Some(comment) = comment(reader, span) {
        reader.set_text(found, "comment", &comment, span);
    }
    if text.starts_with("./") || text.starts_with("$/") || text.starts_with("../") || text == "." {
        reader.set_text(found, "type", "local", span);
        return Some(found);
    }
    if let Some(image) = text.strip_prefix("docker://") {
        reader.set_text(found, "type", "docker", span);
        image_at(reader, owner, uses, image, "uses");
        return Some(found);
    }
    reader.set_text(found, "type", "repository", span);
    let (whole, reference) = match text.split_once('@') {
        Some((whole, reference)) => (whole, Some(reference)),
        None => (text.as_str(), None),
    };
    let lower = whole.to_ascii_lowercase();
    let mut parts = lower.splitn(3, '/');
    let (project, repository) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    for (name, value) in [("owner", project), ("repo", repository), ("path", parts.next().unwrap_or_default())] {
        reader.set_text(found, name, value, span);
    }
    reader.set_text(found, "repository", &format!("{project}/{repository}"), span);
    reader.set_text(found, "action", &lower, span);
    reader.set_bool(found, "first_party", matches!(project, "actions" | "github"));
    let is_workflow = lower.contains("/.github/workflows/");
    reader.set_bool(found, "reusable_workflow", is_workflow);
    match reference {
        Some(reference) => {
            let start = span.end.saturating_sub(reference.len() as u32);
            reader.set_text(found, "ref", reference, Span { start, end: span.end });
            reader.set_text(found, "ref_kind", ref_kind(reference), span);
            if let Some(major) = major(reference) {
                reader.set(found, "major", Data::Int(major), span);
            }
        }
        None => reader.set_text(found, "ref_kind", "none", span),
    }
    Some(found)
}

/// The first number of a version.
fn major(reference: &str) -> Option<i64> {
    let digits = reference.strip_prefix('v').unwrap_or(reference);
    if !matches!(ref_kind(reference), "tag") {
        return None;
    }
    digits.split('.').next()?.parse().ok()
}

/// The comment behind a value on its line.
fn comment(reader: &Reader<'_>, span: Span) -> Option<String> {
    let text = &reader.world.file(reader.file).text;
    let rest = text.text.get(span.end as usize..)?.lines().next()?;
    let (before, comment) = rest.split_once('#')?;
    before
        .chars()
        .all(|character| character.is_whitespace() || matches!(character, '\'' | '"'))
        .then(|| comment.trim().to_owned())
}

/// Adds an image of a job, a service or a step.
pub(super) fn image(reader: &mut Reader<'_>, owner: ResourceId, node: Id, of: &str) {
    let found = {
        let node = reader.node(node);
        let image = if node.is_map() { node.get("image") } else { Some(node) };
        image.map(|image| (image.id(), image.text().map(str::to_owned)))
    };
    let Some((id, text)) = found else { return };
    let text = text.filter(|text| !text.is_empty());
    let Some(text) = text else { return };
    let resource = image_at(reader, owner, id, &text, of);
    if reader.node(node).is_map() {
        for name in ["credentials", "env", "options", "ports", "volumes"] {
            let member = reader.node(node).get(name).map(Node::id);
            if let Some(member) = member {
                reader.set_node(resource, name, member);
            }
        }
    }
}

fn image_at(reader: &mut Reader<'_>, owner: ResourceId, node: Id, image: &str, of: &str) -> ResourceId {
    let span = reader.node(node).span();
    let address = format!("{}/{of}", reader.world.resource(owner).address);
    let image = image.strip_prefix("docker://").unwrap_or(image);
    let found = reader.add("image", address, image, node, span);
    reader.relate(owner, "images", found, "user");
    reader.set_text(found, "image", image, span);
    reader.set_text(found, "of", of, span);
    if let Some(by) = workflow::axis(image).and_then(|axis| worst(&workflow::axis_texts(reader, owner, axis)?)) {
        reader.set_text(found, "pinned_by", by, span);
        return found;
    }
    if image.contains("${{") {
        // How it ends decides whether it is pinned.
        let pinned = image.rsplit_once("@sha256:").is_some_and(|(_, digest)| digest.len() == 64);
        // A tag behind the last expression decides, too.
        let end = image.rsplit("}}").next().unwrap_or_default();
        let tag = end.rsplit_once(':').filter(|(_, tag)| !tag.is_empty() && !tag.contains(['/', '@']));
        let data = match (pinned, tag) {
            (true, _) => Data::Text("digest".into()),
            (false, Some(_)) => Data::Text(pinned_by(&format!("image{end}")).into()),
            (false, None) => Data::Unknown("an expression".into()),
        };
        reader.set(found, "pinned_by", data, span);
        return found;
    }
    let by = pinned_by(image);
    reader.set_text(found, "pinned_by", by, span);
    found
}

/// What keeps the image that is kept least from changing; no image is none. None when one is not known.
fn worst(images: &[String]) -> Option<&'static str> {
    let kept = ["nothing", "moving", "tag", "digest"];
    let images = images.iter().filter(|image| !image.is_empty());
    let all: Vec<&str> = images.map(|image| pinned_by(image.strip_prefix("docker://").unwrap_or(image))).collect();
    kept.into_iter().find(|by| all.contains(by))
}

/// What keeps an image from changing: a digest, a tag, a tag that moves, or nothing.
pub(in crate::families) fn pinned_by(image: &str) -> &'static str {
    if image.contains("@sha256:") || image.contains("@sha512:") {
        return "digest";
    }
    match image.rsplit('/').next().unwrap_or_default().split_once(':') {
        None => "nothing",
        Some((_, "latest" | "edge" | "nightly" | "main" | "master")) => "moving",
        Some(_) => "tag",
    }
}

#[cfg(test)]
mod tests {
    use super::ref_kind;

    #[test]
    fn references_are_told_by_their_look() {
        for (reference, kind) in [
            ("v4", "tag"),
            ("4.1.0", "tag"),
            ("main", "branch"),
            ("releases/v1", "branch"),
            ("refs/heads/v1", "branch"),
            ("refs/tags/v1", "tag"),
            ("b4ffde65f46336ab88eb53be808477a3936bae11", "sha"),
            ("b4ffde6", "short_sha"),
            ("cargo-deny", "name"),
            ("v1-node20", "tag"),
        ] {
            assert_eq!(ref_kind(reference), kind, "{reference}");
        }
    }
}
