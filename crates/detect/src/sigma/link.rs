//! References between documents: correlations find their rules, filters are put into the rules that they name.

use super::correlation::CorrelationDocument;
use super::document::{Document, FilterDocument, Parsed, Reference, depth, hash};
use super::lint::Finding;
use super::reader::{Reader, Refusal, closest, refusal, shown};
use crate::limits::{MAX_CHAIN, MAX_EXPR_DEPTH, MAX_LEAVES, MAX_LEAVES_TOGETHER, MAX_SAME_NAME};
use crate::rule::{Correlation, Expr, Field, GroupField, LogSource, Meta, Place, Rule};
use std::collections::HashMap;

/// With more names than this, none is suggested for one that is wrong: all would be looked through.
const MAX_HINTS: usize = 10_000;

/// A document that was refused, as far as others may name it.
#[derive(Debug)]
pub(super) struct Broken {
    /// Its name and id.
    pub names: Vec<String>,
    pub place: Place,
    /// The rules that it looks at, of a correlation.
    pub looks_at: Vec<Reference>,
    /// Whether those raise alerts all the same.
    pub generate: bool,
}

/// All that was read and linked.
#[derive(Debug, Default)]
pub(super) struct Linked {
    pub rules: Vec<Rule>,
    pub correlations: Vec<Correlation>,
    /// Filters that are in at least one rule.
    pub filters: usize,
    /// Where filters stand, those for rules that are not here among them.
    pub filter_places: Vec<Place>,
    pub refused: Vec<Refusal>,
}

/// A rule or a correlation, until it is refused.
struct Item {
    document: Option<Document>,
    alerting: Vec<Finding>,
}

struct Linker {
    items: Vec<Item>,
    /// Name or id to what has it.
    names: HashMap<String, Vec<usize>>,
    broken: Vec<Broken>,
    /// Name or id to what was refused.
    broken_names: HashMap<String, Place>,
    refused: Vec<Refusal>,
}

/// Follows all references.
pub(super) fn link(parsed: Vec<Parsed>, broken: Vec<Broken>, reader: &mut Reader<'_>) -> Linked {
    let mut linker = Linker {
        items: Vec::new(),
        names: HashMap::new(),
        broken: Vec::new(),
        broken_names: HashMap::new(),
        refused: Vec::new(),
    };
    broken.into_iter().for_each(|broken| linker.broke(broken));
    let (mut filters, mut filter_places) = (Vec::new(), Vec::new());
    for Parsed { document, alerting } in parsed {
        match document {
            Document::Filter(filter) => {
                filter_places.push(filter.place.clone());
                filters.push(filter);
            }
            document => linker.items.push(Item { document: Some(document), alerting }),
        }
    }
    linker.register();
    let filters = filters.into_iter().filter(|filter| linker.apply(filter, reader)).count();
    let targets = linker.resolve();
    Linked { filters, filter_places, ..linker.finish(targets, reader) }
}

fn meta(document: &Document) -> Option<&Meta> {
    match document {
        Document::Rule(rule) => Some(&rule.meta),
        Document::Correlation(correlation) => Some(&correlation.meta),
        Document::Filter(_) => None,
    }
}

impl Linker {
    fn meta(&self, item: usize) -> Option<&Meta> {
        self.items[item].document.as_ref().and_then(meta)
    }

    fn correlation(&self, item: usize) -> Option<&CorrelationDocument> {
        match &self.items[item].document {
            Some(Document::Correlation(correlation)) => Some(correlation),
            _ => None,
        }
    }

    fn broke(&mut self, broken: Broken) {
        for name in &broken.names {
            self.broken_names.entry(name.clone()).or_insert_with(|| broken.place.clone());
        }
        self.broken.push(broken);
    }

    /// Takes an item away.
    fn refuse(&mut self, item: usize, place: Place, field: &str, reason: &str) {
        let Some(document) = self.items[item].document.take() else { return };
        let Some(meta) = meta(&document) else { return };
        let names: Vec<String> = [Some(meta.id.clone()), meta.name.clone()].into_iter().flatten().collect();
        self.refused.push(Refusal { title: shown(&meta.title), ..refusal(place, field, reason) });
        let (looks_at, generate) = match &document {
            Document::Correlation(correlation) => (correlation.rules.clone(), correlation.generate),
            _ => (Vec::new(), false),
        };
        for name in &names {
            if let Some(known) = self.names.get_mut(name) {
                known.retain(|other| *other != item);
            }
        }
        self.broke(Broken { names, place: meta.place.clone(), looks_at, generate });
    }

