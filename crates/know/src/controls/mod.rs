//! Controls: the reasons behind everything that stops, hides or exempts, and what people say to them.
//!
//! A control is a file of people (`file.rs`, `lint.rs`) and a decision of the ledger (`sync.rs`). What people decide about
//! it are decisions too, appended and signed: answers and replies (`answers.rs`), exceptions and adjustments (`acts.rs`),
//! lockdowns (`lockdown.rs`). What stands at a time is derived from them (`standing.rs`), and never kept.
//!
//! | kind | body |
//! |---|---|
//! | `control` | the [`model::Control`]; `withdrawn` when its file is gone |
//! | `answer` | `control`, `say`, `where`, `environment`, `until` |
//! | `question` | the same, opened by an alert |
//! | `reply` | `to`, `did` |
//! | `exception` | `control`, `environment`, `renews`, `answers` |
//! | `adjustment` | `control`, `environment`, `mode`, `answers` or `lockdown` |
//! | `waiver` | `findings`, which it cites; `control`, `renews` |
//! | `lockdown` | `controls`, `mode`, `review_at` |
//! | `lockdown_review` | `control`, `outcome` |
//! | `ended` | `of`: what somebody ended before its time |

mod acts;
mod answers;
mod bypass;
mod carried;
mod endings;
pub mod file;
mod form;
pub mod friction;
mod lint;
mod lockdown;
mod problem;
mod standing;
mod sync;
mod waive;
mod words;

pub use crate::limits::MAX_WAIVED;
pub use acts::{Made, NewAdjustment, NewException, adjust, end, except, renew};
pub use answers::{Asking, Did, NewAnswer, NewReply, Replied, Reply, Say, answer, asking, open_questions, reply, told};
pub use bypass::{Bypasses, RuleNames, bypasses, stand_behind};
pub use carried::{Carried, answer_with, carried, carried_by};
pub use endings::{Ending, endings, restricting};
pub use form::{Form, Needs, Rights, form, needs};
pub use lint::{Against, Loaded, Source, lint, load};
pub use lockdown::{NewLockdown, OpenReview, Outcome, Reviewed, lockdown, open_lockdown_reviews, review_lockdown};
pub use problem::{Problem, Severity};
pub use standing::{Adjustment, Known, Lockdown, Standing, in_force};
pub use sync::{Synced, sync};
pub use waive::{NewWaiver, Waived, behind, is_part, waive, waived};
pub use words::{Where, Word};

use ledger::LedgerError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The caller is wrong.
    #[error("{0}")]
    Invalid(String),
    /// There is no such thing, or it may not be seen.
    #[error("{0}")]
    Gone(String),
    /// The ledger could not.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

type Result<T> = std::result::Result<T, ControlError>;

fn invalid<T>(why: impl Into<String>) -> Result<T> {
    Err(ControlError::Invalid(why.into()))
}
