//! What correlations say. References are followed later, in `link.rs`.

use super::condition::{Condition, Quantity};
use super::detection::is_meant;
use super::document::Reference;
use super::reader::{Reader, Refusal, closest, shown};
use crate::limits::{MAX_CONDITION_BYTES, MAX_CORRELATED, MAX_NAME_BYTES, MAX_RULE_EXPR_DEPTH, MAX_TIMESPAN};
use crate::rule::{Comparison, Field, Measure, Meta, Place, RuleExpr, WindowCondition};
use yaml::{Node, Scalar};

/// A correlation before its references are followed.
#[derive(Debug)]
pub(super) struct CorrelationDocument {
    pub meta: Meta,
    pub rules: Vec<Reference>,
    pub group_by: Vec<Reference>,
    pub aliases: Vec<Alias>,
    /// In nanoseconds.
    pub timespan: i64,
    pub measure: Measure,
    pub condition: WindowCondition,
    pub generate: bool,
    /// Where `correlation` stands.
    pub place: Place,
}

/// A name for a field that rules call differently.
#[derive(Debug)]
pub(super) struct Alias {
    pub name: String,
    pub place: Place,
    /// Rule and field.
    pub fields: Vec<(Reference, String)>,
}

const TYPES: [&str; 8] = [
    "event_count",
    "value_count",
    "temporal",
    "temporal_ordered",
    "value_sum",
    "value_avg",
    "value_percentile",
    "value_median",
];
const OPERATORS: [(&str, Comparison); 6] = [
    ("gt", Comparison::Greater),
    ("gte", Comparison::GreaterOrEqual),
    ("lt", Comparison::Less),
    ("lte", Comparison::LessOrEqual),
    ("eq", Comparison::Equal),
    ("neq", Comparison::NotEqual),
];
const MEMBERS: [&str; 7] = ["type", "rules", "aliases", "group-by", "timespan", "condition", "generate"];

/// What the map of a condition says.
struct Compared<'y> {
    with: Vec<(Comparison, f64)>,
    fields: Vec<Field>,
    field: Option<Node<'y>>,
    percentile: Option<(Node<'y>, f64)>,
}

