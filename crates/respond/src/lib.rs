//! From alerts to what people do about them.
//!
//! A detector tells alerts, again and again and in any order. Repeats roll up, what is suppressed is counted and hidden,
//! what belongs together becomes an incident, and what somebody should hear of becomes a notice: all of it in one
//! transaction of the ledger with the detector's own memory, so that a kill at any moment loses and repeats none.
//!
//! [`Responder::commit`] is the way in. [`plan`] decides, from what it is given alone; the rest asks the ledger and keeps
//! what was decided. Nothing here opens a socket: whoever sends asks [`Responder::due`] and tells [`Responder::done`].

mod act;
mod age;
mod complete;
mod export;
mod limits;
mod notice;
mod outbox;
mod plan;
mod playbook;
mod policy;
mod responder;
mod risk;
mod score;
mod suppress;
mod text;
mod tick;

pub use act::{Deed, NewIncident, NewTask};
pub use complete::Completion;
pub use export::{first_useful_signal, review};
pub use ledger::Detector as DetectorState;
pub use limits::SUPPRESSION_DAYS;
pub use notice::{About, Notice, render};
pub use outbox::{Failure, Sending};
pub use plan::{Around, Summary, fingerprint, plan};
pub use playbook::{Action, DryRun, Playbook};
pub use policy::{Channel, ChannelKind, Policy};
pub use responder::{RespondError, Responder, Runbooks};
pub use risk::risk;
pub use score::{Advice, Proposal, RuleScore, scores};
pub use suppress::{Hides, NewSuppression};
pub use tick::Ticked;
