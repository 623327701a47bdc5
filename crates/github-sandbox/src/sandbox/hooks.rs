//! Webhooks as a test takes them, and a network that loses, doubles, delays and shuffles them.

use super::Sandbox;
use crate::dice::Dice;
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
}

impl World {
    pub(crate) fn enable_hooks(&mut self, secret: Option<&str>) {
        self.hooks.on = true;
        self.hooks.secret = secret.map(str::to_owned);
        let sender = self.ensure_user(super::RESIDENTS[0], UserKind::User);
        let ping = serde_json::json!({
            "zen": "Practicality beats purity.",
            "hook_id": 483_200_001,
            "hook": {"type": "Repository", "id": 483_200_001, "name": "web", "active": true, "events": ["*"]},
        });
        self.tell("ping", None, sender, ping);
    }
}
