//! The store from the outside.

mod basics;
mod committed;
mod damage;
mod datasets;
mod golden;
mod lifecycle;
mod same;
mod small;
mod support;
