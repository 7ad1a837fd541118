//! Charts in charts: which of them are installed, and with which values.

use super::value::Value;
use crate::limits::{MAX_CHART_DEPTH, MAX_CHART_INSTANCES, MAX_CHART_VALUES};
use crate::resource::FileId;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A chart as it lies in the tree.
pub(super) struct Chart {
    /// Its folder, with its last slash.
    pub(super) folder: String,
    /// What `Chart.yaml` says.
    pub(super) about: Value,
    /// The dependencies that it names, there or in `requirements.yaml`.
    pub(super) dependencies: Value,
    /// `values.yaml`.
    pub(super) defaults: Value,
    pub(super) templates: Vec<FileId>,
    /// Those in its folder `charts`.
    pub(super) inner: Vec<usize>,
    /// It is in such a folder.
    pub(super) is_inner: bool,
}

impl Chart {
    pub(super) fn name(&self) -> String {
        match self.about.get("name") {
            Value::Text(name) => name.to_string(),
            _ => self.folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned(),
        }
    }

    /// It only lends named templates.
    pub(super) fn is_library(&self) -> bool {
        self.about.get("type") == Value::text("library")
    }
}

/// A chart as it is installed: once, or once for each alias.
pub(super) struct Instance {
    pub(super) chart: usize,
    /// Its name, or the alias.
    pub(super) name: String,
    /// The names on the way to it: `shop/charts/db`.
    pub(super) way: String,
    pub(super) values: Value,
}

/// Works out what is installed with a chart.
pub(super) struct Installed<'c> {
    pub(super) charts: &'c [Chart],
    pub(super) out: Vec<Instance>,
    /// Values that may still be looked at.
    left: usize,
    tags: Value,
}

impl<'c> Installed<'c> {
    /// A chart and all that is installed with it, inner ones first.
    pub(super) fn of(charts: &'c [Chart], root: usize) -> Result<Vec<Instance>, String> {
        let tags = charts[root].defaults.get("tags");
        let mut installed = Installed { charts, out: Vec::new(), left: MAX_CHART_VALUES, tags };
        let name = charts[root].name();
        installed.add(root, name.clone(), name, Value::map([]), 0)?;
        Ok(installed.out)
    }

    /// Adds a chart with those in it; gives its values with theirs, as its own templates see them.
    fn add(&mut self, chart: usize, name: String, way: String, given: Value, depth: usize) -> Result<Value, String> {
        let too_many = || {
            "it installs more charts than are looked at (MAX_CHART_INSTANCES, MAX_CHART_DEPTH, MAX_CHART_VALUES)"
                .to_owned()
        };
        let of = &self.charts[chart];
        let fits = given.spend(&mut self.left, 0) && of.defaults.spend(&mut self.left, 0);
        if !fits || depth > MAX_CHART_DEPTH || self.out.len() >= MAX_CHART_INSTANCES {
            return Err(too_many());
        }
        let mut values = over(&given, &of.defaults);
        let mut imported = Value::map([]);
        for (inner, dependency) in self.dependencies(chart) {
            let name = match dependency.get("alias") {
                Value::Text(alias) => alias.to_string(),
                _ => self.charts[inner].name(),
            };
            let before = self.out.len();
            let its = given_to(&values, &name);
            let its = self.add(inner, name.clone(), format!("{way}/charts/{name}"), its, depth + 1)?;
            let with = with_member(&values, &name, its.clone());
            match self.is_enabled(&dependency, &with) {
                Some(true) => values = with,
                Some(false) => {
                    self.out.truncate(before);
                    continue;
                }
                None => {
                    return Err(format!("whether `{name}` is installed depends on what only an installation knows"));
                }
            }
            imported = over(&imports(&dependency, &its), &imported);
        }
        let values = over(&imported, &values);
        if !values.spend(&mut self.left, 0) {
            return Err(too_many());
        }
        self.out.push(Instance { chart, name, way, values: values.clone() });
        Ok(values)
    }

