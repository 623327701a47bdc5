//! stub
use crate::action::{Category, Kind};
/// stub
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// c
    pub category: Category,
    /// k
    pub kind: Kind,
    /// m
    pub matched: Vec<String>,
}
/// stub
#[must_use]
pub fn classify(_t: &str, _x: &str, _s: Option<&str>, _k: Option<&str>) -> Classification {
    Classification { category: Category::other(), kind: Kind::Other, matched: vec![] }
}
