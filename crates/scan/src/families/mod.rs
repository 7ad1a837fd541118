//! Families of formats. Each reads the files that are its own and adds resources.

pub mod github;
