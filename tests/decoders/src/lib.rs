//! What must hold for every decoder, whatever bytes it gets: one function a decoder.
//!
//! The targets of `fuzz/` call them for as long as one likes; the tests here for seconds, on damaged seeds.

mod alerts;
mod changes;
mod detect_line;
mod detect_rules;
mod detected;
mod gates;
mod imports;
mod otlp;
mod scans;
mod search;
mod snapshot;
mod stored;
mod text;

// The parts of the store that read its files, by path: to build them needs no SQL engine.
#[path = "../../../crates/store/src/disk.rs"]
#[allow(dead_code)]
mod disk;
#[path = "../../../crates/store/src/filenames.rs"]
#[allow(dead_code)]
mod filenames;
#[path = "../../../crates/store/src/limits.rs"]
#[allow(dead_code)]
mod limits;
#[path = "../../../crates/store/src/index"]
#[allow(dead_code)]
mod index {
    pub mod bits;
    pub mod postings;
}
#[path = "../../../crates/store/src/log"]
#[allow(dead_code)]
mod log {
    pub mod ipc;
    pub mod record;
    pub mod replay;
}
#[path = "../../../crates/store/src/segment"]
#[allow(dead_code)]
mod segment {
    pub mod sidecar;
}

pub use alerts::alertmanager;
pub use changes::{change_cloudevents, change_github, change_gitlab};
pub use detect_line::detect_line;
pub use detect_rules::detect_rules;
pub use detected::detect_input;
pub use gates::{gate_admission, gate_autoscaler, gate_junit, gate_plan};
pub use imports::{
    import_catalog, import_codeowners, import_cyclonedx, import_kubernetes, import_osquery, import_sarif, import_spdx,
};
pub use otlp::{otlp_json, otlp_logs, otlp_metrics, otlp_traces};
pub use scans::{
    scan_advisories, scan_cel, scan_checkov, scan_compose, scan_dockerfile, scan_github, scan_gitlab, scan_helm,
    scan_kubernetes, scan_locks, scan_nginx, scan_rego, scan_repository, scan_rules, scan_secrets, scan_sshd,
};
pub use search::query;
pub use snapshot::{detect_snapshot, snapshot};
pub use stored::{log_record, store_index, store_log, store_sidecar};
pub use text::{decompress, elastic_bulk, json_lines, line_formats, redact, syslog};

/// The context of every decoder.
pub fn context(source: &str) -> model::Context {
    model::Context::new("default", source, 1_795_246_176_000_000_000)
}
