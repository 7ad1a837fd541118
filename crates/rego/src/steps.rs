//! The clock of the interpreter: it counts steps, so that a limit is the same on every machine. It also looks how much of the stack is
//! used, as functions of a policy may call themselves.

use crate::limits::{MAX_REGO_STACK, MAX_REGO_STEPS, REGO_STACK_BYTES};
use regorus::Engine;
use regorus::utils::limits::{ExecutionTimerConfig, TimeSource, set_time_source};
use std::cell::Cell;
use std::num::NonZeroU32;
use std::panic::resume_unwind;
use std::sync::Once;
use std::thread::Builder;
use std::time::Duration;

/// Each look at this clock is one step; the interpreter looks at it at each of its own.
struct Steps;

thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
    /// Where the stack of this thread begins, when it is one for the interpreter.
    static BEGINS: Cell<Option<usize>> = const { Cell::new(None) };
}

impl TimeSource for Steps {
    fn now(&self) -> Option<Duration> {
        let step = match BEGINS.get() {
            Some(begins) if begins.abs_diff(here()) > MAX_REGO_STACK => MAX_REGO_STEPS,
            _ => 1,
        };
        charge(step);
        Some(Duration::from_nanos(taken()))
    }
}

/// About where the stack is now.
fn here() -> usize {
    let mark = 0_u8;
    std::ptr::from_ref(&mark).addr()
}

/// The steps that were taken on this thread.
pub fn taken() -> u64 {
    STEPS.get()
}

/// Takes steps.
pub(crate) fn charge(steps: u64) {
    STEPS.set(STEPS.get().saturating_add(steps));
}

/// Lets an interpreter take so many steps for each rule that it evaluates.
pub(crate) fn bound(engine: &mut Engine, most: u64) {
    static CLOCK: Once = Once::new();
    // It can be set once in a process, and it is nobody else's.
    CLOCK.call_once(|| {
        let _ = set_time_source(&Steps);
    });
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit: Duration::from_nanos(most.min(MAX_REGO_STEPS)),
        check_interval: NonZeroU32::MIN,
    });
}

/// Runs the interpreter on a thread with a large stack; nothing when the system gives none.
pub fn with_stack<T: Send>(run: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = Builder::new().stack_size(REGO_STACK_BYTES).spawn_scoped(scope, || {
            BEGINS.set(Some(here()));
            run()
        });
        match thread.ok()?.join() {
            Ok(done) => Some(done),
            Err(panic) => resume_unwind(panic),
        }
    })
}
