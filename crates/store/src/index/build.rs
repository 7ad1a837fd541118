//! Collects the terms of a row group, granule by granule.

use super::terms;
use crate::limits::GRANULE_ROWS;
use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, StringViewArray};
use arrow_schema::DataType;
use model::columns::{ATTRIBUTE_PREFIX, name};
use model::{Table, json};

/// Pairs of fingerprint (upper half) and granule (lower half), sorted, each once.
pub type Entries = Vec<u64>;

/// Collects the terms of one row group.
pub struct IndexBuilder {
    table: Table,
    first_granule: u32,
    entries: Entries,
    granules: Vec<GranuleSet>,
}

impl IndexBuilder {
    /// For a row group of `rows` rows whose first granule has this number in the file.
    pub fn new(table: Table, first_granule: u32, rows: usize) -> Self {
        let granules = (0..rows.div_ceil(GRANULE_ROWS)).map(|_| GranuleSet::default()).collect();
        Self { table, first_granule, entries: Vec::new(), granules }
    }

    /// Adds a whole column of the row group. Columns that are not indexed are passed over.
    pub fn column(&mut self, column: &str, values: &ArrayRef) {
        if column == self.table.text_column() && values.data_type() == &DataType::Utf8View {
            self.strings(values.as_string_view(), |text, set| terms::text_terms(text, |term| set.insert(term)));
        }
        match column {
            name::TRACE_ID => self.trace_ids(values),
            name::SERVICE_NAME | name::NAME => self.pairs(column, values),
            name::ATTRIBUTES | name::RESOURCE_ATTRIBUTES => self.members(values),
            _ => {
                if let Some(key) = column.strip_prefix(ATTRIBUTE_PREFIX) {
                    self.pairs(key, values);
                }
            }
        }
    }

    fn strings(&mut self, values: &StringViewArray, mut add: impl FnMut(&str, &mut GranuleSet)) {
        let mut previous = None;
        for row in 0..values.len() {
            if values.is_null(row) {
                continue;
            }
            let granule = row / GRANULE_ROWS;
            // The same view in the same granule has nothing new to say.
            let view = (values.views()[row], granule);
            if previous == Some(view) {
                continue;
            }
            previous = Some(view);
            add(values.value(row), &mut self.granules[granule]);
        }
    }

    fn trace_ids(&mut self, values: &ArrayRef) {
        let Some(ids) = values.as_fixed_size_binary_opt() else { return };
        let seed = terms::key_seed(name::TRACE_ID);
        for row in 0..ids.len() {
            if ids.is_valid(row) {
                self.granules[row / GRANULE_ROWS].insert(terms::pair(seed, ids.value(row)));
            }
        }
    }

    fn pairs(&mut self, key: &str, values: &ArrayRef) {
        let seed = terms::key_seed(key);
        match values.data_type() {
            DataType::Utf8View => self.strings(values.as_string_view(), |text, set| {
                if terms::pair_is_indexed(text) {
                    set.insert(terms::pair(seed, text.as_bytes()));
                }
            }),
            DataType::Int64 => {
                let ints = values.as_primitive::<Int64Type>();
                let mut text = String::new();
                for row in 0..ints.len() {
                    if ints.is_valid(row) {
                        text.clear();
                        json::write_int(&mut text, ints.value(row));
                        self.granules[row / GRANULE_ROWS].insert(terms::pair(seed, text.as_bytes()));
                    }
                }
            }
            DataType::Boolean => {
                let bools = values.as_boolean();
                for row in 0..bools.len() {
                    if bools.is_valid(row) {
                        let text = if bools.value(row) { "true" } else { "false" };
                        self.granules[row / GRANULE_ROWS].insert(terms::pair(seed, text.as_bytes()));
                    }
                }
            }
            _ => {}
        }
    }

    fn members(&mut self, values: &ArrayRef) {
        self.strings(values.as_string_view(), |object, set| {
            for (key, raw) in json::Members::new(object).into_iter().flatten() {
                if let Some(text) = json::raw_to_text(raw)
                    && terms::pair_is_indexed(&text)
                {
                    set.insert(terms::pair(terms::key_seed(&key), text.as_bytes()));
                }
            }
        });
    }

    /// The sorted entries of the row group.
    pub fn finish(mut self) -> Entries {
        for (index, set) in self.granules.iter().enumerate() {
            let granule = u64::from(self.first_granule + index as u32);
            self.entries.extend(set.iter().map(|term| u64::from(term) << 32 | granule));
        }
        radsort::sort(&mut self.entries);
        self.entries
    }
}

/// A set of fingerprints: open addressing, because this is the busiest loop of a flush.
struct GranuleSet {
    slots: Vec<u32>,
    used: usize,
    /// Zero marks a free slot, so its presence is kept apart.
    zero: bool,
}

impl Default for GranuleSet {
    fn default() -> Self {
        Self { slots: vec![0; 1024], used: 0, zero: false }
    }
}

impl GranuleSet {
    fn insert(&mut self, term: u32) {
        if term == 0 {
            self.zero = true;
            return;
        }
        let mask = self.slots.len() - 1;
        let mut at = term as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == term {
                return;
            }
            if slot == 0 {
                break;
            }
            at = (at + 1) & mask;
        }
        self.slots[at] = term;
        self.used += 1;
        if self.used * 2 > self.slots.len() {
            self.grow();
        }
    }

    fn grow(&mut self) {
        let larger = vec![0; self.slots.len() * 4];
        let old = std::mem::replace(&mut self.slots, larger);
        self.used = 0;
        for term in old.into_iter().filter(|term| *term != 0) {
            self.insert(term);
        }
    }

    fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.zero.then_some(0).into_iter().chain(self.slots.iter().copied().filter(|term| *term != 0))
    }
}
