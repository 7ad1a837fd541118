//! `cargo xtask check`: what must hold before any test is run.

use crate::{arrows, run};
use anyhow::Result;

/// Format, arrows, clippy and rustdoc; the quick ones first.
pub fn check() -> Result<()> {
    run::run(&mut run::cargo(&["fmt", "--all", "--check"]))?;
    arrows::run()?;
    let clippy = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    run::run(&mut run::cargo(&clippy))?;
    let doc = ["doc", "--locked", "--workspace", "--no-deps"];
    run::run(run::cargo(&doc).env("RUSTDOCFLAGS", "-D warnings"))?;
    println!("\ncheck: fine");
    Ok(())
}
