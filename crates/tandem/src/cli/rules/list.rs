//! `tandem rules list`.

use super::{Needs, Output, operational, pack, place_json, source_json, source_words};
use crate::failure::Outcome;
use crate::output::{self, table};
use clap::Args;
use detect::pack::Pack;
use detect::rule::{LogSource, Meta};
use detect::sigma::Loaded;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// List rules.
#[derive(Args)]
pub struct List {
    /// A folder or file [default: the rules that are built in].
    dir: Option<PathBuf>,
    #[command(flatten)]
    needs: Needs,
    #[command(flatten)]
    output: Output,
}

/// A row of the list.
struct Row<'l> {
    meta: &'l Meta,
    kind: &'static str,
    source: Option<&'l LogSource>,
}

impl List {
    /// Prints them in the order of their files.
    pub fn run(self) -> Outcome {
        let pack = pack(self.dir.as_deref())?;
        let loaded = pack.load(&self.needs.sources()?, &self.needs.options()?);
        let operations = operational(&pack, &loaded);
        let fed = fed(&loaded);
        let kind = |meta: &Meta, kind| match fed.contains(meta.id.as_str()) {
            true => "feeds",
            false => kind,
        };
        let rules = loaded.rules.iter().map(|rule| Row {
            meta: &rule.meta,
            kind: kind(&rule.meta, "rule"),
            source: Some(&rule.source),
        });
        let correlations = loaded.correlations.iter().map(|correlation| Row {
            meta: &correlation.meta,
            kind: kind(&correlation.meta, "correlation"),
            source: None,
        });
        let operations = operations.iter().map(|rule| Row { meta: &rule.meta, kind: "operational", source: None });
        let mut rows: Vec<Row<'_>> = rules.chain(correlations).chain(operations).collect();
        rows.sort_by_key(|row| (row.meta.place.file.clone(), row.meta.place.line));
        match self.output.json() {
            true => {
                let rules: Vec<Value> = rows.iter().map(|row| row.json(&pack)).collect();
                Ok(output::print(&format!("{}\n", json!({"rules": rules})))?)
            }
            false => {
                let header = ["level", "kind", "rule", "title", "for"].map(str::to_owned);
                let rows: Vec<Vec<Value>> = rows.iter().filter(|row| row.kind != "feeds").map(Row::cells).collect();
                Ok(output::print(&table::render(&header, &rows))?)
            }
        }
    }
}

/// The rules whose matches go into correlations alone.
fn fed(loaded: &Loaded) -> BTreeSet<&str> {
    let by = |generate| {
        let of = loaded.correlations.iter().filter(move |correlation| correlation.generate == generate);
        of.flat_map(|correlation| correlation.rules.iter().map(String::as_str)).collect::<BTreeSet<_>>()
    };
    let generating = by(true);
    by(false).into_iter().filter(|id| !generating.contains(id)).collect()
}

impl Row<'_> {
    fn cells(&self) -> Vec<Value> {
        let name = self.meta.name.as_ref().unwrap_or(&self.meta.id);
        let source = self.source.map(source_words).unwrap_or_default();
        vec![json!(self.meta.level.name()), json!(self.kind), json!(name), json!(self.meta.title), json!(source)]
    }

    fn json(&self, pack: &Pack) -> Value {
        let meta = self.meta;
        let page = pack.page_at(&meta.place.file).map(|page| page.path.clone());
        json!({
            "id": meta.id, "name": meta.name, "title": meta.title, "description": meta.description, "kind": self.kind,
            "level": meta.level.name(), "aspect": meta.aspect, "status": meta.status, "tags": meta.tags,
            "logsource": self.source.map(source_json), "place": place_json(&meta.place), "version": meta.version,
            "runbook": meta.runbook, "page": page,
        })
    }
}
