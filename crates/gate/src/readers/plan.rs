//! Plans of Terraform and OpenTofu as JSON: `terraform show -json plan.out`. What may become more by one is a [`Growth`].
//!
//! Values of a plan may be secret: nothing of them is kept but numbers, names and addresses.

use super::{ENVIRONMENTS, Growth, Growths, ReadError, name};
use crate::limits::{MAX_PLAN_BYTES, MAX_PLAN_CHANGES};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Kinds of resources with the numbers that say how many there may be.
const CAPACITIES: &[(&str, &[&str])] = &[
    ("aws_appautoscaling_target", &["max_capacity"]),
    ("aws_autoscaling_group", &["desired_capacity", "max_size"]),
    ("aws_ecs_service", &["desired_count"]),
    ("aws_eks_node_group", &["scaling_config.0.desired_size", "scaling_config.0.max_size"]),
    ("azurerm_container_app", &["template.0.max_replicas"]),
    ("azurerm_kubernetes_cluster_node_pool", &["node_count", "max_count"]),
    ("azurerm_linux_virtual_machine_scale_set", &["instances"]),
    ("azurerm_monitor_autoscale_setting", &["profile.0.capacity.0.maximum"]),
    ("azurerm_windows_virtual_machine_scale_set", &["instances"]),
    ("google_cloud_run_v2_service", &["template.0.scaling.0.max_instance_count"]),
    ("google_compute_autoscaler", &["autoscaling_policy.0.max_replicas"]),
    ("google_compute_instance_group_manager", &["target_size"]),
    ("google_compute_region_autoscaler", &["autoscaling_policy.0.max_replicas"]),
    ("google_compute_region_instance_group_manager", &["target_size"]),
    ("google_container_node_pool", &["node_count", "autoscaling.0.max_node_count"]),
    ("kubernetes_deployment", &["spec.0.replicas"]),
    ("kubernetes_deployment_v1", &["spec.0.replicas"]),
    ("kubernetes_horizontal_pod_autoscaler", &["spec.0.max_replicas"]),
    ("kubernetes_horizontal_pod_autoscaler_v1", &["spec.0.max_replicas"]),
    ("kubernetes_horizontal_pod_autoscaler_v2", &["spec.0.max_replicas"]),
    ("kubernetes_horizontal_pod_autoscaler_v2beta2", &["spec.0.max_replicas"]),
    ("kubernetes_stateful_set", &["spec.0.replicas"]),
    ("kubernetes_stateful_set_v1", &["spec.0.replicas"]),
];
/// Kinds that are one machine each: of those with a `count` the number of resources is what grows.
const MACHINES: [&str; 5] = [
    "aws_instance",
    "azurerm_linux_virtual_machine",
    "azurerm_windows_virtual_machine",
    "google_compute_instance",
    "openstack_compute_instance_v2",
];

#[derive(Deserialize)]
struct Plan<'p> {
    #[serde(default)]
    format_version: Option<String>,
    #[serde(borrow, default)]
    resource_changes: Option<Vec<&'p RawValue>>,
}

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    address: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    index: Option<Value>,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    change: Change,
}

#[derive(Default, Deserialize)]
struct Change {
    #[serde(default)]
    before: Value,
    #[serde(default)]
    after: Value,
    #[serde(default)]
    after_unknown: Value,
}

/// Machines of one `count`.
#[derive(Default)]
struct Machines {
    before: u64,
    after: u64,
    service: Option<String>,
    environment: Option<String>,
}

