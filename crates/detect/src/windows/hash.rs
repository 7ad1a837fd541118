//! Hashes that are the same on every machine and after every restart. All are of SHA-256: who sends events could
//! otherwise choose values that count as one, or keys that share an alert.

use ahash::AHashMap;
use model::fact::EntityRef;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

fn digest<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// What tells states of one version of a rule from those of another.
pub(super) fn signature<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 16] {
    let mut signature = [0; 16];
    signature.copy_from_slice(&digest(parts)[..16]);
    signature
}

/// A short hash.
pub(crate) fn short<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = digest(parts);
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// The same as text, long enough for the id of an alert.
pub(super) fn text<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut text = String::with_capacity(32);
    for byte in &digest(parts)[..16] {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What entries are about, by hash, each kept once.
#[derive(Debug, Default)]
pub(super) struct Entities {
    all: AHashMap<u64, Arc<EntityRef>>,
    /// When there are so many bytes, it is looked which are still needed.
    sweep_at: usize,
    /// Bytes of all.
    pub bytes: usize,
}

/// With fewer bytes it is not worth looking which are needed.
const FEW: usize = 1024 * 1024;

fn size(entity: &EntityRef) -> usize {
    entity.kind.len() + entity.key.len() + 16
}

impl Entities {
    /// The hash of one, which is kept; 0 for none.
    pub fn keep(&mut self, entity: Option<&EntityRef>) -> u64 {
        let Some(entity) = entity else { return 0 };
        let hash = short([entity.kind.as_bytes(), entity.key.as_bytes()]).max(1);
        let bytes = &mut self.bytes;
        self.all.entry(hash).or_insert_with(|| {
            *bytes += size(entity);
            Arc::new(entity.clone())
        });
        hash
    }

    /// The one with a hash.
    pub fn get(&self, hash: u64) -> Option<&EntityRef> {
        self.all.get(&hash).map(|entity| &**entity)
    }

    /// Whether there may be many that nobody needs any more.
    pub fn wants_sweep(&self) -> bool {
        self.bytes >= self.sweep_at.max(FEW)
    }

    /// Keeps only these.
    pub fn sweep(&mut self, needed: impl Iterator<Item = u64>) {
        let mut kept = AHashMap::new();
        for hash in needed {
            if let Some(entity) = self.all.get(&hash) {
                kept.entry(hash).or_insert_with(|| entity.clone());
            }
        }
        self.bytes = kept.values().map(|entity| size(entity)).sum();
        self.sweep_at = self.bytes * 2;
        self.all = kept;
    }

    /// All, in no order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &EntityRef> {
        self.all.values().map(|entity| &**entity)
    }
}
