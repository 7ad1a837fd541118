//! Searches: maps of fields, lists of maps, keywords; and the conditions over them.

use super::condition::{Condition, Quantity};
use super::item::join;
use super::reader::{Reader, Refusal, closest, shown};
use crate::limits::{MAX_CONDITION_BYTES, MAX_NAME_BYTES, MAX_OF};
use crate::rule::Expr;
use yaml::Node;

/// A named search.
struct Search<'y> {
    name: &'y str,
    key: Node<'y>,
    expr: Expr,
    leaves: usize,
}

/// Searches and what uses them.
struct Searches<'y> {
    all: Vec<Search<'y>>,
    used: Vec<bool>,
    /// Of the section, for messages.
    path: &'static str,
}

impl Reader<'_> {
    /// The searches of a section and its condition, as one expression. `other` are keys that are no searches.
    pub(super) fn detection(&mut self, section: Node<'_>, path: &'static str, other: &[&str]) -> Result<Expr, Refusal> {
        if !section.is_map() {
            return Err(self.refuse(section, path, "this must be a map of searches and a condition"));
        }
        let mut searches = Searches { all: Vec::new(), used: Vec::new(), path };
        let mut condition = None;
        for (key, value) in self.entries(section, path)? {
            let name = key.raw().unwrap_or_default();
            match name {
                "condition" => condition = Some(value),
                "timeframe" => {
                    let reason = "timeframe belongs to the aggregations that Sigma 2 no longer has: write a document with `correlation`, whose `timespan` it is";
                    return Err(self.refuse(key, &format!("{path}.timeframe"), reason));
                }
                name if other.contains(&name) => {}
                name => {
                    let before = self.leaves;
                    let expr = self.search(value, &format!("{path}.{}", shown(name)))?;
                    searches.all.push(Search { name, key, expr, leaves: self.leaves - before });
                }
            }
        }
        let Some(condition) = condition else {
            return Err(self.refuse(
                section,
                &format!("{path}.condition"),
                "the condition is missing: say which searches must match",
            ));
        };
        if searches.all.is_empty() {
            return Err(self.refuse(section, path, "there is no search: write at least one beside the condition"));
        }
        searches.used = vec![false; searches.all.len()];
        // What the condition uses counts, not what is written.
        self.leaves_together -= std::mem::take(&mut self.leaves);
        let expr = self.conditions(condition, &mut searches)?;
        for (search, used) in searches.all.iter().zip(&searches.used) {
            if !used && !search.name.starts_with('_') {
                let message = format!("no condition uses the search `{}`: use it, or leave it out", shown(search.name));
                self.note(search.key, "unused-search", message);
            }
        }
        Ok(expr)
    }

    /// Keys and values of a map whose keys are texts, each once.
    pub(super) fn entries<'y>(&self, map: Node<'y>, path: &str) -> Result<Vec<(Node<'y>, Node<'y>)>, Refusal> {
        let mut seen = std::collections::HashSet::new();
        for (key, _) in map.entries() {
            let Some(name) = key.raw().filter(|_| !key.is_null()) else {
                return Err(self.refuse(key, path, "a key must be a text"));
            };
            if name == "<<" {
                return Err(self.refuse(key, path, "merge keys (`<<`) are not followed: write the fields out"));
            }
            if !seen.insert(name) {
                let reason = format!(
                    "`{}` is here twice, and only one would count: put the values into one list, or write two searches",
                    shown(name)
                );
                return Err(self.refuse(key, path, reason));
            }
        }
        Ok(map.entries().collect())
    }

    /// One search: a map is all of it, a list any of it, a text a keyword.
    fn search(&mut self, node: Node<'_>, path: &str) -> Result<Expr, Refusal> {
        if node.is_map() {
            let entries = self.entries(node, path)?;
            if entries.is_empty() {
                return Err(self.refuse(node, path, "an empty search matches everything: write fields into it"));
            }
            let all: Vec<Expr> =
                entries.into_iter().map(|(key, value)| self.item(key, value, path)).collect::<Result<_, _>>()?;
            return Ok(join(all, true));
        }
        if node.is_list() {
            if node.items().len() == 0 {
                return Err(self.refuse(node, path, "an empty list matches nothing: write maps or keywords into it"));
            }
            let all: Vec<Expr> = node.items().map(|one| self.search(one, path)).collect::<Result<_, _>>()?;
            return Ok(join(all, false));
        }
        self.keyword(node, path)
    }

    fn conditions(&mut self, node: Node<'_>, searches: &mut Searches<'_>) -> Result<Expr, Refusal> {
        let path = format!("{}.condition", searches.path);
        if !node.is_list() {
            return self.condition(node, searches, &path);
        }
        if node.items().len() == 0 {
            return Err(self.refuse(node, &path, "an empty list of conditions matches nothing"));
        }
        let all: Vec<Expr> = node.items().map(|one| self.condition(one, searches, &path)).collect::<Result<_, _>>()?;
        Ok(join(all, false))
    }

    fn condition(&mut self, node: Node<'_>, searches: &mut Searches<'_>, path: &str) -> Result<Expr, Refusal> {
        let Some(text) = node.text().filter(|text| !text.is_empty()) else {
            return Err(self.refuse(node, path, "a condition is a text such as `selection and not filter`"));
        };
        if text.len() > MAX_CONDITION_BYTES {
            let reason =
                format!("{} bytes; a condition has at most {MAX_CONDITION_BYTES} (MAX_CONDITION_BYTES)", text.len());
            return Err(self.refuse(node, path, reason));
        }
        let condition = Condition::parse(text).map_err(|reason| self.refuse(node, path, reason))?;
        self.lower(&condition, node, searches, path)
    }

    fn lower(
        &mut self,
        condition: &Condition,
        node: Node<'_>,
        searches: &mut Searches<'_>,
        path: &str,
    ) -> Result<Expr, Refusal> {
        let mut each = |all: &[Condition], searches: &mut Searches<'_>| {
            all.iter().map(|one| self.lower(one, node, searches, path)).collect::<Result<Vec<Expr>, Refusal>>()
        };
        match condition {
            Condition::And(all) => Ok(Expr::And(each(all, searches)?)),
            Condition::Or(all) => Ok(Expr::Or(each(all, searches)?)),
            Condition::Not(one) => Ok(Expr::Not(Box::new(self.lower(one, node, searches, path)?))),
            Condition::Name(name) => {
                let Some(at) = searches.all.iter().position(|search| search.name == name) else {
                    let names: Vec<&str> = searches.all.iter().map(|search| search.name).collect();
                    let mut reason = format!("there is no search `{}`", shown(name));
                    if let Some(meant) = closest(name, &names) {
                        reason += &format!("; did you mean `{}`?", shown(meant));
                    }
                    return Err(self.refuse(node, path, reason));
                };
                self.take(at, node, searches, path)
            }
            Condition::Of(quantity, pattern) => {
                let fitting: Vec<usize> =
                    (0..searches.all.len()).filter(|at| is_meant(pattern, searches.all[*at].name)).collect();
                if fitting.is_empty() {
                    let reason = format!("no search is called `{}`", shown(pattern));
                    return Err(self.refuse(node, path, reason));
                }
                let least = match quantity {
                    Quantity::All => fitting.len(),
                    Quantity::AtLeast(least) => *least,
                };
                if least > fitting.len() {
                    let reason = format!("`{least} of {pattern}` can never match: there are {} of them", fitting.len());
                    return Err(self.refuse(node, path, reason));
                }
                if least > MAX_OF && least < fitting.len() {
                    let reason =
                        format!("`{least} of`: write at most {MAX_OF} (MAX_OF), `all`, or fewer searches with lists");
                    return Err(self.refuse(node, path, reason));
                }
                self.lint_of(*quantity, pattern, &fitting, node, searches);
                self.at_least(least, &fitting, node, searches, path)
            }
        }
    }

    /// Traps of `of`.
    fn lint_of(&mut self, quantity: Quantity, pattern: &str, of: &[usize], node: Node<'_>, searches: &Searches<'_>) {
        if pattern == "them" && quantity == Quantity::All {
            self.note(
                node,
                "all-of-them",
                "`all of them` also means searches that are added later, such as filters: write `all of selection*`",
            );
        }
        let filter = of.iter().map(|at| searches.all[*at].name).find(|name| name.starts_with("filter"));
        if let (Some(name), true) = (filter, !pattern.starts_with("filter") && of.len() > 1) {
            let message = format!(
                "`{}` means the search `{}` as well, which by its name is to be left out",
                shown(pattern),
                shown(name)
            );
            self.note(node, "filter-is-meant", message);
        }
    }

    /// A copy of a search.
    fn take(&mut self, at: usize, node: Node<'_>, searches: &mut Searches<'_>, path: &str) -> Result<Expr, Refusal> {
        searches.used[at] = true;
        self.spend(searches.all[at].leaves.max(1), node, path)?;
        Ok(searches.all[at].expr.clone())
    }

    /// At least so many of these.
    fn at_least(
        &mut self,
        least: usize,
        of: &[usize],
        node: Node<'_>,
        searches: &mut Searches<'_>,
        path: &str,
    ) -> Result<Expr, Refusal> {
        if least == of.len() || least == 1 {
            let all = of.iter().map(|at| self.take(*at, node, searches, path)).collect::<Result<Vec<Expr>, _>>()?;
            return Ok(join(all, least != 1 || of.len() == 1));
        }
        let mut any = Vec::new();
        for (skip, at) in of.iter().enumerate().take(of.len() + 1 - least) {
            let first = self.take(*at, node, searches, path)?;
            let others = self.at_least(least - 1, &of[skip + 1..], node, searches, path)?;
            any.push(Expr::And(vec![first, others]));
        }
        Ok(join(any, false))
    }
}

/// Whether a pattern of a condition means a search. Names that begin with an underscore must be asked for so.
pub(super) fn is_meant(pattern: &str, name: &str) -> bool {
    if name.len() > MAX_NAME_BYTES || (name.starts_with('_') && !pattern.starts_with('_')) {
        return false;
    }
    if pattern == "them" {
        return true;
    }
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}
