//! Alerts: what was found, put in words, with the events it rests on.

use super::cites::{Cite, Evidence, cited};
use super::judge::Firing;
use super::key::Key;
use super::why::why;
use super::{CorrelationPlan, Windows};
use model::alert::Alert;

/// Alerts that wait to be taken with copies of their events. Beyond it, when keys have to go faster than alerts are
/// taken, they name the events alone.
const MAX_WAITING: usize = 512;

impl Windows {
    /// Tells what a bucket of a key says.
    pub(super) fn tell(&mut self, slot: u32, segment: usize, firing: Firing, settled: bool) {
        let watermark = self.watermark;
        if let Some(segment) = self.keys.get_mut(slot).and_then(|key| key.segments.get_mut(segment)) {
            segment.told = Some((firing, watermark));
        }
        let Some(key) = self.keys.get(slot) else { return };
        let plan = &self.plan.correlations[key.plan as usize];
        let mut alert = self.alert(plan, key, &firing, settled);
        if self.out.len() >= MAX_WAITING {
            alert.events.iter_mut().for_each(|event| event.fields.clear());
        }
        self.out.push_back(alert);
    }

    fn alert(&self, plan: &CorrelationPlan, key: &Key, firing: &Firing, settled: bool) -> Alert {
        let (dataset, values) = key.parts();
        let grouped: Vec<(String, String)> = match plan.plain {
            true => Vec::new(),
            false => plan.group.iter().cloned().zip(values).collect(),
        };
        let entity = self.entities.get(firing.entity).cloned();
        Alert {
            id: key.alert_id(plan, firing.bucket),
            rule: plan.meta.id.clone(),
            rule_version: plan.meta.version.clone(),
            title: plan.meta.title.clone(),
            level: plan.meta.level,
            aspect: plan.meta.aspect,
            tags: plan.meta.tags.clone(),
            why: why(plan, firing, &grouped, entity.as_ref()),
            entity,
            dataset,
            key: grouped,
            first: firing.first,
            last: firing.last,
            count: firing.count,
            runbook: plan.meta.runbook.clone(),
            events: cited(self.rests_on(plan, key, firing), &self.copies),
            settled,
        }
    }

    /// The events that may be cited for a firing; for window ends of correlations below, the events of these.
    fn rests_on(&self, plan: &CorrelationPlan, key: &Key, firing: &Firing) -> Vec<Cite> {
        let from = if plan.plain { firing.bucket } else { firing.bucket.saturating_sub(1) };
        let mut found = Vec::new();
        let segments = key.segments.iter().filter(|segment| (from..=firing.bucket).contains(&segment.bucket));
        for cite in segments.flat_map(|segment| &segment.cites) {
            if cite.time < firing.first || cite.time > firing.last {
                continue;
            }
            match cite.table {
                Some(_) => found.push(cite.clone()),
                None => {
                    let below = self.evidences.of(cite.tie, cite.time);
                    found.extend(below.iter().map(|below| Cite { rules: cite.rules, ..below.clone() }));
                }
            }
        }
        found
    }

    /// Keeps what a firing rests on, for those that look at the correlation.
    pub(super) fn gather_evidence(&mut self, at: usize, below: &Key, bucket: i64, firing: &Firing, tie: u64) {
        let plan = &self.plan.correlations[at];
        let Some(key) = self.names.get(&below.name).and_then(|slot| self.keys.get(*slot)) else { return };
        let cites = self.rests_on(plan, key, firing);
        let (begin, end) = (plan.begin(bucket), plan.end(bucket));
        let above = plan.uses.iter().map(|of| &self.plan.correlations[of.correlation]);
        let until = above.map(|above| above.due(above.bucket(end).saturating_add(1))).max().unwrap_or(end);
        let limit = self.options.max_bytes / 8;
        self.evidences.keep((tie, begin), Evidence { end, until, cites }, limit, &mut self.copies);
    }
}
