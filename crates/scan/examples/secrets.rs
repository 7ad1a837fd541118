//! Secrets in folders: what was found, and how fast. `cargo run --release -p scan --example secrets -- DIR...`; `-q` for figures
//! only.
#![allow(clippy::print_stdout)]

use scan::secrets::{Secrets, Source};
use std::path::{Path, PathBuf};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quiet = arguments.iter().any(|argument| argument == "-q");
    let began = Instant::now();
    let secrets = Secrets::builtin()?;
    println!("{} detectors ready in {:?}", secrets.detectors().len(), began.elapsed());
    for root in arguments.iter().filter(|argument| *argument != "-q") {
        let mut paths = Vec::new();
        collect(Path::new(root), &mut paths);
        let files: Vec<(String, Vec<u8>)> = paths
            .iter()
            .filter_map(|path| {
                Some((path.strip_prefix(root).unwrap_or(path).display().to_string(), std::fs::read(path).ok()?))
            })
            .collect();
        let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        for round in 0..2 {
            let (mut found, mut cut, mut slowest) = (Vec::new(), 0, (0, 0.0, ""));
            let began = Instant::now();
            for (path, bytes) in &files {
                let file = Instant::now();
                let scanned = secrets.scan(Source { path, bytes }, None, &mut found);
                cut += scanned.cut;
                let took = file.elapsed().as_secs_f64();
                if took > slowest.1 {
                    slowest = (bytes.len(), took, path);
                }
            }
            let took = began.elapsed().as_secs_f64();
            println!(
                "{root}: {} files, {:.1} MB, {:.2} s, {:.1} MB/s, {} findings, {cut} cut; slowest {:?}",
                files.len(),
                bytes as f64 / 1e6,
                took,
                bytes as f64 / 1e6 / took,
                found.len(),
                slowest
            );
            if round == 1 && !quiet {
                for finding in &found {
                    println!(
                        "{}\t{:?}\t{}:{}:{}\t{}\t{}\t{:?}",
                        finding.rule,
                        finding.confidence,
                        finding.path,
                        finding.start.line,
                        finding.start.column,
                        finding.name,
                        finding.mask,
                        finding.encoded
                    );
                }
            }
        }
    }
    Ok(())
}

fn collect(path: &Path, out: &mut Vec<PathBuf>) {
    let Ok(kind) = path.symlink_metadata() else { return };
    if kind.is_file() && kind.len() < 16 << 20 {
        out.push(path.to_owned());
    } else if kind.is_dir() && path.file_name().is_none_or(|name| name != ".git" && name != "target") {
        let Ok(entries) = std::fs::read_dir(path) else { return };
        let mut entries: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        entries.sort();
        entries.iter().for_each(|entry| collect(entry, out));
    }
}
