//! The stories of the product, told against a real database and a GitHub that remembers.

mod observe;
mod pace;
mod publish;
mod unknown_outcome;
mod views;
mod world;
