//! `bench detect`: thousands of Sigma rules over security events, and what bounds it.
//!
//! Times are processor time of this one thread, so that another program beside it does not count.

mod events;
mod peer;
mod programs;
mod rules;
mod server;

use crate::logs::Logs;
use crate::probe;
use anyhow::{Context as _, Result, ensure};
use arrow_array::RecordBatch;
use detect::detector::{self, Detector};
use detect::engine::{Compiled, Counters, Event, Input, Scratch};
use detect::event::PlainEvent;
use detect::sigma::{self, Options};
use detect::sources::Sources;
use events::{Security, Shape};
use model::Context;
use receive::Redactor;
use receive::json_lines::{self, Mapping};
use serde::de::IgnoredAny;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use xtask::args::Args;
use xtask::server::work_dir;

/// When everything was received: long after it happened, so that nothing waits for what is late.
const RECEIVED: i64 = 1_790_000_000_000_000_000;
/// Rules that are made up when no folder is given.
const RULES: u64 = 3_000;
/// Seed of everything.
const SEED: u64 = 20_26;
/// Rows of a batch, as the receivers make them.
const BATCH: usize = 1_000;
/// Rounds of each figure, of which the best counts.
const ROUNDS: usize = 4;
/// Processor time of a round at least.
const SECONDS: f64 = 0.5;
/// Rules that are shown because they are looked at most often.
const DEAREST: usize = 8;
/// Projected events that are held: each is as large as the set of fields.
const PROJECTED: usize = 16;
/// Evaluation that is asked for, events a second on one core.
const EVALUATED: f64 = 140_000.0;
/// From line to alert.
const FROM_LINE: f64 = 50_000.0;
/// Memory.
const MEMORY_MIB: f64 = 500.0;

/// Runs it.
pub fn run(args: &Args) -> Result<()> {
    if args.flag("server") {
        return server::run(args);
    }
    let count: u64 = args.number("events", 20_000)?;
    let clock = Clock { only: args.text("figure").map(str::to_owned) };
    let work = work_dir("bench-detect")?;
    let folder = match args.text("rules") {
        Some(folder) => PathBuf::from(folder),
        None => make_rules(&work)?,
    };
    let before = probe::memory_mib(std::process::id(), "VmRSS")?;
    let mut detector = compile(&folder)?;
    let memory = probe::memory_mib(std::process::id(), "VmRSS")? - before;
    let security = Security::new(SEED);
    let flat: Vec<String> = (0..count).map(|n| security.line(n, Shape::Flat)).collect();
    let nested: Vec<String> = (0..count).map(|n| security.line(n, Shape::Nested)).collect();
    let held = probe::memory_mib(std::process::id(), "VmRSS")?;
    for line in flat.iter().chain(&nested) {
        detector.line(line, "default", RECEIVED)?;
    }
    black_box(detector.take_alerts());
    let grown = probe::memory_mib(std::process::id(), "VmRSS")? - held;
    println!("\n{:<44} {:>12} {:>10}", "", "events/s", "us/event");
    let figures = measure(&clock, "security events, flat", &mut detector, &flat)?;
    measure(&clock, "security events, nested as Winlogbeat", &mut detector, &nested)?;
    let logs = Logs::new(SEED, count, 1_780_000_000_000_000_000);
    let service = service_logs(&logs, count);
    measure(&clock, "plain service logs", &mut detector, &service)?;
    let bytes = detector.compiled().bytes() as f64 / 1_048_576.0;
    let (indexes, _) = detector.compiled().indexes();
    println!("\nmemory: {memory:.0} MiB after loading and compiling, {grown:.0} MiB more after the first events");
    println!("        {bytes:.1} MiB of it are the compiled rules with {indexes} indexes");
    if let Some(peer) = args.text("rsigma") {
        let lines: Vec<String> = (0..count).map(|n| security.line(n, Shape::Labelled)).collect();
        let theirs = peer::measure(Path::new(peer), &folder, &lines, &work)?;
        println!(
            "\nrsigma with routing, line to match: {theirs:.0} events/s per core; {:.1} times as many here (2.5)",
            figures.line / theirs
        );
    }
    std::fs::remove_dir_all(&work)?;
    if clock.only.is_some() {
        return Ok(());
    }
    for (what, is, bar) in [("evaluation", figures.evaluated, EVALUATED), ("line to alert", figures.alerted, FROM_LINE)]
    {
        println!("{what}: {is:.0} events/s, {bar:.0} asked for: {}", if is >= bar { "reached" } else { "MISSED" });
    }
    ensure!(memory + grown < MEMORY_MIB, "more than {MEMORY_MIB} MiB");
    Ok(())
}

