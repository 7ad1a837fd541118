//! What a job's token may do.

use super::reader::Reader;
use crate::resource::ResourceId;
use crate::text::Span;
use crate::tree::{Data, Id, Node};

/// What a token can be allowed.
const SCOPES: &[&str] = &[
    "actions",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "models",
    "packages",
    "pages",
    "pull-requests",
    "repository-projects",
    "security-events",
    "statuses",
];

/// Adds a block where it is written.
pub(super) fn read(reader: &mut Reader<'_>, owner: ResourceId, block: Option<(Id, Id)>, level: &str) {
    let Some((key, value)) = block else { return };
    let (key, value_span) = (reader.node(key).span(), reader.node(value).span());
    let address = format!("{}/permissions", reader.world.resource(owner).address);
    let address = address.trim_start_matches('/').to_owned();
    let name = reader.world.resource(owner).name.clone();
    let found = reader.add("permissions", address, &name, value, key);
    reader.relate(owner, "permissions", found, "owner");
    reader.set_text(found, "level", level, key);
    if let Some(all) = reader.node(value).text().map(str::to_owned) {
        reader.set_text(found, "shorthand", &all, value_span);
    }
    let writes = reader.node(value);
    let writes = writes.entries().filter(|(_, access)| access.text() == Some("write"));
    let writes: Vec<(String, Span)> =
        writes.filter_map(|(scope, access)| Some((scope.text()?.to_owned(), access.span()))).collect();
    reader.set_texts(found, "writes", &writes, value_span);
}

/// Works out what a job may do: its own block, else the workflow's, else what the repository's settings say.
pub(super) fn effective(reader: &mut Reader<'_>, job: ResourceId, own: Option<Id>, workflow: Option<Id>) {
    let (from, block) = match (own, workflow) {
        (Some(own), _) => ("job", Some(own)),
        (None, Some(workflow)) => ("workflow", Some(workflow)),
        (None, None) => ("default", None),
    };
    let span = reader.world.resource(job).span;
    reader.set_text(job, "permissions_from", from, span);
    let Some(block) = block else {
        reader.set(job, "effective_permissions", Data::Unknown("the repository's settings".into()), span);
        return;
    };
    let (access, at) = {
        let node = reader.node(block);
        let of = |scope: &str| match node.data() {
            Data::Text(text) if &**text == "write-all" => "write",
            Data::Text(text) if &**text == "read-all" && scope != "id-token" => "read",
            _ => match node.get(scope).and_then(Node::text) {
                Some("write") => "write",
                Some("read") => "read",
                _ => "none",
            },
        };
        (SCOPES.iter().map(|scope| (*scope, of(scope))).collect::<Vec<_>>(), node.span())
    };
    let tree = reader.world.tree_mut(reader.file);
    let members: Vec<(&str, Id)> = access.into_iter().map(|(scope, access)| (scope, tree.text(access, at))).collect();
    let map = tree.map(&members, at);
    reader.set_node(job, "effective_permissions", map);
}