    /// The charts in a chart, each with the dependency that names it, if one does; with several aliases several times.
    fn dependencies(&self, chart: usize) -> Vec<(usize, Value)> {
        let of = &self.charts[chart];
        let named = match &of.dependencies {
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        let mut out = Vec::new();
        for inner in &of.inner {
            let name = Value::text(self.charts[*inner].name());
            let before = out.len();
            let own = named.iter().filter(|dependency| dependency.get("name") == name);
            out.extend(own.take(MAX_CHART_INSTANCES).map(|dependency| (*inner, dependency.clone())));
            if out.len() == before {
                out.push((*inner, Value::Null));
            }
        }
        out
    }

    /// Whether a dependency is installed: its condition says, else its tags, else it is.
    fn is_enabled(&self, dependency: &Value, values: &Value) -> Option<bool> {
        if let Value::Text(conditions) = dependency.get("condition") {
            for path in conditions.split(',') {
                match path.trim().split('.').fold(values.clone(), |value, name| value.get(name)) {
                    Value::Bool(enabled) => return Some(enabled),
                    Value::Unknown => return None,
                    _ => {}
                }
            }
        }
        let Value::List(tags) = dependency.get("tags") else { return Some(true) };
        let mut off = false;
        for tag in tags.iter() {
            match self.tags.get(&tag.print()) {
                Value::Bool(true) => return Some(true),
                Value::Bool(false) => off = true,
                Value::Unknown => return None,
                _ => {}
            }
        }
        Some(!off)
    }
}

/// What a chart gives to one in it: what it says under its name, and what is global.
fn given_to(values: &Value, name: &str) -> Value {
    let own = match values.get(name) {
        Value::Null => Value::map([]),
        own => own,
    };
    let global = match (values.get("global"), own.get("global")) {
        (Value::Null, Value::Null) => Value::map([]),
        (outer, Value::Null) => outer,
        (Value::Null, inner) => inner,
        (outer, inner) => over(&outer, &inner),
    };
    with_member(&own, "global", global)
}

/// A map with one more member; what is no map is not known then.
fn with_member(map: &Value, name: &str, member: Value) -> Value {
    match map {
        Value::Map(members) => {
            let mut members = BTreeMap::clone(members);
            members.insert(name.to_owned(), member);
            Value::Map(Rc::new(members))
        }
        _ => Value::Unknown,
    }
}

/// Values laid over others. A chart's `null` takes no default of an inner one away: only who installs it can.
fn over(given: &Value, defaults: &Value) -> Value {
    match (given, defaults) {
        (Value::Map(given), Value::Map(defaults)) => {
            let mut all = BTreeMap::clone(defaults);
            for (name, value) in given.iter() {
                match (all.get(name), value) {
                    (Some(_), Value::Null) => {}
                    (Some(default @ Value::Map(_)), Value::Map(_)) => {
                        let both = over(value, default);
                        all.insert(name.clone(), both);
                    }
                    _ => {
                        all.insert(name.clone(), value.clone());
                    }
                }
            }
            Value::Map(Rc::new(all))
        }
        _ => Value::Unknown,
    }
}

/// What a chart takes over from one in it (`import-values`).
fn imports(dependency: &Value, its: &Value) -> Value {
    let Value::List(wanted) = dependency.get("import-values") else { return Value::map([]) };
    let at = |path: &str| path.split('.').fold(its.clone(), |value, name| value.get(name));
    let mut all = Value::map([]);
    for one in wanted.iter() {
        let (found, parent) = match one {
            Value::Text(name) => (at(&format!("exports.{name}")), ".".to_owned()),
            map => (at(&map.get("child").print()), map.get("parent").print()),
        };
        if found == Value::Null || parent.split('.').count() > MAX_CHART_DEPTH {
            continue;
        }
        let parts = parent.split('.').filter(|part| !part.is_empty()).rev();
        let placed = parts.fold(found, |value, name| Value::map([(name, value)]));
        all = over(&placed, &all);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        super::super::values(&crate::text::Text::new("", text))
    }

    #[test]
    fn what_is_given_is_laid_over() {
        let given = value("a: {x: 1, gone: null}\nb: text\n");
        assert_eq!(
            over(&given, &value("a: {x: 0, y: 2, gone: 3}\nb: {c: 1}\nc: 4\n")),
            value("a: {x: 1, y: 2, gone: 3}\nb: text\nc: 4\n")
        );
        let sub = given_to(&value("global: {a: 1}\ndb: {b: 2, global: {a: 0, c: 3}}\n"), "db");
        assert_eq!(sub, value("b: 2\nglobal: {a: 1, c: 3}\n"));
        assert_eq!(given_to(&value("{}"), "db"), value("global: {}"));
    }

    #[test]
    fn values_are_imported() {
        let its = value("exports: {data: {port: 1}}\ndefault: {data: {x: 2}}\n");
        let dependency = value("import-values: [data, {child: default.data, parent: a.b}, gone]");
        assert_eq!(imports(&dependency, &its), value("port: 1\na: {b: {x: 2}}\n"));
    }
}
