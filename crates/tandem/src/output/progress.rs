//! A sign of life for work that takes more than a second, on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Work that is done sooner shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shown until it is finished or dropped.
pub struct Spinner {
    bar: ProgressBar,
    done: Arc<AtomicBool>,
}

/// Starts one.
pub fn spinner(what: &'static str) -> Spinner {
    let bar = ProgressBar::hidden();
    let done = Arc::new(AtomicBool::new(!std::io::stderr().is_terminal()));
    if !done.load(Ordering::Relaxed) {
        let (bar, done) = (bar.clone(), done.clone());
        std::thread::spawn(move || {
            std::thread::sleep(PATIENCE);
            if !done.load(Ordering::Relaxed) {
                bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
                bar.set_style(ProgressStyle::default_spinner());
                bar.set_message(what);
                bar.enable_steady_tick(Duration::from_millis(120));
            }
        });
    }
    Spinner { bar, done }
}

impl Spinner {
    /// Takes it away.
    pub fn finish(&self) {
        if !self.done.swap(true, Ordering::Relaxed) {
            self.bar.finish_and_clear();
        }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.finish();
    }
}
