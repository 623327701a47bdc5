//! Webhooks as a test takes them, and a network that loses, doubles, delays and shuffles them.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use serde_json::{Value, json};

use super::Sandbox;
use crate::dice::Dice;
use crate::post::{Postbox, Posted, Receiver};
use crate::state::{UserKind, WebhookDelivery, World};

/// What happens to deliveries on their way, in thousandths; the same seed does the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// The seed.
    pub seed: u64,
    /// How many of a thousand never come.
    pub lose: u32,
    /// How many of a thousand come twice, with the same id.
    pub double: u32,
    /// How many of a thousand stay behind for the next taking.
    pub delay: u32,
    /// Whether the order is left to chance.
    pub shuffle: bool,
}

impl Mail {
    pub(crate) fn carry(self, world: &mut World) -> Vec<WebhookDelivery> {
        let mut dice = Dice::new(self.seed ^ world.hooks.waiting.len() as u64);
        let mut carried = Vec::new();
        for delivery in std::mem::take(&mut world.hooks.waiting) {
            if dice.in_a_thousand(self.lose) {
                continue;
            }
            if dice.in_a_thousand(self.delay) {
                world.hooks.waiting.push(delivery);
                continue;
            }
            if dice.in_a_thousand(self.double) {
                carried.push(delivery.clone());
            }
            carried.push(delivery);
        }
        if self.shuffle {
            for at in (1..carried.len()).rev() {
                carried.swap(at, dice.below(at + 1));
            }
        }
        carried
    }
}

impl Sandbox {
    /// Starts telling of changes by webhooks, with a `ping` first; signed when there is a secret.
    pub fn enable_webhooks(&self, secret: Option<&str>) {
        self.desk(|desk| desk.world.enable_hooks(secret));
    }

    /// Takes the deliveries since the last taking, in the order of the changes.
    #[must_use]
    pub fn take_deliveries(&self) -> Vec<WebhookDelivery> {
        self.take_deliveries_by(Mail::default())
    }

    /// Takes the deliveries as a bad network hands them over.
    #[must_use]
    pub fn take_deliveries_by(&self, mail: Mail) -> Vec<WebhookDelivery> {
        self.desk(|desk| mail.carry(&mut desk.world))
    }

    /// From now on posts each delivery as it happens, a `ping` first; there is nothing left to take.
    pub fn post_webhooks(&self, to: Receiver) -> anyhow::Result<()> {
        self.desk(|desk| desk.world.post_hooks(to))
    }

    /// What became of the deliveries that were posted, each try of its own, in the order in which they ended.
    #[must_use]
    pub fn posted(&self) -> Vec<Posted> {
        self.desk(|desk| desk.world.hooks.postbox.as_ref().map(|postbox| postbox.log.clone()))
            .unwrap_or_default()
    }

    /// Posts a delivery again, with the id it had. GitHub does so only when it is asked, and for three days.
    pub fn redeliver(&self, id: &str) -> anyhow::Result<()> {
        self.desk(|desk| desk.world.redeliver(id))
    }

    /// Posts again what never got there, and says how many those were.
    pub fn redeliver_failed(&self) -> anyhow::Result<usize> {
        self.desk(|desk| desk.world.redeliver_failed())
    }

    /// Sends an event that nothing here causes, of a repository: one that nobody has heard of, or one that is too large.
    pub fn tell(&self, full_name: &str, event: &str, payload: Value) -> anyhow::Result<()> {
        self.desk(|desk| desk.world.tell_anything(full_name, event, payload))
    }

    /// Sends what looks like a delivery and is signed with another secret.
    pub fn forge(&self, event: &str, payload: &Value) {
        self.desk(|desk| desk.world.forge(event, payload));
    }

    /// Waits until everything that is due was posted and answered for, and says whether it was in time.
    #[must_use]
    pub fn wait_for_mail(&self, at_most: Duration) -> bool {
        self.shared.wait_until(at_most, |desk| {
            desk.land();
            let now = desk.world.clock.now();
            desk.world.hooks.postbox.as_ref().is_none_or(|postbox| postbox.is_out(now))
        })
    }
}

impl World {
    pub(crate) fn enable_hooks(&mut self, secret: Option<&str>) {
        self.hooks.on = true;
        self.hooks.secret = secret.map(str::to_owned);
        let sender = self.ensure_user(super::RESIDENTS[0], UserKind::User);
        let ping = json!({
            "zen": "Practicality beats purity.",
            "hook_id": 483_200_001,
            "hook": {"type": "Repository", "id": 483_200_001, "name": "web", "active": true, "events": ["*"]},
        });
        self.tell("ping", None, sender, ping);
    }
    pub(crate) fn post_hooks(&mut self, to: Receiver) -> anyhow::Result<()> {
        let secret = to.secret.clone();
        self.hooks.postbox = Some(Postbox::new(to).map_err(|message| anyhow!(message))?);
        self.hooks.waiting.clear();
        self.enable_hooks(secret.as_deref());
        Ok(())
    }

    fn postbox(&mut self) -> anyhow::Result<&mut Postbox> {
        self.hooks.postbox.as_mut().context("no webhooks are posted")
    }

    pub(crate) fn redeliver(&mut self, id: &str) -> anyhow::Result<()> {
        let now = self.clock.now();
        self.postbox()?.redeliver(id, now).map_err(|message| anyhow!(message))?;
        self.hooks.bell.notify_one();
        Ok(())
    }

    pub(crate) fn redeliver_failed(&mut self) -> anyhow::Result<usize> {
        let failed = self.postbox()?.failed();
        failed.iter().try_for_each(|id| self.redeliver(id))?;
        Ok(failed.len())
    }

    pub(crate) fn tell_anything(
        &mut self,
        full_name: &str,
        event: &str,
        payload: Value,
    ) -> anyhow::Result<()> {
        let repo = super::people::repo(self, full_name)?;
        let sender = self.ensure_user(super::RESIDENTS[0], UserKind::User);
        self.tell(event, Some(repo), sender, payload);
        Ok(())
    }
}
