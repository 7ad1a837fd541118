//! Services that are not ours, images by age, and sockets that others reach.

use super::{Owners, Report, Thing, relations, things, time};
use crate::limits::DAY;
use anyhow::Result;
use chrono::DateTime;
use ledger::{AsOf, Ledger};
use model::entity::{CALLS, LISTENS, USES_IMAGE};
use model::{EntityRef, Nanos};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// Attributes that say when an image was made: of container engines, of OpenTelemetry's kind, of image labels.
const CREATED: &[&str] = &["created", "container.image.created", "image.created", "org.opencontainers.image.created"];
/// Callers shown of each external service.
const MAX_CALLERS: usize = 20;

/// A service that is not ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ExternalRow)]
pub struct External {
    /// Its name or address.
    pub name: String,
    /// `private` for addresses that are not routed, else `public`.
    pub network: Option<String>,
    /// Who answers for it here.
    pub owner: Option<String>,
    /// When it was seen first.
    pub since: Option<String>,
    /// When it was called last.
    pub seen: String,
    /// How many services call it.
    pub called_by: usize,
    /// Some of them.
    pub callers: Vec<String>,
}

/// External services, those that most services call first.
pub async fn external(ledger: &Ledger, as_of: &AsOf) -> Result<Report<External>> {
    let owners = Owners::read(ledger, as_of).await?;
    let mut callers: HashMap<EntityRef, BTreeSet<String>> = HashMap::new();
    for call in relations(ledger, as_of, CALLS).await? {
        if call.to.kind == "external" {
            callers.entry(call.to).or_default().insert(call.from.key);
        }
    }
    let all = things(ledger, as_of, Some("external")).await?;
    let first = first(ledger, as_of, &all).await?;
    let row = |thing: Thing| {
        let callers = callers.remove(&thing.entity).unwrap_or_default();
        External {
            network: thing.text("network").map(str::to_owned),
            owner: owners.name(&thing.entity),
            since: first.get(&thing.id).map(|at| time(*at)),
            seen: time(thing.seen),
            called_by: callers.len(),
            callers: callers.into_iter().take(MAX_CALLERS).collect(),
            name: thing.entity.key,
        }
    };
    let mut rows: Vec<External> = all.into_iter().map(row).collect();
    rows.sort_by(|a, b| b.called_by.cmp(&a.called_by).then_with(|| a.name.cmp(&b.name)));
    Ok(Report::new("external", as_of, &["entities", "relations", "owners"], rows))
}

async fn first(ledger: &Ledger, as_of: &AsOf, all: &[Thing]) -> Result<HashMap<i64, Nanos>> {
    let ids: Vec<i64> = all.iter().map(|thing| thing.id).collect();
    Ok(ledger.first_seen(as_of, &ids).await?)
}

/// An image that is in use.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ImageRow)]
pub struct Image {
    /// Its name.
    pub name: String,
    /// When it was made, or seen first.
    pub since: Option<String>,
    /// Which of both: `created` or `first_seen`.
    pub since_is: &'static str,
    /// Days since then.
    pub age_days: i64,
    /// Containers and workloads that run it.
    pub running: usize,
    /// Whose it is.
    pub owner: Option<String>,
}

/// Images, the oldest first.
pub async fn images(ledger: &Ledger, as_of: &AsOf) -> Result<Report<Image>> {
    let owners = Owners::read(ledger, as_of).await?;
    let mut users: HashMap<EntityRef, BTreeSet<EntityRef>> = HashMap::new();
    for used in relations(ledger, as_of, USES_IMAGE).await? {
        users.entry(used.to).or_default().insert(used.from);
    }
    let all = things(ledger, as_of, Some("container.image")).await?;
    let first = first(ledger, as_of, &all).await?;
    let row = |thing: Thing| {
        let made = CREATED.iter().find_map(|name| instant(&thing, name));
        let since = made.or_else(|| first.get(&thing.id).copied());
        Image {
            since: since.map(time),
            since_is: if made.is_some() { "created" } else { "first_seen" },
            age_days: since.map_or(0, |since| as_of.valid.saturating_sub(since) / DAY),
            running: users.get(&thing.entity).map_or(0, BTreeSet::len),
            owner: owners.name(&thing.entity),
            name: thing.entity.key,
        }
    };
    let mut rows: Vec<Image> = all.into_iter().map(row).collect();
    rows.sort_by(|a, b| b.age_days.cmp(&a.age_days).then_with(|| a.name.cmp(&b.name)));
    Ok(Report::new("images", as_of, &["entities", "relations", "owners"], rows))
}

/// A time: RFC 3339, or seconds since 1970.
fn instant(thing: &Thing, name: &str) -> Option<Nanos> {
    let value = thing.attributes.get(name)?;
    let seconds = |seconds: i64| DateTime::from_timestamp_secs(seconds)?.timestamp_nanos_opt();
    match value.as_i64() {
        Some(number) => seconds(number),
        None => DateTime::parse_from_rfc3339(value.as_str()?).ok()?.timestamp_nanos_opt(),
    }
}

/// A socket that something listens at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SocketRow)]
pub struct Socket {
    /// The host.
    pub host: String,
    /// `tcp/0.0.0.0:22`.
    pub socket: String,
    /// What listens, where it is known.
    pub executable: Option<String>,
    /// Whether other machines reach its address, as far as the host knows.
    pub exposed: bool,
    /// When it was seen first.
    pub since: Option<String>,
    /// Whose the host is.
    pub owner: Option<String>,
}

/// Sockets: the exposed ones, or all.
pub async fn sockets(ledger: &Ledger, as_of: &AsOf, all: bool) -> Result<Report<Socket>> {
    let owners = Owners::read(ledger, as_of).await?;
    let mut hosts: HashMap<EntityRef, EntityRef> = HashMap::new();
    for listens in relations(ledger, as_of, LISTENS).await? {
        if listens.from.kind == "host" {
            hosts.insert(listens.to, listens.from);
        }
    }
    let mut there = things(ledger, as_of, Some("socket")).await?;
    there.retain(|thing| all || exposed(thing));
    let first = first(ledger, as_of, &there).await?;
    let row = |thing: Thing| {
        // The name of a socket begins with its host's.
        let place = thing.entity.key.find("/tcp/").or_else(|| thing.entity.key.find("/udp/"));
        let (host, socket) =
            place.map_or(("", thing.entity.key.as_str()), |at| (&thing.entity.key[..at], &thing.entity.key[at + 1..]));
        let known = hosts.get(&thing.entity);
        let owner = owners.name(&thing.entity).or_else(|| owners.name(known?));
        Socket {
            host: known.map_or_else(|| host.to_owned(), |host| host.key.clone()),
            socket: socket.to_owned(),
            executable: thing.text("executable").map(str::to_owned),
            exposed: exposed(&thing),
            since: first.get(&thing.id).map(|at| time(*at)),
            owner,
        }
    };
    let rows: Vec<Socket> = there.into_iter().map(row).collect();
    let open = rows.iter().filter(|row| row.exposed).count();
    Ok(Report::new("sockets", as_of, &["entities", "relations", "owners"], rows).total("exposed", open as f64))
}

/// As the agent says; else by the address in the name.
fn exposed(thing: &Thing) -> bool {
    let said = thing.attributes.get("exposed").and_then(serde_json::Value::as_bool);
    said.unwrap_or_else(|| !LOOPBACK.iter().any(|part| thing.entity.key.contains(part)))
}

/// How names of sockets look that no other machine reaches.
const LOOPBACK: &[&str] = &["/127.", "/[::1]:", "/[::ffff:127."];
