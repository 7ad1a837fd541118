//! Correlations made ready: who looks at whom, which fields they need, in which order they are judged.

use super::hash;
use super::tally::has;
use crate::limits::{MAX_CORRELATION_RULES, MAX_RULE_EXPR_DEPTH, MAX_TIMESPAN, PLAIN_SPAN};
use crate::rule::{Comparison, Correlation, Field, GroupField, Measure, Meta, Place, Rule, RuleExpr, WindowCondition};
use model::fact::Nanos;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A rule or correlation that was loaded and cannot be used. The rules that a correlation names stay as quiet as it asked
/// for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// Its id.
    pub id: String,
    /// Where it begins.
    pub place: Place,
    /// Which of its fields is wrong.
    pub field: &'static str,
    /// Why, and what to do.
    pub reason: String,
}

/// How a rule's matches come to a correlation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Use {
    /// Which, by its place in [`Plan::correlations`].
    pub correlation: usize,
    /// The rule's place in the correlation.
    pub rule: u32,
    /// Where the group's values are, in what was given or in the key of the correlation that fired.
    pub group: Vec<Option<usize>>,
    /// Where the measured values are.
    pub measured: Vec<Option<usize>>,
    /// Of a correlation every window end that holds comes, as soon as it does; else one entry for each alert, when it
    /// is settled. Only what does not count entries can do with all of them.
    pub every: bool,
}

/// A rule over single events.
#[derive(Clone, Debug)]
pub(super) struct RulePlan {
    /// What it says of itself.
    pub meta: Arc<Meta>,
    /// It makes alerts of its own: where its windows are in [`Plan::correlations`].
    pub plain: Option<usize>,
    /// What its matches must bring.
    pub needs: Vec<Field>,
    /// Who looks at it.
    pub uses: Vec<Use>,
}

/// A correlation; or what a plain rule matched in one minute, which is counted alike.
#[derive(Clone, Debug)]
pub(super) struct CorrelationPlan {
    /// What it says of itself.
    pub meta: Arc<Meta>,
    /// It makes alerts; else it only feeds others.
    pub alerts: bool,
    /// It is a plain rule: windows do not slide, a bucket is one; keys are entities.
    pub plain: bool,
    /// Names of the group's fields.
    pub group: Vec<String>,
    /// Titles or names of the rules that it looks at.
    pub rules: Vec<String>,
    /// How long a window is.
    pub timespan: Nanos,
    /// How much later than the watermark it is judged: what it looks at may itself need that long to be settled.
    pub delay: Nanos,
    /// What is counted.
    pub measure: Measure,
    /// When it fires.
    pub condition: WindowCondition,
    /// Another event never undoes it: it is raised as soon as it holds.
    pub monotone: bool,
    /// With fewer events it cannot hold.
    pub least: u64,
    /// Who looks at it.
    pub uses: Vec<Use>,
    /// Hash of everything that its state depends on.
    pub signature: [u8; 16],
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// By their index.
    pub rules: Vec<RulePlan>,
    /// Those that can be run, inputs before those that look at them; then the plain rules.
    pub correlations: Vec<CorrelationPlan>,
    /// Those that cannot.
    pub refused: Vec<Unused>,
}

/// What a name of a correlation's `rules` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    Rule(usize),
    Correlation(usize),
}