    /// Notes all names and ids. What takes the id of another is refused.
    fn register(&mut self) {
        let mut ids: HashMap<String, usize> = HashMap::new();
        for item in 0..self.items.len() {
            let Some(meta) = self.meta(item) else { continue };
            let (id, place) = (meta.id.clone(), meta.place.clone());
            match ids.get(&id).copied() {
                Some(first) => {
                    let other = self.meta(first).map(|meta| meta.place.to_string()).unwrap_or_default();
                    let reason = format!(
                        "the id `{}` is already that of {other}: give it one of its own, or leave one of them out",
                        shown(&id)
                    );
                    self.refuse(item, place, "id", &reason);
                }
                None => drop(ids.insert(id, item)),
            }
        }
        for item in 0..self.items.len() {
            let Some(meta) = self.meta(item) else { continue };
            let (id, name, place) = (meta.id.clone(), meta.name.clone(), meta.place.clone());
            if let Some(name) = name.filter(|name| *name != id) {
                if ids.contains_key(&name) {
                    let reason = format!("the name `{}` is the id of another rule: call it otherwise", shown(&name));
                    self.refuse(item, place, "name", &reason);
                    continue;
                }
                self.name(name, item);
            }
            self.name(id, item);
        }
    }

    fn name(&mut self, name: String, item: usize) {
        let items = self.names.entry(name).or_default();
        if items.len() < MAX_SAME_NAME {
            items.push(item);
        }
    }

    /// What a name or id stands for; in the same file before others. The error is what to say.
    fn find(&self, reference: &Reference) -> Result<usize, String> {
        let all = self.names.get(&reference.name).map_or(&[][..], Vec::as_slice);
        let file = |item: &usize| self.meta(*item).is_some_and(|meta| meta.place.file == reference.place.file);
        let near: Vec<usize> = all.iter().copied().filter(file).collect();
        let name = shown(&reference.name);
        match (near.as_slice(), all) {
            ([one], _) | ([], [one]) => Ok(*one),
            ([], []) => Err(match self.broken_names.get(&reference.name) {
                Some(place) => format!("the rule `{name}` was refused itself, see {place}"),
                None if self.names.len() > MAX_HINTS => {
                    format!("there is no rule with the name or id `{name}`: load it as well")
                }
                None => {
                    let here =
                        self.names.iter().filter(|(_, items)| items.iter().any(file)).map(|(name, _)| name.as_str());
                    let mut here: Vec<&str> = here.take(100).collect();
                    here.sort_unstable();
                    let hint =
                        closest(&reference.name, &here).map(|meant| format!("; did you mean `{}`?", shown(meant)));
                    format!(
                        "there is no rule with the name or id `{name}`{}",
                        hint.unwrap_or_else(|| ": load it as well".to_owned())
                    )
                }
            }),
            ([], several) | (several, _) => {
                let places: Vec<String> = several
                    .iter()
                    .take(3)
                    .filter_map(|item| self.meta(*item))
                    .map(|meta| meta.place.to_string())
                    .collect();
                Err(format!("several rules are called `{name}` ({}): refer to one by its id", places.join(", ")))
            }
        }
    }

    /// Puts a filter into the rules that it is for; whether there was any.
    fn apply(&mut self, filter: &FilterDocument, reader: &mut Reader<'_>) -> bool {
        let (items, named): (Vec<(usize, Place)>, bool) = match &filter.rules {
            None => ((0..self.items.len()).map(|item| (item, filter.place.clone())).collect(), false),
            Some(references) => {
                let mut items = Vec::new();
                for reference in references {
                    match self.find(reference) {
                        Ok(item) => items.push((item, reference.place.clone())),
                        Err(reason) => self.refuse_part(filter, reference.place.clone(), &reason),
                    }
                }
                (items, true)
            }
        };
        let mut applied = false;
        for (item, place) in items {
            let result = match &mut self.items[item].document {
                Some(Document::Rule(rule)) if fits(&filter.source, &rule.source) => add(rule, filter, reader),
                Some(Document::Rule(_)) if named => {
                    Err("the logsource of this rule is another than the filter's: name parts that both have".to_owned())
                }
                Some(Document::Correlation(_)) if named => {
                    Err("this is a correlation: name the rules that it looks at".to_owned())
                }
                _ => continue,
            };
            match result {
                Ok(()) => applied = true,
                Err(reason) => self.refuse_part(filter, place, &reason),
            }
        }
        if !applied && !named {
            reader.note_at(filter.place.clone(), "filter-without-rules", "no rule has the logsource of this filter");
        }
        applied
    }

    fn refuse_part(&mut self, filter: &FilterDocument, place: Place, reason: &str) {
        let title = [Some(&filter.title), filter.name.as_ref(), filter.id.as_ref()]
            .into_iter()
            .flatten()
            .find(|text| !text.is_empty());
        let reason = format!("{reason}; what else the filter names is filtered");
        self.refused.push(Refusal {
            title: title.map(|title| shown(title)).unwrap_or_default(),
            ..refusal(place, "filter.rules", &reason)
        });
    }

