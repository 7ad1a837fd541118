//! Configuration of servers.
//!
//! | folder | reads |
//! |---|---|
//! | `nginx` | nginx |
//! | `sshd` | OpenSSH's server |

pub mod nginx;
pub mod sshd;
