//! Formats by family: each reads its files and says what they are about.

pub mod docker;
