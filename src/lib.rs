//! Followup makes sure that what an incident report promised gets done.
pub mod action;
pub mod clock;
pub mod config;
pub mod policy;
pub mod store;
pub mod sync;
pub mod tracker;
