//! The control addresses about webhooks.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::post::Receiver;
use crate::sandbox::Mail;
use crate::state::World;

/// What the addresses read; each verb takes the members it needs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Order {
    secret: Option<String>,
    url: Option<String>,
    seed: u64,
    lose: u32,
    double: u32,
    delay: u32,
    shuffle: bool,
    late_seconds: Option<u64>,
    patience_seconds: Option<u64>,
    at_once: Option<usize>,
    id: Option<String>,
    repo: String,
    event: Option<String>,
    payload: Option<Value>,
    forged: bool,
    bytes: usize,
}

pub(super) fn answer(world: &mut World, verb: &str, body: &[u8]) -> anyhow::Result<Value> {
    let order: Order = if body.is_empty() { Order::default() } else { serde_json::from_slice(body)? };
    match verb {
        "webhooks" => match &order.url {
            Some(url) => world.post_hooks(receiver(url, &order))?,
            None => world.enable_hooks(order.secret.as_deref()),
        },
        "redeliver" => match &order.id {
            Some(id) => world.redeliver(id)?,
            None => return Ok(json!({"again": world.redeliver_failed()?})),
        },
        "tell" => {
            let event = order.event.as_deref().context("say `event`")?;
            let mut payload = order.payload.unwrap_or_else(|| json!({}));
            if order.bytes > 0 {
                payload["padding"] = "x".repeat(order.bytes).into();
            }
            if order.forged {
                world.forge(event, &payload);
            } else {
                world.tell_anything(&order.repo, event, payload)?;
            }
        }
        _ => bail!("unknown control address"),
    }
    Ok(json!({}))
}

fn receiver(url: &str, order: &Order) -> Receiver {
    let Order { seed, lose, double, delay, shuffle, .. } = *order;
    let mut to = Receiver::at(url).mail(Mail { seed, lose, double, delay, shuffle });
    if let Some(secret) = &order.secret {
        to = to.secret(secret);
    }
    if let Some(seconds) = order.late_seconds {
        to = to.late(Duration::from_secs(seconds));
    }
    if let Some(seconds) = order.patience_seconds {
        to = to.patience(Duration::from_secs(seconds));
    }
    to.at_once(order.at_once.unwrap_or(1))
}
