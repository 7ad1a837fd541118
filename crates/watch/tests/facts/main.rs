//! The facts of machines that the tests make themselves, and of the one that runs them.

mod accounts;
mod containers;
mod hostile;
mod machine;
mod packages;
mod processes;
mod real;
mod sensitive;
