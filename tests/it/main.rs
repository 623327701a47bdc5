//! The stories of the product, told against a real database and a GitHub that remembers.

mod crash;
mod database;
mod mortal;
mod observe;
mod pace;
mod publish;
mod restored;
mod schedules;
mod store;
mod unknown_outcome;
mod views;
mod world;