    /// What each correlation looks at. Those that cannot be run are refused, and what they alone gather as well.
    fn resolve(&mut self) -> Vec<Option<Vec<usize>>> {
        let mut targets: Vec<Option<Vec<usize>>> = vec![None; self.items.len()];
        for (item, target) in targets.iter_mut().enumerate() {
            let Some(correlation) = self.correlation(item) else { continue };
            let mut found = Vec::new();
            let mut wrong = None;
            for reference in &correlation.rules {
                match self.find(reference) {
                    Ok(other) if found.contains(&other) => {
                        wrong = Some((
                            reference.place.clone(),
                            "this is a rule that is already in the list, by its name or id".to_owned(),
                        ));
                    }
                    Ok(other) => found.push(other),
                    Err(reason) => wrong = Some((reference.place.clone(), reason)),
                }
            }
            let wrong = wrong.map(|wrong| ("correlation.rules", wrong));
            let wrong = wrong.or_else(|| Some(("correlation.aliases", self.groups(correlation, &found).err()?)));
            match wrong {
                None => *target = Some(found),
                Some((field, (place, reason))) => self.refuse(item, place, field, &reason),
            }
        }
        self.refuse_chains(&mut targets);
        self.refuse_left_alone(&mut targets);
        targets
    }

    /// Refuses correlations that look at themselves, at what is refused, or through too many others.
    fn refuse_chains(&mut self, targets: &mut [Option<Vec<usize>>]) {
        // How many correlations lie below, once that is known.
        let mut heights: Vec<Option<usize>> =
            (0..targets.len()).map(|item| self.correlation(item).is_none().then_some(0)).collect();
        for _ in 0..=MAX_CHAIN {
            let known: Vec<(usize, usize)> = (0..targets.len())
                .filter(|item| heights[*item].is_none())
                .filter_map(|item| {
                    let below = targets[item]
                        .as_ref()?
                        .iter()
                        .map(|other| self.items[*other].document.as_ref().and(heights[*other]));
                    Some((item, 1 + below.collect::<Option<Vec<usize>>>()?.into_iter().max().unwrap_or(0)))
                })
                .filter(|(_, height)| *height <= MAX_CHAIN)
                .collect();
            if known.is_empty() {
                break;
            }
            known.into_iter().for_each(|(item, height)| heights[item] = Some(height));
        }
        for item in 0..targets.len() {
            if let (None, Some(correlation)) = (heights[item], self.correlation(item)) {
                let place = correlation.place.clone();
                let reason = format!(
                    "it looks at itself, at a correlation that was refused, or through more than {MAX_CHAIN} others (MAX_CHAIN)"
                );
                self.refuse(item, place, "correlation.rules", &reason);
                targets[item] = None;
            }
        }
    }

    /// Refuses rules that only refused correlations look at: alone they would raise an alert for each event that was to
    /// be counted.
    fn refuse_left_alone(&mut self, targets: &mut [Option<Vec<usize>>]) {
        let mut looked_at = vec![0; targets.len()];
        targets.iter().flatten().flatten().for_each(|item| looked_at[*item] += 1);
        let mut let_through = vec![false; targets.len()];
        for broken in self.broken.iter().filter(|broken| broken.generate) {
            self.found(broken).into_iter().for_each(|item| let_through[item] = true);
        }
        let mut next = 0;
        while next < self.broken.len() {
            let broken = &self.broken[next];
            let (found, place, generate) = (self.found(broken), broken.place.clone(), broken.generate);
            next += 1;
            for item in found {
                if generate || looked_at[item] > 0 || let_through[item] {
                    let_through[item] |= generate;
                    continue;
                }
                let Some(own) = self.meta(item).map(|meta| meta.place.clone()) else { continue };
                targets[item].take().into_iter().flatten().for_each(|below| looked_at[below] -= 1);
                let reason = format!(
                    "only a correlation that was refused looks at this rule (see {place}), and alone it would raise an alert for each event: repair that, or write `generate: true` there"
                );
                self.refuse(item, own, "", &reason);
            }
        }
    }

    /// What a refused correlation looks at, as far as it is there.
    fn found(&self, broken: &Broken) -> Vec<usize> {
        broken.looks_at.iter().filter_map(|reference| self.find(reference).ok()).collect()
    }

