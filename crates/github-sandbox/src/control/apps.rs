//! The control addresses of apps.

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::jwt;
use crate::sandbox::Access;
use crate::state::World;

/// What they read; each takes the members it needs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Order {
    id: u64,
    slug: String,
    key: String,
    account: String,
    repos: Option<Vec<String>>,
    permissions: std::collections::BTreeMap<String, String>,
    suspended: bool,
}

pub(super) fn answer(world: &mut World, verb: &str, body: &[u8]) -> anyhow::Result<Value> {
    let order: Order = serde_json::from_slice(body)?;
    match verb {
        "app" => {
            world.add_app(order.id, &order.slug, "acme", jwt::public_key(&order.key)?);
            Ok(json!({}))
        }
        "install" => {
            ensure!(world.apps.contains_key(&order.id), "there is no app {}", order.id);
            let mut access = Access { repos: order.repos, ..Access::default() };
            for (name, level) in &order.permissions {
                access = access.with(name, level);
            }
            let (repos, permissions) = access.read(world)?;
            Ok(json!({"id": world.install_app(order.id, &order.account, repos, permissions)}))
        }
        "suspend" | "uninstall" => {
            world.installations.get(&order.id).context("there is no such installation")?;
            if verb == "suspend" {
                world.suspend_installation(order.id, order.suspended);
            } else {
                world.remove_installation(order.id);
            }
            Ok(json!({}))
        }
        _ => bail!("unknown control address"),
    }
}
