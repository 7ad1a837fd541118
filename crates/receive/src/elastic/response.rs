//! The answer to `_bulk`.

use super::{Action, Bulk, ItemResult};
use model::json;
use std::fmt::Write as _;

/// The answer in Elasticsearch's shape; `took_ms` is the time spent on the request.
pub fn response_json(bulk: &Bulk, took_ms: u64) -> String {
    let mut out = String::with_capacity(64 + bulk.items.len() * 180);
    let errors = bulk.items.iter().any(|item| item.error.is_some());
    let _ = write!(out, "{{\"took\":{took_ms},\"errors\":{errors},\"items\":[");
    for (index, item) in bulk.items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_item(&mut out, item);
    }
    out.push_str("]}");
    out
}

fn write_item(out: &mut String, item: &ItemResult) {
    let _ = write!(out, "{{\"{}\":{{\"_index\":", item.action.name());
    json::write_string(out, &item.index);
    out.push_str(",\"_id\":");
    json::write_string(out, &item.id);
    match &item.error {
        None => out.push_str(
            ",\"_version\":1,\"result\":\"created\",\"_shards\":{\"total\":1,\"successful\":1,\"failed\":0},\
             \"_seq_no\":0,\"_primary_term\":1",
        ),
        Some(reason) => {
            let kind = match item.action {
                Action::Index | Action::Create => "document_parsing_exception",
                Action::Update | Action::Delete => "illegal_argument_exception",
            };
            let _ = write!(out, ",\"error\":{{\"type\":\"{kind}\",\"reason\":");
            json::write_string(out, reason);
            out.push('}');
        }
    }
    let _ = write!(out, ",\"status\":{}}}}}", item.status);
}
