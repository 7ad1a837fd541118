//! The levers that there are: what each counts in words, what it is worth to whom, and how much work it is.

use super::Effort;

/// A kind of next step.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Which, for good.
    pub id: &'static str,
    /// What the number says, after it: "services", "send no logs".
    pub says: (&'static str, &'static str),
    /// The same of one.
    pub says_one: (&'static str, &'static str),
    /// What operations gain.
    pub operations: &'static str,
    /// What security gains.
    pub security: &'static str,
    /// How much that is worth to operations, from 0 to 1.
    pub worth_operations: f64,
    /// And to security.
    pub worth_security: f64,
    /// Up to so many are a small effort, and up to so many a medium one.
    pub effort_to: (u64, u64),
    /// What one of them takes.
    pub each: &'static str,
    /// What to do first; `{first}` is the first of them.
    pub first_step: &'static str,
    /// What is measured again.
    pub measure: &'static str,
}

impl Kind {
    pub(super) fn effort(&self, number: u64) -> (Effort, String) {
        let effort = match number {
            n if n <= self.effort_to.0 => Effort::Small,
            n if n <= self.effort_to.1 => Effort::Medium,
            _ => Effort::Large,
        };
        (effort, format!("{} each, {number} of them", self.each))
    }

    pub(super) fn title(&self, number: u64, of: Option<u64>, note: &str) -> String {
        let (noun, verb) = if number == 1 { self.says_one } else { self.says };
        // "1 of 31 services sends no logs": the whole names what there is.
        match of {
            Some(of) => format!("{number} of {of} {} {verb}{note}", self.says.0),
            None => format!("{number} {noun} {verb}{note}"),
        }
    }
}

