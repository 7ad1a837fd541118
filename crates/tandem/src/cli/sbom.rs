//! `tandem sbom`: what something is made of, as a CycloneDX bill of materials. No server is needed.

use crate::failure::{Failure, INCOMPLETE, Outcome, wrong_use};
use crate::output::{self, progress::Progress};
use anyhow::{Context as _, anyhow};
use clap::Args;
use scan::parts::collect::{self, Collected};
use scan::parts::cyclonedx;
use scan::walk::walk;
use std::path::PathBuf;

/// Exit codes of this command.
pub const EXIT_CODES: &str = "Example: tandem sbom . --output bom.cdx.json
Example: tandem sbom --root /mnt/image --name shop:1.2

Exit codes: 0 fine; 2 wrong use; 3 something could not be read, so that it is not whole (it is written nevertheless).";

/// Write what something is made of.
#[derive(Args)]
pub struct Sbom {
    /// A folder: the lock files in it.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// What is installed in `node_modules` and virtual environments below the folder, in place of its lock files.
    #[arg(long, conflicts_with = "root")]
    installed: bool,
    /// The packages of a host or of an unpacked image below its root folder, in place of a folder's lock files.
    #[arg(long, value_name = "DIR", conflicts_with = "path")]
    root: Option<PathBuf>,
    /// What it is called in the bill [default: the folder's name].
    #[arg(long)]
    name: Option<String>,
    /// The version of CycloneDX: 1.4, 1.5 or 1.6.
    #[arg(long, value_name = "VERSION", default_value = "1.6")]
    spec: String,
    /// Write there, not to standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Sbom {
    /// Collects and writes.
    pub fn run(self) -> Outcome {
        let folder = self.root.as_ref().unwrap_or(&self.path);
        if !folder.exists() {
            return Err(wrong_use(anyhow!("{}: there is no such file or folder", folder.display())));
        }
        let wait = Progress::start(format!("reading {}", folder.display()));
        let collected = self.collect().with_context(|| folder.display().to_string())?;
        drop(wait);
        let real = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        let named = real.file_name().map_or("/".to_owned(), |name| name.to_string_lossy().into_owned());
        let name = self.name.clone().unwrap_or(named);
        let text =
            cyclonedx::write(&collected.inventory, &name, &self.spec).map_err(|error| wrong_use(anyhow!(error)))?;
        match &self.output {
            Some(path) => {
                std::fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))?
            }
            None => output::print(&(text + "\n"))?,
        }
        self.tell(&collected)
    }

    fn collect(&self) -> std::io::Result<Collected> {
        if let Some(root) = &self.root {
            return collect::host(root);
        }
        if self.installed {
            return collect::installed(&self.path);
        }
        let walked = walk(&self.path);
        let jobs = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(collect::tree(&walked.files, jobs, &|_, _| {}))
    }

    /// What is not in the bill.
    fn tell(&self, collected: &Collected) -> Outcome {
        let inventory = &collected.inventory;
        for missed in &inventory.missed {
            let line = format!("left out  {}:{}: {}: {}", missed.path, missed.line, missed.name, missed.reason);
            output::complain(&output::plain(&line));
        }
        for problem in &collected.problems {
            let place = problem.place.map_or(String::new(), |place| format!(":{}:{}", place.line, place.column));
            output::complain(&output::plain(&format!("not read  {}{place}: {}", problem.path, problem.reason)));
        }
        let (components, files) = (inventory.components.len(), collected.files);
        output::complain(&format!(
            "{components} components in {files} files, {} of no known version",
            inventory.missed.len()
        ));
        match collected.problems.len() {
            0 => Ok(()),
            count => Err(Failure {
                code: INCOMPLETE,
                error: anyhow!("{count} files could not be read: the bill is not whole"),
            }),
        }
    }
}
