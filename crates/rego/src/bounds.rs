//! What a policy may be like before the interpreter sees it: its parser reads the first thing in a bracket twice, each index
//! behind another one doubles what it looks at, recursion goes over long expressions, and what depends on what in a body takes time with the third power of its statements.
//!
//! A text is cut into tokens here and not understood: what is refused may be harmless, what is let through cannot take long.

use crate::limits::{
    MAX_REGO_CHAIN, MAX_REGO_DEPTH, MAX_REGO_IMPORTS, MAX_REGO_STATEMENTS, MAX_REGO_WIDTH, MAX_REGO_WORK,
};

/// Words that an expression goes on with, or before which it has not ended.
const JOINING: &[&str] = &["in", "as", "with", "else", "if", "contains", "not", "some", "every", "default"];

/// An open bracket, or the text itself.
#[derive(Default)]
struct Level {
    /// Tokens since the last thing that ends an expression.
    tokens: usize,
    /// Its content is read twice until then.
    twice: bool,
    /// Those that ended with a line or `;`.
    statements: usize,
    /// Indices of the reference that the last token is of: `a[i].b[j]` has two.
    indices: u32,
}

/// Walks over the tokens of a policy.
struct Reader<'t> {
    text: &'t str,
    levels: Vec<Level>,
    /// Tokens of all open levels: as deep as what the interpreter makes of them can be.
    chain: usize,
    /// How often what stands here is read.
    times: u64,
    work: u64,
    imports: usize,
    /// The last token lets an expression go on in the next line.
    joins: bool,
    /// A line ended after it.
    ended: bool,
}

/// Why a policy is not given to the interpreter, and at which byte.
pub(crate) fn refused(text: &str) -> Option<(usize, String)> {
    let mut reader = Reader {
        text,
        levels: vec![Level::default()],
        chain: 0,
        times: 1,
        work: 0,
        imports: 0,
        joins: true,
        ended: false,
    };
    let (bytes, mut at) = (text.as_bytes(), 0);
    while at < bytes.len() {
        match reader.token(at) {
            Ok(end) => at = end.max(at + 1),
            Err(reason) => return Some((at, reason)),
        }
    }
    None
}

impl Reader<'_> {
    /// Takes what begins here, and says where it ends.
    fn token(&mut self, at: usize) -> Result<usize, String> {
        let rest = &self.text.as_bytes()[at..];
        match rest[0] {
            b'\n' => {
                self.ended = true;
                self.no_reference();
                Ok(at + 1)
            }
            b' ' | b'\t' | b'\r' => {
                self.no_reference();
                Ok(at + 1)
            }
            b'#' => Ok(at + memchr::memchr(b'\n', rest).unwrap_or(rest.len())),
            b'"' | b'`' => {
                let end = at + quoted(rest);
                width(&self.text.as_bytes()[at..end])?;
                self.count(false)?;
                Ok(end)
            }
            b',' => {
                self.end();
                Ok(at + 1)
            }
            b';' => {
                self.statement()?;
                Ok(at + 1)
            }
            open @ (b'[' | b'{' | b'(') => {
                self.count(open != b'{')?;
                let before = self.text.as_bytes().get(at.wrapping_sub(1));
                if open == b'[' && before.is_some_and(|byte| is_letter(byte) || matches!(byte, b']' | b')')) {
                    self.index()?;
                }
                self.open(open != b'(')?;
                Ok(at + 1)
            }
            b']' | b'}' | b')' => {
                self.close();
                self.joins = false;
                Ok(at + 1)
            }
            first if is_letter(&first) => {
                let end = at + rest.iter().position(|byte| !is_letter(byte)).unwrap_or(rest.len());
                let word = self.text.get(at..end).unwrap_or_default();
                self.count(JOINING.contains(&word))?;
                self.imports += usize::from(word == "import");
                if self.imports > MAX_REGO_IMPORTS {
                    return Err(format!("more than {MAX_REGO_IMPORTS} imports (MAX_REGO_IMPORTS)"));
                }
                Ok(end)
            }
            other => {
                if other != b'.' {
                    self.no_reference();
                }
                self.count(true)?;
                Ok(at + 1)
            }
        }
    }

    fn no_reference(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.indices = 0;
        }
    }

    /// Another index of a reference: what is before it is looked at twice as often.
    fn index(&mut self) -> Result<(), String> {
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        level.indices += 1;
        // One look takes as long as reading eight tokens.
        let looks = 8_u64.checked_shl(level.indices.min(60)).unwrap_or(u64::MAX);
        self.work(looks.saturating_mul(self.times))
    }

    fn work(&mut self, work: u64) -> Result<(), String> {
        self.work = self.work.saturating_add(work);
        if self.work > MAX_REGO_WORK {
            let reason = "brackets in or behind brackets too often (MAX_REGO_WORK): name parts of them";
            return Err(reason.to_owned());
        }
        Ok(())
    }

    /// Counts a token; one that joins continues what the line before it had.
    fn count(&mut self, joins: bool) -> Result<(), String> {
        if std::mem::take(&mut self.ended) && !self.joins && !joins {
            self.statement()?;
        }
        self.joins = joins;
        self.chain += 1;
        if let Some(level) = self.levels.last_mut() {
            level.tokens += 1;
        }
        self.work(self.times)?;
        if self.chain > MAX_REGO_CHAIN {
            return Err(format!(
                "an expression of more than {MAX_REGO_CHAIN} words and signs (MAX_REGO_CHAIN): name parts of it"
            ));
        }
        Ok(())
    }

    fn open(&mut self, twice: bool) -> Result<(), String> {
        if self.levels.len() > MAX_REGO_DEPTH {
            return Err(format!("brackets nest deeper than {MAX_REGO_DEPTH} levels (MAX_REGO_DEPTH)"));
        }
        if twice {
            self.times *= 2;
        }
        self.levels.push(Level { twice, ..Level::default() });
        self.joins = true;
        self.ended = false;
        Ok(())
    }

    fn close(&mut self) {
        if self.levels.len() > 1 {
            self.end();
            self.levels.pop();
        }
    }

    /// A statement ends, which a body has some of; rules are as many as there are.
    fn statement(&mut self) -> Result<(), String> {
        self.end();
        let inside = self.levels.len() > 1;
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        level.statements += usize::from(inside);
        if level.statements > MAX_REGO_STATEMENTS {
            return Err(format!("a body of more than {MAX_REGO_STATEMENTS} statements (MAX_REGO_STATEMENTS)"));
        }
        Ok(())
    }

    /// An expression ends, and another one may begin in the same bracket.
    fn end(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.chain -= std::mem::take(&mut level.tokens);
            level.indices = 0;
            if std::mem::take(&mut level.twice) {
                self.times /= 2;
            }
        }
        self.joins = true;
        self.ended = false;
    }
}

