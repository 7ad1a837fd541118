//! The controls behind findings: those that come with Tandem, and those of folders, which take their place.

use crate::output;
use crate::server::knowledge;
use chrono::{DateTime, Utc};
use know::controls::{Against, load};
use model::Control;
use model::control::fits;
use scan::report::Behind;
use std::path::PathBuf;
use std::sync::Arc;

/// What stands behind rules that no control names, those of users among them.
const OTHERS: &str = "own-policies";

/// Controls, looked up by rule.
pub(super) struct Controls(Vec<(Control, Arc<Behind>)>);

impl Controls {
    /// Reads them. What cannot be used is said.
    pub(super) fn read(folders: &[PathBuf]) -> Controls {
        let mut problems = Vec::new();
        let sources = knowledge::sources(folders, &mut problems);
        let now = Utc::now().timestamp_nanos_opt().unwrap_or_default();
        let loaded = load(&sources, &Against { now, ..Against::default() });
        let broken = loaded.problems.iter().filter(|problem| problem.severity == know::controls::Severity::Error);
        for problem in problems.iter().map(ToString::to_string).chain(broken.map(ToString::to_string)) {
            output::complain(&output::plain(&format!("control not used: {problem}")));
        }
        let behind = |control: &Control| {
            let review = control.review_by.map(|at| DateTime::from_timestamp_nanos(at).format("%Y-%m-%d").to_string());
            Arc::new(Behind {
                name: control.name.clone(),
                owner: control.owner.clone(),
                review_by: review.unwrap_or_default(),
                ask: control.ask.clone().unwrap_or_else(|| format!("team {}", control.owner)),
            })
        };
        Controls(loaded.controls.into_iter().map(|control| (control.clone(), behind(&control))).collect())
    }

    /// The one that names a rule most closely, else the one for what nobody names: `docker-*` says more than `*-token`.
    pub(super) fn of(&self, rule: &str) -> Option<Arc<Behind>> {
        let closely = |pattern: &String| fits(pattern, rule).then(|| pattern.find('*').unwrap_or(usize::MAX));
        let named = self.0.iter().filter_map(|one| Some((one.0.rules.iter().filter_map(closely).max()?, one)));
        let others = || self.0.iter().find(|(control, _)| control.name == OTHERS);
        let one = named.max_by_key(|(close, _)| *close).map(|(_, one)| one).or_else(others);
        one.map(|(_, behind)| behind.clone())
    }

    /// The team that answers for a control; nobody's when there is none of that name.
    pub(super) fn owner(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(control, _)| control.name == name).map(|(control, _)| control.owner.clone())
    }
}
