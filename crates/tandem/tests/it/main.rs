//! The whole server from the outside: the real binary as a child process, asked through its ports and its command line.

mod access;
mod agent;
mod alerts;
mod api;
mod ask;
mod bombs;
mod cli;
mod config;
mod datasets;
mod findings;
mod folder;
mod http;
mod hunts;
mod knowledge;
mod odd;
mod otlp;
mod people;
mod refusals;
mod reload;
mod retry;
mod rules;
mod scans;
mod secrets;
mod server;
mod sql;
mod teams;
