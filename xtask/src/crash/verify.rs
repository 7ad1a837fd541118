//! Counting what a server holds against what it acknowledged, by SQL alone.

use super::load;
use crate::server::Server;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A query may fail once while damage is found and set aside; what it answers then must be right.
const ATTEMPTS: usize = 5;

const COUNTS: &str = "
SELECT attributes['crash.client'] AS client,
       count(*) AS found,
       count(DISTINCT attributes['crash.id']) AS ids,
       count(DISTINCT event_id) AS events,
       max(attributes['crash.id']) AS last,
       count(*) FILTER (WHERE
           (body IS DISTINCT FROM concat('record ', attributes['crash.id'], ' holds ', attributes['crash.pad']))
           OR (substr(attributes['crash.id'], 1, 3) IS DISTINCT FROM concat('c', right(concat('0', attributes['crash.client']), 2)))
           OR (CAST(timestamp AS BIGINT) IS DISTINCT FROM CAST(attributes['crash.time'] AS BIGINT))
           OR (severity_number IS DISTINCT FROM 9)
           OR (scope_name IS DISTINCT FROM 'xtask')) AS wrong
FROM logs WHERE service_name = 'crash' GROUP BY 1";

/// Rows that are neither the clients' nor the server's own: a damaged name, or worse.
const STRANGE: &str = "
SELECT count(*) FROM logs WHERE (service_name IS DISTINCT FROM 'crash') AND (source IS DISTINCT FROM 'tandem')";

/// Rows of one client.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rows {
    /// Rows in all.
    pub found: u64,
    /// Highest number plus one.
    pub end: u64,
}

/// Rows found, per client; none of them wrong and none twice.
#[derive(Debug, Default)]
pub struct Found {
    clients: BTreeMap<usize, Rows>,
}

/// Counts, and fails on the first wrong or doubled row.
pub fn look(server: &Server) -> Result<Found> {
    let found = read(&ask(server, COUNTS)?)?;
    let strange = ask(server, STRANGE)?;
    ensure!(strange == [[0]], "there are rows that nobody sent: {strange:?}");
    Ok(found)
}

fn ask(server: &Server, sql: &str) -> Result<Vec<Vec<Value>>> {
    let mut rows = server.sql(sql);
    for _ in 1..ATTEMPTS {
        if rows.is_ok() {
            break;
        }
        rows = server.sql(sql);
    }
    rows.context("cannot count the rows")
}

fn read(rows: &[Vec<Value>]) -> Result<Found> {
    let mut found = Found::default();
    for row in rows {
        let [client, count, ids, events, last, wrong] = row.as_slice() else {
            bail!("an answer with other columns: {row:?}")
        };
        let number = |value: &Value| value.as_u64().with_context(|| format!("no count in {row:?}"));
        let client = client.as_str().and_then(|client| client.parse().ok());
        let client: usize = client.with_context(|| format!("a row with a damaged client: {row:?}"))?;
        let last = last.as_str().and_then(|last| last.rsplit_once('n')).and_then(|(_, last)| last.parse::<u64>().ok());
        let end = last.with_context(|| format!("a row with a damaged id: {row:?}"))? + 1;
        let (count, ids, events, wrong) = (number(count)?, number(ids)?, number(events)?, number(wrong)?);
        ensure!(wrong == 0, "{wrong} rows of client {client} are wrong");
        ensure!(count == ids, "{} rows of client {client} are there twice", count - ids);
        ensure!(count == events, "{} event ids of client {client} were given twice", count - events);
        found.clients.insert(client, Rows { found: count, end });
    }
    Ok(found)
}

impl Found {
    /// Rows of all clients.
    pub fn rows(&self) -> u64 {
        self.clients.values().map(|rows| rows.found).sum()
    }

    /// Rows of one client.
    pub fn client(&self, client: usize) -> Rows {
        self.clients.get(&client).copied().unwrap_or_default()
    }

    /// Everything acknowledged is there, without a gap; a request that was never answered may be.
    pub fn at_least(&self, acknowledged: &[u64]) -> Result<()> {
        for (client, &wanted) in acknowledged.iter().enumerate() {
            let rows = self.client(client);
            ensure!(rows.found >= wanted, "client {client}: {} acknowledged rows are missing", wanted - rows.found);
            ensure!(
                rows.found == rows.end,
                "client {client}: {} rows, but the last is number {}",
                rows.found,
                rows.end
            );
        }
        Ok(())
    }

    /// Just what was acknowledged is there.
    pub fn exactly(&self, acknowledged: &[u64]) -> Result<()> {
        self.at_least(acknowledged)?;
        for (client, &wanted) in acknowledged.iter().enumerate() {
            let found = self.client(client).found;
            ensure!(found == wanted, "client {client}: {found} rows, but {wanted} were acknowledged");
        }
        Ok(())
    }

    /// All rows of one client are there.
    pub fn whole(&self, client: usize, acknowledged: u64) -> bool {
        let rows = self.client(client);
        rows.found == acknowledged && rows.end == acknowledged
    }
}

/// Reads every column of every row, so that no damage stays unread.
pub fn read_everything(server: &Server) -> Result<()> {
    let mut last = String::new();
    for _ in 0..ATTEMPTS {
        let sql = json!({"sql": "SELECT * FROM logs", "format": "csv"});
        // An answer that breaks off in the middle is an error of the connection.
        match server.api().post_json("/api/v1/sql", &sql) {
            Ok(answer) if answer.status == 200 => return Ok(()),
            Ok(answer) => last = format!("{}: {}", answer.status, answer.text()),
            Err(error) => last = format!("{error:#}"),
        }
    }
    bail!("`SELECT * FROM logs` fails again and again: {last}")
}

/// A search by a unique token finds its row, and only it: through the token index, unlike SQL counts.
pub fn search_one(server: &Server, client: usize, number: u64) -> Result<()> {
    let id = load::id(client, number);
    let body = json!({"query": id, "table": "logs", "limit": 10});
    let mut last = String::new();
    for _ in 0..ATTEMPTS {
        let answer = server.api().post_json("/api/v1/search", &body)?;
        let text = answer.text();
        let rows = text.lines().filter(|line| line.starts_with("{\"row\"")).count();
        let right = text.lines().any(|line| line.contains(&format!("record {id} holds")));
        if answer.status == 200 && rows == 1 && right {
            return Ok(());
        }
        last = format!("status {}, {rows} rows", answer.status);
    }
    bail!("the search for `{id}` answers {last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_a_doubled_and_a_wrong_row() {
        let row = |found, ids, events, last, wrong| {
            vec![json!("1"), json!(found), json!(ids), json!(events), json!(last), json!(wrong)]
        };
        let found = read(&[row(10, 10, 10, load::id(1, 9), 0)]).unwrap();
        found.exactly(&[0, 10]).unwrap();
        found.at_least(&[0, 8]).unwrap();
        assert!(found.at_least(&[0, 11]).is_err());
        assert!(found.exactly(&[0, 8]).is_err());
        assert!(found.exactly(&[3, 10]).is_err());
        assert!(read(&[row(10, 9, 10, load::id(1, 9), 0)]).unwrap_err().to_string().contains("twice"));
        assert!(read(&[row(10, 10, 9, load::id(1, 9), 0)]).unwrap_err().to_string().contains("event ids"));
        assert!(read(&[row(10, 10, 10, load::id(1, 9), 2)]).unwrap_err().to_string().contains("wrong"));
        let gap = read(&[row(9, 9, 9, load::id(1, 9), 0)]).unwrap();
        assert!(gap.at_least(&[0, 9]).unwrap_err().to_string().contains("the last is number"));
    }
}
