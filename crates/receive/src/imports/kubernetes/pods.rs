//! Pods and the containers in them.

use super::objects::{ContainerStatus, PodSpec, PodStatus, State, Terminated};
use super::{Cluster, Found, ImportError, NAME, Teller, app_labels};
use crate::imports::draft::put;
use crate::imports::image::{Reference, digest_of};
use crate::lines::time;
use model::entity::{self, PART_OF, RUNS_ON, USES_IMAGE};
use model::{EntityRef, Nanos};
use serde_json::{Map, Value};
use std::collections::HashSet;

impl<'t> Cluster<'t, '_> {
    /// A pod, its host, its owners and its containers.
    pub fn pod(&mut self, found: &Found<'t>) -> Result<(), ImportError> {
        let spec: PodSpec = self.optional(found.object.spec)?;
        let status: PodStatus = self.optional(found.object.status)?;
        let pod = self.named(found)?;
        let mut told = self.teller(found);
        let mut started = None;
        let metadata = &found.object.metadata;
        let statuses = || {
            let of =
                [&status.container_statuses, &status.init_container_statuses, &status.ephemeral_container_statuses];
            of.into_iter().flatten().flatten()
        };
        if matches!(status.phase.as_deref(), Some("Succeeded" | "Failed")) && !told.ended {
            let finished = statuses().filter_map(|status| terminated(status.state.as_ref()));
            told.at = finished.filter_map(|one| moment(one.finished_at.as_deref())).max().unwrap_or(told.at);
            (told.ended, told.lease) = (true, None);
            let start = moment(status.start_time.as_deref()).filter(|start| *start <= told.at);
            started = start.map(|at| Teller { at, ended: false, lease: None, told: HashSet::new() });
        }
        let mut attributes = app_labels(metadata);
        put(&mut attributes, "phase", status.phase.as_deref());
        put(&mut attributes, "ip", status.pod_ip.as_deref());
        let host = spec.node_name.as_deref().filter(|node| !node.is_empty()).map(entity::host);
        let host = host.map(|host| self.entity(found, host)).transpose()?;
        for told in started.iter_mut().chain([&mut told]) {
            told.seen(&mut self.draft, pod.clone(), attributes.clone());
            if let Some(host) = &host {
                told.related(&mut self.draft, &pod, RUNS_ON, host.clone());
            }
            self.owners(found, &pod, told)?;
        }
        self.owner(found, &pod, &mut told)?;
        for status in statuses() {
            let image = spec.all().find(|container| container.name == status.name);
            let image = image.and_then(|container| container.image.as_deref()).unwrap_or(&status.image);
            self.container(found, status, image, [&pod].into_iter().chain(&host), &told)?;
        }
        Ok(())
    }

    /// What owns an object; a pod of a deployment belongs to a replica set that is named after it.
    pub fn owners(&mut self, found: &Found<'_>, entity: &EntityRef, told: &mut Teller) -> Result<(), ImportError> {
        let metadata = &found.object.metadata;
        for owner in metadata.owner_references.iter().flatten() {
            // A node owns its static pods; that they run there is told already.
            if owner.kind == "Node" {
                continue;
            }
            let to = self.entity(found, self.k8s(&owner.kind, metadata, &owner.name))?;
            told.related(&mut self.draft, entity, PART_OF, to);
            let hash = metadata.label("pod-template-hash").filter(|_| owner.kind == "ReplicaSet");
            let deployment = hash.and_then(|hash| owner.name.strip_suffix(hash)?.strip_suffix('-'));
            if let Some(deployment) = deployment.filter(|name| !name.is_empty()) {
                let to = self.entity(found, self.k8s("deployment", metadata, deployment))?;
                told.related(&mut self.draft, entity, PART_OF, to);
            }
        }
        self.part_of_service(found, entity, metadata.label(NAME), told)
    }

    /// A container as it is, and as it was before its last restart.
    fn container<'e>(
        &mut self,
        found: &Found<'_>,
        status: &ContainerStatus,
        image: &str,
        around: impl Iterator<Item = &'e EntityRef>,
        pod: &Teller,
    ) -> Result<(), ImportError> {
        let image = Reference { digest: digest_of(&status.image_id), ..Reference::of(image) };
        let image = Some(image).filter(|image| !image.name.is_empty()).map(Reference::entity);
        let image = image.map(|image| self.entity(found, image)).transpose()?;
        let places = around.map(|to| (if to.kind == "host" { RUNS_ON } else { PART_OF }, to.clone()));
        let to: Vec<(&str, EntityRef)> = places.chain(image.map(|image| (USES_IMAGE, image))).collect();
        let mut attributes = Map::new();
        put(&mut attributes, "name", Some(&status.name));
        let current = status.container_id.as_deref().filter(|id| !id.is_empty());
        let running = status.state.as_ref().and_then(|state| state.running.as_ref());
        if let (Some(id), Some(running)) = (current, running) {
            let container = self.entity(found, entity::container(plain(id)))?;
            let started = moment(running.started_at.as_deref());
            let mut told = Teller { told: HashSet::new(), ..*pod };
            if !told.ended && told.lease.is_none() {
                told.at = started.unwrap_or(told.at);
            }
            let mut attributes = attributes.clone();
            attributes.insert("restarts".to_owned(), Value::from(status.restart_count));
            told.seen(&mut self.draft, container.clone(), attributes);
            to.iter().for_each(|(kind, to)| told.related(&mut self.draft, &container, kind, to.clone()));
        }
        for state in [&status.state, &status.last_state] {
            let Some(one) = terminated(state.as_ref()) else { continue };
            let id = one.container_id.as_deref().filter(|id| !id.is_empty());
            let now = std::ptr::eq(state, &status.state);
            let Some(id) = id.or(current.filter(|_| now)) else { continue };
            let (Some(start), Some(end)) = (moment(one.started_at.as_deref()), moment(one.finished_at.as_deref()))
            else {
                continue;
            };
            let container = self.entity(found, entity::container(plain(id)))?;
            let mut attributes = attributes.clone();
            put(&mut attributes, "reason", one.reason.as_deref());
            attributes.extend(one.exit_code.map(|code| ("exit_code".to_owned(), Value::from(code))));
            for (at, ended) in [(start, false), (end.max(start), true)] {
                let mut told = Teller { at, ended, lease: None, told: HashSet::new() };
                told.seen(&mut self.draft, container.clone(), attributes.clone());
                to.iter().for_each(|(kind, to)| told.related(&mut self.draft, &container, kind, to.clone()));
            }
        }
        Ok(())
    }
}

fn terminated(state: Option<&State>) -> Option<&Terminated> {
    state?.terminated.as_ref()
}

/// A time, unless it is the zero of a program that did not set it.
fn moment(text: Option<&str>) -> Option<Nanos> {
    text.and_then(time::parse).filter(|at| *at > 0)
}

/// The id without its runtime: `containerd://`, `cri-o://`, `docker://`.
fn plain(id: &str) -> &str {
    id.split_once("://").map_or(id, |(_, id)| id)
}
