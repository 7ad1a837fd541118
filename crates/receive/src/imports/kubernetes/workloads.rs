//! What runs pods, what makes them reachable, and what they run on.

use super::objects::{
    BalancedStatus, IngressSpec, NodeStatus, PodSpec, ServiceSpec, Template, WorkloadSpec, WorkloadStatus,
};
use super::{Cluster, Found, ImportError, NAME, VERSION, app_labels};
use crate::imports::draft::{put, put_list, text};
use crate::imports::image::Reference;
use crate::lines::time;
use model::entity::{self, DEPENDS_ON, OWNED_BY, PART_OF, USES_IMAGE};
use model::{Change, EntityRef};
use serde_json::{Map, Value};

/// Kinds that run pods.
pub const KINDS: [&str; 6] = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"];

/// What the last roll-out was; the only condition whose time is that of the change.
const PROGRESSING: &str = "Progressing";

impl WorkloadSpec {
    /// The pods it runs; those of a cron job lie in the jobs it makes.
    fn template(&self) -> Option<&Template> {
        let job = self.job_template.as_ref().and_then(|job| job.spec.as_ref());
        self.template.as_ref().or(job.and_then(|job| job.template.as_ref()))
    }

    fn images(&self) -> Vec<&str> {
        let spec = self.template().and_then(|template| template.spec.as_ref());
        let containers = spec.into_iter().flat_map(PodSpec::all);
        containers.filter_map(|container| container.image.as_deref()).filter(|image| !image.is_empty()).collect()
    }
}

