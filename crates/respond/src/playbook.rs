//! What may be done about an alert: planned, approved, done, undone, and what it saved.

use crate::notice::{Notice, render};
use crate::policy::{Channel, Policy};
use crate::text::{cut, fits};
use model::{Alert, Level};
use serde::{Deserialize, Serialize};

/// One thing to do. What is sent goes through a channel, whose template says how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "do")]
pub enum Action {
    /// Posts to a channel.
    Webhook {
        /// Its name.
        channel: String,
    },
    /// Asks a channel that answers how something is, such as a runbook's health check.
    Probe {
        /// Its name.
        channel: String,
    },
    /// Opens a ticket through a channel.
    Ticket {
        /// Its name.
        channel: String,
    },
    /// Tags the alert.
    Tag {
        /// With this.
        tag: String,
    },
}

impl Action {
    /// The channel that it goes through.
    pub fn channel(&self) -> Option<&str> {
        match self {
            Action::Webhook { channel } | Action::Probe { channel } | Action::Ticket { channel } => Some(channel),
            Action::Tag { .. } => None,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Action::Webhook { .. } => "webhook",
            Action::Probe { .. } => "probe",
            Action::Ticket { .. } => "ticket",
            Action::Tag { .. } => "tag",
        }
    }
}

/// Actions that rules name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// Its name.
    pub name: String,
    /// For these rules, by id or title, `*` standing for anything.
    #[serde(default)]
    pub rules: Vec<String>,
    /// For rules with one of these tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// For what is at least so bad.
    #[serde(default)]
    pub least: Level,
    /// Whether somebody must approve it first. Yes, unless it is said otherwise.
    #[serde(default = "yes")]
    pub approval: bool,
    /// Minutes of work that it saves.
    #[serde(default)]
    pub minutes: u32,
    /// What it does, in order.
    pub actions: Vec<Action>,
    /// What takes it back.
    #[serde(default)]
    pub undo: Vec<Action>,
}

fn yes() -> bool {
    true
}

/// What an action would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PlaybookStep)]
pub struct DryRun {
    /// `webhook`, `probe`, `ticket`, `tag`.
    pub action: String,
    /// Through which channel.
    pub channel: Option<String>,
    /// What would be sent or set.
    pub text: String,
    /// Why it could not be done.
    pub problem: Option<String>,
}

impl Playbook {
    /// Whether it is meant for an alert.
    pub fn is_for(&self, alert: &Alert) -> bool {
        self.fits(&alert.rule, &alert.title, &alert.tags, alert.level)
    }

    /// The same by what is kept of an alert.
    pub fn fits(&self, rule: &str, title: &str, tags: &[String], level: Level) -> bool {
        let named = self.rules.iter().any(|pattern| fits(pattern, rule) || fits(pattern, title));
        let tagged = self.tags.iter().any(|pattern| tags.iter().any(|tag| fits(pattern, tag)));
        // A rule may name it, by a tag.
        let by_rule = tags.iter().any(|tag| tag.strip_prefix("playbook.") == Some(self.name.as_str()));
        level >= self.least && (named || tagged || by_rule)
    }

    /// What it would do, without doing it.
    pub fn dry_run(&self, undo: bool, notice: &Notice, policy: &Policy) -> Vec<DryRun> {
        let actions = if undo { &self.undo } else { &self.actions };
        let one = |action: &Action| {
            let channel = action.channel().map(str::to_owned);
            let there = channel.as_deref().map(|name| channel_of(policy, name));
            let (text, problem) = match (action, there) {
                (Action::Tag { tag }, _) => (cut(tag, 64), None),
                (_, Some(Some(channel))) => (render(notice, channel), None),
                _ => (String::new(), Some(format!("there is no channel {}", channel.as_deref().unwrap_or_default()))),
            };
            DryRun { action: action.word().to_owned(), channel, text, problem }
        };
        actions.iter().map(one).collect()
    }
}

/// A channel by its name.
pub fn channel_of<'p>(policy: &'p Policy, name: &str) -> Option<&'p Channel> {
    policy.channels.iter().find(|channel| channel.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_playbook_is_for_rules_that_it_names_and_for_those_that_name_it() {
        let text =
            r#"{"name": "isolate", "rules": ["ssh-*"], "tags": ["attack.t1110*"], "least": "high", "actions": []}"#;
        let playbook: Playbook = serde_json::from_str(text).unwrap();
        assert!(playbook.approval, "nothing is done unless somebody said so");
        let fits = |rule: &str, tag: &str, level| playbook.fits(rule, "Title", &[tag.to_owned()], level);
        assert!(fits("ssh-brute", "x", Level::High) && fits("other", "attack.t1110.001", Level::Critical));
        assert!(fits("other", "playbook.isolate", Level::High));
        assert!(!fits("other", "playbook.another", Level::High) && !fits("ssh-brute", "x", Level::Medium));
    }
}