fn is_letter(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80
}

/// Bytes of a text in quotes that begins here; one that is not closed ends with its line, or with the file.
fn quoted(rest: &[u8]) -> usize {
    if rest[0] == b'`' {
        return memchr::memchr(b'`', &rest[1..]).map_or(rest.len(), |end| end + 2);
    }
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    rest.len()
}

/// A width of `sprintf` is that many characters, however few the policy has.
fn width(text: &[u8]) -> Result<(), String> {
    for at in memchr::memchr_iter(b'%', text) {
        let signs = text[at + 1..].iter().take_while(|sign| sign.is_ascii_digit() || **sign == b'.');
        if signs.filter(|sign| sign.is_ascii_digit()).count() > MAX_REGO_WIDTH {
            return Err(format!("a width of more than {MAX_REGO_WIDTH} digits (MAX_REGO_WIDTH)"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nests_or_goes_on_without_end_is_refused() {
        let body = |inner: &str| format!("package main\n\ndeny contains x if {{\n  x := {inner}\n}}\n");
        let long = "  y := input.spec[i].containers[_].image\n".repeat(400);
        let list = format!("[{}]", "{\"name\": [1, 2], \"b\": f(x) + 1},\n".repeat(5_000));
        let deep = format!("{}1{}", "{\"a\": [0, ".repeat(10), "]}".repeat(10));
        for fine in [
            body(&long),
            body(&list),
            body(&deep),
            "\"%3d\" # [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n".to_owned(),
            body("`[[[` + \"\\\"[[[\""),
        ] {
            assert_eq!(refused(&fine), None);
        }
        for (bad, why) in [
            ("1 +\n".repeat(600), "MAX_REGO_CHAIN"),
            ("1 + (".repeat(30), "MAX_REGO_DEPTH"),
            (format!("input{}", ".a".repeat(600)), "MAX_REGO_CHAIN"),
            (format!("1{}", "\n+ 1".repeat(600)), "MAX_REGO_CHAIN"),
            ("x if {true} else\n".repeat(400), "MAX_REGO_CHAIN"),
            (format!("{}1", "[".repeat(24)), "MAX_REGO_WORK"),
            (format!("{}1", "{\"a\": ".repeat(24)), "MAX_REGO_WORK"),
            (format!("input{}", "[i].a".repeat(19)), "MAX_REGO_WORK"),
            (format!("f(input{})", "[x[0]]".repeat(19)), "MAX_REGO_WORK"),
            ("x = y\n".repeat(600), "MAX_REGO_STATEMENTS"),
            ("true;".repeat(600), "MAX_REGO_STATEMENTS"),
            ("}\nimport data.a\n".repeat(1_001), "MAX_REGO_IMPORTS"),
            ("sprintf(\"%0999999d\", [1])".to_owned(), "MAX_REGO_WIDTH"),
        ] {
            let said = refused(&body(&bad)).map(|(_, reason)| reason).unwrap_or_default();
            assert!(said.contains(why), "{why}: {said}");
        }
    }
}
