//! Shape.
use detect::input::{Item, read};
use detect::sources::Sources;
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;

fn main() {
    let mut out = std::io::stdout().lock();
    let sources = Sources::builtin();
    let mut by: BTreeMap<String, u64> = BTreeMap::new();
    let mut no: BTreeMap<String, u64> = BTreeMap::new();
    let (mut untimed, mut unnamed) = (0u64, 0u64);
    for path in std::env::args().skip(1) {
        let file = std::fs::File::open(&path).unwrap();
        let mut without = 0;
        let start = std::time::Instant::now();
        let summary = read(file, &path, None, &mut |item, line| {
            let Item::Event(event) = item else { return ControlFlow::Continue(()) };
            let of = sources.of(&event);
            if sources.time_in(&event, &of).is_none() { untimed += 1; }
            if !of.iter().any(|index| sources.entity(&event, *index).is_some()) { unnamed += 1; }
            if of.is_empty() {
                without += 1;
                if without < 3 { no.insert(format!("{path}:{line} {:?}", event.fields.iter().take(12).collect::<Vec<_>>()), 1); }
            }
            for index in of {
                let s = &sources.definitions()[index].source;
                *by.entry(format!("{}/{}/{}", s.product.as_deref().unwrap_or("-"), s.category.as_deref().unwrap_or("-"), s.service.as_deref().unwrap_or("-"))).or_default() += 1;
            }
            ControlFlow::Continue(())
        });
        writeln!(out, "{path} {:?} items {} bad {} without {without} {:?} {:?} {:?}", summary.format, summary.items, summary.bad, summary.first_bad, summary.broken, start.elapsed()).unwrap();
    }
    for (k, v) in by { writeln!(out, "{v:8} {k}").unwrap(); }
    for (k, _) in no { writeln!(out, "NO {k}").unwrap(); }
    writeln!(out, "untimed {untimed} unnamed {unnamed}").unwrap();
}