    fn finish(self, targets: Vec<Option<Vec<usize>>>, reader: &mut Reader<'_>) -> Linked {
        let mut built: Vec<Option<Correlation>> = (0..targets.len()).map(|_| None).collect();
        for item in 0..targets.len() {
            let (Some(found), Some(document)) = (&targets[item], self.correlation(item)) else { continue };
            built[item] = self.build(document, found, reader);
        }
        // Who looks at each, and whether that lets it raise alerts.
        let mut looked_at = vec![(false, false); targets.len()];
        for (correlation, found) in built.iter().zip(&targets) {
            let (Some(correlation), Some(found)) = (correlation, found) else { continue };
            for item in found {
                looked_at[*item] = (true, looked_at[*item].1 || correlation.generate);
            }
        }
        let mut linked = Linked::default();
        for ((item, built), (used, generate)) in self.items.into_iter().zip(built).zip(looked_at) {
            match (item.document, built) {
                (Some(Document::Rule(rule)), _) => linked.rules.push(*rule),
                (Some(Document::Correlation(_)), Some(correlation)) => linked.correlations.push(correlation),
                _ => continue,
            }
            if !used || generate {
                item.alerting
                    .into_iter()
                    .for_each(|finding| reader.note_at(finding.place, finding.check, finding.message));
            }
        }
        linked.refused = self.refused;
        linked
    }

    /// The field of each group in each of the rules. The error is place, field and reason.
    fn groups(&self, document: &CorrelationDocument, found: &[usize]) -> Result<Vec<GroupField>, (Place, String)> {
        let mut group_by = Vec::new();
        for group in &document.group_by {
            let alias = document.aliases.iter().find(|alias| alias.name == group.name);
            let mut fields = vec![None; found.len()];
            for (reference, field) in alias.iter().flat_map(|alias| &alias.fields) {
                let item = self.find(reference).map_err(|reason| (reference.place.clone(), reason))?;
                let Some(at) = found.iter().position(|other| *other == item) else {
                    let reason = format!("`{}` is none of the rules of this correlation", shown(&reference.name));
                    return Err((reference.place.clone(), reason));
                };
                fields[at] = Some(Field::new(field));
            }
            if let (Some(alias), Some(at)) = (alias, fields.iter().position(Option::is_none)) {
                let rule = shown(&document.rules[at].name);
                return Err((alias.place.clone(), format!("the alias says no field for the rule `{rule}`: add it")));
            }
            let fields = fields.into_iter().map(|field| field.unwrap_or_else(|| Field::new(&group.name))).collect();
            group_by.push(GroupField { name: group.name.clone(), fields });
        }
        Ok(group_by)
    }

    /// A correlation whose rules are these items.
    fn build(&self, document: &CorrelationDocument, found: &[usize], reader: &mut Reader<'_>) -> Option<Correlation> {
        let group_by = self.groups(document, found).ok()?;
        for (group, written) in group_by.iter().zip(&document.group_by) {
            for (item, field) in found.iter().zip(&group.fields) {
                let below = self.correlation(*item);
                if below.is_some_and(|below| !below.group_by.iter().any(|other| other.name == *field.name)) {
                    let message = format!(
                        "a correlation below is not grouped by `{}`, so its alerts do not have it",
                        shown(&field.name)
                    );
                    reader.note_at(written.place.clone(), "chained-group", message);
                }
            }
        }
        Some(Correlation {
            meta: document.meta.clone(),
            rules: found.iter().filter_map(|item| self.meta(*item)).map(|meta| meta.id.clone()).collect(),
            group_by,
            timespan: document.timespan,
            measure: document.measure.clone(),
            condition: document.condition.clone(),
            generate: document.generate,
        })
    }
}

/// Whether a rule's log source says all that a filter's says.
fn fits(filter: &LogSource, rule: &LogSource) -> bool {
    let part = |filter: &Option<String>, rule: &Option<String>| filter.is_none() || filter == rule;
    part(&filter.product, &rule.product)
        && part(&filter.category, &rule.category)
        && part(&filter.service, &rule.service)
}

/// Puts a filter into a rule. The error is what to say.
fn add(rule: &mut Rule, filter: &FilterDocument, reader: &mut Reader<'_>) -> Result<(), String> {
    let leaves = leaves(&rule.condition) + filter.leaves;
    if leaves > MAX_LEAVES || reader.leaves_together + filter.leaves > MAX_LEAVES_TOGETHER {
        return Err("with this filter there are too many tests (MAX_LEAVES, MAX_LEAVES_TOGETHER)".to_owned());
    }
    if depth(&rule.condition).max(depth(&filter.condition)) + 1 > MAX_EXPR_DEPTH {
        return Err("with this filter the condition is nested too deep (MAX_EXPR_DEPTH)".to_owned());
    }
    reader.leaves_together += filter.leaves;
    rule.meta.version = hash(&[&rule.meta.version, &filter.version]);
    let condition = std::mem::replace(&mut rule.condition, Expr::And(Vec::new()));
    rule.condition = Expr::And(vec![condition, filter.condition.clone()]);
    Ok(())
}

fn leaves(expr: &Expr) -> usize {
    match expr {
        Expr::And(all) | Expr::Or(all) => all.iter().map(leaves).sum(),
        Expr::Not(one) => leaves(one),
        Expr::Leaf(_) => 1,
    }
}
