//! `cargo xtask`: checks, tests and benchmarks of the repository.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    xtask::main(&arguments)
}
