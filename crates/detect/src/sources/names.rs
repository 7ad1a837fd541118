//! Names of fields to paths of events.

use std::collections::HashMap;
use std::sync::Arc;

/// Names for one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What rules usually call it. It decides when a name is in several groups.
    pub name: Arc<str>,
    /// Where events have it, the first that is there.
    pub paths: Vec<Arc<str>>,
}

/// The names of a definition's fields.
#[derive(Clone, Debug, Default)]
pub struct Names {
    groups: Vec<Group>,
    /// Names to the groups that have them: those that are called so, or else those that have such a path.
    by_name: HashMap<Arc<str>, Vec<usize>>,
    /// What an exporter puts before a name.
    prefixes: Vec<Arc<str>>,
    /// Names that events have as they are; one that ends with a dot stands for all that is below it.
    known: Vec<Arc<str>>,
}

impl Names {
    /// From groups in the order in which they count.
    pub fn new(groups: Vec<Group>, prefixes: Vec<Arc<str>>, known: Vec<Arc<str>>) -> Names {
        let mut by_name: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
        for (index, group) in groups.iter().enumerate() {
            by_name.entry(group.name.clone()).or_default().push(index);
        }
        let called: Vec<Arc<str>> = by_name.keys().cloned().collect();
        for (index, group) in groups.iter().enumerate() {
            for path in group.paths.iter().filter(|path| !called.contains(path)) {
                let having = by_name.entry(path.clone()).or_default();
                // A path of several groups stands for the first alone: they are different things.
                if having.first().is_none_or(|first| groups[*first].name == group.name) && !having.contains(&index) {
                    having.push(index);
                }
            }
        }
        Names { groups, by_name, prefixes, known }
    }

    /// Adds where the field of this name is, the likeliest first. What no group has is looked for as it is, and behind
    /// each prefix.
    pub fn paths(&self, name: &str, out: &mut Vec<Arc<str>>) {
        let mut add = |path: &Arc<str>| {
            if !out.contains(path) {
                out.push(path.clone());
            }
        };
        match self.by_name.get(name) {
            Some(groups) => groups.iter().flat_map(|index| &self.groups[*index].paths).for_each(&mut add),
            None => expand(name, &self.prefixes).iter().for_each(&mut add),
        }
    }

    /// What rules usually call the field of this name.
    pub fn usual(&self, name: &str) -> impl Iterator<Item = &Arc<str>> {
        let groups = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        groups.iter().map(|index| &self.groups[*index].name)
    }

    /// Whether a definition knows this name.
    pub fn knows(&self, name: &str) -> bool {
        let fits = |known: &Arc<str>| if known.ends_with('.') { name.starts_with(&**known) } else { **known == *name };
        self.by_name.contains_key(name) || self.known.iter().any(fits)
    }

    /// The groups.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }
}

/// A name as it is and behind each prefix.
pub(super) fn expand(name: &str, prefixes: &[Arc<str>]) -> Vec<Arc<str>> {
    let with = prefixes.iter().map(|prefix| format!("{prefix}{name}").into());
    std::iter::once(name.into()).chain(with).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str, paths: &[&str]) -> Group {
        Group { name: name.into(), paths: paths.iter().map(|path| (*path).into()).collect() }
    }

    fn paths(names: &Names, name: &str) -> Vec<String> {
        let mut out = Vec::new();
        names.paths(name, &mut out);
        out.iter().map(|path| path.to_string()).collect()
    }

    #[test]
    fn any_name_of_a_group_stands_for_all() {
        let names = Names::new(
            vec![
                group("ProcessId", &["NewProcessId", "ProcessId", "process.pid"]),
                group("ParentProcessId", &["ParentProcessId", "ProcessId", "process.parent.pid"]),
                group("ProcessId", &["pid"]),
            ],
            vec!["data.".into()],
            vec!["Seen".into(), "open.".into()],
        );
        let process = ["NewProcessId", "ProcessId", "process.pid", "pid"];
        for name in ["ProcessId", "NewProcessId", "process.pid", "pid"] {
            let all = paths(&names, name);
            assert!(all.iter().all(|path| process.contains(&path.as_str())), "{name}: {all:?}");
        }
        assert_eq!(paths(&names, "ProcessId"), process);
        assert_eq!(paths(&names, "ParentProcessId"), ["ParentProcessId", "ProcessId", "process.parent.pid"]);
        assert_eq!(paths(&names, "Other"), ["Other", "data.Other"]);
        assert!(names.knows("process.parent.pid") && names.knows("Seen") && !names.knows("Other"));
        assert!(names.knows("open.a.b") && !names.knows("open"), "below it, but not itself");
    }
}
