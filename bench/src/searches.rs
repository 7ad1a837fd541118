//! The questions that people ask, cold and warm.

use crate::drive::quantile;
use crate::logs::{ABSENT_TOKEN, COMMON_WORD, Logs, PHRASE, RARE_ADDRESS};
use crate::probe;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::time::Instant;
use xtask::server::Server;

/// Warm runs; the median is kept.
const WARM_RUNS: usize = 7;

/// A question, and what a right answer says.
pub struct Question {
    /// What is asked.
    pub name: &'static str,
    ask: Ask,
    /// The number of rows, or the count, that must come out; none when it is not known beforehand.
    expected: Option<u64>,
}

enum Ask {
    /// Of the search API, newest first.
    Search(String),
    /// Of SQL; the answer is its first number.
    Count(String),
    /// Of SQL; the answer is the number of rows.
    Groups(String),
}

/// How long it took.
pub struct Timing {
    /// What was asked.
    pub name: &'static str,
    /// Seconds with nothing in the page cache; none when it could not be dropped.
    pub cold: Option<f64>,
    /// Median of the warm runs.
    pub warm: f64,
    /// Slowest of the warm runs.
    pub slowest: f64,
    /// Rows, or the count.
    pub answer: u64,
}

/// All questions over `rows` rows of service logs.
pub fn questions(logs: &Logs, rows: u64) -> Vec<Question> {
    let search = |name, query: String, expected| Question { name, ask: Ask::Search(query), expected };
    let count = |name, sql: &str| Question {
        name,
        ask: Ask::Count(format!("SELECT count(*) FROM logs WHERE {sql}")),
        expected: None,
    };
    let groups = |name, sql: &str| Question { name, ask: Ask::Groups(sql.to_owned()), expected: None };
    vec![
        search("unique token", logs.token(rows / 2), Some(1)),
        search("absent token", ABSENT_TOKEN.to_owned(), Some(0)),
        search("trace id", format!("trace_id:{}", logs.trace_of(rows / 4)), Some(1)),
        search("rare address", format!("client.address:{RARE_ADDRESS}"), Some(1)),
        search("common word, newest 100", COMMON_WORD.to_owned(), None),
        search("phrase, newest 100", format!("\"{PHRASE}\""), None),
        search("attribute equality, newest 100", "http.response.status_code:503".to_owned(), None),
        count("count of a common word", &format!("has_phrase(body, '{COMMON_WORD}')")),
        count("count of a phrase", &format!("has_phrase(body, '{PHRASE}')")),
        count("count of a substring", "body LIKE '%essio%'"),
        count("count of a regex", "matches_regex(body, 'took [0-9]{5} us')"),
        count("count of an attribute", "attributes['http.request.method'] = 'DELETE'"),
        groups("count by service", "SELECT service_name, count(*) FROM logs GROUP BY 1"),
        groups(
            "histogram by minute and severity",
            "SELECT date_bin(INTERVAL '1 minute', timestamp) AS minute, severity_text, count(*) FROM logs GROUP BY 1, 2",
        ),
    ]
}

/// Asks everything, first cold and then warm.
pub fn measure(server: &Server, questions: &[Question]) -> Result<Vec<Timing>> {
    let mut timings = Vec::new();
    for question in questions {
        let dropped = probe::drop_caches();
        let (first, answer) = time(server, question)?;
        let mut warm = Vec::new();
        for _ in 0..WARM_RUNS {
            let (seconds, again) = time(server, question)?;
            ensure!(again == answer, "{}: answered {answer}, then {again}", question.name);
            warm.push(seconds);
        }
        warm.sort_by(f64::total_cmp);
        timings.push(Timing {
            name: question.name,
            cold: dropped.then_some(first),
            warm: quantile(&warm, 0.5),
            slowest: quantile(&warm, 1.0),
            answer,
        });
        if let Some(timing) = timings.last() {
            println!("{:36} {:8.1} ms warm, {} found", timing.name, timing.warm * 1e3, timing.answer);
        }
    }
    Ok(timings)
}

fn time(server: &Server, question: &Question) -> Result<(f64, u64)> {
    let mut api = server.api();
    // The connection is made before the clock starts.
    api.get("/healthz")?;
    let (path, body) = match &question.ask {
        Ask::Search(query) => ("/api/v1/search", json!({"query": query, "table": "logs", "limit": 100})),
        Ask::Count(sql) | Ask::Groups(sql) => ("/api/v1/sql", json!({"sql": sql, "format": "json"})),
    };
    let started = Instant::now();
    let answer = api.post_json(path, &body)?;
    let seconds = started.elapsed().as_secs_f64();
    ensure!(answer.status == 200, "{}: answered {}: {}", question.name, answer.status, answer.text());
    let text = answer.text();
    let found = match question.ask {
        Ask::Search(_) => text.lines().filter(|line| line.starts_with("{\"row\"")).count() as u64,
        Ask::Count(_) => rows(&text)?[0][0].as_u64().context("no count")?,
        Ask::Groups(_) => rows(&text)?.as_array().map_or(0, Vec::len) as u64,
    };
    if let Some(expected) = question.expected {
        ensure!(found == expected, "{}: found {found}, but there is {expected}", question.name);
    }
    Ok((seconds, found))
}

fn rows(text: &str) -> Result<Value> {
    let mut answer: Value = serde_json::from_str(text).context("the answer to SQL is not JSON")?;
    Ok(answer["rows"].take())
}