impl Reader<'_> {
    pub(super) fn correlation(&mut self, root: Node<'_>, meta: Meta) -> Result<CorrelationDocument, Refusal> {
        let section = root.get("correlation").unwrap_or(root);
        if !section.is_map() {
            let reason = "this must be a map with type, rules, group-by, timespan and condition";
            return Err(self.refuse(section, "correlation", reason));
        }
        self.only(section, "correlation", &MEMBERS)?;
        let kind = self.kind(section)?;
        let ordered = kind == "temporal_ordered";
        let temporal = ordered || kind == "temporal";
        let condition = section.get("condition");
        let (rules, condition, measure) = match condition {
            Some(node) if !node.is_map() => {
                if !temporal {
                    let reason = "this type is compared with a number: write a map such as `gte: 10`; conditions over rules are for temporal and temporal_ordered";
                    return Err(self.refuse(node, "correlation.condition", reason));
                }
                let (rules, expr) = self.extended(section, node)?;
                (
                    rules,
                    WindowCondition::Rules(expr),
                    if ordered { Measure::TemporalOrdered } else { Measure::Temporal },
                )
            }
            node => {
                let Some(list) = section.get("rules") else {
                    return Err(self.refuse(section, "correlation.rules", "rules are missing: name what it looks at"));
                };
                let rules = self.references(list, "correlation.rules")?;
                let (condition, measure) = match temporal {
                    true => self.temporal(node, rules.len(), ordered)?,
                    false => self.counted(section, node, kind)?,
                };
                (rules, condition, measure)
            }
        };
        let aliases = self.aliases(section)?;
        let group_by = self.group_by(section)?;
        for alias in &aliases {
            if !group_by.iter().any(|group| group.name == alias.name) {
                let message =
                    format!("group-by does not use the alias `{}`: use it, or leave it out", shown(&alias.name));
                self.note_at(alias.place.clone(), "unused-alias", message);
            }
        }
        self.check_measured(section, &measure, &aliases)?;
        let timespan = self.timespan(section)?;
        let generate = self.generate(root, section)?;
        Ok(CorrelationDocument {
            meta,
            rules,
            group_by,
            aliases,
            timespan,
            measure,
            condition,
            generate,
            place: self.place(section),
        })
    }

    fn check_measured(&self, section: Node<'_>, measure: &Measure, aliases: &[Alias]) -> Result<(), Refusal> {
        let measured = match measure {
            Measure::ValueCount(fields) => fields.as_slice(),
            Measure::ValueSum(field)
            | Measure::ValueAvg(field)
            | Measure::ValueMedian(field)
            | Measure::ValuePercentile(field, _) => std::slice::from_ref(field),
            Measure::EventCount | Measure::Temporal | Measure::TemporalOrdered => &[],
        };
        if let Some(field) = measured.iter().find(|field| aliases.iter().any(|alias| alias.name == *field.name)) {
            let reason =
                format!("`{}` is an alias, and aliases are for group-by: name the field itself", shown(&field.name));
            return Err(self.refuse(
                section.get("condition").unwrap_or(section),
                "correlation.condition.field",
                reason,
            ));
        }
        Ok(())
    }

    fn kind(&self, section: Node<'_>) -> Result<&'static str, Refusal> {
        let field = "correlation.type";
        let Some(node) = section.get("type") else {
            return Err(self.refuse(section, field, format!("type is missing: one of {}", TYPES.join(", "))));
        };
        let text = node.text().unwrap_or_default();
        if let Some(kind) = TYPES.into_iter().find(|kind| *kind == text) {
            return Ok(kind);
        }
        let hint = closest(text, &TYPES)
            .map_or_else(|| format!("there are {}", TYPES.join(", ")), |meant| format!("did you mean `{meant}`?"));
        Err(self.refuse(node, field, format!("unknown type `{}`; {hint}", shown(text))))
    }

    /// A boolean condition over rules, and the rules. Without a list the rules are those that it names.
    fn extended(&self, section: Node<'_>, node: Node<'_>) -> Result<(Vec<Reference>, RuleExpr), Refusal> {
        let field = "correlation.condition";
        let Some(text) = node.text().filter(|text| !text.is_empty() && text.len() <= MAX_CONDITION_BYTES) else {
            let reason = "a condition is a map such as `gte: 10`, or a text such as `rule_a and not rule_b`";
            return Err(self.refuse(node, field, reason));
        };
        let condition = Condition::parse(text).map_err(|reason| self.refuse(node, field, reason))?;
        let mut named = Vec::new();
        names(&condition, &mut named);
        let rules = match section.get("rules") {
            Some(list) => self.references(list, "correlation.rules")?,
            None => {
                if named.len() > MAX_CORRELATED {
                    return Err(self.refuse(node, field, format!("more than {MAX_CORRELATED} rules (MAX_CORRELATED)")));
                }
                named.iter().map(|name| Reference { name: (*name).to_owned(), place: self.place(node) }).collect()
            }
        };
        let mut used = vec![false; rules.len()];
        let expr = lower(&condition, &rules, &mut used).map_err(|reason| self.refuse(node, field, reason))?;
        if depth(&expr) > MAX_RULE_EXPR_DEPTH {
            let reason = format!("nested deeper than {MAX_RULE_EXPR_DEPTH} levels (MAX_RULE_EXPR_DEPTH)");
            return Err(self.refuse(node, field, reason));
        }
        if let Some((rule, _)) = rules.iter().zip(&used).find(|(_, used)| !**used) {
            let reason = format!(
                "the condition does not use the rule `{}`: use it, or take it out of the list",
                shown(&rule.name)
            );
            return Err(self.refuse(node, field, reason));
        }
        Ok((rules, expr))
    }

    fn temporal(
        &self,
        node: Option<Node<'_>>,
        rules: usize,
        ordered: bool,
    ) -> Result<(WindowCondition, Measure), Refusal> {
        let measure = if ordered { Measure::TemporalOrdered } else { Measure::Temporal };
        let all = || WindowCondition::Rules(RuleExpr::And((0..rules).map(RuleExpr::Rule).collect()));
        let Some(node) = node else { return Ok((all(), measure)) };
        let compared = self.compared(node)?;
        if let Some(field) = compared.field {
            return Err(self.refuse(
                field,
                "correlation.condition.field",
                "temporal correlations count rules, not values: leave `field` out",
            ));
        }
        if let Some((percentile, _)) = compared.percentile {
            return Err(self.refuse(percentile, "correlation.condition.percentile", "this is for value_percentile"));
        }
        let means_all = matches!(
            compared.with[..],
            [(Comparison::GreaterOrEqual | Comparison::Equal, number)] if number == rules as f64
        );
        match (means_all, ordered) {
            (true, _) => Ok((all(), measure)),
            (false, false) => Ok((WindowCondition::Compare(compared.with), measure)),
            (false, true) => {
                let reason = format!(
                    "an order of rules is not a number: leave the condition out (all {rules} are needed), or write one such as `rule_a and rule_b`"
                );
                Err(self.refuse(node, "correlation.condition", reason))
            }
        }
    }

    fn counted(
        &mut self,
        section: Node<'_>,
        node: Option<Node<'_>>,
        kind: &'static str,
    ) -> Result<(WindowCondition, Measure), Refusal> {
        let Some(node) = node else {
            return Err(self.refuse(
                section,
                "correlation.condition",
                "the condition is missing: compare with a number, such as `gte: 10`",
            ));
        };
        let compared = self.compared(node)?;
        if let (Some((percentile, _)), true) = (compared.percentile, kind != "value_percentile") {
            return Err(self.refuse(percentile, "correlation.condition.percentile", "this is for value_percentile"));
        }
        let path = "correlation.condition.field";
        let condition = WindowCondition::Compare(compared.with);
        let mut fields = compared.fields;
        if kind == "event_count" {
            return match compared.field {
                Some(field) => {
                    Err(self.refuse(field, path, "event_count counts events: leave `field` out, or write value_count"))
                }
                None => Ok((condition, Measure::EventCount)),
            };
        }
        if kind == "value_count" && !fields.is_empty() {
            return Ok((condition, Measure::ValueCount(fields)));
        }
        if fields.len() > 1 {
            return Err(self.refuse(compared.field.unwrap_or(node), path, format!("{kind} takes one field")));
        }
        let Some(field) = fields.pop() else {
            return Err(self.refuse(node, path, format!("{kind} needs a `field`: name the one whose values count")));
        };
        let measure = match kind {
            "value_sum" => Measure::ValueSum(field),
            "value_avg" => Measure::ValueAvg(field),
            "value_median" => Measure::ValueMedian(field),
            _ => {
                if compared.percentile.is_none() {
                    let message =
                        "there is no `percentile`: it counts as 50, the median; write one, such as `percentile: 95`";
                    self.note(node, "missing-percentile", message);
                }
                Measure::ValuePercentile(field, compared.percentile.map_or(50.0, |(_, percentile)| percentile))
            }
        };
        Ok((condition, measure))
    }

    /// The map of a condition.
    fn compared<'y>(&self, node: Node<'y>) -> Result<Compared<'y>, Refusal> {
        let path = "correlation.condition";
        let known: Vec<&str> = OPERATORS.iter().map(|(name, _)| *name).chain(["field", "percentile"]).collect();
        self.only(node, path, &known)?;
        let mut compared =
            Compared { with: Vec::new(), fields: Vec::new(), field: node.get("field"), percentile: None };
        for (name, comparison) in OPERATORS {
            if let Some(node) = node.members().find(|(member, _)| *member == name).map(|(_, value)| value) {
                compared.with.push((comparison, self.number(node, &format!("{path}.{name}"))?));
            }
        }
        if compared.with.is_empty() {
            return Err(self.refuse(
                node,
                path,
                "write what to compare with: gt, gte, lt, lte, eq or neq, and a number",
            ));
        }
        if let Some(field) = compared.field {
            let nodes: Vec<Node<'_>> = if field.is_list() { field.items().collect() } else { vec![field] };
            if nodes.is_empty() || nodes.len() > MAX_CORRELATED {
                return Err(self.refuse(
                    field,
                    "correlation.condition.field",
                    format!("write 1 to {MAX_CORRELATED} fields"),
                ));
            }
            for one in nodes {
                let name = self.field_name(one, "correlation.condition.field")?;
                if compared.fields.iter().any(|field| *field.name == *name) {
                    return Err(self.refuse(
                        one,
                        "correlation.condition.field",
                        format!("`{}` is here twice", shown(&name)),
                    ));
                }
                compared.fields.push(Field::new(&name));
            }
        }
        if let Some(node) = node.get("percentile") {
            let percentile = self.number(node, "correlation.condition.percentile")?;
            if !(0.0..=100.0).contains(&percentile) {
                return Err(self.refuse(node, "correlation.condition.percentile", "write a number from 0 to 100"));
            }
            compared.percentile = Some((node, percentile));
        }
        Ok(compared)
    }

    fn number(&self, node: Node<'_>, field: &str) -> Result<f64, Refusal> {
        match node.scalar() {
            Some(Scalar::Int(int)) => Ok(int as f64),
            Some(Scalar::Float(float)) if float.is_finite() => Ok(float),
            _ => Err(self.refuse(node, field, "write a number, without quotes")),
        }
    }

    fn field_name(&self, node: Node<'_>, path: &str) -> Result<String, Refusal> {
        let name = node.text().filter(|text| !text.is_empty() && text.len() <= MAX_NAME_BYTES && !text.contains('|'));
        name.map(str::to_owned).ok_or_else(|| self.refuse(node, path, "write the name of a field, without modifiers"))
    }

    fn aliases(&self, section: Node<'_>) -> Result<Vec<Alias>, Refusal> {
        let path = "correlation.aliases";
        let Some(node) = section.get("aliases") else { return Ok(Vec::new()) };
        if !node.is_map() || node.entries().len() > MAX_CORRELATED {
            let reason =
                format!("this must be a map of at most {MAX_CORRELATED} aliases to maps of rules and their fields");
            return Err(self.refuse(node, path, reason));
        }
        let mut aliases = Vec::new();
        for (key, value) in self.entries(node, path)? {
            let name = self.field_name(key, path)?;
            let path = format!("{path}.{}", shown(&name));
            if !value.is_map() || value.entries().len() == 0 || value.entries().len() > MAX_CORRELATED {
                return Err(self.refuse(
                    value,
                    &path,
                    "write, for each of the rules, its name and the field that is meant",
                ));
            }
            let mut fields = Vec::new();
            for (rule, field) in self.entries(value, &path)? {
                let reference = Reference { name: rule.text().unwrap_or_default().to_owned(), place: self.place(rule) };
                fields.push((reference, self.field_name(field, &path)?));
            }
            aliases.push(Alias { name, place: self.place(key), fields });
        }
        Ok(aliases)
    }

    fn group_by(&mut self, section: Node<'_>) -> Result<Vec<Reference>, Refusal> {
        let path = "correlation.group-by";
        let Some(node) = section.get("group-by") else {
            self.note(section, "missing-group-by", "there is no group-by: events of everything count together");
            return Ok(Vec::new());
        };
        if node.is_map() || node.items().len() > MAX_CORRELATED {
            return Err(self.refuse(node, path, format!("this must be a list of at most {MAX_CORRELATED} fields")));
        }
        let nodes: Vec<Node<'_>> = if node.is_list() { node.items().collect() } else { vec![node] };
        let mut all: Vec<Reference> = Vec::new();
        for one in nodes {
            let name = self.field_name(one, path)?;
            if all.iter().any(|known| known.name == name) {
                return Err(self.refuse(one, path, format!("`{}` is here twice", shown(&name))));
            }
            all.push(Reference { name, place: self.place(one) });
        }
        Ok(all)
    }

    fn timespan(&self, section: Node<'_>) -> Result<i64, Refusal> {
        let path = "correlation.timespan";
        let Some(node) = section.get("timespan") else {
            return Err(self.refuse(section, path, "timespan is missing: how long a window is, such as 10m"));
        };
        let text = node.text().unwrap_or_default();
        let seconds = seconds(text).ok_or_else(|| {
            let reason =
                format!("`{}` is no timespan: write a number and s, m, h, d, w, M or y, such as 90m", shown(text));
            self.refuse(node, path, reason)
        })?;
        let nanos = seconds.checked_mul(1_000_000_000).filter(|nanos| (1..=MAX_TIMESPAN).contains(nanos));
        nanos.ok_or_else(|| {
            let days = MAX_TIMESPAN / 86_400_000_000_000;
            self.refuse(node, path, format!("a window is longer than nothing and at most {days} days (MAX_TIMESPAN)"))
        })
    }

    /// Sigma's text has it beside `correlation`, tools have it within.
    fn generate(&self, root: Node<'_>, section: Node<'_>) -> Result<bool, Refusal> {
        let mut found = None;
        for (map, path) in [(section, "correlation.generate"), (root, "generate")] {
            let Some(node) = map.get("generate") else { continue };
            let Some(Scalar::Bool(bool)) = node.scalar() else {
                return Err(self.refuse(node, path, "write true or false"));
            };
            if found.is_some_and(|found| found != bool) {
                return Err(self.refuse(node, path, "this says otherwise than `correlation.generate`: leave one out"));
            }
            found = Some(bool);
        }
        Ok(found.unwrap_or(false))
    }
}