impl Plan {
    /// Makes them ready.
    pub fn new(rules: &[Rule], correlations: &[Correlation]) -> Plan {
        let mut plan = Plan {
            rules: rules
                .iter()
                .map(|rule| RulePlan {
                    meta: Arc::new(rule.meta.clone()),
                    plain: None,
                    needs: Vec::new(),
                    uses: Vec::new(),
                })
                .collect(),
            ..Plan::default()
        };
        let names = names(rules, correlations);
        let mut inputs: Vec<Option<Vec<Input>>> = Vec::new();
        for correlation in correlations {
            let found = resolve(correlation, &names).and_then(|found| reachable(correlation, correlations, found));
            match found {
                Ok(found) => inputs.push(Some(found)),
                Err((field, reason)) => {
                    plan.refuse(correlation, field, reason);
                    inputs.push(None);
                }
            }
        }
        let order = plan.order(correlations, &mut inputs);
        let (plain, alerts) = hide(rules.len(), correlations, &names);
        let mut placed: BTreeMap<usize, usize> = BTreeMap::new();
        for index in order {
            let of = inputs[index].take().unwrap_or_default();
            plan.add(&correlations[index], &of, &placed, alerts[index], rules);
            placed.insert(index, plan.correlations.len() - 1);
        }
        for (index, _) in plain.iter().enumerate().filter(|(_, plain)| **plain) {
            plan.rules[index].plain = Some(plan.correlations.len());
            plan.correlations.push(CorrelationPlan::plain(&plan.rules[index].meta));
        }
        plan
    }

    fn refuse(&mut self, correlation: &Correlation, field: &'static str, reason: String) {
        let Meta { id, place, .. } = &correlation.meta;
        self.refused.push(Unused { id: id.clone(), place: place.clone(), field, reason });
    }

    /// The correlations whose inputs are all there, inputs first. The others are refused: they look at one that is
    /// refused, or at themselves.
    fn order(&mut self, correlations: &[Correlation], inputs: &mut [Option<Vec<Input>>]) -> Vec<usize> {
        let mut order = Vec::new();
        let mut done = vec![false; inputs.len()];
        loop {
            let ready = |input: &Input| match input {
                Input::Rule(_) => true,
                Input::Correlation(index) => done[*index],
            };
            let found: Vec<usize> = (0..inputs.len())
                .filter(|index| !done[*index] && inputs[*index].as_ref().is_some_and(|of| of.iter().all(ready)))
                .collect();
            if found.is_empty() {
                break;
            }
            found.iter().for_each(|index| done[*index] = true);
            order.extend(found);
        }
        for index in 0..inputs.len() {
            if !done[index] && inputs[index].take().is_some() {
                let reason = "looks at itself, or at a correlation that was refused".to_owned();
                self.refuse(&correlations[index], "correlation.rules", reason);
            }
        }
        order
    }

    fn add(
        &mut self,
        correlation: &Correlation,
        inputs: &[Input],
        placed: &BTreeMap<usize, usize>,
        alerts: bool,
        rules: &[Rule],
    ) {
        let at = self.correlations.len();
        let mut signature = vec![correlation.meta.id.as_bytes().to_vec(), correlation.meta.version.as_bytes().to_vec()];
        let every =
            matches!(correlation.measure, Measure::Temporal | Measure::TemporalOrdered | Measure::ValueCount(_));
        let (mut delay, mut titles) = (0, Vec::new());
        for (place, input) in inputs.iter().enumerate() {
            let fields: Vec<&Field> = correlation.group_by.iter().map(|group| &group.fields[place]).collect();
            let measured = measured(&correlation.measure);
            match *input {
                Input::Rule(index) => {
                    signature.push(rules[index].meta.version.as_bytes().to_vec());
                    titles.push(title(&rules[index].meta));
                    let rule = &mut self.rules[index];
                    let group = fields.into_iter().map(|field| Some(slot(&mut rule.needs, field))).collect();
                    let measured = measured.iter().map(|field| Some(slot(&mut rule.needs, field))).collect();
                    rule.uses.push(Use { correlation: at, rule: place as u32, group, measured, every });
                }
                Input::Correlation(index) => {
                    let Some(below) = placed.get(&index).and_then(|index| self.correlations.get_mut(*index)) else {
                        continue;
                    };
                    signature.push(below.signature.to_vec());
                    titles.push(title(&below.meta));
                    delay = delay.max(below.delay.saturating_add(below.timespan));
                    let of = |field: &Field| below.group.iter().position(|name| goes_by(field, name));
                    let group = fields.into_iter().map(of).collect();
                    let measured = measured.iter().map(of).collect();
                    below.uses.push(Use { correlation: at, rule: place as u32, group, measured, every });
                }
            }
        }
        self.correlations.push(CorrelationPlan {
            meta: Arc::new(correlation.meta.clone()),
            alerts,
            plain: false,
            group: correlation.group_by.iter().map(|group: &GroupField| group.name.clone()).collect(),
            rules: titles,
            timespan: correlation.timespan,
            delay,
            measure: correlation.measure.clone(),
            condition: ready(correlation),
            monotone: monotone(correlation),
            least: least(correlation),
            uses: Vec::new(),
            signature: hash::signature(signature.iter().map(Vec::as_slice)),
        });
    }
}