fn make_rules(work: &Path) -> Result<PathBuf> {
    let (folder, made) = (work.join("rules"), rules::Rules::new(SEED));
    std::fs::create_dir_all(&folder)?;
    for n in 0..RULES {
        std::fs::write(folder.join(format!("rule-{n:04}.yml")), made.rule(n))?;
    }
    Ok(folder)
}

fn compile(folder: &Path) -> Result<Detector> {
    let began = core_seconds()?;
    let loaded = sigma::load(&[folder.to_owned()], &Options::default());
    let parsed = core_seconds()?;
    let (documents, refused, correlations) = (loaded.documents, loaded.refused.len(), loaded.correlations.len());
    let options = detector::Options::default();
    let detector = Detector::new(loaded.rules, loaded.correlations, Sources::builtin(), options);
    let report = detector.report();
    let done = core_seconds()?;
    println!(
        "{} rules and {} correlations of {} documents, {} refused by the reader, {} by the engine; read in {:.1} s, compiled in {:.1} s",
        report.rules,
        correlations,
        documents,
        refused,
        report.refused.len(),
        parsed - began,
        done - parsed
    );
    println!(
        "{} tests are {} predicates over {} fields; {} rules are always evaluated, {} have no log source to see",
        report.tests,
        report.predicates,
        report.fields,
        report.always.len(),
        report.unseen.len()
    );
    for (rule, reason) in report.refused.iter().take(5) {
        println!("  refused: {}: {reason}", detector.rules()[*rule].meta.title);
    }
    Ok(detector)
}

fn service_logs(logs: &Logs, count: u64) -> Vec<String> {
    let origin = logs.origin(0);
    let line = |n| {
        let mut out = String::new();
        logs.json_line(n, &origin, &mut out);
        out.trim_end().to_owned()
    };
    (0..count).map(line).collect()
}

/// What is held against the bars.
struct Figures {
    evaluated: f64,
    line: f64,
    alerted: f64,
}

fn measure(clock: &Clock, name: &str, detector: &mut Detector, lines: &[String]) -> Result<Figures> {
    let bytes = lines.iter().map(String::len).sum::<usize>() as f64 / lines.len() as f64;
    println!("{name}, {bytes:.0} bytes each");
    let compiled = detector.compiled();
    let mut scratch = compiled.scratch();
    // Indexes are made when the first event of a kind comes.
    for line in lines {
        compiled.event(&mut scratch, Input::Line(line))?;
    }
    show_counters(compiled.counters(&scratch));
    show_dearest(detector, &scratch);
    let scan = clock.rate("  JSON read and thrown away (the bound)", lines, |line| {
        serde_json::from_str::<IgnoredAny>(line).map(drop).context("a line")
    })?;
    clock.rate("  JSON to a tree", lines, |line| {
        black_box(serde_json::from_str::<serde_json::Value>(line)?);
        Ok(())
    })?;
    let mut event = Event::default();
    clock.rate("  line projected onto the fields of the rules", lines, |line| {
        Ok(compiled.project(&mut event, Input::Line(line))?)
    })?;
    let line = clock.rate("  line to match", lines, |line| {
        black_box(compiled.event(&mut scratch, Input::Line(line))?);
        Ok(())
    })?;
    let plain = plain(compiled, lines)?;
    let evaluated = clock.rate("  evaluation: parsed event to match", &plain, |event| {
        black_box(compiled.event(&mut scratch, Input::Plain(event))?);
        Ok(())
    })?;
    let projected: Vec<Event> =
        lines.iter().take(PROJECTED).map(|line| project(compiled, line)).collect::<Result<_>>()?;
    clock.rate("  evaluation: projected event to match (16)", &projected, |event| {
        black_box(compiled.evaluate(&mut scratch, event));
        Ok(())
    })?;
    let batches = batches(lines)?;
    let rows = batches.iter().map(RecordBatch::num_rows).sum::<usize>();
    let stored = clock.rate_of("  batch of the store to match", rows, || {
        for batch in &batches {
            let ready = compiled.rows(batch);
            for row in 0..batch.num_rows() {
                black_box(compiled.event(&mut scratch, Input::Row(&ready, row))?);
            }
        }
        Ok(())
    })?;
    let alerted = alerts(clock, detector, lines)?;
    ensure!(scan != 0.0 && stored != 0.0, "the clock stands still");
    Ok(Figures { evaluated, line, alerted })
}

