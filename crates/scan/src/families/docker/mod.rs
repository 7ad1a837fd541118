//! Dockerfiles and Compose files.
//!
//! | file | holds |
//! |---|---|
//! | `lines.rs` | a Dockerfile's logical lines |
//! | `dockerfile.rs` | its instructions |
//! | `variables.rs` | build arguments and environment variables |
//! | `shell/` | the commands of `RUN` |
//! | `mapped.rs` | texts put together from pieces of a file |

pub mod dockerfile;
pub mod lines;
pub mod mapped;
pub mod shell;
pub mod variables;
