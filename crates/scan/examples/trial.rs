//! Scans folders with rules from a folder: `trial RULES ROOT... [--each]`. For trials alone.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]
use scan::pack::Pack;
use std::path::Path;
use std::time::Instant;

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let each = args.iter().any(|arg| arg == "--each");
    let quiet = args.iter().any(|arg| arg == "--quiet");
    args.retain(|arg| !arg.starts_with("--"));
    let rules = args.remove(0);
    let pack = Pack::read(Path::new(&rules)).unwrap();
    let (rules, errors) = pack.load();
    for error in errors {
        println!("{error}");
    }
    eprintln!("{} rules", rules.len());
    if args.is_empty() {
        for problem in scan::pages::test(&pack, &scan::families::findings).problems {
            println!("{problem}");
        }
    }
    for root in &args {
        let mut roots = vec![std::path::PathBuf::from(root)];
        if each {
            roots = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
            roots.sort();
        }
        let begin = Instant::now();
        let mut files = 0;
        for root in roots {
            let options =
                scan::scanner::Options { today: chrono::NaiveDate::MAX, jobs: 2, foreign: false, advisories: None };
            let scan = scan::scanner::scan(&root, &rules, options, &Default::default());
            files += scan.files;
            if quiet {
                continue;
            }
            let base = root.display();
            for found in &scan.findings {
                let f = &found.finding;
                println!("{base}/{}\t{}\t{}\t{}\t{}", f.path, f.start.line, f.rule, f.address, f.message);
            }
            for problem in &scan.problems {
                println!(
                    "{base}/{}\t{}\t!problem\t\t{}",
                    problem.path,
                    problem.place.map_or(0, |p| p.line),
                    problem.reason
                );
            }
            for u in &scan.undecided {
                println!("{base}/{}\t{}\t?{}\t{}\t", u.path, u.line, u.rule, u.address);
            }
        }
        eprintln!("{root}: {files} files, {:?}", begin.elapsed());
    }
}