impl CorrelationPlan {
    /// What a plain rule matched, minute by minute and entity by entity.
    fn plain(meta: &Arc<Meta>) -> CorrelationPlan {
        CorrelationPlan {
            meta: meta.clone(),
            alerts: true,
            plain: true,
            group: Vec::new(),
            rules: vec![title(meta)],
            timespan: PLAIN_SPAN,
            delay: 0,
            measure: Measure::EventCount,
            condition: WindowCondition::Compare(vec![(Comparison::GreaterOrEqual, 1.0)]),
            monotone: true,
            least: 1,
            uses: Vec::new(),
            signature: hash::signature([b"plain", meta.id.as_bytes(), meta.version.as_bytes()]),
        }
    }

    /// Whether it may hold when just these rules have matched, if it is monotone.
    pub fn may(&self, rules: u64) -> bool {
        match &self.condition {
            WindowCondition::Compare(_) => true,
            WindowCondition::Rules(expr) => has(expr, &|rule| (rules >> rule) & 1 == 1),
        }
    }

    /// Somebody wants to know of each window end that holds.
    pub fn every(&self) -> bool {
        self.uses.iter().any(|of| of.every)
    }
}

/// Who makes alerts, of the rules and of the correlations: who is looked at by none, or by one that lets it. Whoever is
/// named counts, so that a correlation that was refused does not let loose what it was to gather.
fn hide(rules: usize, correlations: &[Correlation], names: &BTreeMap<&str, Input>) -> (Vec<bool>, Vec<bool>) {
    let mut rules = vec![(false, false); rules];
    let mut others = vec![(false, false); correlations.len()];
    for correlation in correlations {
        for name in &correlation.rules {
            let told = match names.get(name.as_str()) {
                Some(Input::Rule(index)) => &mut rules[*index],
                Some(Input::Correlation(index)) => &mut others[*index],
                None => continue,
            };
            *told = (true, told.1 || correlation.generate);
        }
    }
    let alerts = |(used, generate): (bool, bool)| !used || generate;
    (rules.into_iter().map(alerts).collect(), others.into_iter().map(alerts).collect())
}

/// Refuses what can never come: of a correlation below, only what it is grouped by is known.
fn reachable(of: &Correlation, all: &[Correlation], inputs: Vec<Input>) -> Result<Vec<Input>, (&'static str, String)> {
    for (place, input) in inputs.iter().enumerate() {
        let Input::Correlation(index) = input else { continue };
        let below = &all[*index];
        let has = |field: &Field| below.group_by.iter().any(|group| goes_by(field, &group.name));
        let group = of.group_by.iter().map(|group| ("correlation.group-by", &group.fields[place]));
        let measured = measured(&of.measure);
        let measured = measured.iter().map(|field| ("correlation.condition.field", field));
        if let Some((wrong, field)) = group.chain(measured).find(|(_, field)| !has(field)) {
            let (field, name) = (&field.name, title(&below.meta));
            return Err((
                wrong,
                format!("{field:?} is not in the group-by of the correlation {name:?} that it looks at"),
            ));
        }
    }
    Ok(inputs)
}

