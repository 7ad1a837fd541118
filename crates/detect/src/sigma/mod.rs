//! Sigma 2.1: documents of YAML to [`crate::rule`].
//!
//! | file | reads |
//! |---|---|
//! | `document.rs` | which kind of document it is, and its parts |
//! | `meta.rs` | title, id, level, tags and so on |
//! | `detection.rs` | searches: maps, lists, keywords |
//! | `modifiers.rs` | `field\|modifier\|modifier`, and which go together |
//! | `item.rs` | one field with its values to tests |
//! | `value.rs` | wildcards, escapes, placeholders, dashes, encodings |
//! | `placeholders.rs` | files of values for `expand` |
//! | `regex.rs` | regular expressions in PCRE's words to those of the `regex` crate, bounded |
//! | `condition.rs` | conditions over searches and over rules |
//! | `correlation.rs` | what correlations say |
//! | `link.rs` | references: correlations find their rules, filters are put into theirs |
//! | `load.rs`, `archive.rs` | files, folders, archives |
//! | `lint.rs` | what is allowed and still odd |
//!
//! What is not understood is refused with its place. Own additions: `custom.aspect` (`security` or `operations`; or the
//! tag `tandem.operations`) says whose language a rule speaks, `custom.runbook` where to look when it fires.

mod archive;
mod condition;
mod correlation;
mod detection;
mod document;
mod item;
mod link;
mod lint;
mod load;
mod meta;
mod modifiers;
mod placeholders;
mod reader;
mod regex;
mod value;

pub use lint::Finding;
pub use load::{Loaded, Loader, load, load_texts, unpack};
pub use reader::{Options, Refusal};

#[cfg(test)]
mod tests;
