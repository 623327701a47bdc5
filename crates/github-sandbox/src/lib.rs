//! A GitHub issues API on loopback, with a real state model and faults on demand.
//!
//! A [`Sandbox`] listens on 127.0.0.1 and answers REST (under `/` and `/api/v3`) and GraphQL (`/graphql`,
//! `/api/graphql`) from one state: people, repositories, issues, labels, comments, sub-issues. Tests speak to it in
//! three ways: as a client over HTTP, as the people who close and edit issues in the browser
//! ([`Sandbox::close`], [`Sandbox::edit_body`], …), and as fate ([`Sandbox::fault`]).
//!
//! ```
//! use github_sandbox::{CloseReason, Effect, Fault, Sandbox};
//!
//! # fn main() -> anyhow::Result<()> {
//! let sandbox = Sandbox::builder().start()?;
//! sandbox.add_repo("acme/platform");
//! sandbox.fault(Fault::create_issue(Effect::LoseReply)); // the write happens, the client never hears of it
//! let number = sandbox.open_issue("acme/platform", "octo-dev", "Rotate the signing key", "")?;
//! sandbox.close("acme/platform", number, CloseReason::NotPlanned, "octo-lead")?;
//! assert_eq!(sandbox.issues("acme/platform")[0].state_reason.as_deref(), Some("not_planned"));
//! # Ok(())
//! # }
//! ```
//!
//! What it answers was held against GitHub's published OpenAPI description and GraphQL schema; `checks/` does it again.

#![recursion_limit = "256"]

mod access;
mod call;
mod chaos;
mod clock;
mod control;
mod desk;
mod dice;
mod faults;
mod graphql;
mod http;
mod json;
mod jwt;
mod post;
mod rest;
mod sandbox;
mod server;
mod state;

pub use desk::RequestRecord;
pub use dice::Dice;
pub use faults::{Effect, Fault, Match};
pub use post::{Posted, Receiver};
pub use sandbox::{
    Access, Builder, CommentView, DEFAULT_LOGIN, DEFAULT_TOKEN, IssueView, Mail, ReactionView, Sandbox,
    TEST_APP_KEY,
};
pub use state::{CloseReason, Permission, Quirks, RepoSettings, WebhookDelivery};
