//! Event files: Parquet that any engine can read, each with a sidecar for finding and checking.

pub mod file;
pub mod reader;
pub mod sidecar;
pub mod union;
pub mod writer;

pub use file::Segment;
