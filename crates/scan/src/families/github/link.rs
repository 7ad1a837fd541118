//! Relations across files: local actions, local reusable workflows, what a job needs.

use super::FAMILY;
use crate::resource::{ResourceId, World};
use ahash::AHashMap;

/// Other uses of the same action that one is compared with.
const MAX_SIBLINGS: usize = 16;

/// Relates what uses to what is used. Paths are below the root of the repository, which is where `.github` lies.
pub fn link(world: &mut World) {
    let mut described: AHashMap<String, ResourceId> = AHashMap::new();
    let (mut uses, mut needs) = (Vec::new(), Vec::new());
    let mut pinned: AHashMap<String, Vec<ResourceId>> = AHashMap::new();
    for id in world.ids() {
        let resource = world.resource(id);
        if resource.family != FAMILY {
            continue;
        }
        let path = &world.file(resource.file).text.path;
        match resource.kind {
            "workflow" => {
                described.insert(path.to_string(), id);
            }
            "action" => {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                described.insert(folder.to_owned(), id);
            }
            "action_use" if world.field(id, "type").and_then(|of| of.text()) == Some("local") => uses.push(id),
            "action_use" if world.field(id, "ref_kind").and_then(|of| of.text()) == Some("sha") => {
                let repository = world.field(id, "repository").and_then(|of| of.text()).unwrap_or_default();
                pinned.entry(repository.to_owned()).or_default().push(id);
            }
            "job" => needs.push(id),
            _ => {}
        }
    }
    for all in pinned.into_values() {
        for id in &all {
            for other in all.iter().filter(|other| *other != id).take(MAX_SIBLINGS) {
                world.relate(*id, "siblings", *other);
            }
        }
    }
    for id in uses {
        let resource = world.resource(id);
        let path = world.file(resource.file).text.path.clone();
        let root = path.find(".github/").map_or("", |at| &path[..at]);
        let said = world.field(id, "uses").and_then(|uses| uses.text()).unwrap_or_default();
        let Some(below) = said.strip_prefix("./").or_else(|| said.strip_prefix("$/")) else { continue };
        let whole = format!("{root}{}", below.trim_end_matches('/').split('@').next().unwrap_or_default());
        let Some(target) = described.get(whole.as_str()).copied() else { continue };
        world.relate(id, "target", target);
        world.relate(target, "used_by", id);
        let user = world.related(id, "user").next();
        if let Some(user) = user {
            world.relate(user, "calls", target);
        }
    }
    for job in needs {
        let Some(workflow) = world.related(job, "workflow").next() else { continue };
        let names: Vec<String> = world.root(job).each("needs").into_iter().filter_map(|name| name.scalar()).collect();
        let others: Vec<ResourceId> = world.related(workflow, "jobs").collect();
        for other in others.into_iter().filter(|other| names.contains(&world.resource(*other).name)).collect::<Vec<_>>()
        {
            world.relate(job, "needs", other);
        }
    }
}
