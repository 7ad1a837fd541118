//! Rights that all jobs get, and rights that nobody explains.

use super::first;
use crate::finding::Hit;
use crate::resource::{ResourceId, World};

/// Rights to write for every job of a workflow with several.
pub(super) fn for_all(world: &World, block: ResourceId) -> Vec<Option<Hit>> {
    wide(world, block, |jobs| jobs > 1, "every job of the workflow gets")
}

/// Rights to write that stand above the only job.
pub(super) fn for_one(world: &World, block: ResourceId) -> Vec<Option<Hit>> {
    wide(world, block, |jobs| jobs == 1, "the next job that somebody adds gets")
}

fn wide(world: &World, block: ResourceId, counts: fn(i64) -> bool, who: &str) -> Vec<Option<Hit>> {
    let owner = first(world, block, "owner");
    let jobs = owner.and_then(|owner| world.field(owner, "job_count")).and_then(|count| count.int()).unwrap_or(0);
    let level = world.field(block, "level").and_then(|level| level.text());
    if level != Some("workflow") || !counts(jobs) {
        return Vec::new();
    }
    let writes = world.field(block, "writes");
    let writes = writes.into_iter().flat_map(|writes| writes.items());
    let hit = |scope: &str| format!("{who} `{scope}: write`: give it to the jobs that need it");
    writes
        .filter_map(|write| {
            let scope = write.text()?;
            let (span, value) = (Some(write.span()), scope.to_owned());
            Some(Some(Hit { resource: block, span, message: Some(hit(scope)), value }))
        })
        .collect()
}

/// A right without a comment that says what it is for.
pub(super) fn unexplained(world: &World, block: ResourceId) -> Vec<Option<Hit>> {
    let text = &world.file(world.resource(block).file).text;
    let mut out = Vec::new();
    for (scope, access) in world.root(block).entries() {
        let (Some(name), Some(said)) = (scope.text(), access.text()) else { continue };
        if said == "none" || (name == "contents" && said == "read") {
            continue;
        }
        let line = text.place(scope.span().start).line;
        let above = line > 1 && text.line(line - 1).trim_start().starts_with('#');
        if above || text.line(line).contains(" #") {
            continue;
        }
        let message = format!("nothing says what `{name}: {said}` is for: write it behind the line");
        let span = Some(scope.span().to(access.span()));
        out.push(Some(Hit { resource: block, span, message: Some(message), value: format!("{name} {said}") }));
    }
    out
}
