//! The sandbox as its clients see it: one binary, one file per side.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on is a failed test")]
#![expect(clippy::needless_pass_by_value, reason = "stories build their bodies in the call")]

mod apps;
mod chaos;
mod control;
mod evidence;
mod families;
mod faults;
mod graphql;
mod lists;
mod people;
mod posting;
mod quirks;
mod rest;
mod search;
mod support;
mod webhooks;
