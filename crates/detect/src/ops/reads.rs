//! What a rule reads: for the report of what is kept and read by nobody.

use super::rule::{Aggregate, OpsRule, RatioQuery, Source};
use model::Table;
use query::ast::{Expr, Test};
use std::collections::BTreeSet;

/// What a rule reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reads {
    /// Tables.
    pub tables: Vec<Table>,
    /// This dataset alone.
    pub dataset: Option<String>,
    /// Fields, as the rule writes them: those it searches, groups by and computes with.
    pub fields: BTreeSet<String>,
    /// Searches that say which rows. A row that one of them finds is read by this rule.
    pub searches: Vec<(Table, Expr)>,
    /// It looks at rows whatever is in them, such as a rule about how much comes in: its search asks at most whether
    /// fields are there. Who asks whether anybody reads a stream leaves such rules out.
    pub indifferent: bool,
}

impl OpsRule {
    /// What it reads. Of a statement in SQL, tables are its words of that name, and fields are those in `attributes['k']`.
    pub fn reads(&self) -> Reads {
        let mut reads = Reads { dataset: self.dataset.clone(), ..Reads::default() };
        reads.fields.extend(self.found_in.iter().flatten().cloned());
        match &self.source {
            Source::Search { table, query, aggregate } => {
                reads.search(*table, &query.filter);
                match aggregate {
                    Aggregate::Count => {}
                    Aggregate::Share(part) => names(*table, &part.filter, &mut reads.fields),
                    Aggregate::Distinct(field)
                    | Aggregate::Sum(field)
                    | Aggregate::Avg(field)
                    | Aggregate::Min(field)
                    | Aggregate::Max(field)
                    | Aggregate::Last(field)
                    | Aggregate::Increase(field)
                    | Aggregate::Percentile(_, field) => {
                        reads.fields.insert(field.clone());
                    }
                }
                reads.indifferent = says_nothing(&query.filter) && matches!(aggregate, Aggregate::Count);
            }
            Source::Sql(sql) => reads.statement(sql),
            Source::Ratio(ratio) => match &**ratio {
                RatioQuery::Search { table, total, part } => {
                    reads.search(*table, &total.filter);
                    names(*table, &part.filter, &mut reads.fields);
                }
                RatioQuery::Sql { total, part } => {
                    reads.statement(total);
                    reads.statement(part);
                }
            },
        }
        reads
    }
}

impl Reads {
    fn table(&mut self, table: Table) {
        if !self.tables.contains(&table) {
            self.tables.push(table);
        }
    }

    fn search(&mut self, table: Table, filter: &Expr) {
        self.table(table);
        names(table, filter, &mut self.fields);
        self.searches.push((table, filter.clone()));
    }

    fn statement(&mut self, sql: &str) {
        let words = sql.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        words.filter_map(|word| Table::from_name(&word.to_ascii_lowercase())).for_each(|table| self.table(table));
        for part in sql.split("['").skip(1) {
            if let Some((field, _)) = part.split_once("']") {
                self.fields.insert(field.to_owned());
            }
        }
    }
}

fn says_nothing(of: &Expr) -> bool {
    match of {
        Expr::All => true,
        Expr::And(parts) | Expr::Or(parts) => parts.iter().all(says_nothing),
        Expr::Not(_) => false,
        Expr::Leaf(leaf) => leaf.test == Test::Present,
    }
}

/// Fields of a condition.
fn names(table: Table, of: &Expr, into: &mut BTreeSet<String>) {
    match of {
        Expr::All => {}
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| names(table, part, into)),
        Expr::Not(inner) => names(table, inner, into),
        Expr::Leaf(leaf) => {
            into.insert(leaf.field.as_deref().unwrap_or(table.text_column()).to_owned());
        }
    }
}
