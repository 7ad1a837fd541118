//! The store as somebody sees it who may see some datasets: every question goes through a view, and the filter is put
//! in where rows are read.

use crate::error::QueryError;
use crate::sql::threads::Pace;
use crate::sql::{QueryLimits, SqlResult};
use crate::store::Store;
use crate::tail::{self, Tail};
use model::{Datasets, Table};
use std::sync::atomic::Ordering;

/// What somebody may see.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// Rows of these datasets.
    pub datasets: Datasets,
    /// Small tables that are not there for this one.
    pub hidden: &'static [&'static str],
}

impl From<Datasets> for Sight {
    fn from(datasets: Datasets) -> Self {
        Sight { datasets, hidden: &[] }
    }
}

/// The store within somebody's sight. Clones share it.
#[derive(Clone)]
pub struct View {
    pub(crate) store: Store,
    pub(crate) sight: Sight,
    pub(crate) pace: Pace,
}

impl Store {
    /// For somebody who may see these datasets, or less.
    pub fn within(&self, sight: impl Into<Sight>) -> View {
        View { store: self.clone(), sight: sight.into(), pace: Pace::Awaited }
    }

    /// For who may see everything: the program itself, for its own purposes.
    pub fn all(&self) -> View {
        self.within(Datasets::All)
    }
}

impl View {
    /// Runs a read-only statement over all tables.
    pub async fn sql(&self, sql: &str, limits: QueryLimits) -> Result<SqlResult, QueryError> {
        let parts = &self.store.parts;
        parts.shared.counters.queries.fetch_add(1, Ordering::Relaxed);
        parts.engine.run(sql, self.store.pins(), &self.sight, self.pace, limits).await
    }

    /// The same for somebody who may see these datasets of it alone.
    pub fn narrowed(&self, datasets: &Datasets) -> View {
        let sight = Sight { datasets: self.sight.datasets.and(datasets), hidden: self.sight.hidden };
        View { sight, ..self.clone() }
    }

    /// The same for what nobody waits for: its questions take what those of others leave.
    pub fn in_background(&self) -> View {
        View { pace: Pace::Background, ..self.clone() }
    }

    /// Follows what is committed from now on.
    pub fn subscribe(&self, table: Table, capacity: usize) -> Tail {
        let (subscriber, tail) = tail::channel(table, capacity, self.sight.datasets.clone());
        self.store.parts.shared.lock().subscribers.push(subscriber);
        tail
    }
}
