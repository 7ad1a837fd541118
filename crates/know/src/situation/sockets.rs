//! Where services are open to other machines.

use super::Situation;
use super::estate::Estate;
use crate::limits::MAX_CITED;
use crate::reports::Thing;
use model::EntityRef;
use model::entity::{LISTENS, RUNS_IN};
use std::collections::{BTreeMap, BTreeSet};

/// How names of sockets look that no other machine reaches.
const LOOPBACK: [&str; 3] = ["/127.", "/[::1]:", "/[::ffff:127."];

/// Whether other machines reach a socket: as the agent says, else by the address in its name.
pub(crate) fn exposed(entity: &EntityRef, thing: Option<&Thing>) -> bool {
    let said = thing.and_then(|thing| thing.attributes.get("exposed")?.as_bool());
    said.unwrap_or_else(|| !LOOPBACK.iter().any(|part| entity.key.contains(part)))
}

/// The last part of a path.
fn program(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

pub(super) fn fill(one: &mut Situation, service: &EntityRef, estate: &Estate) {
    let instances = estate.instances(service);
    let mut parts: BTreeSet<EntityRef> = instances.iter().map(|thing| thing.entity.clone()).collect();
    parts.insert(service.clone());
    let inside: Vec<EntityRef> =
        parts.iter().flat_map(|part| estate.from(RUNS_IN, part)).map(|held| held.to.clone()).collect();
    parts.extend(inside.into_iter().filter(|thing| thing.kind == "container"));
    let (mut own, mut told) = (BTreeMap::new(), false);
    for held in parts.iter().flat_map(|part| estate.from(LISTENS, part)) {
        told = true;
        own.insert(held.to.clone(), held.id);
    }
    // Of a host's sockets those are its own whose program is that of its instances.
    let programs: BTreeSet<&str> =
        instances.iter().filter_map(|thing| thing.text("process.executable.name")).map(program).collect();
    let (mut hosts_told, mut on_hosts) = (false, BTreeSet::new());
    for held in estate.hosts(service).iter().flat_map(|host| estate.from(LISTENS, host)) {
        hosts_told = true;
        let thing = estate.thing(&held.to);
        if exposed(&held.to, thing) {
            on_hosts.insert(held.to.clone());
        }
        let by = thing.and_then(|thing| thing.text("executable")).map(program);
        if by.is_some_and(|by| programs.contains(by)) {
            own.insert(held.to.clone(), held.id);
        }
    }
    told |= hosts_told && !programs.is_empty();
    own.retain(|socket, _| exposed(socket, estate.thing(socket)));
    let sockets = &mut one.exposed_sockets;
    sockets.count = told.then_some(own.len() as u64);
    sockets.on_hosts = hosts_told.then_some(on_hosts.len() as u64);
    for (socket, relation) in own.into_iter().take(MAX_CITED) {
        sockets.ids.push(estate.thing(&socket).map_or(relation, |thing| thing.id));
        sockets.list.push(socket.key);
    }
}