/// From line to alert: events come in the order of their time, alerts are taken as they come up. Each pass begins with empty windows.
fn alerts(clock: &Clock, detector: &mut Detector, lines: &[String]) -> Result<f64> {
    let empty = Detector::new(Vec::new(), Vec::new(), Sources::builtin(), detector::Options::default()).snapshot();
    let (mut told, mut passes) = (0, 0);
    let rate = clock.rate_of("  line to alert", lines.len(), || {
        detector.restore(&empty)?;
        for some in lines.chunks(BATCH) {
            for line in some {
                detector.line(line, "default", RECEIVED)?;
            }
            loop {
                let alerts = black_box(detector.take_alerts());
                told += alerts.len();
                if alerts.is_empty() {
                    break;
                }
            }
        }
        passes += 1;
        Ok(())
    })?;
    println!("  told {:.3} times an event", told as f64 / (passes * lines.len()) as f64);
    Ok(rate)
}

fn project(compiled: &Compiled, line: &str) -> Result<Event> {
    let mut event = Event::default();
    compiled.project(&mut event, Input::Line(line))?;
    Ok(event)
}

fn plain(compiled: &Compiled, lines: &[String]) -> Result<Vec<PlainEvent>> {
    let event = |line: &String| -> Result<PlainEvent> {
        Ok(PlainEvent { fields: compiled.plain(Input::Line(line))?, ..PlainEvent::default() })
    };
    lines.iter().map(event).collect()
}

fn batches(lines: &[String]) -> Result<Vec<RecordBatch>> {
    let context = Context::new("default", "json", RECEIVED);
    let redactor = Redactor::none();
    let mut out = Vec::new();
    for chunk in lines.chunks(BATCH) {
        let decoded = json_lines::decode(chunk.join("\n").as_bytes(), &Mapping::default(), &context, &redactor)?;
        out.extend(decoded.batches.into_iter().map(|batch| batch.rows));
    }
    Ok(out)
}

fn show_counters(counters: &Counters) {
    let events = counters.events as f64;
    println!(
        "  routed to {:.0} rules, {:.1} % of the events to 100 or more; {:.2} candidates and {:.3} matches an event",
        counters.routed as f64 / events,
        100.0 * counters.wide as f64 / events,
        counters.candidates as f64 / events,
        counters.matches as f64 / events
    );
}

/// The rules that are looked at most often, those that match most often, and why.
fn show_dearest(detector: &Detector, scratch: &Scratch) {
    let compiled = detector.compiled();
    let counters = compiled.counters(scratch);
    let mut rules: Vec<(u64, u64, usize)> =
        counters.by_rule.iter().enumerate().map(|(rule, (evaluated, matched))| (*evaluated, *matched, rule)).collect();
    rules.sort_unstable_by_key(|(_, matched, _)| std::cmp::Reverse(*matched));
    let matching: Vec<_> = rules.iter().take(DEAREST).copied().collect();
    rules.sort_unstable_by(|a, b| b.cmp(a));
    rules.truncate(DEAREST);
    rules.extend(matching);
    for (evaluated, matched, rule) in rules.into_iter().filter(|(evaluated, ..)| *evaluated > 0) {
        let needs = compiled.explain(rule, scratch).and_then(|told| told.needs).unwrap_or_default();
        let share = 100.0 * evaluated as f64 / counters.events as f64;
        let needs: String = needs.join(", ").chars().take(100).collect();
        let title = &detector.rules()[rule].meta.title;
        println!("    {title}: looked at for {share:.0} % of the events, {matched} matches: {needs}");
    }
}

/// Takes the figures, or only those whose name has a text in it, for a profiler.
struct Clock {
    only: Option<String>,
}

impl Clock {
    fn rate<T>(&self, name: &str, items: &[T], mut each: impl FnMut(&T) -> Result<()>) -> Result<f64> {
        self.rate_of(name, items.len(), || items.iter().try_for_each(&mut each))
    }

    /// Events a second of processor time: the best of some rounds, as what runs beside it takes caches away.
    fn rate_of(&self, name: &str, count: usize, mut pass: impl FnMut() -> Result<()>) -> Result<f64> {
        if self.only.as_ref().is_some_and(|only| !name.contains(only)) {
            return Ok(f64::NAN);
        }
        let mut rate = 0.0f64;
        for _ in 0..ROUNDS {
            let began = core_seconds()?;
            let (mut done, mut used) = (0, 0.0);
            while used < SECONDS {
                pass()?;
                done += count;
                used = core_seconds()? - began;
            }
            rate = rate.max(done as f64 / used);
        }
        println!("{name:<44} {rate:>12.0} {:>10.2}", 1e6 / rate);
        Ok(rate)
    }
}

/// Processor time of this thread so far.
fn core_seconds() -> Result<f64> {
    let path = "/proc/thread-self/schedstat";
    let text =
        std::fs::read_to_string(path).with_context(|| format!("{path}; the kernel must keep scheduler statistics"))?;
    let nanos: u64 = text.split(' ').next().unwrap_or_default().parse().with_context(|| format!("{path}: {text}"))?;
    Ok(nanos as f64 / 1e9)
}
