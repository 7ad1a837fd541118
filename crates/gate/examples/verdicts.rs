//! How many verdicts a second one core decides, for 31 services: `cargo run --release -p gate --example verdicts`.

use gate::{Checks, Facts, Policies, decide};
use model::{Asked, Control, InForce, Mode, Question};
use std::error::Error;
use std::io::Write as _;
use std::time::{Duration, Instant};

const SERVICES: u64 = 31;
const NOW: i64 = 1_795_334_400_000_000_000;

fn facts(number: u64) -> Result<Facts, serde_json::Error> {
    let bad = number.is_multiple_of(4);
    serde_json::from_value(serde_json::json!({
        "known": true, "tier": 1 + number % 3, "runs": {"instances": 10, "ids": [number]},
        "owner": {"count": u64::from(!number.is_multiple_of(5)), "team": "payments", "ids": [number]},
        "logs": {"sends": !bad}, "runbook": {"count": number % 2}, "restore": {"proved": !bad, "at": "2026-11-01"},
        "findings": {"scanned": true, "at": "2026-11-21", "critical": u64::from(bad), "exploited": 0, "secrets": 0,
            "ids_critical": [100 + number, 200 + number]},
        "incidents": {"open": 0}, "slo": {"known": true, "burning": false}, "exposed_sockets": {"count": 0},
        "changes": {"overlapping": 0}, "tests": {"known": true, "total": 120, "failed": 0},
        "dependencies": {"count": 4, "capacity_unknown": number % 3, "without_owner": 0, "list": ["orders-db"]},
        "limits": {"max": 5000},
    }))
}

fn main() -> Result<(), Box<dyn Error>> {
    let (checks, policies) = (Checks::builtin(), Policies::default());
    let mut controls: Vec<InForce> = Vec::new();
    for check in checks.iter().filter(|check| !check.control.is_empty()) {
        let control = Control { name: check.control.clone(), owner: "platform".to_owned(), ..Control::default() };
        controls.push(InForce { control, id: 1, mode: Mode::Observe, because: None });
    }
    let all = (0..SERVICES).map(facts).collect::<Result<Vec<_>, _>>()?;
    for question in [Question::Release, Question::Scale] {
        let (begun, mut slowest, mut decided) = (Instant::now(), Duration::ZERO, 0_u32);
        while begun.elapsed() < Duration::from_secs(2) {
            for (number, facts) in all.iter().enumerate() {
                let asked = Asked {
                    question,
                    service: format!("service-{number}"),
                    environment: Some("production".to_owned()),
                    version: Some("1.4.2".to_owned()),
                    from: Some(10),
                    to: Some(1000),
                    defence: None,
                };
                let one = Instant::now();
                let verdict = decide(&checks, &policies, &asked, facts, &controls, &[], NOW);
                slowest = slowest.max(one.elapsed());
                decided += u32::from(!verdict.inputs.is_empty());
            }
        }
        let rate = f64::from(decided) / begun.elapsed().as_secs_f64();
        writeln!(std::io::stdout(), "{}: {rate:.0} verdicts a second, slowest {slowest:?}", question.name())?;
    }
    Ok(())
}
