//! The store from the outside: append, crash, flush, query.

mod basics;
mod same;
mod support;
