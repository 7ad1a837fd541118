//! What a rule needs, as a condition of SQL over the store's tables, so that a hunt through history reads less.
//!
//! **Invariant:** a row that the rule matches meets the condition. It says only what must be there, never what must not:
//! a negated test of a field that is not there holds. What it lets through is evaluated exactly by [`Compiled`].

use super::Compiled;
use super::necessary::{Atom, What};
use super::routes::bits;
use super::rows::COLUMN_PATHS;
use super::slots::ANY;
use model::columns::{Table, name};

/// Shortest text that is worth looking for.
const MIN_TEXT: usize = 3;
/// Most comparisons of one condition; what needs more is left out, as reading the rows is cheaper then.
const MAX_TERMS: usize = 256;
/// Places of one text beyond which the attributes are looked through as a whole.
const MAX_PLACES: usize = 16;

/// A condition on rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Clause {
    All(Vec<Clause>),
    Any(Vec<Clause>),
    /// A place's text has this one in it, whatever the case. It is plain ASCII, so it is the same in JSON.
    Has(Place, String),
}

/// Where a text may be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// A column, as text.
    Column(&'static str),
    /// A key of such a column.
    Key(&'static str, String),
}

impl Compiled {
    /// A condition of SQL that every row of a table meets which this rule matches; none when nothing can be said.
    pub fn prefilter(&self, rule: usize, table: Table) -> Option<String> {
        self.clause(rule, table).map(|clause| clause.sql())
    }

    pub(super) fn clause(&self, rule: usize, table: Table) -> Option<Clause> {
        let of = self.rules.get(rule)?.as_ref()?;
        let own = self.needs(of.atoms.as_deref(), table);
        let classes = of.classes.as_ref().and_then(|set| {
            let each: Option<Vec<Clause>> =
                bits(set).map(|class| self.needs(self.routes.needs[class].as_deref(), table)).collect();
            each.map(Clause::Any)
        });
        let mut all: Vec<Clause> = own.into_iter().chain(classes).collect();
        all.retain(|clause| clause.terms() <= MAX_TERMS);
        match all.len() {
            0 => None,
            1 => all.pop(),
            _ => Some(Clause::All(all)),
        }
    }

    fn needs(&self, atoms: Option<&[Atom]>, table: Table) -> Option<Clause> {
        let each: Option<Vec<Clause>> = atoms?.iter().map(|atom| self.need(atom, table)).collect();
        each.map(Clause::Any)
    }

    fn need(&self, atom: &Atom, table: Table) -> Option<Clause> {
        let text = match &atom.what {
            // A null is there for a rule and not there for SQL.
            What::Present => return None,
            What::Exact(text) | What::Literal(text, _) => plain_piece(text)?,
        };
        let places = self.places(atom.slot, table);
        Some(Clause::Any(places.into_iter().map(|place| Clause::Has(place, text.to_owned())).collect()))
    }

    /// Everywhere that a value of the slot may be.
    fn places(&self, slot: u32, table: Table) -> Vec<Place> {
        let columns = table.stored_fields();
        let has = |name: &str| columns.iter().any(|column| column.name() == name);
        let mut places = Vec::new();
        if has(name::BODY) {
            places.push(Place::Column(name::BODY));
        }
        if slot == ANY {
            places.extend([Place::Column(name::ATTRIBUTES), Place::Column(name::RESOURCE_ATTRIBUTES)]);
            places
                .extend(COLUMN_PATHS.iter().filter(|(column, _)| has(column)).map(|(column, _)| Place::Column(column)));
            return places;
        }
        let mut keys: Vec<&str> = Vec::new();
        for path in self.program.fields.fields[slot as usize].paths.iter() {
            let of_path = COLUMN_PATHS.iter().filter(|(column, at)| **at == **path && has(column));
            places.extend(of_path.map(|(column, _)| Place::Column(column)));
            // A map or a list is the JSON of a shorter key.
            for end in path.match_indices('.').map(|(at, _)| at).chain([path.len()]) {
                let key = &path[..end];
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        if places.len() + 2 * keys.len() > MAX_PLACES {
            places.extend([Place::Column(name::ATTRIBUTES), Place::Column(name::RESOURCE_ATTRIBUTES)]);
        } else {
            for key in keys {
                places.push(Place::Key(name::ATTRIBUTES, key.to_owned()));
                places.push(Place::Key(name::RESOURCE_ATTRIBUTES, key.to_owned()));
            }
        }
        places
    }
}

/// The longest part of a text that is the same in JSON and in any case folding.
fn plain_piece(text: &str) -> Option<&str> {
    let is_other = |character: char| !(' '..='~').contains(&character) || matches!(character, '"' | '\\');
    let longest = text.split(is_other).max_by_key(|piece| piece.len())?;
    // Dots alone also stand for what lies too deep.
    (longest.len() >= MIN_TEXT && longest.bytes().any(|byte| byte.is_ascii_alphanumeric())).then_some(longest)
}

impl Clause {
    fn terms(&self) -> usize {
        match self {
            Clause::All(parts) | Clause::Any(parts) => parts.iter().map(Clause::terms).sum(),
            Clause::Has(..) => 1,
        }
    }

    fn sql(&self) -> String {
        let joined = |parts: &[Clause], between: &str| {
            let parts: Vec<String> = parts.iter().map(Clause::sql).collect();
            format!("({})", parts.join(between))
        };
        match self {
            Clause::All(parts) if parts.is_empty() => "TRUE".to_owned(),
            Clause::Any(parts) if parts.is_empty() => "FALSE".to_owned(),
            Clause::All(parts) => joined(parts, " AND "),
            Clause::Any(parts) => joined(parts, " OR "),
            Clause::Has(place, text) => {
                format!("contains(lower(CAST({} AS VARCHAR)), '{}')", place.sql(), text.replace('\'', "''"))
            }
        }
    }
}

impl Place {
    fn sql(&self) -> String {
        match self {
            Place::Column(column) => (*column).to_owned(),
            Place::Key(column, key) => format!("{column}['{}']", key.replace('\'', "''")),
        }
    }
}
