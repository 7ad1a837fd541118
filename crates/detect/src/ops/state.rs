//! What the rules remember from one look to the next. Everything is bounded, and what did not fit is counted.

use crate::limits::{MAX_OPS_KEYS, MAX_OPS_SNAPSHOT_BYTES, MAX_SEEN};
use model::Nanos;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The form of a snapshot. Another one is not read: the rules then begin anew.
const VERSION: u32 = 1;

/// A group: what a rule judges for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Key {
    /// Whose data.
    pub dataset: String,
    /// Values of the fields that are grouped by; empty where there is none.
    pub values: Vec<String>,
}

/// A group that is as the rule says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Holding {
    /// Since when.
    pub since: Nanos,
    /// When it fired.
    pub raised: Option<Nanos>,
    /// Since when it is over, if it fired and is.
    pub over: Option<Nanos>,
    /// When it was last told.
    pub told: Nanos,
    /// Rows of the worst look.
    pub samples: u64,
    /// What was said when it last held.
    pub words: String,
}

/// When a group was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// First.
    pub first: Nanos,
    /// Last.
    pub last: Nanos,
}

/// What one rule remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RuleState {
    /// End of the last look that was answered.
    pub answered: Option<Nanos>,
    /// End of the first look after a time without looks: before it, silence proves nothing.
    pub resumed: Option<Nanos>,
    /// Whether the learning period was read.
    pub learnt: bool,
    /// More values than can be remembered: the rule is blind, and says so.
    pub overfull: bool,
    /// What did not fit.
    pub dropped: u64,
    /// Groups that hold.
    #[serde(with = "pairs")]
    pub holding: BTreeMap<Key, Holding>,
    /// Groups that are expected.
    #[serde(with = "pairs")]
    pub expected: BTreeMap<Key, Seen>,
    /// Values by their hash, and when they were last there.
    #[serde(with = "pairs")]
    pub values: BTreeMap<u64, Nanos>,
}

impl RuleState {
    /// Room for another group that holds; else it is counted as dropped.
    pub fn holding_room(&mut self) -> bool {
        self.room(self.holding.len())
    }

    /// Room for another group that is expected.
    pub fn expected_room(&mut self) -> bool {
        self.room(self.expected.len())
    }

    fn room(&mut self, used: usize) -> bool {
        let fits = used < MAX_OPS_KEYS;
        self.dropped += u64::from(!fits);
        fits
    }

    /// Remembers a value; whether it is new. When there are too many, a tenth goes, that which was not seen for longest.
    /// Where more would have to go, because all come at once, the rule can tell nothing and is blind from then on.
    pub fn learn(&mut self, key: &Key, at: Nanos) -> bool {
        let fresh = self.values.insert(hash(key), at).is_none();
        if self.values.len() > MAX_SEEN {
            let mut times: Vec<Nanos> = self.values.values().copied().collect();
            let (_, limit, _) = times.select_nth_unstable(MAX_SEEN / 10);
            let (limit, before) = (*limit, self.values.len());
            self.values.retain(|_, last| *last > limit);
            self.dropped += (before - self.values.len()) as u64;
            if self.values.len() < MAX_SEEN / 2 {
                self.overfull = true;
                self.values.clear();
            }
        }
        fresh
    }

    fn fits(&self) -> bool {
        self.holding.len() <= MAX_OPS_KEYS && self.expected.len() <= MAX_OPS_KEYS && self.values.len() <= MAX_SEEN
    }
}

fn hash(key: &Key) -> u64 {
    let mut hasher = Sha256::new();
    for part in std::iter::once(&key.dataset).chain(&key.values) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let digest = hasher.finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first)
}

/// All rules' memory as it is written down.
#[derive(Serialize, Deserialize)]
struct Snapshot {
    version: u32,
    /// By the rule's id and version: a rule that was changed begins anew.
    rules: Vec<(String, String, RuleState)>,
}

/// Writes it down.
pub(crate) fn write<'s>(rules: impl Iterator<Item = (&'s str, &'s str, &'s RuleState)>) -> Vec<u8> {
    let rules = rules.map(|(id, version, state)| (id.to_owned(), version.to_owned(), state.clone())).collect();
    // Maps are written as lists and numbers are integers: nothing in it can fail to be written.
    serde_json::to_vec(&Snapshot { version: VERSION, rules }).unwrap_or_default()
}

/// Reads it back, or says why not.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<(String, String, RuleState)>, String> {
    if bytes.len() > MAX_OPS_SNAPSHOT_BYTES {
        return Err(format!("the snapshot has {} bytes, more than {MAX_OPS_SNAPSHOT_BYTES}", bytes.len()));
    }
    let snapshot: Snapshot =
        serde_json::from_slice(bytes).map_err(|error| format!("the snapshot cannot be read: {error}"))?;
    if snapshot.version != VERSION {
        return Err(format!("the snapshot has version {}, this program reads {VERSION}", snapshot.version));
    }
    match snapshot.rules.iter().find(|(.., state)| !state.fits()) {
        Some((id, ..)) => Err(format!("the snapshot has more of rule {id} than can be remembered")),
        None => Ok(snapshot.rules),
    }
}

/// Maps as lists of pairs: keys of JSON are text alone.
mod pairs {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub fn serialize<S: Serializer, K: Serialize, V: Serialize>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub fn deserialize<'de, D: Deserializer<'de>, K: Deserialize<'de> + Ord, V: Deserialize<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}
