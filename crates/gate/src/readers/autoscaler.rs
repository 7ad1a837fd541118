//! Autoscalers of Kubernetes as manifests: HorizontalPodAutoscaler, and ScaledObject of KEDA. What one may grow to is a [`Growth`].

use super::{ENVIRONMENTS, Growth, Growths, ReadError, name, service};
use crate::limits::{MAX_MANIFEST_BYTES, MAX_MANIFEST_NODES, MAX_YAML_DEPTH};
use yaml::{Limits, Node, Scalar, Yaml};

/// Reads a stream of manifests; others in it are passed over. `from` is how many there are now; without it, what the autoscaler
/// keeps at least.
///
/// # Errors
/// When it is malformed or too large.
pub fn read(text: &str, from: Option<u64>) -> Result<Growths, ReadError> {
    if text.len() > MAX_MANIFEST_BYTES {
        return Err(ReadError::too_large(MAX_MANIFEST_BYTES, "MAX_MANIFEST_BYTES"));
    }
    let limits = Limits { nodes: MAX_MANIFEST_NODES, depth: MAX_YAML_DEPTH };
    let mut out = Growths::default();
    for (line, part) in yaml::split(text) {
        let yaml = Yaml::parse_part(part, line, limits)
            .map_err(|error| ReadError::new(error.place.0, error.place.1, error.reason))?;
        for document in yaml.documents() {
            match document.get("kind").and_then(Node::text) {
                Some("List") => {
                    let items = document.get("items").into_iter().flat_map(Node::items);
                    items.for_each(|item| object(item, from, &mut out));
                }
                _ => object(document, from, &mut out),
            }
        }
    }
    Ok(out)
}

fn object(document: Node<'_>, from: Option<u64>, out: &mut Growths) {
    let text = |node: Option<Node<'_>>| node.and_then(Node::text).map(str::to_owned);
    let kind = text(document.get("kind")).unwrap_or_default();
    let (most, least) = match kind.as_str() {
        "HorizontalPodAutoscaler" => ("maxReplicas", "minReplicas"),
        "ScaledObject" => ("maxReplicaCount", "minReplicaCount"),
        _ => return,
    };
    let metadata = document.get("metadata");
    let own = text(metadata.and_then(|metadata| metadata.get("name"))).unwrap_or_default();
    let namespace = text(metadata.and_then(|metadata| metadata.get("namespace")));
    let address = match &namespace {
        Some(namespace) => format!("{kind}/{namespace}/{own}"),
        None => format!("{kind}/{own}"),
    };
    let (line, _) = document.place();
    let Some(spec) = document.get("spec") else { return out.unknown(format!("line {line}: {address} has no spec")) };
    let number = |name: &str| match spec.get(name)?.scalar()? {
        Scalar::Int(number) => u64::try_from(number).ok(),
        _ => None,
    };
    // KEDA's own, where nothing is said.
    let keda = (kind == "ScaledObject" && spec.get(most).is_none()).then_some(100);
    let Some(to) = number(most).or(keda) else {
        return out.unknown(format!("line {line}: {address} has no number as {most}"));
    };
    let target = text(spec.get("scaleTargetRef").and_then(|target| target.get("name"))).unwrap_or(own);
    let labels = metadata.and_then(|metadata| metadata.get("labels"));
    let label = |key: &str| labels?.get(key)?.text();
    let Some(service) = service(label, namespace.as_deref(), &target) else {
        return out.unknown(format!("line {line}: {address} does not say what it scales"));
    };
    let environment = ENVIRONMENTS.into_iter().find_map(|key| label(key).and_then(name));
    let from = from.or(number(least)).or(Some(1));
    out.add(Growth { service, environment, from, to, address });
}
