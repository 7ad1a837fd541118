//! Python's packages: requirement files, lock files of Poetry, uv, Pipenv and PDM, and what is installed.

pub mod installed;
pub mod locks;
pub mod more_locks;
pub mod requirements;

/// A name as PyPI compares them: lower case, and runs of `-`, `_` and `.` are one `-`.
pub fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.trim().chars() {
        match character {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            other => out.extend(other.to_lowercase()),
        }
    }
    out
}

/// The name that a requirement begins with, and what follows.
fn leading_name(said: &str) -> Option<(&str, &str)> {
    let end = said.find(|at: char| !(at.is_alphanumeric() || matches!(at, '-' | '_' | '.'))).unwrap_or(said.len());
    (end > 0).then(|| said.split_at(end))
}