/// Seconds of a number and a unit. Months and years have their mean length.
fn seconds(text: &str) -> Option<i64> {
    let (last, unit) = text.char_indices().last()?;
    let number = &text[..last];
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        'M' => 2_629_746,
        'y' => 31_556_952,
        _ => return None,
    };
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse::<i64>().ok().filter(|_| digits)?.checked_mul(factor)
}

/// The names in a condition, each once, in their order.
fn names<'c>(condition: &'c Condition, all: &mut Vec<&'c str>) {
    match condition {
        Condition::And(list) | Condition::Or(list) => list.iter().for_each(|one| names(one, all)),
        Condition::Not(one) => names(one, all),
        Condition::Name(name) if !all.contains(&name.as_str()) => all.push(name),
        Condition::Name(_) | Condition::Of(..) => {}
    }
}

fn lower(condition: &Condition, rules: &[Reference], used: &mut [bool]) -> Result<RuleExpr, String> {
    let mut each = |all: &[Condition]| all.iter().map(|one| lower(one, rules, used)).collect::<Result<Vec<_>, _>>();
    match condition {
        Condition::And(all) => Ok(RuleExpr::And(each(all)?)),
        Condition::Or(all) => Ok(RuleExpr::Or(each(all)?)),
        Condition::Not(one) => Ok(RuleExpr::Not(Box::new(lower(one, rules, used)?))),
        Condition::Name(name) => match rules.iter().position(|rule| rule.name == *name) {
            Some(at) => {
                used[at] = true;
                Ok(RuleExpr::Rule(at))
            }
            None => Err(format!("`{}` is none of the rules of this correlation: add it to `rules`", shown(name))),
        },
        Condition::Of(quantity, pattern) => {
            let meant: Vec<usize> = (0..rules.len()).filter(|at| is_meant(pattern, &rules[*at].name)).collect();
            if meant.is_empty() {
                return Err(format!("no rule of this correlation is called `{}`", shown(pattern)));
            }
            meant.iter().for_each(|at| used[*at] = true);
            let all: Vec<RuleExpr> = meant.iter().map(|at| RuleExpr::Rule(*at)).collect();
            match quantity {
                Quantity::All => Ok(RuleExpr::And(all)),
                Quantity::AtLeast(1) => Ok(RuleExpr::Or(all)),
                Quantity::AtLeast(least) => {
                    Err(format!("`{least} of` is not for rules: write a map such as `gte: {least}`"))
                }
            }
        }
    }
}

fn depth(expr: &RuleExpr) -> usize {
    match expr {
        RuleExpr::And(all) | RuleExpr::Or(all) => 1 + all.iter().map(depth).max().unwrap_or(0),
        RuleExpr::Not(one) => 1 + depth(one),
        RuleExpr::Rule(_) => 1,
    }
}