/// Reads one.
///
/// # Errors
/// When it is malformed, too large, or no plan.
pub fn read(bytes: &[u8]) -> Result<Growths, ReadError> {
    if bytes.len() > MAX_PLAN_BYTES {
        return Err(ReadError::too_large(MAX_PLAN_BYTES, "MAX_PLAN_BYTES"));
    }
    let plan: Plan<'_> = serde_json::from_slice(bytes).map_err(|error| ReadError::json(&error))?;
    let changes = match (plan.resource_changes, plan.format_version) {
        (Some(changes), _) => changes,
        // Without any change it is a plan all the same.
        (None, Some(_)) => Vec::new(),
        (None, None) => {
            return Err(ReadError::new(1, 1, "no plan: make it with `terraform show -json plan.out`"));
        }
    };
    let mut out = Growths { cut: changes.len().saturating_sub(MAX_PLAN_CHANGES), ..Growths::default() };
    let mut machines: BTreeMap<String, Machines> = BTreeMap::new();
    for raw in changes.iter().take(MAX_PLAN_CHANGES) {
        let Ok(head) = serde_json::from_str::<Head>(raw.get()) else {
            out.unknown("a change of the plan has another form than is known".to_owned());
            continue;
        };
        let capacity = CAPACITIES.iter().find(|(kind, _)| *kind == head.kind);
        let machine = MACHINES.contains(&head.kind.as_str()) && head.index.is_some();
        if capacity.is_none() && !machine {
            continue;
        }
        let Ok(Body { change }) = serde_json::from_str::<Body>(raw.get()) else {
            out.unknown(format!("{}: its change has another form than is known", head.address));
            continue;
        };
        match capacity {
            Some((_, fields)) => grown(&head, &change, fields, &mut out),
            None => {
                let group = head.address.rsplit_once('[').map_or(head.address.as_str(), |(group, _)| group);
                let group = machines.entry(group.to_owned()).or_default();
                group.before += u64::from(change.before.is_object());
                group.after += u64::from(change.after.is_object());
                let said = if change.after.is_object() { &change.after } else { &change.before };
                group.service =
                    group.service.take().or_else(|| tag(said, "service").and_then(name)).or_else(|| name(&head.name));
                group.environment = group.environment.take().or_else(|| environment(said));
            }
        }
    }
    for (address, group) in machines {
        let Some(service) = group.service else { continue };
        let (from, environment) = (Some(group.before), group.environment);
        out.add(Growth { service, environment, from, to: group.after, address });
    }
    Ok(out)
}

fn grown(head: &Head, change: &Change, fields: &[&str], out: &mut Growths) {
    if !change.after.is_object() {
        return;
    }
    let most = |value: &Value| fields.iter().filter_map(|field| number(at(value, field)?)).max();
    let unknown =
        fields.iter().any(|field| at(&change.after_unknown, field).is_some_and(|value| *value == Value::Bool(true)));
    let Some(to) = most(&change.after) else {
        if unknown {
            out.unknown(format!("{}: how many there shall be is known only when the plan is applied", head.address));
        }
        return;
    };
    let autoscaler = head.kind.starts_with("kubernetes_horizontal");
    let from = match change.before.is_object() {
        true => most(&change.before),
        // A new autoscaler begins with what it keeps at least; anything else with nothing.
        false if autoscaler => at(&change.after, "spec.0.min_replicas").and_then(number).or(Some(1)),
        false => Some(0),
    };
    let Some(service) = service(head, &change.after) else {
        return out.unknown(format!("{}: it has no name", head.address));
    };
    let environment = environment(&change.after);
    out.add(Growth { service, environment, from, to, address: head.address.clone() });
}

/// The service that a resource belongs to, by what it is labelled with.
fn service(head: &Head, after: &Value) -> Option<String> {
    let text = |path: &str| at(after, path).and_then(Value::as_str);
    if head.kind.starts_with("kubernetes_") {
        let own = text("spec.0.scale_target_ref.0.name").or(text("metadata.0.name")).unwrap_or(&head.name);
        let label = |key: &str| at(after, "metadata.0.labels")?.get(key)?.as_str();
        return super::service(label, text("metadata.0.namespace"), own);
    }
    let target = text("resource_id").filter(|_| head.kind == "aws_appautoscaling_target");
    let target = target.and_then(|id| id.rsplit('/').next());
    let tagged = ["app.kubernetes.io/name", "service", "Service"].into_iter().find_map(|key| tag(after, key));
    tagged.or(target).or_else(|| tag(after, "Name")).and_then(name).or_else(|| name(&head.name))
}

fn environment(after: &Value) -> Option<String> {
    let label = |key: &str| at(after, "metadata.0.labels").and_then(|labels| labels.get(key)?.as_str());
    ENVIRONMENTS
        .into_iter()
        .chain(["Environment"])
        .find_map(|key| label(key).or_else(|| tag(after, key)).and_then(name))
}

/// A tag or label, however the kind of resource writes them.
fn tag<'v>(after: &'v Value, key: &str) -> Option<&'v str> {
    let maps = ["tags", "tags_all", "labels", "effective_labels"];
    let mapped = maps.into_iter().find_map(|map| after.get(map)?.get(key)?.as_str());
    mapped.or_else(|| {
        let blocks = after.get("tag")?.as_array()?;
        let block = blocks.iter().find(|block| block.get("key").and_then(Value::as_str) == Some(key))?;
        block.get("value")?.as_str()
    })
}

fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

/// A number, or a text that is one: providers write both.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
