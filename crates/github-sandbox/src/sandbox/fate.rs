//! Chance, and faults from text.

use std::time::Duration;

use anyhow::{Context as _, anyhow};

use super::Sandbox;
use crate::chaos::{Chaos, Odds};
use crate::faults::{Fault, FaultText};
use crate::state::Quirks;

impl Fault {
    /// Reads a fault as the control address takes it: one JSON object.
    pub fn from_json(text: &str) -> anyhow::Result<Self> {
        let text: FaultText = serde_json::from_str(text)?;
        text.into_fault().map_err(|message| anyhow!(message))
    }

    /// Reads a script: a JSON object on each line, empty lines and those that start with `#` left out.
    pub fn script(text: &str) -> anyhow::Result<Vec<Self>> {
        text.lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
            .map(|(row, line)| Self::from_json(line).with_context(|| format!("line {}", row + 1)))
            .collect()
    }
}

impl Sandbox {
    /// From now on each request meets a mishap with this probability; the same seed gives the same mishaps.
    pub fn chaos(&self, rate: f64, seed: u64) -> anyhow::Result<()> {
        self.chaos_of(rate, seed, &[])
    }

    /// The same with these mishaps only, by the names that the fault script has for them.
    pub fn chaos_of(&self, rate: f64, seed: u64, only: &[&str]) -> anyhow::Result<()> {
        let only = only.iter().map(|&name| name.to_owned()).collect();
        let chaos = Chaos::new(&Odds { rate, seed, only }).map_err(|message| anyhow!(message))?;
        self.desk(|desk| desk.chaos = chaos);
        Ok(())
    }

    /// Ends all chance, forgets the faults that did not happen, and lands the late writes.
    pub fn calm(&self) {
        self.desk(|desk| {
            desk.calm();
        });
    }

    /// Switches quirks on, and all others off.
    pub fn quirks(&self, quirks: Quirks) {
        self.desk(|desk| desk.world.quirks = quirks);
    }

    /// Answers come this much later than they could.
    pub fn latency(&self, latency: Duration) {
        self.desk(|desk| desk.latency = latency);
    }
}
