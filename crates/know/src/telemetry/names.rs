//! The attributes of resources that are looked at. What is not here is not kept: command lines, user names, addresses.

/// Names of attributes.
pub type Names = &'static [&'static str];

/// Kept of a service. Of its versions the newest is.
pub const SERVICE: Names =
    &["service.namespace", "service.version", "deployment.environment.name", "telemetry.sdk.language"];
/// Kept of an instance.
pub const INSTANCE: Names = &[
    "service.version",
    "deployment.environment.name",
    "telemetry.sdk.language",
    "telemetry.sdk.name",
    "telemetry.sdk.version",
    "telemetry.distro.name",
    "telemetry.distro.version",
    "process.pid",
    "process.executable.name",
    "process.runtime.name",
    "process.runtime.version",
    "process.runtime.description",
];
/// Kept of a host.
pub const HOST: Names = &[
    "host.id",
    "host.arch",
    "host.type",
    "host.image.id",
    "host.image.name",
    "host.image.version",
    "os.type",
    "os.name",
    "os.version",
    "os.description",
    "os.build_id",
    "cloud.provider",
    "cloud.platform",
    "cloud.account.id",
    "cloud.region",
    "cloud.availability_zone",
    "cloud.resource_id",
];
/// Kept of a container.
pub const CONTAINER: Names = &[
    "container.name",
    "container.runtime.name",
    "container.runtime.version",
    "container.image.id",
    "container.image.name",
    "container.image.tags",
    "k8s.container.name",
    "k8s.container.restart_count",
];
/// Kept of an image.
pub const IMAGE: Names = &[
    "container.image.name",
    "container.image.tags",
    "container.image.id",
    "container.image.repo_digests",
    "oci.manifest.digest",
];
/// Kept of an executable.
pub const EXECUTABLE: Names =
    &["process.executable.name", "process.executable.build_id.gnu", "process.executable.build_id.htlhash"];
/// Kept of a cluster.
pub const CLUSTER: Names = &["k8s.cluster.uid"];
/// Kept of a node.
pub const NODE: Names = &["k8s.node.uid"];
/// Kept of a pod.
pub const POD: Names = &["k8s.pod.uid", "k8s.pod.start_time", "k8s.pod.phase"];
/// Kept of a job by the clock.
pub const CRONJOB: Names = &["k8s.cronjob.uid"];
/// What makes pods, the outermost first, with what is kept of each.
pub const WORKLOADS: &[(&str, Names)] = &[
    ("k8s.deployment", &["k8s.deployment.uid"]),
    ("k8s.statefulset", &["k8s.statefulset.uid"]),
    ("k8s.daemonset", &["k8s.daemonset.uid"]),
    ("k8s.job", &["k8s.job.uid"]),
    ("k8s.replicaset", &["k8s.replicaset.uid"]),
];
/// Who owns the service, the first that is there.
pub const OWNER: Names = &["service.owner", "service.team", "owner", "team"];

/// What things are named by, and older names.
const OTHERS: Names = &[
    "service.name",
    "service.instance.id",
    "deployment.environment",
    "host.name",
    "container.id",
    "container.image.tag",
    "container.runtime",
    "process.executable.path",
    "k8s.cluster.name",
    "k8s.namespace.name",
    "k8s.node.name",
    "k8s.pod.name",
    "k8s.cronjob.name",
    "k8s.deployment.name",
    "k8s.statefulset.name",
    "k8s.daemonset.name",
    "k8s.job.name",
    "k8s.replicaset.name",
];

/// The name itself, if it is one that is looked at.
pub fn known(key: &str) -> Option<&'static str> {
    let lists = [OTHERS, SERVICE, INSTANCE, HOST, CONTAINER, IMAGE, EXECUTABLE, CLUSTER, NODE, POD, CRONJOB, OWNER];
    let workloads = WORKLOADS.iter().map(|(_, names)| *names);
    lists.into_iter().chain(workloads).flatten().copied().find(|name| *name == key)
}
