//! Expressions in templates: pipelines of commands.

use crate::limits::MAX_TEMPLATE_DEPTH;

/// An expression.
#[derive(Debug)]
pub(super) enum Expression {
    /// A text.
    Text(String),
    /// A number, `true`, `false`, `nil`.
    Literal(super::value::Value),
    /// `.a.b`, `$x.a`, `(...).a`: where it starts, and the names.
    Field(Start, Vec<String>),
    /// A function with its arguments; those of a pipeline come last.
    Call(String, Vec<Expression>),
    /// A method of a value, such as `.Capabilities.APIVersions.Has`.
    Method(Vec<String>, Vec<Expression>),
}

/// Where a path of names starts.
#[derive(Debug)]
pub(super) enum Start {
    Dot,
    Variable(String),
    Inner(Box<Expression>),
}

#[derive(Debug, PartialEq)]
enum Token {
    Text(String),
    /// A number or a word.
    Word(String),
    /// `.a.b` or `.`.
    Dots(Vec<String>),
    /// `$x.a.b`.
    Variable(String, Vec<String>),
    Open,
    /// Closes, with names that follow at once.
    Close(Vec<String>),
    Pipe,
}

/// Reads a pipeline.
pub(super) fn pipeline(text: &str) -> Result<Expression, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0 };
    let expression = parser.pipeline(0)?;
    if parser.at < tokens.len() { Err(format!("`{text}` is not understood")) } else { Ok(expression) }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let (mut out, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (Token::Open, &rest[1..]),
            ')' => {
                let (names, after) = names(&rest[1..]);
                (Token::Close(names), after)
            }
            '|' => (Token::Pipe, &rest[1..]),
            '"' => string(rest)?,
            '`' => {
                let end = rest[1..].find('`').ok_or("a text is not closed")?;
                (Token::Text(rest[1..=end].to_owned()), &rest[end + 2..])
            }
            '.' if !rest[1..].starts_with(|next: char| next.is_ascii_digit()) => {
                let (names, after) = names(rest);
                let after = if names.is_empty() { &rest[1..] } else { after };
                (Token::Dots(names), after)
            }
            '$' => {
                let (name, after) = word(&rest[1..]);
                let (names, after) = names(after);
                (Token::Variable(format!("${name}"), names), after)
            }
            _ => {
                let end = rest.find(|next: char| next.is_whitespace() || matches!(next, '(' | ')' | '|'));
                let end = end.unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), &rest[end..])
            }
        };
        out.push(token);
        rest = after.trim_start();
    }
    Ok(out)
}

/// A word at the beginning.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(text.len());
    text.split_at(end)
}

/// `.a.b` at the beginning.
fn names(mut text: &str) -> (Vec<String>, &str) {
    let mut names = Vec::new();
    while let Some(rest) = text.strip_prefix('.') {
        let (name, after) = word(rest);
        if name.is_empty() {
            break;
        }
        names.push(name.to_owned());
        text = after;
    }
    (names, text)
}

fn string(text: &str) -> Result<(Token, &str), String> {
    let mut out = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((Token::Text(out), &text[at + 1..])),
            '\\' => match characters.next().map(|(_, next)| next) {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => break,
            },
            other => out.push(other),
        }
    }
    Err("a text is not closed".to_owned())
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
}

impl Parser<'_> {
    fn pipeline(&mut self, depth: usize) -> Result<Expression, String> {
        let mut expression = None;
        // What is piped into a command lies within it: each pipe is a level.
        for depth in depth..=MAX_TEMPLATE_DEPTH {
            let command = self.command(expression, depth)?;
            if self.tokens.get(self.at) != Some(&Token::Pipe) {
                return Ok(command);
            }
            self.at += 1;
            expression = Some(command);
        }
        Err("nested too deep".to_owned())
    }

    /// A value, or a function with arguments.
    fn command(&mut self, piped: Option<Expression>, depth: usize) -> Result<Expression, String> {
        if let Some(Token::Word(name)) = self.tokens.get(self.at)
            && literal(name).is_none()
        {
            self.at += 1;
            let mut arguments = self.arguments(depth)?;
            arguments.extend(piped);
            return Ok(Expression::Call(name.clone(), arguments));
        }
        let value = self.argument(depth)?.ok_or("a value is missing")?;
        let mut arguments = self.arguments(depth)?;
        arguments.extend(piped);
        match value {
            value if arguments.is_empty() => Ok(value),
            Expression::Field(_, names) => Ok(Expression::Method(names, arguments)),
            _ => Err("something follows a value that takes no arguments".to_owned()),
        }
    }

    fn arguments(&mut self, depth: usize) -> Result<Vec<Expression>, String> {
        let mut arguments = Vec::new();
        while let Some(argument) = self.argument(depth)? {
            arguments.push(argument);
        }
        Ok(arguments)
    }

    fn argument(&mut self, depth: usize) -> Result<Option<Expression>, String> {
        let expression = match self.tokens.get(self.at) {
            None | Some(Token::Pipe | Token::Close(_)) => return Ok(None),
            Some(Token::Text(text)) => Expression::Text(text.clone()),
            Some(Token::Dots(names)) => Expression::Field(Start::Dot, names.clone()),
            Some(Token::Variable(name, names)) => Expression::Field(Start::Variable(name.clone()), names.clone()),
            Some(Token::Word(word)) => match literal(word) {
                Some(value) => Expression::Literal(value),
                None => Expression::Call(word.clone(), Vec::new()),
            },
            Some(Token::Open) => {
                self.at += 1;
                let inner = self.pipeline(depth + 1)?;
                match self.tokens.get(self.at) {
                    Some(Token::Close(names)) if names.is_empty() => inner,
                    Some(Token::Close(names)) => Expression::Field(Start::Inner(Box::new(inner)), names.clone()),
                    _ => return Err("a parenthesis is not closed".to_owned()),
                }
            }
        };
        self.at += 1;
        Ok(Some(expression))
    }
}

fn literal(word: &str) -> Option<super::value::Value> {
    use super::value::Value;
    match word {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "nil" => Some(Value::Null),
        _ => match (word.parse(), word.parse()) {
            (Ok(int), _) => Some(Value::Int(int)),
            (_, Ok(float)) if word.starts_with(|first: char| first.is_ascii_digit() || first == '-') => {
                Some(Value::Float(float))
            }
            _ => None,
        },
    }
}
