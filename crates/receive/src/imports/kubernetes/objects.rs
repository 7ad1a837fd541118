//! The fields of Kubernetes objects that are read. What is not here, such as the values of environment variables, is
//! passed over and never held.

use super::super::json;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What stands at the top: a list, an event of a watch, or an object.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Top<'t> {
    pub api_version: Option<String>,
    pub kind: Option<String>,
    #[serde(borrow, default, deserialize_with = "json::bounded")]
    pub items: Vec<&'t RawValue>,
    #[serde(borrow, rename = "type")]
    pub event: Option<&'t RawValue>,
    #[serde(borrow)]
    pub object: Option<&'t RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Object<'t> {
    pub api_version: Option<String>,
    pub kind: Option<String>,
    #[serde(default)]
    pub metadata: Metadata,
    #[serde(borrow)]
    pub spec: Option<&'t RawValue>,
    #[serde(borrow)]
    pub status: Option<&'t RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    pub name: Option<String>,
    pub namespace: Option<String>,
    pub uid: Option<String>,
    pub creation_timestamp: Option<String>,
    pub deletion_timestamp: Option<String>,
    #[serde(default)]
    pub labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub annotations: Option<Annotations>,
    #[serde(default)]
    pub owner_references: Option<Vec<OwnerReference>>,
}

/// The annotations that are read; others hold whole manifests, with all their secrets.
#[derive(Default, Deserialize)]
pub struct Annotations {
    #[serde(rename = "deployment.kubernetes.io/revision")]
    pub revision: Option<String>,
    pub owner: Option<String>,
    pub team: Option<String>,
}

#[derive(Deserialize)]
pub struct OwnerReference {
    pub kind: String,
    pub name: String,
}

impl Metadata {
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.as_ref()?.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// Of a workload.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadSpec {
    pub replicas: Option<i64>,
    pub schedule: Option<String>,
    pub template: Option<Template>,
    pub job_template: Option<JobTemplate>,
}

#[derive(Deserialize)]
pub struct JobTemplate {
    pub spec: Option<JobSpec>,
}

#[derive(Deserialize)]
pub struct JobSpec {
    pub template: Option<Template>,
}

#[derive(Deserialize)]
pub struct Template {
    #[serde(default)]
    pub metadata: Option<Metadata>,
    pub spec: Option<PodSpec>,
}

#[derive(Default, Deserialize)]
pub struct WorkloadStatus {
    #[serde(default)]
    pub conditions: Option<Vec<Condition>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    #[serde(rename = "type")]
    pub kind: String,
    pub last_update_time: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSpec {
    pub node_name: Option<String>,
    #[serde(default)]
    pub containers: Option<Vec<Container>>,
    #[serde(default)]
    pub init_containers: Option<Vec<Container>>,
}

#[derive(Deserialize)]
pub struct Container {
    pub name: String,
    pub image: Option<String>,
}

impl PodSpec {
    pub fn all(&self) -> impl Iterator<Item = &Container> {
        [&self.containers, &self.init_containers].into_iter().flatten().flatten()
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodStatus {
    pub phase: Option<String>,
    pub start_time: Option<String>,
    #[serde(rename = "podIP")]
    pub pod_ip: Option<String>,
    #[serde(default)]
    pub container_statuses: Option<Vec<ContainerStatus>>,
    #[serde(default)]
    pub init_container_statuses: Option<Vec<ContainerStatus>>,
    #[serde(default)]
    pub ephemeral_container_statuses: Option<Vec<ContainerStatus>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerStatus {
    pub name: String,
    #[serde(default)]
    pub image: String,
    #[serde(rename = "imageID", default)]
    pub image_id: String,
    #[serde(rename = "containerID")]
    pub container_id: Option<String>,
    #[serde(default)]
    pub restart_count: i64,
    #[serde(default)]
    pub state: Option<State>,
    #[serde(default)]
    pub last_state: Option<State>,
}

#[derive(Default, Deserialize)]
pub struct State {
    pub running: Option<Running>,
    pub terminated: Option<Terminated>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Running {
    pub started_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Terminated {
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
    #[serde(rename = "containerID")]
    pub container_id: Option<String>,
    pub exit_code: Option<i64>,
    pub reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceSpec {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    #[serde(default)]
    pub ports: Option<Vec<Port>>,
    #[serde(rename = "externalIPs", default)]
    pub external_ips: Option<Vec<String>>,
    #[serde(default)]
    pub selector: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    pub port: i64,
    pub protocol: Option<String>,
    pub node_port: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BalancedStatus {
    #[serde(default)]
    pub load_balancer: Option<LoadBalancer>,
}

#[derive(Deserialize)]
pub struct LoadBalancer {
    #[serde(default)]
    pub ingress: Option<Vec<Address>>,
}

#[derive(Deserialize)]
pub struct Address {
    pub ip: Option<String>,
    pub hostname: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IngressSpec {
    pub ingress_class_name: Option<String>,
    #[serde(alias = "backend")]
    pub default_backend: Option<Backend>,
    #[serde(default)]
    pub rules: Option<Vec<IngressRule>>,
    #[serde(default)]
    pub tls: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
pub struct IngressRule {
    pub host: Option<String>,
    pub http: Option<IngressPaths>,
}

#[derive(Deserialize)]
pub struct IngressPaths {
    #[serde(default)]
    pub paths: Option<Vec<IngressPath>>,
}

#[derive(Deserialize)]
pub struct IngressPath {
    pub backend: Option<Backend>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Backend {
    pub service: Option<BackendService>,
    /// Before networking.k8s.io/v1.
    pub service_name: Option<String>,
}

#[derive(Deserialize)]
pub struct BackendService {
    pub name: String,
}

impl Backend {
    pub fn name(&self) -> Option<&str> {
        self.service.as_ref().map(|service| service.name.as_str()).or(self.service_name.as_deref())
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeStatus {
    #[serde(default)]
    pub node_info: Option<NodeInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeInfo {
    pub os_image: Option<String>,
    pub kernel_version: Option<String>,
    pub container_runtime_version: Option<String>,
    pub kubelet_version: Option<String>,
    pub operating_system: Option<String>,
    pub architecture: Option<String>,
}
