//! Mishaps by chance: each request meets one with a given probability, the same ones for the same seed and requests.
//!
//! Invariant: only mishaps that a patient client survives. What no client can tell from the truth (a write that lands
//! twice, a credential that ends) is for scripts, which know what to expect of it.

use std::time::Duration;

use serde::Deserialize;

use crate::dice::Dice;
use crate::faults::Effect;

/// Every mishap that chance knows, by the name the fault script has for it.
pub(crate) const MISHAPS: [&str; 15] = [
    "drop_before",
    "lose_reply",
    "reset",
    "truncate",
    "garble",
    "empty",
    "server_error_before_commit",
    "server_error_after_commit",
    "cut_off",
    "secondary_limit",
    "disguised_limit",
    "primary_limit",
    "land_late",
    "delay",
    "stale_list",
];

/// How much chance there is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Odds {
    /// Between 0 and 1: how many requests meet a mishap.
    pub(crate) rate: f64,
    pub(crate) seed: u64,
    /// Only these mishaps; all when it is empty.
    pub(crate) only: Vec<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Chaos {
    dice: Dice,
    in_a_million: usize,
    kinds: Vec<&'static str>,
}

impl Chaos {
    pub(crate) fn new(odds: &Odds) -> Result<Self, String> {
        if !(0.0..=1.0).contains(&odds.rate) {
            return Err(format!("the rate is between 0 and 1, not {}", odds.rate));
        }
        if let Some(unknown) = odds.only.iter().find(|name| !MISHAPS.contains(&name.as_str())) {
            return Err(format!("unknown mishap `{unknown}`; there are {}", MISHAPS.join(", ")));
        }
        let kinds =
            MISHAPS.into_iter().filter(|name| odds.only.is_empty() || odds.only.iter().any(|at| at == name));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and a million"
        )]
        let in_a_million = (odds.rate * 1_000_000.0) as usize;
        Ok(Self { dice: Dice::new(odds.seed), in_a_million, kinds: kinds.collect() })
    }

    /// What happens to the next request, if anything.
    pub(crate) fn strike(&mut self) -> Option<Effect> {
        if self.in_a_million == 0 || self.dice.below(1_000_000) >= self.in_a_million {
            return None;
        }
        let kind = self.dice.pick(&self.kinds);
        let coin = self.dice.below(2) == 0;
        Some(match kind {
            "drop_before" => Effect::DropBefore,
            "lose_reply" => Effect::LoseReply,
            "reset" => Effect::Reset { done: coin },
            "truncate" => Effect::Truncate,
            "garble" => Effect::Garble,
            "empty" => Effect::Empty,
            "server_error_before_commit" => Effect::ServerErrorBeforeCommit(if coin { 502 } else { 503 }),
            "server_error_after_commit" => Effect::ServerErrorAfterCommit(if coin { 502 } else { 504 }),
            "cut_off" => Effect::CutOff { done: coin, status: self.dice.pick(&[200, 502, 504]) },
            "secondary_limit" => {
                Effect::SecondaryLimit { retry_after: Some(1), status: if coin { 403 } else { 429 } }
            }
            "disguised_limit" => Effect::DisguisedLimit,
            "primary_limit" => Effect::PrimaryLimit { reset_in: if coin { 0 } else { -30 } },
            "land_late" => Effect::LandLate(Duration::from_secs(1 + self.dice.below(3) as u64)),
            "delay" => Effect::Delay(Duration::from_millis(20 + self.dice.below(200) as u64)),
            _ => Effect::StaleList { newest: 1 },
        })
    }
}
