//! The stories of the product, told against a real database and a GitHub that remembers.

mod publish;
mod views;
mod world;
