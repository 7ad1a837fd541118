//! Which changes may have caused something: ranked, each with its reasons.

use crate::db::Ledger;
use crate::error::Result;
use crate::facts::Class;
use crate::history::{AsOf, held_of};
use crate::limits::{MAX_NEIGHBOURS, MAX_SUSPECT_CHANGES, MAX_SUSPECTS, SAME_CHANGE_NANOS, SUSPECT_WINDOW_NANOS};
use crate::sql::Statement;
use model::{EntityRef, Nanos, entity};
use serde::Serialize;
use sqlx::Row as _;
use std::collections::{BTreeMap, HashMap};

/// A change that may be to blame.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Suspect {
    /// The change, by its id.
    pub id: i64,
    /// What kind of change.
    pub kind: String,
    /// What was changed.
    #[schema(value_type = String)]
    pub entity: EntityRef,
    /// When.
    #[schema(value_type = String)]
    pub at: Nanos,
    /// The version that came.
    pub version: Option<String>,
    /// How likely, beside the others; 1 is a change of the thing itself in that moment.
    pub score: f64,
    /// Why, in words.
    pub reasons: Vec<String>,
}

/// A finding that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Weakness {
    /// The finding, by its id.
    pub id: i64,
    /// What is weak.
    pub entity: EntityRef,
    /// The rule that says so.
    pub rule: String,
    /// How bad.
    pub severity: String,
    /// One line.
    pub title: String,
    /// Where.
    pub place: String,
}

/// What makes changes one that two sources tell of: what was changed, how, the version and where.
type Same = (i64, String, String, Option<String>);

/// A change counts half for each hour before the moment.
const HALF_LIFE: f64 = 3_600e9;
/// How much a change counts that is so many relations away.
const DISTANCE: [f64; 3] = [1.0, 0.5, 0.2];

/// How much what was touched counts.
fn weight(kind: &str) -> (f64, &'static str) {
    match kind {
        "deployment" | "release" | "rollout" => (1.0, "it brought new code"),
        "config" | "flag" => (0.9, "it changed the configuration"),
        "infrastructure" => (0.8, "it changed what things run on"),
        "package" => (0.6, "it changed installed software"),
        _ => (0.3, "it changed nothing that runs by itself"),
    }
}

fn ago(nanos: Nanos) -> String {
    match nanos / 1_000_000_000 {
        seconds @ 0..120 => format!("{seconds} s before"),
        seconds @ 120..7_200 => format!("{} min before", seconds / 60),
        seconds => format!("{} h before", seconds / 3_600),
    }
}

/// What hosts have by the thousand, and no change comes through.
const APART: &str = ") AND kind NOT IN ('has', 'owned_by', 'knows', 'keeps', 'listens', 'executes')";

