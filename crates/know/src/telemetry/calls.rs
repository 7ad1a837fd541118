//! Who calls whom, from what spans say.

use crate::limits::{CALLS_LEASE, FACTS_PER_DOCUMENT, MAX_ADDRESS_BYTES, MAX_CALLS};
use model::entity::CALLS;
use model::{EntityRef, Facts, Nanos};
use serde::Deserialize;
use serde_json::Map;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Calls of a service, counted over spans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Call {
    /// Whose spans.
    pub dataset: String,
    /// Who calls: the service as it is named in the ledger.
    pub service: String,
    /// The service that answered, where spans of both sides are known.
    pub peer_service: Option<String>,
    /// Else the address that was called: `server.address` and its like.
    pub peer_address: Option<String>,
}

/// The facts that calls are, at most one of each call.
pub fn calls(rows: &[Call], at: Nanos) -> Vec<Facts> {
    let mut known: BTreeMap<&str, BTreeSet<(EntityRef, EntityRef)>> = BTreeMap::new();
    for call in rows.iter().take(MAX_CALLS) {
        let Ok(from) = EntityRef::new("service", call.service.as_str()) else { continue };
        let to = match (&call.peer_service, &call.peer_address) {
            (Some(service), _) if !service.is_empty() => EntityRef::new("service", service.as_str()).ok(),
            (_, Some(address)) => external(address),
            _ => None,
        };
        // A service that calls itself says nothing of others.
        if let Some(to) = to.filter(|to| *to != from) {
            known.entry(call.dataset.as_str()).or_default().insert((from, to));
        }
    }
    let mut all = Vec::new();
    for (dataset, pairs) in known {
        let pairs: Vec<_> = pairs.into_iter().collect();
        for chunk in pairs.chunks(FACTS_PER_DOCUMENT / 2) {
            let mut facts = Facts::new("telemetry", dataset);
            let externals: BTreeSet<&EntityRef> =
                chunk.iter().map(|(_, to)| to).filter(|to| to.kind == "external").collect();
            for external in externals {
                let mut attributes = Map::new();
                attributes.insert("network".to_owned(), network(&external.key).into());
                facts.seen(external.clone(), at, attributes).lease = Some(CALLS_LEASE);
            }
            for (from, to) in chunk {
                facts.related(from.clone(), CALLS, to.clone(), at).lease = Some(CALLS_LEASE);
            }
            all.push(facts);
        }
    }
    all
}

/// What is at an address, without port, user and path. Nothing for this machine itself.
fn external(address: &str) -> Option<EntityRef> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest).trim();
    let host = match rest.strip_prefix('[') {
        Some(six) => six.split(']').next()?,
        // One colon comes before a port; more are an address of IPv6.
        None if rest.matches(':').count() == 1 => rest.split(':').next()?,
        None => rest,
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let fits = !host.is_empty() && host.len() <= MAX_ADDRESS_BYTES;
    let local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified());
    let plain = |byte: u8| byte.is_ascii_graphic() || !byte.is_ascii();
    if !fits || local || !host.bytes().all(plain) {
        return None;
    }
    EntityRef::new("external", host).ok()
}

/// Whether an address is of this network: names without a dot and those of clusters, and addresses that are not routed.
fn network(host: &str) -> &'static str {
    let private = match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_unique_local() || ip.is_unicast_link_local(),
        Err(_) => {
            let ends = [".local", ".internal", ".lan", ".svc"].iter().any(|end| host.ends_with(end));
            ends || !host.contains('.')
        }
    };
    if private { "private" } else { "public" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::About;

    #[test]
    fn addresses_are_external_and_services_are_services() {
        let call = |peer_service: Option<&str>, peer_address: Option<&str>| Call {
            dataset: "default".to_owned(),
            service: "cart".to_owned(),
            peer_service: peer_service.map(str::to_owned),
            peer_address: peer_address.map(str::to_owned),
        };
        let rows = [
            call(Some("pay"), Some("10.0.0.7")),
            call(Some("cart"), None),
            call(None, Some("API.Stripe.com.:443")),
            call(None, Some("https://ada:secret@api.stripe.com/v1")),
            call(None, Some("db")),
            call(None, Some("[fd00::5]:5432")),
            call(None, Some("127.0.0.1:80")),
            call(None, Some("localhost")),
            call(None, Some("a b")),
            call(None, None),
        ];
        let facts = calls(&rows, 7);
        assert_eq!(facts.len(), 1);
        let mut told = Vec::new();
        for observation in &facts[0].observations {
            assert_eq!(observation.lease, Some(CALLS_LEASE));
            told.push(match &observation.about {
                About::Entity(entity) => format!("{entity} {}", observation.attributes["network"].as_str().unwrap()),
                About::Relation(relation) => format!("{} {} {}", relation.from, relation.kind, relation.to),
            });
        }
        assert_eq!(
            told,
            [
                "external:api.stripe.com public",
                "external:db private",
                "external:fd00::5 private",
                "service:cart calls external:api.stripe.com",
                "service:cart calls external:db",
                "service:cart calls external:fd00::5",
                "service:cart calls service:pay",
            ]
        );
    }
}
