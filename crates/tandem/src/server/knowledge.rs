//! What folders of knowledge say, read again when something in them changed.

use super::state::App;
use anyhow::Result;
use know::planning::agenda::Planned;
use know::planning::{Problem, folder};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// All that was read at one time.
#[derive(Debug, Default)]
pub struct Known {
    /// Meetings, the roadmap, upgrades.
    pub planned: Planned,
    /// What cannot be used, and why.
    pub problems: Vec<String>,
}

/// The folders, and what they said last.
pub struct Knowledge {
    folders: Vec<PathBuf>,
    known: RwLock<Arc<Known>>,
}

impl Knowledge {
    /// Reads the folders.
    pub fn open(folders: Vec<PathBuf>) -> Knowledge {
        let known = read(&folders);
        tell(&Known::default(), &known);
        Knowledge { folders, known: RwLock::new(Arc::new(known)) }
    }

    /// What they say.
    pub fn known(&self) -> Arc<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads them again.
    pub async fn reload(app: Arc<App>) -> Result<()> {
        if app.knowledge.folders.is_empty() {
            return Ok(());
        }
        let reading = app.clone();
        let known = tokio::task::spawn_blocking(move || read(&reading.knowledge.folders)).await?;
        tell(&app.knowledge.known(), &known);
        *app.knowledge.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
        Ok(())
    }
}

fn read(folders: &[PathBuf]) -> Known {
    let (planned, problems) = folder::read(folders);
    Known { planned, problems: problems.iter().map(Problem::to_string).collect() }
}

/// Says once what cannot be used.
fn tell(before: &Known, now: &Known) {
    for problem in now.problems.iter().filter(|problem| !before.problems.contains(problem)) {
        tracing::warn!(problem, "a file of knowledge is not used");
    }
}
