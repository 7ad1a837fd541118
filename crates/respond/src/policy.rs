//! What is decided by settings: how soon, how many, to whom.

use crate::limits::{DAY, HOUR, SUPPRESSION_DAYS};
use crate::playbook::Playbook;
use model::{Level, Nanos};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How a channel wants a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// As Alertmanager sends to its webhooks.
    Alertmanager,
    /// As Slack and those that follow it take it.
    Slack,
    /// A text with `{{title}}`, `{{level}}`, `{{entity}}`, ... in it; see [`crate::render`].
    Generic {
        /// The text.
        template: String,
    },
    /// A mail: subject and text.
    Email,
}

/// A way out. Where it leads and with which secret is known to whoever sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// How it wants a notice.
    pub kind: ChannelKind,
    /// For what these teams own; for everything when empty.
    #[serde(default)]
    pub teams: Vec<String>,
    /// Of these datasets alone; of all when empty.
    #[serde(default)]
    pub datasets: Vec<String>,
    /// For what is at least so bad.
    #[serde(default)]
    pub least: Level,
    /// Notices a minute at most; the others wait.
    #[serde(default = "per_minute")]
    pub per_minute: usize,
}

fn per_minute() -> usize {
    30
}

impl Channel {
    /// Whether it hears of what a team owns.
    pub fn hears(&self, team: &str, dataset: &str, level: Level) -> bool {
        level >= self.least
            && (self.teams.is_empty() || self.teams.iter().any(|one| one == team))
            && (self.datasets.is_empty() || self.datasets.iter().any(|one| one == dataset))
    }
}

/// Every setting of the responder. What is not said has the default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Alerts of related things that are closer in time than this may belong to one incident.
    #[serde(with = "crate::age")]
    pub near: Nanos,
    /// So many rules that fired nearby are an incident.
    pub incident_rules: usize,
    /// So much risk is an incident; `weight` in `risk.rs` says what a level counts.
    pub incident_risk: f64,
    /// In this time a risk halves.
    #[serde(with = "crate::age")]
    pub half_life: Nanos,
    /// An alert that came and went so often within `flap_window` is flapping.
    pub flap_count: usize,
    /// The time for it.
    #[serde(with = "crate::age")]
    pub flap_window: Nanos,
    /// Notices that a team hears in a shift; those over it go to a digest, but for critical ones.
    pub budget: u64,
    /// The same for some teams, by name.
    pub budgets: BTreeMap<String, u64>,
    /// How long a shift is.
    #[serde(with = "crate::age")]
    pub shift: Nanos,
    /// What is less bad makes no notice of its own.
    pub notify_from: Level,
    /// An alert that nobody looked at for so long, and that fired no more, is resolved as ignored.
    #[serde(with = "crate::age")]
    pub ignored_after: Nanos,
    /// How far back the last similar alert is looked for.
    #[serde(with = "crate::age")]
    pub similar: Nanos,
    /// How long a suppression lasts at most, and when nothing is said.
    #[serde(with = "crate::age")]
    pub suppress_at_most: Nanos,
    /// How long before its end a suppression is announced.
    #[serde(with = "crate::age")]
    pub announce: Nanos,
    /// Ways out.
    pub channels: Vec<Channel>,
    /// What may be done about alerts.
    pub playbooks: Vec<Playbook>,
    /// Where people look at alerts, such as `https://tandem.example`; notices have links then.
    pub link: Option<String>,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            near: 2 * HOUR,
            incident_rules: 3,
            incident_risk: 50.0,
            half_life: 6 * HOUR,
            flap_count: 4,
            flap_window: HOUR,
            budget: 20,
            budgets: BTreeMap::new(),
            shift: 8 * HOUR,
            notify_from: Level::Medium,
            ignored_after: 7 * DAY,
            similar: 90 * DAY,
            suppress_at_most: SUPPRESSION_DAYS * DAY,
            announce: 7 * DAY,
            channels: Vec::new(),
            playbooks: Vec::new(),
            link: None,
        }
    }
}

impl Policy {
    /// What is wrong with it; none when nothing is.
    pub fn problem(&self) -> Option<String> {
        let mut names = BTreeSet::new();
        for channel in &self.channels {
            if channel.name.is_empty() || channel.name.len() > 64 || !names.insert(&channel.name) {
                return Some(format!("the name {:?} of a channel is empty, too long, or there twice", channel.name));
            }
        }
        let mut playbooks = BTreeSet::new();
        for playbook in &self.playbooks {
            if !playbooks.insert(&playbook.name) {
                return Some(format!("the playbook {:?} is there twice", playbook.name));
            }
            let ways = playbook.actions.iter().chain(&playbook.undo).filter_map(|action| action.channel());
            if let Some(gone) =
                ways.into_iter().find(|name| !self.channels.iter().any(|channel| channel.name == **name))
            {
                return Some(format!(
                    "the playbook {:?} names the channel {gone:?}, which is not there",
                    playbook.name
                ));
            }
        }
        (self.incident_risk <= 0.0 || self.incident_rules == 0)
            .then(|| "`incident_risk` and `incident_rules` must be more than 0".to_owned())
    }

    /// Notices that a team hears in a shift.
    pub fn budget_of(&self, team: &str) -> u64 {
        self.budgets.get(team).copied().unwrap_or(self.budget)
    }

    /// When the shift of a time began.
    pub fn shift_of(&self, at: Nanos) -> Nanos {
        at.div_euclid(self.shift.max(1)) * self.shift.max(1)
    }
}
