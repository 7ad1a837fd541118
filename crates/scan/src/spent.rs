//! The processor time of this thread: tests bound it, as the time of a clock is that of other programs, too.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// How long work took.
pub(crate) fn spent<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
    };
    let before = now();
    let done = work();
    (done, now().saturating_sub(before))
}
