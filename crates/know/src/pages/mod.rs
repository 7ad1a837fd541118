//! Knowledge: runbooks and notes in folders, found by words, and by the alert that they are for.
//!
//! [`Shelf`] holds the pages of folders and those that are built in; [`search`] finds them together with other documents,
//! [`attach`] says which belong to an alert, [`lists`] what is missing, old or broken.

pub mod attach;
mod builtin;
mod folder;
mod front;
mod html;
pub mod lists;
pub mod markdown;
mod page;
mod read;
pub mod search;
mod shelf;
mod text;
pub mod votes;

pub use attach::{AlertLike, Attached, Why};
pub use builtin::files as builtin_files;
pub use lists::{Lists, ListsAsked};
pub use markdown::render_html;
pub use page::{Kind, Origin, Page, Problem};
pub use search::{Asked, Document, Hit, Index, Snippet};
pub use shelf::{Problems, Reloaded, Shelf};
pub use votes::Votes;
