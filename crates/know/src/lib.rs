//! What the facts mean together: owners, inventory, measures.

pub mod dora;
