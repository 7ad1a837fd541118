//! What to do about controls, with the numbers. Small numbers say nothing.

use super::Row;
use super::measure::points;
use crate::controls::standing::Standing;
use crate::limits::ENOUGH_ASKED;
use model::Mode;
use serde::Serialize;

/// What is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ControlAdvice)]
pub enum What {
    /// It hurts more than it must: change what it asks.
    Tune,
    /// It holds people up and stands against nothing.
    Retire,
    /// It finds what matters and hurts nobody: let it speak louder.
    Tighten,
}

/// A proposal for its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ControlProposal)]
pub struct Proposal {
    /// The control, by name.
    pub control: String,
    /// What.
    pub what: What,
    /// The numbers, in a sentence.
    pub because: String,
}

/// Proposals in the order of the controls, at most one for each.
pub(super) fn propose(rows: &[Row], standing: &Standing) -> Vec<Proposal> {
    let mode = |row: &Row| standing.control(&row.name).map_or(Mode::Observe, |one| one.mode);
    rows.iter().filter_map(|row| proposal(row, mode(row))).collect()
}

fn proposal(row: &Row, mode: Mode) -> Option<Proposal> {
    let said = &row.said;
    let (held, answers) = (row.stopped + row.would_have_stopped, said.answers());
    if row.asked < ENOUGH_ASKED && answers < ENOUGH_ASKED {
        return None;
    }
    let make = |what: What, because: String| Some(Proposal { control: row.name.clone(), what, because });
    let caught: u64 = row.against.caught.values().sum();
    // Without findings nobody can say that it stands against nothing.
    let is_against_nothing = points(&row.against) == 0 && !row.against.findings_missing;
    if row.asked >= ENOUGH_ASKED && 2 * held >= row.asked && is_against_nothing && said.helped == 0 {
        return make(
            What::Retire,
            format!(
                "asked {} times, it held up or would have held up {held}; none of its rules has an open finding, an alert or \
                 an incident, nothing was caught, and nobody said that it helped",
                row.asked
            ),
        );
    }
    if answers >= ENOUGH_ASKED && (2 * said.hurt >= answers || 5 * said.wrong >= answers) {
        return make(
            What::Tune,
            format!("of {answers} answers {} say that it hurt, and {} that it was wrong", said.hurt, said.wrong),
        );
    }
    let around = row.bypasses + row.exceptions.made + row.exceptions.renewed;
    if row.asked >= ENOUGH_ASKED && 2 * around >= row.asked {
        return make(
            What::Tune,
            format!(
                "asked {} times, it was gone around {} times and excepted {} times, {} of them renewals",
                row.asked,
                row.bypasses,
                row.exceptions.made + row.exceptions.renewed,
                row.exceptions.renewed
            ),
        );
    }
    if row.asked >= ENOUGH_ASKED && mode < Mode::Enforce && caught > 0 && said.hurt == 0 && said.wrong == 0 {
        return make(
            What::Tighten,
            format!(
                "asked {} times, it would have stopped {}; {caught} findings that it named were fixed afterwards, and nobody \
                 said that it hurt or was wrong",
                row.asked, row.would_have_stopped
            ),
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn row(asked: u64, would: u64) -> Row {
        Row { name: "c".to_owned(), asked, would_have_stopped: would, ..Row::default() }
    }

    #[test]
    fn small_numbers_say_nothing_and_large_ones_say_why() {
        let what = |row: &Row, mode: Mode| proposal(row, mode).map(|one| (one.what, one.because));
        assert_eq!(what(&row(9, 9), Mode::Observe), None);
        let (retire, because) = what(&row(10, 5), Mode::Observe).unwrap();
        assert!(retire == What::Retire && because.starts_with("asked 10 times, it held up or would have held up 5;"));
        let mut unsure = row(10, 5);
        unsure.against.findings_missing = true;
        assert_eq!(what(&unsure, Mode::Observe), None, "what was not looked at proves nothing");

        let mut hurts = row(10, 5);
        hurts.against.alerts = 1;
        (hurts.said.hurt, hurts.said.helped, hurts.said.wrong) = (5, 5, 1);
        let (tune, because) = what(&hurts, Mode::Enforce).unwrap();
        assert_eq!((tune, because.as_str()), (What::Tune, "of 10 answers 5 say that it hurt, and 1 that it was wrong"));
        hurts.said.helped = 6;
        assert_eq!(what(&hurts, Mode::Enforce), None);

        let mut around = row(10, 0);
        (around.bypasses, around.exceptions.made, around.exceptions.renewed) = (1, 2, 2);
        assert!(
            what(&around, Mode::Warn)
                .is_some_and(|(what, because)| what == What::Tune && because.contains("2 of them"))
        );

        let mut good = row(20, 4);
        good.against.caught = BTreeMap::from([("high".to_owned(), 3)]);
        assert!(what(&good, Mode::Warn).is_some_and(|(what, _)| what == What::Tighten));
        assert_eq!(what(&good, Mode::Enforce), None, "it cannot speak louder");
        good.said.hurt = 1;
        assert_eq!(what(&good, Mode::Warn), None);
    }
}
