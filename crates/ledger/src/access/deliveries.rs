//! Deliveries of webhooks, by what makes each the only one, so that none is taken twice.

use crate::db::Ledger;
use crate::error::Result;
use crate::facts::text;
use crate::limits::{DELIVERY_NANOS, MAX_DELIVERY_BYTES};
use model::Nanos;

impl Ledger {
    /// Whether a delivery did not come before. It has come from now on.
    ///
    /// `id` must be covered by the signature, such as a digest of the body: a header beside it is anybody's to change.
    pub async fn delivery_is_new(&self, source: &str, id: &str, now: Nanos) -> Result<bool> {
        text("source of the delivery", source, MAX_DELIVERY_BYTES)?;
        text("id of the delivery", id, MAX_DELIVERY_BYTES)?;
        let mut write = self.inner.write(0, now).await?;
        sqlx::query("DELETE FROM deliveries WHERE at < $1")
            .bind(now.saturating_sub(DELIVERY_NANOS))
            .execute(&mut *write.tx)
            .await?;
        let new = sqlx::query("INSERT INTO deliveries (source, id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(source)
            .bind(id)
            .bind(now)
            .execute(&mut *write.tx)
            .await?;
        write.tx.commit().await?;
        Ok(new.rows_affected() == 1)
    }

    /// Lets a delivery come again: what was in it could not be kept.
    pub async fn delivery_failed(&self, source: &str, id: &str) -> Result<()> {
        sqlx::query("DELETE FROM deliveries WHERE source = $1 AND id = $2")
            .bind(source)
            .bind(id)
            .execute(&self.inner.pool)
            .await?;
        Ok(())
    }
}