/// What names and ids stand for: rules before correlations, the first that has a name.
fn names<'r>(rules: &'r [Rule], correlations: &'r [Correlation]) -> BTreeMap<&'r str, Input> {
    let mut names = BTreeMap::new();
    let rules = rules.iter().enumerate().map(|(index, rule)| (&rule.meta, Input::Rule(index)));
    let correlations = correlations.iter().enumerate().map(|(index, of)| (&of.meta, Input::Correlation(index)));
    for (meta, input) in rules.chain(correlations) {
        for name in [Some(&meta.id), meta.name.as_ref()].into_iter().flatten() {
            names.entry(name.as_str()).or_insert(input);
        }
    }
    names
}

/// What a correlation looks at, if it can be run.
fn resolve(correlation: &Correlation, names: &BTreeMap<&str, Input>) -> Result<Vec<Input>, (&'static str, String)> {
    let rules = &correlation.rules;
    if rules.is_empty() || rules.len() > MAX_CORRELATION_RULES {
        let reason = format!("names {} rules: name 1 to {MAX_CORRELATION_RULES}, or chain correlations", rules.len());
        return Err(("correlation.rules", reason));
    }
    if correlation.timespan <= 0 || correlation.timespan > MAX_TIMESPAN {
        let days = MAX_TIMESPAN / 86_400_000_000_000;
        return Err(("correlation.timespan", format!("write more than nothing and at most {days} days")));
    }
    if let Some(group) = correlation.group_by.iter().find(|group| group.fields.len() != rules.len()) {
        return Err(("correlation.group-by", format!("{:?} needs a field for each of the rules", group.name)));
    }
    let temporal = matches!(correlation.measure, Measure::Temporal | Measure::TemporalOrdered);
    match (&correlation.condition, &correlation.measure) {
        (WindowCondition::Rules(_), _) if !temporal => {
            return Err(("correlation.condition", "a count is compared with a number, such as `gte: 10`".to_owned()));
        }
        (WindowCondition::Rules(expr), _) => check(expr, rules.len(), MAX_RULE_EXPR_DEPTH)?,
        (WindowCondition::Compare(with), Measure::TemporalOrdered) if !with.is_empty() => {
            let reason = "an order of rules is not a number: name the rules that must follow each other".to_owned();
            return Err(("correlation.condition", reason));
        }
        (WindowCondition::Compare(with), _) if with.is_empty() && !temporal => {
            return Err(("correlation.condition", "write what to compare with, such as `gte: 10`".to_owned()));
        }
        (WindowCondition::Compare(with), _) if with.iter().any(|(_, number)| !number.is_finite()) => {
            return Err(("correlation.condition", "compare with a finite number".to_owned()));
        }
        (WindowCondition::Compare(_), _) => (),
    }
    match &correlation.measure {
        Measure::ValueCount(fields) if fields.is_empty() => {
            return Err(("correlation.condition.field", "write the field whose values are counted".to_owned()));
        }
        Measure::ValuePercentile(_, percent) if !(0.0..=100.0).contains(percent) => {
            return Err(("correlation.condition.percentile", "write a number from 0 to 100".to_owned()));
        }
        _ => (),
    }
    let find = |name: &String| {
        names.get(name.as_str()).copied().ok_or_else(|| {
            ("correlation.rules", format!("there is no rule {name:?}: it is not loaded, or was refused itself"))
        })
    };
    rules.iter().map(find).collect()
}

fn check(expr: &RuleExpr, rules: usize, depth: usize) -> Result<(), (&'static str, String)> {
    let wrong = |reason: &str| Err(("correlation.condition", reason.to_owned()));
    match expr {
        _ if depth == 0 => wrong("is nested too deep"),
        RuleExpr::Rule(rule) if *rule >= rules => wrong("names a rule that the correlation does not list"),
        RuleExpr::Rule(_) => Ok(()),
        RuleExpr::Not(of) => check(of, rules, depth - 1),
        RuleExpr::And(all) | RuleExpr::Or(all) => all.iter().try_for_each(|of| check(of, rules, depth - 1)),
    }
}

