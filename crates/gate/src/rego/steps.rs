//! The clock of the interpreter: it counts steps, so that a limit is the same on every machine.

use crate::limits::MAX_REGO_STEPS;
use regorus::Engine;
use regorus::utils::limits::{ExecutionTimerConfig, TimeSource, set_time_source};
use std::cell::Cell;
use std::num::NonZeroU32;
use std::sync::Once;
use std::time::Duration;

/// Each look at this clock is one step; the interpreter looks at it at each of its own.
struct Steps;

thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

impl TimeSource for Steps {
    fn now(&self) -> Option<Duration> {
        STEPS.with(|steps| {
            steps.set(steps.get() + 1);
            Some(Duration::from_nanos(steps.get()))
        })
    }
}

/// Lets an interpreter take so many steps for each rule that it evaluates.
pub(super) fn bound(engine: &mut Engine) {
    static CLOCK: Once = Once::new();
    // It can be set once in a process. The scanner's counts the same steps, and may have been first.
    CLOCK.call_once(|| {
        let _ = set_time_source(&Steps);
    });
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit: Duration::from_nanos(MAX_REGO_STEPS),
        check_interval: NonZeroU32::MIN,
    });
}
