//! The rules of the alerts rounds, and the events that they look at: log-ons and new accounts on some hosts.

use crate::random::Random;
use std::time::{SystemTime, UNIX_EPOCH};

/// Hosts. The first ones have most of the events, so that some windows are full and others stay below their bounds.
pub const HOSTS: u64 = 24;
/// Accounts that people try.
const ACCOUNTS: u64 = 12;
/// An event may be so much older than now, in milliseconds. Together with the time that a sender tries again for it is
/// well below what the stream takes as late (five minutes), so that nothing is.
const BEFORE: u64 = 60_000;
/// And so much ahead of it: less than what a receiver takes for a wrong clock (ten minutes). Windows of minutes thus get
/// their events before and after every kill.
const AHEAD: u64 = 300_000;

/// Rules over single events, and correlations of each kind that can fire before its window is over.
pub const RULES: &str = "\
title: Account created
id: 2b0a9a0e-5d0e-4c5e-9a0a-6f2f3e8a7c01
name: created
status: test
description: A plain rule.
logsource: {product: windows, service: security}
detection:
  created: {EventID: 4720}
  condition: created
level: medium
---
title: Log-on failed
id: 2b0a9a0e-5d0e-4c5e-9a0a-6f2f3e8a7c02
name: failed
status: test
description: What the correlations count.
logsource: {product: windows, service: security}
detection:
  failed: {EventID: 4625}
  remote: {LogonType: 3}
  condition: failed and remote
level: low
---
title: Log-on succeeded
id: 2b0a9a0e-5d0e-4c5e-9a0a-6f2f3e8a7c03
name: succeeded
status: test
description: What may follow.
logsource: {product: windows, service: security}
detection:
  succeeded: {EventID: 4624}
  condition: succeeded
level: low
---
title: Many log-ons failed
id: 2b0a9a0e-5d0e-4c5e-9a0a-6f2f3e8a7c04
name: guessing
status: test
description: So many in a window.
correlation:
  type: event_count
  rules: [failed]
  group-by: [Computer]
  timespan: 2m
  condition: {gte: 12}
level: high
---
title: Many accounts were tried
id: 2b0a9a0e-5d0e-4c5e-9a0a-6f2f3e8a7c05
status: test
description: So many different ones in a window.
correlation:
  type: value_count
  rules: [failed]
  group-by: [Computer]
  timespan: 3m
  condition: {field: TargetUserName, gte: 7}
level: high
---
title: Failed, then succeeded
id: 2b0a9a0e-5d0e-4c5e-9a0a-6f2f3e8a7c06
status: test
description: One after the other.
correlation:
  type: temporal_ordered
  rules: [failed, succeeded]
  group-by: [Computer, TargetUserName]
  timespan: 1m
level: high
---
title: Guessing and a new account
id: 2b0a9a0e-5d0e-4c5e-9a0a-6f2f3e8a7c07
status: test
description: A correlation over another one.
correlation:
  type: temporal
  rules: [guessing, created]
  group-by: [Computer]
  timespan: 4m
  generate: true
level: critical
";

/// The ids of the rules that say something themselves.
pub const SAYING: [&str; 5] = ["7c01", "7c04", "7c05", "7c06", "7c07"];

/// The one over another correlation, and the timespan of that in nanoseconds.
pub const CHAINED: (&str, i64) = ("7c07", 120_000_000_000);

/// Milliseconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}

/// Event `number` of a sender. Its record number is its own, so that it is found again wherever it is cited.
pub fn line(sender: u64, number: u64, now: u64, random: &mut Random) -> String {
    let host = random.below(HOSTS).min(random.below(HOSTS));
    let account = random.below(ACCOUNTS);
    let time = now - BEFORE + random.below(BEFORE + AHEAD);
    let id = match random.below(20) {
        0 => 4720,
        1..=4 => 4624,
        5..=16 => 4625,
        // Nobody looks at a log-off.
        _ => 4634,
    };
    let record = record(sender, number);
    format!(
        r#"{{"timestamp":{time},"Channel":"Security","Provider_Name":"Microsoft-Windows-Security-Auditing","EventID":{id},"EventRecordID":{record},"Computer":"crash-{host:02}","TargetUserName":"account{account}","LogonType":{}}}"#,
        2 + u64::from(random.below(8) > 0)
    )
}

/// The record number of an event.
pub fn record(sender: u64, number: u64) -> u64 {
    (sender + 1) * 1_000_000_000 + number
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn events_are_of_their_time_and_have_a_number_of_their_own() {
        let mut random = Random::new(3);
        for number in 0..500 {
            let event: Value = serde_json::from_str(&line(1, number, 1_000_000_000, &mut random)).unwrap();
            assert_eq!(event["EventRecordID"], 2_000_000_000 + number);
            let time = event["timestamp"].as_u64().unwrap();
            assert!((1_000_000_000 - BEFORE..1_000_000_000 + AHEAD).contains(&time));
        }
        SAYING.iter().for_each(|id| assert!(RULES.contains(id), "{id}"));
    }
}