/// The condition with what is left unsaid: all of the rules; and for an order, that of the list of rules.
fn ready(correlation: &Correlation) -> WindowCondition {
    let ordered = correlation.measure == Measure::TemporalOrdered;
    let temporal = ordered || correlation.measure == Measure::Temporal;
    match &correlation.condition {
        WindowCondition::Compare(with) if temporal && with.is_empty() => {
            WindowCondition::Rules(RuleExpr::And((0..correlation.rules.len()).map(RuleExpr::Rule).collect()))
        }
        WindowCondition::Rules(expr) if ordered => WindowCondition::Rules(in_order(expr)),
        other => other.clone(),
    }
}

fn in_order(expr: &RuleExpr) -> RuleExpr {
    fn least(expr: &RuleExpr) -> usize {
        match expr {
            RuleExpr::Rule(rule) => *rule,
            RuleExpr::Not(of) => least(of),
            RuleExpr::And(all) | RuleExpr::Or(all) => all.iter().map(least).min().unwrap_or(usize::MAX),
        }
    }
    match expr {
        RuleExpr::And(all) => {
            let mut all: Vec<RuleExpr> = all.iter().map(in_order).collect();
            all.sort_by_key(least);
            RuleExpr::And(all)
        }
        RuleExpr::Or(all) => RuleExpr::Or(all.iter().map(in_order).collect()),
        RuleExpr::Not(of) => RuleExpr::Not(Box::new(in_order(of))),
        RuleExpr::Rule(rule) => RuleExpr::Rule(*rule),
    }
}

fn monotone(correlation: &Correlation) -> bool {
    fn never_undone(expr: &RuleExpr) -> bool {
        match expr {
            RuleExpr::Rule(_) => true,
            RuleExpr::Not(_) => false,
            RuleExpr::And(all) | RuleExpr::Or(all) => all.iter().all(never_undone),
        }
    }
    let grows = matches!(
        correlation.measure,
        Measure::EventCount | Measure::ValueCount(_) | Measure::Temporal | Measure::TemporalOrdered
    );
    grows
        && match &correlation.condition {
            WindowCondition::Rules(expr) => never_undone(expr),
            WindowCondition::Compare(with) => {
                with.iter().all(|(how, _)| matches!(how, Comparison::Greater | Comparison::GreaterOrEqual))
            }
        }
}

fn least(correlation: &Correlation) -> u64 {
    match (&correlation.measure, &correlation.condition) {
        (Measure::EventCount | Measure::ValueCount(_), WindowCondition::Compare(with)) => with
            .iter()
            .map(|(how, number)| match how {
                Comparison::GreaterOrEqual => number.ceil() as u64,
                Comparison::Greater => (number.floor() as u64).saturating_add(u64::from(*number >= 0.0)),
                _ => 0,
            })
            .max()
            .unwrap_or(0),
        _ => 0,
    }
}

fn measured(measure: &Measure) -> Vec<Field> {
    match measure {
        Measure::EventCount | Measure::Temporal | Measure::TemporalOrdered => Vec::new(),
        Measure::ValueCount(fields) => fields.clone(),
        Measure::ValueSum(field)
        | Measure::ValueAvg(field)
        | Measure::ValuePercentile(field, _)
        | Measure::ValueMedian(field) => vec![field.clone()],
    }
}

fn slot(needs: &mut Vec<Field>, field: &Field) -> usize {
    needs.iter().position(|need| need == field).unwrap_or_else(|| {
        needs.push(field.clone());
        needs.len() - 1
    })
}

fn goes_by(field: &Field, name: &str) -> bool {
    &*field.name == name || field.paths.iter().any(|path| &**path == name)
}

fn title(meta: &Meta) -> String {
    if meta.title.is_empty() { meta.name.clone().unwrap_or_else(|| meta.id.clone()) } else { meta.title.clone() }
}