impl Ledger {
    /// Changes of an entity and of what it belongs to, in the day before a moment.
    pub async fn suspects(&self, entity: &EntityRef, moment: &AsOf) -> Result<Vec<Suspect>> {
        let near = self.neighbours(entity, moment).await?;
        let mut query = Statement::new(
            "SELECT c.id, c.kind, c.entity, c.at, c.version, c.environment, c.origin FROM changes c WHERE c.at > ",
        );
        query.bind(moment.valid - SUSPECT_WINDOW_NANOS).push(" AND c.at <= ").bind(moment.valid);
        query.push(" AND c.known <= ").bind(moment.known);
        moment.visible(&mut query, "c.dataset");
        query.push(" ORDER BY c.at DESC LIMIT ").bind(MAX_SUSPECT_CHANGES);
        let mut suspects: Vec<Suspect> = Vec::new();
        let mut told: HashMap<Same, (usize, String)> = HashMap::new();
        for row in query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
            let about: i64 = row.try_get(2)?;
            let Some(there) = near.get(&about) else { continue };
            let (kind, at): (String, Nanos) = (row.try_get(1)?, row.try_get(3)?);
            let (version, environment): (Option<String>, Option<String>) = (row.try_get(4)?, row.try_get(5)?);
            let (touched, what) = weight(&kind);
            let before = moment.valid - at;
            let blast = 1.0 + (1.0 + there.links as f64).log2() / 10.0;
            let score = 0.5f64.powf(before as f64 / HALF_LIFE) * DISTANCE[there.distance] * touched * blast;
            let mut reasons = vec![ago(before)];
            reasons.push(match &there.by {
                None => format!("it changed {entity} itself"),
                Some(by) => by.clone(),
            });
            reasons.push(what.to_owned());
            if there.links > 0 {
                let plural = if there.links == 1 { "" } else { "s" };
                reasons.push(format!("what it changed has {} relation{plural}", there.links));
            }
            let same = version.clone().map(|version| (about, kind.clone(), version, environment));
            let (id, origin): (i64, String) = (row.try_get(0)?, row.try_get(6)?);
            let suspect = Suspect { id, kind, entity: there.entity.clone(), at, version, score, reasons };
            let later = same.as_ref().and_then(|same| told.get(same)).filter(|(_, by)| *by != origin);
            let later = later.map(|(place, _)| &mut suspects[*place]);
            match later.filter(|later| later.at - at <= SAME_CHANGE_NANOS) {
                // A pipeline tells of a deployment when it is done, telemetry when it is seen: the first is when it was.
                Some(later) => *later = suspect,
                None => {
                    told.extend(same.map(|same| (same, (suspects.len(), origin))));
                    suspects.push(suspect);
                }
            }
        }
        suspects.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.id.cmp(&a.id)));
        suspects.truncate(MAX_SUSPECTS);
        Ok(suspects)
    }

    /// The entity and what is at most two relations away, with how far; the nearest first. What hosts have by the
    /// thousand is left out.
    pub async fn around(&self, entity: &EntityRef, moment: &AsOf) -> Result<Vec<(EntityRef, usize)>> {
        let near = self.neighbours(entity, moment).await?;
        let mut around: Vec<(EntityRef, usize)> =
            near.into_values().map(|neighbour| (neighbour.entity, neighbour.distance)).collect();
        around.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        Ok(around)
    }

    /// What is weak on some entities, the worst first; at most so many.
    pub async fn open_findings(&self, of: &[EntityRef], moment: &AsOf, most: usize) -> Result<Vec<Weakness>> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = Statement::new("");
        held_of(&mut query, Class::Finding, moment, |query| {
            query.push("SELECT n.id FROM findings n JOIN entities e ON e.id = n.entity WHERE (e.kind, e.key) IN (");
            query.values(of, |row, entity| {
                row.bind(entity.kind.clone()).bind(entity.key.clone());
            });
            query.push(")");
        });
        query.push(
            "SELECT DISTINCT n.id, e.kind, e.key, n.rule, n.severity, n.title, n.place, CASE n.severity \
             WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 WHEN 'low' THEN 3 ELSE 4 END AS rank \
             FROM held h JOIN findings n ON n.id = h.about JOIN entities e ON e.id = n.entity ORDER BY 8, 1 LIMIT ",
        );
        query.bind(i64::try_from(most).unwrap_or(i64::MAX));
        let weakness = |row: sqlx::any::AnyRow| -> Result<Weakness> {
            Ok(Weakness {
                id: row.try_get(0)?,
                entity: EntityRef { kind: row.try_get(1)?, key: row.try_get(2)? },
                rule: row.try_get(3)?,
                severity: row.try_get(4)?,
                title: row.try_get(5)?,
                place: row.try_get(6)?,
            })
        };
        query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?.into_iter().map(weakness).collect()
    }

    /// The entity and what is at most two relations away, by id.
    async fn neighbours(&self, entity: &EntityRef, moment: &AsOf) -> Result<HashMap<i64, Neighbour>> {
        let own =
            sqlx::query("SELECT id FROM entities WHERE kind = $1 AND key = $2").bind(&entity.kind).bind(&entity.key);
        let Some(own) = own.fetch_optional(&self.inner.pool).await? else { return Ok(HashMap::new()) };
        let own: i64 = own.try_get(0)?;
        let start = Neighbour { entity: entity.clone(), distance: 0, by: None, links: 0 };
        let mut near = HashMap::from([(own, start)]);
        let mut edge = vec![own];
        for distance in 1..=DISTANCE.len() {
            let mut links: BTreeMap<i64, u64> = BTreeMap::new();
            let mut next = Vec::new();
            for link in self.links(&edge, moment).await? {
                *links.entry(link.near).or_default() += 1;
                if distance == DISTANCE.len() || near.contains_key(&link.far) || near.len() >= MAX_NEIGHBOURS {
                    continue;
                }
                let via = &near[&link.near].entity;
                let says = says(&link.kind);
                let by = if link.outward { format!("{via} {says} it") } else { format!("it {says} {via}") };
                next.push(link.far);
                near.insert(link.far, Neighbour { entity: link.entity, distance, by: Some(by), links: 0 });
            }
            for (id, links) in links {
                if let Some(neighbour) = near.get_mut(&id) {
                    neighbour.links = links;
                }
            }
            edge = next;
            if edge.is_empty() {
                break;
            }
        }
        Ok(near)
    }

    /// Relations that held, from or to some entities. Components are left out: each host has thousands.
    async fn links(&self, of: &[i64], moment: &AsOf) -> Result<Vec<Link>> {
        let mut query = Statement::new("");
        let ids = |query: &mut Statement| {
            query.values(of, |row, id| {
                row.bind(*id);
            });
        };
        held_of(&mut query, Class::Relation, moment, |query| {
            query.push("SELECT id FROM relations WHERE source IN (");
            ids(query);
            query.push(APART).push(" UNION SELECT id FROM relations WHERE target IN (");
            ids(query);
            query.push(APART);
        });
        query.push(", edge (id) AS (").values(of, |row, id| {
            row.bind(*id);
        });
        query.push(
            "), links AS (SELECT r.id, r.kind, g.id AS near, r.target AS far, 1 AS outward FROM edge g \
             JOIN relations r ON r.source = g.id UNION ALL \
             SELECT r.id, r.kind, g.id, r.source, 0 FROM edge g JOIN relations r ON r.target = g.id) \
             SELECT DISTINCT l.near, l.far, l.kind, l.outward, e.kind, e.key FROM links l \
             JOIN held h ON h.about = l.id JOIN entities e ON e.id = l.far ORDER BY 1, 2 LIMIT ",
        );
        query.bind(MAX_NEIGHBOURS as i64);
        let link = |row: sqlx::any::AnyRow| -> Result<Link> {
            Ok(Link {
                near: row.try_get(0)?,
                far: row.try_get(1)?,
                kind: row.try_get(2)?,
                outward: row.try_get::<i64, _>(3)? == 1,
                entity: EntityRef { kind: row.try_get(4)?, key: row.try_get(5)? },
            })
        };
        query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?.into_iter().map(link).collect()
    }
}

/// A relation as a verb.
fn says(relation: &str) -> String {
    match relation {
        entity::PART_OF => "is part of".to_owned(),
        entity::BUILT_FROM => "is built from".to_owned(),
        verb => verb.replace('_', " "),
    }
}

/// Something near the entity.
struct Neighbour {
    entity: EntityRef,
    distance: usize,
    /// What connects it, in words; nothing for the entity itself.
    by: Option<String>,
    /// Relations of it.
    links: u64,
}

/// A relation as seen from one of its ends.
struct Link {
    near: i64,
    far: i64,
    kind: String,
    outward: bool,
    entity: EntityRef,
}