/// Every lever.
pub const KINDS: &[Kind] = &[
    Kind {
        id: "services-without-logs",
        says: ("services", "send no logs"),
        says_one: ("service", "sends no logs"),
        operations: "an outage of them can be explained, not only seen",
        security: "an attack on them leaves a trace",
        worth_operations: 0.9,
        worth_security: 0.9,
        effort_to: (10, 50),
        each: "one setting of a collector or the agent",
        first_step: "tandem inventory silent",
        measure: "services without logs",
    },
    Kind {
        id: "services-without-owner",
        says: ("services", "belong to nobody"),
        says_one: ("service", "belongs to nobody"),
        operations: "alerts of them reach somebody",
        security: "what is weak in them has somebody who mends it",
        worth_operations: 0.8,
        worth_security: 0.8,
        effort_to: (20, 100),
        each: "one line of a catalog",
        first_step: "tandem inventory orphans --kind service",
        measure: "services without an owner",
    },
    Kind {
        id: "services-without-runbook",
        says: ("services", "have no page that says what to do"),
        says_one: ("service", "has no page that says what to do"),
        operations: "who is woken knows what to try first",
        security: "who is called to an attack knows what may be stopped",
        worth_operations: 0.7,
        worth_security: 0.4,
        effort_to: (4, 20),
        each: "an hour of who knows it",
        first_step: "tandem inventory coverage",
        measure: "services without a runbook",
    },
    Kind {
        id: "restores-not-proved",
        says: ("things that everything needs", "were never proved to come back"),
        says_one: ("thing that everything needs", "was never proved to come back"),
        operations: "the day on which it is needed is not the first try",
        security: "a backup that comes back is what helps against extortion",
        worth_operations: 0.9,
        worth_security: 0.9,
        effort_to: (1, 6),
        each: "half a day of a drill",
        first_step: "tandem drill run NAME",
        measure: "things of the minimum without a proved restore",
    },
    Kind {
        id: "services-without-tier",
        says: ("services", "have no tier"),
        says_one: ("service", "has no tier"),
        operations: "what comes back first is known before it has to",
        security: "what is weak is ranked by what matters",
        worth_operations: 0.5,
        worth_security: 0.5,
        effort_to: (40, 200),
        each: "one line of a catalog",
        first_step: "tandem recovery",
        measure: "services without a tier",
    },
    Kind {
        id: "noisy-rules",
        says: ("rules", "make most of the noise, and none of their alerts was ever acted on"),
        says_one: ("rule", "makes most of the noise, and none of its alerts was ever acted on"),
        operations: "what wakes people is worth it",
        security: "what matters is not lost in what does not",
        worth_operations: 0.9,
        worth_security: 0.7,
        effort_to: (5, 15),
        each: "one threshold, or one switch",
        first_step: "tandem alerts ledger",
        measure: "rules of the noisiest 80 % that nobody acts on",
    },
    Kind {
        id: "files-open-to-all",
        says: ("secrets", "are open to every account"),
        says_one: ("secret", "is open to every account"),
        operations: "a broken job of one account cannot use the rights of another",
        security: "who gets into one account does not get all",
        worth_operations: 0.4,
        worth_security: 1.0,
        effort_to: (30, 150),
        each: "one change of rights",
        first_step: "tandem inventory parts --of {first}",
        measure: "sensitive files that every account reads",
    },
    Kind {
        id: "suppressions-hiding-most",
        says: ("suppressions", "hide 80 % of all that is hidden"),
        says_one: ("suppression", "hides 80 % of all that is hidden"),
        operations: "a rule that is mended needs no suppression to renew",
        security: "nothing hides behind what was meant for something else",
        worth_operations: 0.5,
        worth_security: 0.7,
        effort_to: (4, 12),
        each: "one rule that is made narrower",
        first_step: "tandem suppress",
        measure: "suppressions that hide 80 % of all that is hidden",
    },
    Kind {
        id: "repositories-not-scanned",
        says: ("repositories", "were not scanned for 90 days"),
        says_one: ("repository", "was not scanned for 90 days"),
        operations: "what breaks a build is known before the release",
        security: "what is weak is known before it runs",
        worth_operations: 0.5,
        worth_security: 0.9,
        effort_to: (10, 50),
        each: "one job of a pipeline",
        first_step: "tandem scan --server URL",
        measure: "repositories without a scan",
    },
    Kind {
        id: "exploited-running",
        says: ("exploited weaknesses", "are in what runs"),
        says_one: ("exploited weakness", "is in what runs"),
        operations: "an update by plan instead of a night of cleaning up",
        security: "what others are attacked by is gone",
        worth_operations: 0.7,
        worth_security: 1.0,
        effort_to: (3, 15),
        each: "one update and one deployment",
        first_step: "tandem findings",
        measure: "exploited weaknesses in what runs",
    },
    Kind {
        id: "sockets-without-need",
        says: ("sockets of stores and consoles", "are open to other machines"),
        says_one: ("socket of a store or console", "is open to other machines"),
        operations: "nobody uses a store past the service that keeps it",
        security: "less to be attacked",
        worth_operations: 0.4,
        worth_security: 0.9,
        effort_to: (8, 40),
        each: "one address to listen at, or one rule of a firewall",
        first_step: "tandem inventory sockets",
        measure: "exposed sockets of stores and consoles",
    },
    Kind {
        id: "findings-without-owner",
        says: ("severe findings", "belong to nobody"),
        says_one: ("severe finding", "belongs to nobody"),
        operations: "no team is asked about what is not its own",
        security: "what is weak has somebody who mends it",
        worth_operations: 0.4,
        worth_security: 0.9,
        effort_to: (20, 100),
        each: "one line of CODEOWNERS, for many of them",
        first_step: "tandem findings --severity critical,high",
        measure: "critical and high findings without an owner",
    },
    Kind {
        id: "clocks-off",
        says: ("hosts", "have a wrong clock"),
        says_one: ("host", "has a wrong clock"),
        operations: "causes come before their effects",
        security: "a trail of an attack is in its order, and log-ins do not fail",
        worth_operations: 0.6,
        worth_security: 0.6,
        effort_to: (20, 100),
        each: "one setting of time",
        first_step: "tandem inventory clocks",
        measure: "hosts whose clock is wrong",
    },
    Kind {
        id: "agents-silent",
        says: ("machines", "no longer report"),
        says_one: ("machine", "no longer reports"),
        operations: "what runs there is known again",
        security: "a machine that somebody silenced is found",
        worth_operations: 0.7,
        worth_security: 0.8,
        effort_to: (5, 30),
        each: "one look at a machine",
        first_step: "tandem inventory running --kind host",
        measure: "machines whose agent is not heard",
    },
    Kind {
        id: "restarts-waiting",
        says: ("hosts", "wait for a restart to run what was installed"),
        says_one: ("host", "waits for a restart to run what was installed"),
        operations: "a restart by plan instead of one by surprise",
        security: "what was mended is mended in what runs",
        worth_operations: 0.5,
        worth_security: 0.8,
        effort_to: (5, 30),
        each: "one restart",
        first_step: "tandem inventory running --kind host",
        measure: "hosts that wait for a restart",
    },
    Kind {
        id: "logs-nobody-reads",
        says: ("streams of logs", "are read by nobody, and by no rule"),
        says_one: ("stream of logs", "is read by nobody, and by no rule"),
        operations: "less to keep and to pay for, or a rule that uses it",
        security: "what is kept is watched",
        worth_operations: 0.6,
        worth_security: 0.3,
        effort_to: (10, 50),
        each: "one rule, or one setting of a collector",
        first_step: "tandem inventory unread",
        measure: "streams that nobody reads",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_lever_says_what_it_is_worth() {
        let names: BTreeSet<&str> = KINDS.iter().map(|kind| kind.id).collect();
        assert_eq!(names.len(), KINDS.len());
        for kind in KINDS {
            assert!((0.0..=1.0).contains(&kind.worth_operations) && (0.0..=1.0).contains(&kind.worth_security));
            assert!(kind.effort_to.0 < kind.effort_to.1, "{}", kind.id);
        }
        assert_eq!(KINDS[0].title(8, Some(31), ""), "8 of 31 services send no logs");
        assert_eq!(KINDS[0].title(1, Some(31), ""), "1 of 31 services sends no logs");
        assert_eq!(KINDS[0].title(1, None, ""), "1 service sends no logs");
        assert_eq!(KINDS[0].effort(11).0, Effort::Medium);
    }
}
