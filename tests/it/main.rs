//! The stories of the product, told against a real database and a GitHub that remembers.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on is a failed test")]

mod adopt;
mod answers;
mod audit;
mod cli;
mod conflicts;
mod corrections;
mod crash;
mod database;
mod evidence;
mod governor;
mod invariants;
mod labels;
mod lagging;
mod late;
mod layering;
mod link;
mod linked_reports;
mod milestone;
mod missing;
mod mortal;
mod observe;
mod octocrab;
mod odd_answers;
mod pace;
mod preview;
mod publish;
mod refused;
mod reimport;
mod rest_fallback;
mod restored;
mod revision;
mod schedules;
mod signing_in;
mod store;
mod store_file;
mod store_inbox;
mod tracker_suite;
mod under_parent;
mod unknown_outcome;
mod views;
mod webhook;
mod website;
mod wire;
mod world;
