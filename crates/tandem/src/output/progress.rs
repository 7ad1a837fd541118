//! A sign of life for work that takes over a second on a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// Work shorter than this shows nothing.
const QUIET: Duration = Duration::from_secs(1);
/// How often it moves.
const TICK: Duration = Duration::from_millis(120);
/// How much is done, of how much; of 0 when that is not known.
type Done = Box<dyn Fn() -> (usize, usize) + Send>;

/// Shows a spinner or a bar from one second on, until it is dropped.
pub struct Progress {
    done: Option<Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Progress {
    /// Starts the clock of a spinner.
    pub fn start(what: impl Into<String>) -> Progress {
        Progress::counting(what, || (0, 0))
    }

    /// Starts the clock of a bar, which shows how much of it is done.
    pub fn counting(what: impl Into<String>, done: impl Fn() -> (usize, usize) + Send + 'static) -> Progress {
        if !std::io::stderr().is_terminal() {
            return Progress { done: None, thread: None };
        }
        let (what, done): (String, Done) = (what.into(), Box::new(done));
        let (sender, receiver) = channel::<()>();
        let thread = std::thread::spawn(move || {
            let mut wait = QUIET;
            let mut bar: Option<ProgressBar> = None;
            while matches!(receiver.recv_timeout(wait), Err(RecvTimeoutError::Timeout)) {
                wait = TICK;
                show(bar.get_or_insert_with(|| ProgressBar::new_spinner().with_message(what.clone())), &done);
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        });
        Progress { done: Some(sender), thread: Some(thread) }
    }
}

/// Moves it on; a spinner is a bar once it is known how much there is.
fn show(bar: &ProgressBar, done: &Done) {
    let (is, of) = done();
    let form = if of == 0 { "{spinner} {msg} {elapsed}" } else { "{spinner} {msg} {bar:30} {pos}/{len} {elapsed}" };
    if let Ok(style) = ProgressStyle::with_template(form) {
        bar.set_style(style);
    }
    bar.set_length(of as u64);
    bar.set_position(is as u64);
    bar.tick();
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
