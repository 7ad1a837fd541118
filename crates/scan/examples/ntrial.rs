//! trial
use scan::evaluate::Evaluator;
use scan::families;
use scan::text::Text;
fn main() {
    let (rules, e) = scan::pack().load();
    assert!(e.is_empty());
    for root in std::env::args().skip(1) {
        let mut texts = Vec::new();
        let w = scan::walk::walk(std::path::Path::new(&root));
        for f in w.files {
            if !matches!(families::format(&f.path), Some(families::Format::Nginx | families::Format::Sshd))
                && !f.path.ends_with(".json")
            {
                continue;
            }
            let Ok(b) = std::fs::read(&f.file) else { continue };
            texts.push(Text::new(f.path.clone(), String::from_utf8_lossy(&b).into_owned()));
        }
        let n = texts.len();
        let t = std::time::Instant::now();
        let (world, unread) = families::world(texts);
        let took = t.elapsed();
        let fam = ["nginx", "sshd", "repository"];
        let rs: Vec<_> = rules.iter().filter(|r| r.families.iter().any(|f| fam.contains(&&**f))).collect();
        let e = Evaluator::new(rs.iter().copied()).run(&world);
        println!(
            "## {root}: {n} files, {} read, {:?}, {} findings, {} undecided",
            world.files.len(),
            took,
            e.findings.len(),
            e.undecided.len()
        );
        for u in unread {
            println!("UNREAD {u}");
        }
        for f in e.findings {
            let t = &world.file(f.file).text;
            println!(
                "{}:{} {} [{}] {} | {}",
                f.path,
                f.start.line,
                f.rule,
                f.address,
                f.message,
                t.line(f.start.line).trim()
            );
        }
    }
}
