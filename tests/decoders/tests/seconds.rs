//! Every decoder for a few seconds on damaged seeds. Hours of it are in `fuzz/`.

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

/// For each decoder; `DECODER_SECONDS` says otherwise.
const SECONDS: u64 = 2;
/// Bytes that mean something to many formats.
const TELLING: [u8; 12] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'{', b'}', b'\\', b'\n', b' ', b'='];

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a seed").path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("seed-")))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no seeds in {}", folder.display());
    paths.iter().map(|path| std::fs::read(path).expect("a seed")).collect()
}

fn damage(bytes: &mut Vec<u8>, other: &[u8], random: &mut StdRng) {
    let at = random.random_range(0..=bytes.len());
    let length = random.random_range(0..=16.min(bytes.len() - at));
    let from = random.random_range(0..=other.len());
    let piece = &other[from..(from + 32).min(other.len())];
    let telling = TELLING[random.random_range(0..TELLING.len())];
    match random.random_range(0..7) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.random_range(0..8),
        1 if at < bytes.len() => bytes[at] = telling,
        2 => bytes.insert(at, telling),
        3 => bytes.truncate(at),
        4 => drop(bytes.drain(at..at + length)),
        5 => bytes.extend_from_within(at..at + length),
        _ => drop(bytes.splice(at..at, piece.iter().copied())),
    }
}

fn time() -> Duration {
    let said = std::env::var("DECODER_SECONDS").ok();
    Duration::from_secs(said.map_or(SECONDS, |said| said.parse().expect("DECODER_SECONDS is a number of seconds")))
}

fn run(target: &str, check: fn(&[u8])) {
    let seeds = seeds(target);
    seeds.iter().for_each(|seed| check(seed));
    let mut random = StdRng::seed_from_u64(1);
    let started = Instant::now();
    let mut runs = 0;
    let time = time();
    while started.elapsed() < time {
        let mut bytes = seeds[random.random_range(0..seeds.len())].clone();
        let other = &seeds[random.random_range(0..seeds.len())];
        for _ in 0..random.random_range(1..6) {
            damage(&mut bytes, other, &mut random);
        }
        let held = std::panic::catch_unwind(|| check(&bytes)).is_ok();
        assert!(held, "{target}: the input was b\"{}\"", bytes.escape_ascii());
        runs += 1;
    }
    #[expect(clippy::print_stdout, reason = "whoever runs this for longer wants the figure")]
    {
        println!("{target}: {runs} runs");
    }
    assert!(runs > 0);
}

macro_rules! decoders {
    ($($name:ident),*) => {$(
        #[test]
        fn $name() {
            run(stringify!($name), decoders::$name);
        }
    )*

        #[test]
        fn every_fuzz_target_is_here() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
            let stem = |path: std::path::PathBuf| path.file_stem().expect("a name").to_string_lossy().into_owned();
            let targets: BTreeSet<String> =
                std::fs::read_dir(folder).expect("the targets").map(|entry| stem(entry.expect("a target").path())).collect();
            assert_eq!(targets, BTreeSet::from([$(stringify!($name).to_owned()),*]), "fuzz targets and seconds here");
        }
    };
}

decoders!(
    alertmanager,
    detect_line,
    change_cloudevents,
    change_github,
    change_gitlab,
    decompress,
    detect_rules,
    detect_input,
    detect_snapshot,
    elastic_bulk,
    gate_admission,
    gate_autoscaler,
    gate_junit,
    gate_plan,
    import_catalog,
    import_codeowners,
    import_cyclonedx,
    import_kubernetes,
    import_osquery,
    import_sarif,
    import_spdx,
    json_lines,
    line_formats,
    otlp_json,
    otlp_logs,
    otlp_metrics,
    otlp_traces,
    query,
    redact,
    scan_advisories,
    scan_cel,
    scan_checkov,
    scan_compose,
    scan_dockerfile,
    scan_github,
    scan_gitlab,
    scan_helm,
    scan_kubernetes,
    scan_locks,
    scan_nginx,
    scan_rego,
    scan_repository,
    scan_rules,
    scan_secrets,
    scan_sshd,
    store_index,
    store_log,
    store_sidecar,
    syslog
);
