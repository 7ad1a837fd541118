//! Statements whose length follows from what they are given. Both databases read `$1`, which the builder of `sqlx` for
//! any database does not write.

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, Arguments as _, AssertSqlSafe, Encode, Type};

/// A statement on its way.
#[derive(Default)]
pub struct Statement {
    text: String,
    arguments: AnyArguments,
    failed: Option<sqlx::Error>,
}

/// A row of values in parentheses.
pub struct Values<'a> {
    statement: &'a mut Statement,
    first: bool,
}

impl Statement {
    /// Begins with a text.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// Goes on with a text.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Goes on with a value.
    pub fn bind<'t, T: Encode<'t, Any> + Type<Any>>(&mut self, value: T) -> &mut Self {
        if let Err(error) = self.arguments.add(value) {
            self.failed.get_or_insert(sqlx::Error::Encode(error));
        }
        self.text.push_str(&format!("${}", self.arguments.len()));
        self
    }

    /// Goes on with `VALUES` and a row for each item.
    pub fn values<I: IntoIterator>(&mut self, items: I, mut each: impl FnMut(&mut Values<'_>, I::Item)) -> &mut Self {
        self.push("VALUES ");
        for (number, item) in items.into_iter().enumerate() {
            self.push(if number == 0 { "(" } else { ", (" });
            each(&mut Values { statement: &mut *self, first: true }, item);
            self.push(")");
        }
        self
    }

    /// The statement; prepared for this one time, since the next will have another length.
    ///
    /// To SQLite `$1` is a name, and it looks for each among all others; `?` is the next one. Each is used once here, in
    /// their order, and no text has a `$` of its own.
    pub fn build(&mut self, sqlite: bool) -> sqlx::Result<Query<'static, Any, AnyArguments>> {
        let Statement { text, arguments, failed } = std::mem::take(self);
        match failed {
            Some(error) => Err(error),
            None => {
                let text = if sqlite { positional(&text) } else { text };
                Ok(sqlx::query_with(AssertSqlSafe(text), arguments).persistent(false))
            }
        }
    }
}

/// The text with `?` for `$1`, `$2`, ...
fn positional(text: &str) -> String {
    let mut parts = text.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push('?');
        out.push_str(part.trim_start_matches(|character: char| character.is_ascii_digit()));
    }
    out
}

impl Values<'_> {
    /// The next value of the row.
    pub fn bind<'t, T: Encode<'t, Any> + Type<Any>>(&mut self, value: T) -> &mut Self {
        if !std::mem::take(&mut self.first) {
            self.statement.push(", ");
        }
        self.statement.bind(value);
        self
    }
}
