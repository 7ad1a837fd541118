//! The threads that queries run on.
//!
//! A thread that filters a row group is busy until it is through, a second at worst. So there are more threads than one
//! statement has parts: the system shares the cores among statements, and a short one does not wait for a long one.
//! What nobody waits for has threads of its own, which take what the others leave.

use super::PARTITIONS_PER_CORE;
use crate::limits::{BACKGROUND_NICENESS, QUERY_STACK_BYTES, QUERY_STATEMENTS};
use anyhow::Result;
use tokio::runtime::{Builder, Runtime};

/// Whether somebody waits for an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// A person or a rule waits.
    #[default]
    Awaited,
    /// A report that is made beside everything else.
    Background,
}

/// Threads of both paces.
pub struct Threads {
    awaited: Option<Runtime>,
    background: Option<Runtime>,
}

impl Threads {
    /// For so many cores.
    pub fn start(cores: usize) -> Result<Threads> {
        let awaited = threads("query", cores * PARTITIONS_PER_CORE * QUERY_STATEMENTS).build()?;
        let background = threads("background", cores).on_thread_start(give_way).build()?;
        Ok(Threads { awaited: Some(awaited), background: Some(background) })
    }

    /// Those of a pace, until the end.
    pub fn of(&self, pace: Pace) -> Option<&Runtime> {
        match pace {
            Pace::Awaited => self.awaited.as_ref(),
            Pace::Background => self.background.as_ref(),
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // A runtime must not be dropped where tasks run.
        for runtime in [self.awaited.take(), self.background.take()].into_iter().flatten() {
            runtime.shutdown_background();
        }
    }
}

fn threads(name: &str, count: usize) -> Builder {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(count).thread_name(name).thread_stack_size(QUERY_STACK_BYTES).enable_time();
    builder
}

/// Elsewhere than on Linux it would slow the whole program.
#[cfg(target_os = "linux")]
fn give_way() {
    if let Err(error) = rustix::process::setpriority_process(None, BACKGROUND_NICENESS) {
        tracing::debug!(%error, "reports run beside what people ask, at the same priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn give_way() {}
