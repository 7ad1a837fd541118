//! Errors of the API: `{"error":{"message","where","help"}}`, and nothing else on the way out.

use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use ledger::LedgerError;
use receive::error::DecodeError;
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;
use store::{AppendError, QueryError};

/// What every answer looks like that is an error.
#[derive(utoipa::ToSchema)]
#[schema(as = Error)]
#[expect(dead_code, reason = "what `ApiError::json` writes")]
pub struct Refusal {
    error: ErrorBody,
}

/// What is wrong, where, and what to do.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "what `ApiError::inner` writes")]
pub struct ErrorBody {
    /// What is wrong.
    message: String,
    /// Where: `start` and `end` in a search, `line` and `column` of a body or statement, `file`, `byte`.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    r#where: Option<Value>,
    /// What to do.
    help: Option<String>,
}

/// An answer that is an error.
#[derive(Debug)]
pub struct ApiError {
    /// The status.
    pub status: StatusCode,
    /// What is wrong.
    pub message: String,
    /// Where: a character range of the query, a byte, a parameter.
    pub place: Option<Value>,
    /// What to do.
    pub help: Option<String>,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// Why this was refused, when it is to be written down that somebody tried.
    pub refused: Option<&'static str>,
}

/// Mark of an answer: this was refused, and for what reason, in the words of the audit trail.
#[derive(Clone, Copy, Debug)]
pub struct Refused(pub &'static str);

impl ApiError {
    /// An error without a place.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), place: None, help: None, retry_after: None, refused: None }
    }

    /// The caller is wrong.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// With what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// To be written down, with a reason.
    pub fn refused(mut self, why: &'static str) -> Self {
        self.refused = Some(why);
        self
    }

    /// A query that does not parse: with the span, and the caret under the character.
    pub fn parse(error: &query::ParseError, text: &str) -> Self {
        let mut answer = Self::bad(error.message.clone());
        answer.place = Some(json!({"start": error.span.start, "end": error.span.end}));
        answer.help(error.render(text))
    }

    /// The body.
    pub fn json(&self) -> Value {
        json!({"error": self.inner()})
    }

    /// What is wrong, where, and what to do.
    pub fn inner(&self) -> Value {
        json!({"message": self.message, "where": self.place, "help": self.help})
    }
}

/// What a path answers to a method that it does not take.
pub async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, format!("{} does not take {method}", uri.path()))
        .help("the header `Allow` of this answer names the methods that it takes")
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(self.json())).into_response();
        if let Some(retry_after) = self.retry_after {
            let seconds = retry_after.as_millis().div_ceil(1000).max(1);
            if let Ok(value) = HeaderValue::try_from(seconds.to_string()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
        }
        if let Some(why) = self.refused {
            response.extensions_mut().insert(Refused(why));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        let status = match &error {
            QueryError::Invalid(_) => StatusCode::BAD_REQUEST,
            QueryError::Timeout(_) => StatusCode::REQUEST_TIMEOUT,
            QueryError::Memory(_) => StatusCode::INSUFFICIENT_STORAGE,
            QueryError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut answer = Self::new(status, error.to_string());
        answer.place = line_and_column(&answer.message);
        if READ_ONLY.iter().any(|refusal| answer.message.contains(refusal)) {
            answer.help = Some("statements only read here: send one SELECT".to_owned());
        }
        answer
    }
}

/// What the engine says of statements that would change something.
const READ_ONLY: [&str; 4] =
    ["DDL not supported", "DML not supported", "Statement not supported", "Unsupported SQL statement"];

/// The place that a parser of SQL tells at the end of its message: `at Line: 1, Column: 8`.
fn line_and_column(message: &str) -> Option<Value> {
    let number = |text: &str| -> Option<u64> {
        text.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok())
    };
    let (line, rest) = message.rsplit_once(" at Line: ")?.1.split_once(", Column: ")?;
    Some(json!({"line": number(line)?, "column": number(rest)?}))
}

impl From<AppendError> for ApiError {
    fn from(error: AppendError) -> Self {
        let status = match &error {
            AppendError::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
            AppendError::DiskFull | AppendError::Closed | AppendError::Io(_) => StatusCode::SERVICE_UNAVAILABLE,
            AppendError::Invalid(_) => StatusCode::BAD_REQUEST,
        };
        let mut answer = Self::new(status, error.to_string());
        answer.retry_after = match &error {
            AppendError::Busy { retry_after } => Some(*retry_after),
            AppendError::DiskFull | AppendError::Io(_) => Some(Duration::from_secs(5)),
            _ => None,
        };
        answer
    }
}

impl From<DecodeError> for ApiError {
    fn from(error: DecodeError) -> Self {
        let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
        let mut answer = Self::new(status, error.to_string());
        if let DecodeError::Malformed { at: Some(at), .. } = &error {
            answer.place = Some(json!({"byte": at}));
        }
        answer
    }
}

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        let status = match &error {
            LedgerError::Invalid(_) => StatusCode::BAD_REQUEST,
            LedgerError::Locked(_) | LedgerError::Full | LedgerError::Away(_) => StatusCode::SERVICE_UNAVAILABLE,
            LedgerError::NewerVersion { .. } | LedgerError::Gone { .. } | LedgerError::Database(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        let mut answer = Self::new(status, error.to_string());
        answer.retry_after = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(Duration::from_secs(5));
        answer
    }
}

impl From<arrow_schema::ArrowError> for ApiError {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the answer cannot be written: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_sql() {
        let error = ApiError::from(QueryError::Invalid("Expected: x, found: y at Line: 2, Column: 13\")".to_owned()));
        assert_eq!(error.place, Some(json!({"line": 2, "column": 13})));
        assert_eq!(line_and_column("at Line: x, Column: 1"), None);
    }

    #[test]
    fn writing_is_refused_with_a_remedy() {
        let error = ApiError::from(QueryError::Invalid("DML not supported: COPY".to_owned()));
        assert!(error.help.unwrap().contains("SELECT"));
    }
}