impl<'t> Cluster<'t, '_> {
    /// A deployment, a stateful set, ...
    pub fn workload(&mut self, found: &Found<'t>) -> Result<(), ImportError> {
        let spec: WorkloadSpec = self.optional(found.object.spec)?;
        let entity = self.named(found)?;
        let mut told = self.teller(found);
        let mut attributes = app_labels(&found.object.metadata);
        attributes.extend(spec.replicas.map(|replicas| ("replicas".to_owned(), Value::from(replicas))));
        put(&mut attributes, "schedule", spec.schedule.as_deref());
        put(&mut attributes, "created", found.object.metadata.creation_timestamp.as_deref());
        told.seen(&mut self.draft, entity.clone(), attributes);
        for image in spec.images() {
            let image = self.entity(found, Reference::of(image).entity())?;
            told.related(&mut self.draft, &entity, USES_IMAGE, image);
        }
        self.owners(found, &entity, &mut told)?;
        self.owner(found, &entity, &mut told)?;
        self.complete(&entity, &told, &[USES_IMAGE, PART_OF, OWNED_BY]);
        Ok(())
    }

    /// The roll-out that made a deployment what it is: each revision is told once, whoever lists it how often.
    pub fn rollout(&mut self, found: &Found<'t>) -> Result<(), ImportError> {
        let metadata = &found.object.metadata;
        let revision = metadata.annotations.as_ref().and_then(|annotations| annotations.revision.as_deref());
        let (Some(revision), Some(uid)) = (revision, metadata.uid.as_deref()) else { return Ok(()) };
        let key = text(&format!("{uid}/{revision}"));
        if !self.rollouts.insert(key.clone()) {
            return Ok(());
        }
        let spec: WorkloadSpec = self.optional(found.object.spec)?;
        let status: WorkloadStatus = self.optional(found.object.status)?;
        let progressing = status.conditions.iter().flatten().find(|condition| condition.kind == PROGRESSING);
        let at = progressing.and_then(|condition| condition.last_update_time.as_deref());
        let at = at.or(metadata.creation_timestamp.as_deref()).and_then(time::parse);
        let images = spec.images();
        let template = spec.template().and_then(|template| template.metadata.as_ref());
        let version = metadata.label(VERSION).or(template.and_then(|template| template.label(VERSION)));
        let version = version.or(images.first().and_then(|image| Reference::of(image).tag)).map(text);
        let mut attributes = Map::new();
        put(&mut attributes, "revision", Some(revision));
        put(&mut attributes, "service", metadata.label(NAME));
        put_list(&mut attributes, "images", images.iter().copied());
        let (entity, kind) = (self.named(found)?, "rollout".to_owned());
        let at = at.unwrap_or(self.draft.reading.at);
        self.draft.facts.changes.push(Change { key, kind, entity, at, environment: None, version, attributes });
        Ok(())
    }

    /// A service, and whether others than the cluster reach it.
    pub fn service(&mut self, found: &Found<'t>) -> Result<(), ImportError> {
        let spec: ServiceSpec = self.optional(found.object.spec)?;
        let status: BalancedStatus = self.optional(found.object.status)?;
        let entity = self.named(found)?;
        let mut told = self.teller(found);
        let kind = spec.kind.as_deref().unwrap_or("ClusterIP");
        let outside = spec.external_ips.iter().flatten().next().is_some();
        let ports: Vec<String> = spec
            .ports
            .iter()
            .flatten()
            .map(|port| {
                let protocol = port.protocol.as_deref().unwrap_or("TCP").to_ascii_lowercase();
                let node = port.node_port.filter(|node| *node != 0).map(|node| format!(" on nodes {node}"));
                format!("{protocol}/{}{}", port.port, node.unwrap_or_default())
            })
            .collect();
        let mut attributes = app_labels(&found.object.metadata);
        attributes.insert("exposed".to_owned(), Value::Bool(outside || matches!(kind, "LoadBalancer" | "NodePort")));
        put(&mut attributes, "type", Some(kind));
        put_list(&mut attributes, "ports", ports.iter().map(String::as_str));
        put_list(
            &mut attributes,
            "addresses",
            addresses(&status).chain(spec.external_ips.iter().flatten().map(String::as_str)),
        );
        told.seen(&mut self.draft, entity.clone(), attributes);
        let selected = spec.selector.as_ref().and_then(|selector| selector.get(NAME)).map(String::as_str);
        let name = found.object.metadata.label(NAME).or(selected);
        self.part_of_service(found, &entity, name, &mut told)?;
        self.owner(found, &entity, &mut told)?;
        self.complete(&entity, &told, &[PART_OF, OWNED_BY]);
        Ok(())
    }

    /// An ingress and the services behind it.
    pub fn ingress(&mut self, found: &Found<'t>) -> Result<(), ImportError> {
        let spec: IngressSpec = self.optional(found.object.spec)?;
        let status: BalancedStatus = self.optional(found.object.status)?;
        let entity = self.named(found)?;
        let mut told = self.teller(found);
        let mut attributes = app_labels(&found.object.metadata);
        attributes.insert("exposed".to_owned(), Value::Bool(true));
        attributes.insert("tls".to_owned(), Value::Bool(spec.tls.iter().flatten().next().is_some()));
        put(&mut attributes, "class", spec.ingress_class_name.as_deref());
        let rules = || spec.rules.iter().flatten();
        put_list(&mut attributes, "hosts", rules().filter_map(|rule| rule.host.as_deref()));
        put_list(&mut attributes, "addresses", addresses(&status));
        told.seen(&mut self.draft, entity.clone(), attributes);
        let paths = rules().flat_map(|rule| rule.http.iter()).flat_map(|http| http.paths.iter().flatten());
        for backend in paths.filter_map(|path| path.backend.as_ref()).chain(&spec.default_backend) {
            if let Some(name) = backend.name().filter(|name| !name.is_empty()) {
                let service = self.entity(found, self.k8s("service", &found.object.metadata, name))?;
                told.related(&mut self.draft, &entity, DEPENDS_ON, service);
            }
        }
        self.part_of_service(found, &entity, found.object.metadata.label(NAME), &mut told)?;
        self.owner(found, &entity, &mut told)?;
        self.complete(&entity, &told, &[DEPENDS_ON, PART_OF, OWNED_BY]);
        Ok(())
    }

    /// A node is a host.
    pub fn node(&mut self, found: &Found<'t>) -> Result<(), ImportError> {
        let status: NodeStatus = self.optional(found.object.status)?;
        let host = self.entity(found, entity::host(&found.name))?;
        let mut told = self.teller(found);
        let mut attributes = Map::new();
        if let Some(info) = &status.node_info {
            for (name, value) in [
                ("osImage", &info.os_image),
                ("kernelVersion", &info.kernel_version),
                ("containerRuntimeVersion", &info.container_runtime_version),
                ("kubeletVersion", &info.kubelet_version),
                ("os.type", &info.operating_system),
                ("host.arch", &info.architecture),
            ] {
                put(&mut attributes, name, value.as_deref());
            }
        }
        told.seen(&mut self.draft, host.clone(), attributes);
        if let Some(cluster) = self.draft.reading.cluster.filter(|cluster| !cluster.is_empty()) {
            let cluster: EntityRef = self.entity(found, entity::k8s("cluster", Some(cluster), None, ""))?;
            told.related(&mut self.draft, &host, PART_OF, cluster);
        }
        self.owner(found, &host, &mut told)
    }
}

/// Where a load balancer is reached.
fn addresses(status: &BalancedStatus) -> impl Iterator<Item = &str> {
    let ingress = status.load_balancer.iter().flat_map(|balancer| balancer.ingress.iter().flatten());
    ingress.filter_map(|address| address.hostname.as_deref().or(address.ip.as_deref()))
}
