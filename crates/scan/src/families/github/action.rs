//! Actions that an `action.yml` describes, Dependabot's updates, and where pre-commit takes hooks from.

use super::reader::Reader;
use super::{uses, workflow};
use crate::text::Span;
use crate::tree::{Data, Id, Node};

/// Reads an action.
pub(super) fn read(reader: &mut Reader<'_>, root: Id) {
    let node = reader.node(root);
    let name = node.get("name").and_then(Node::text).unwrap_or("action").to_owned();
    let first = ["name", "runs"].iter().find_map(|name| node.member(name)).map(|(key, _)| key.span());
    let span = first.map_or(Span::default(), |span| reader.line_of(span.start));
    let action = reader.add("action", "action".to_owned(), &name, root, span);
    let node = reader.node(root);
    let runs = node.get("runs");
    let steps: Vec<Id> =
        runs.and_then(|runs| runs.get("steps")).map(|all| all.items().map(Node::id).collect()).unwrap_or_default();
    let image = runs.and_then(|runs| runs.get("image"));
    let image = image.filter(|image| image.text().is_some_and(|text| text.starts_with("docker://"))).map(Node::id);
    reader.expressions(action, root, &["runs"]);
    if let Some(image) = image {
        uses::image(reader, action, image, "runs/image");
    }
    workflow::read_steps(reader, action, None, &steps);
    reader.count_expressions(action);
}

/// Reads Dependabot's settings.
pub(super) fn dependabot(reader: &mut Reader<'_>, root: Id) {
    let updates = reader.node(root).get("updates");
    let updates: Vec<Id> = updates.map(|all| all.items().map(Node::id).collect()).unwrap_or_default();
    for id in updates {
        if !reader.counts() {
            return;
        }
        let node = reader.node(id);
        let ecosystem = node.get("package-ecosystem").and_then(Node::scalar).unwrap_or_default();
        let places: Vec<String> =
            [node.each("directory"), node.each("directories")].concat().into_iter().filter_map(Node::scalar).collect();
        let span = reader.line_of(node.span().start);
        let address = format!("updates/{ecosystem}{}", places.join(","));
        let update = reader.add("dependabot_update", address, &ecosystem, id, span);
        let days = reader.node(id).at(&["cooldown", "default-days"]).and_then(Node::int);
        reader.set(update, "cooldown_days", days.map_or(Data::Null, Data::Int), span);
    }
}

/// Reads pre-commit's settings.
pub(super) fn pre_commit(reader: &mut Reader<'_>, root: Id) {
    let entries = reader.node(root).get("repos");
    let entries: Vec<Id> = entries.map(|all| all.items().map(Node::id).collect()).unwrap_or_default();
    for id in entries {
        if !reader.counts() {
            return;
        }
        let node = reader.node(id);
        let Some(repository) = node.get("repo").and_then(Node::text).map(str::to_owned) else { continue };
        let span = reader.line_of(node.span().start);
        reader.add("pre_commit_repository", format!("repos/{repository}"), &repository, id, span);
    }
}
