//! Webhooks on their way to a receiver: the queue, what a bad network does to it, and what came of each delivery.
//!
//! Invariant: what happens to a delivery follows from the seed and from how many went before it, never from how fast
//! the receiver is; and nothing is tried again by itself, as at GitHub.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::dice::Dice;
use crate::sandbox::Mail;
use crate::server::Shared;
use crate::state::{WebhookDelivery, World};

/// GitHub never sends more than this.
const LARGEST: usize = 25 * 1024 * 1024;
/// How long GitHub keeps a delivery so that it can be sent again, in days.
const KEPT_DAYS: i64 = 3;
/// How far a shuffled delivery strays, in milliseconds.
const STRAY: usize = 2_000;
/// How often we look whether a late one is due.
const TICK: Duration = Duration::from_millis(20);

/// Where webhooks are posted to, and how well they get there.
#[derive(Clone, Debug)]
pub struct Receiver {
    pub(crate) url: String,
    pub(crate) secret: Option<String>,
    pub(crate) mail: Mail,
    pub(crate) late: Duration,
    pub(crate) patience: Duration,
    pub(crate) at_once: usize,
}

impl Receiver {
    /// A receiver at an `http://` address: every delivery comes once, in order, one after the other.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            secret: None,
            mail: Mail::default(),
            late: Duration::from_secs(60),
            patience: Duration::from_secs(10),
            at_once: 1,
        }
    }

    /// Signs deliveries with this.
    #[must_use]
    pub fn secret(mut self, secret: &str) -> Self {
        self.secret = Some(secret.to_owned());
        self
    }

    /// What happens on the way: `delay` is how many come late, and shuffled ones stray by up to two seconds.
    #[must_use]
    pub fn mail(mut self, mail: Mail) -> Self {
        self.mail = mail;
        self
    }

    /// How much of the sandbox's clock a late delivery is late; a minute until set.
    #[must_use]
    pub fn late(mut self, late: Duration) -> Self {
        self.late = late;
        self
    }

    /// How long the receiver may take to answer before the delivery counts as failed: 10 seconds at GitHub.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How many are posted at the same time; GitHub does not wait for one answer before it posts the next.
    #[must_use]
    pub fn at_once(mut self, many: usize) -> Self {
        self.at_once = many.max(1);
        self
    }

    fn address(&self) -> Result<Uri, String> {
        let address: Uri = self.url.parse().map_err(|error| format!("{}: {error}", self.url))?;
        match (address.scheme_str(), address.host()) {
            (Some("http"), Some(_)) => Ok(address),
            _ => Err(format!("webhooks go to http:// addresses, not to {}", self.url)),
        }
    }
}

/// One try to hand a delivery over.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Posted {
    /// `X-GitHub-Delivery`.
    pub id: String,
    /// `X-GitHub-Event`.
    pub event: String,
    /// The payload's `action`, if it has one.
    pub action: Option<String>,
    /// When it was over, by the sandbox's clock.
    pub at: DateTime<Utc>,
    /// Whether somebody asked for it to be sent again.
    pub redelivery: bool,
    /// `OK`, or why it did not get there.
    pub status: String,
    /// What the receiver answered.
    pub status_code: Option<u16>,
}

/// A delivery on its way.
#[derive(Clone, Debug)]
struct Letter {
    due: DateTime<Utc>,
    order: u64,
    redelivery: bool,
    delivery: WebhookDelivery,
}

/// What is on its way to the receiver, and what became of the rest.
#[derive(Debug)]
pub(crate) struct Postbox {
    to: Receiver,
    address: Uri,
    letters: Vec<Letter>,
    under_way: usize,
    kept: BTreeMap<String, (DateTime<Utc>, WebhookDelivery)>,
    pub(crate) log: Vec<Posted>,
    order: u64,
}

impl Postbox {
    pub(crate) fn new(to: Receiver) -> Result<Self, String> {
        let address = to.address()?;
        Ok(Self {
            to,
            address,
            letters: Vec::new(),
            under_way: 0,
            kept: BTreeMap::new(),
            log: Vec::new(),
            order: 0,
        })
    }

    /// Takes a delivery in and decides what will happen to it.
    pub(crate) fn take_in(&mut self, delivery: &WebhookDelivery, now: DateTime<Utc>) {
        self.kept.insert(delivery.id.clone(), (now, delivery.clone()));
        let mail = self.to.mail;
        self.order += 1;
        let mut dice = Dice::new(mail.seed ^ self.order);
        if delivery.body.len() > LARGEST {
            return self.over(delivery, false, now, Err("too large".to_owned()));
        }
        if dice.in_a_thousand(mail.lose) {
            return self.over(delivery, false, now, Err("lost".to_owned()));
        }
        for _ in 0..=usize::from(dice.in_a_thousand(mail.double)) {
            let late = if dice.in_a_thousand(mail.delay) { self.to.late } else { Duration::ZERO };
            let stray = if mail.shuffle { dice.below(STRAY) as u64 } else { 0 };
            let due = now + late + Duration::from_millis(stray);
            self.letters.push(Letter {
                due,
                order: self.order,
                redelivery: false,
                delivery: delivery.clone(),
            });
        }
    }

    /// Sends a delivery again, with the id it had.
    pub(crate) fn redeliver(&mut self, id: &str, now: DateTime<Utc>) -> Result<(), String> {
        let (made, delivery) =
            self.kept.get(id).cloned().ok_or_else(|| format!("there is no delivery {id}"))?;
        if now - made > chrono::Duration::days(KEPT_DAYS) {
            return Err(format!("deliveries are kept for {KEPT_DAYS} days, and {id} is older"));
        }
        self.order += 1;
        self.letters.push(Letter { due: now, order: self.order, redelivery: true, delivery });
        Ok(())
    }

    /// The deliveries of which no try got there.
    pub(crate) fn failed(&self) -> Vec<String> {
        let arrived = |id: &String| self.log.iter().any(|one| one.id == *id && one.status == "OK");
        let tried = |id: &String| self.log.iter().any(|one| one.id == *id);
        self.kept.keys().filter(|id| tried(id) && !arrived(id)).cloned().collect()
    }

    /// From now on nothing is lost, and what is late comes at once.
    pub(crate) fn calm(&mut self, now: DateTime<Utc>) {
        self.to.mail = Mail::default();
        for letter in &mut self.letters {
            letter.due = letter.due.min(now);
        }
    }

    /// Whether everything that is due has been handed over.
    pub(crate) fn is_out(&self, now: DateTime<Utc>) -> bool {
        self.under_way == 0 && self.letters.iter().all(|letter| letter.due > now)
    }

    fn next(&mut self, now: DateTime<Utc>) -> Option<Letter> {
        if self.under_way >= self.to.at_once {
            return None;
        }
        let due = self.letters.iter().enumerate().filter(|(_, letter)| letter.due <= now);
        let (at, _) = due.min_by_key(|(_, letter)| (letter.due, letter.order))?;
        self.under_way += 1;
        Some(self.letters.remove(at))
    }

    fn over(
        &mut self,
        delivery: &WebhookDelivery,
        redelivery: bool,
        at: DateTime<Utc>,
        outcome: Result<u16, String>,
    ) {
        let (status, status_code) = match outcome {
            Ok(code @ 200..=299) => ("OK".to_owned(), Some(code)),
            Ok(code) => (format!("the receiver answered {code}"), Some(code)),
            Err(reason) => (reason, None),
        };
        let WebhookDelivery { id, event, action, .. } = delivery.clone();
        self.log.push(Posted { id, event, action, at, redelivery, status, status_code });
    }
}

impl World {
    /// Puts what waits into the postbox, if there is one.
    pub(crate) fn fill_postbox(&mut self) {
        let now = self.clock.now();
        if let Some(postbox) = &mut self.hooks.postbox {
            self.hooks.waiting.drain(..).for_each(|delivery| postbox.take_in(&delivery, now));
        }
    }

    fn posted(&mut self, letter: &Letter, outcome: Result<u16, String>) {
        let now = self.clock.now();
        if let Some(postbox) = &mut self.hooks.postbox {
            postbox.under_way = postbox.under_way.saturating_sub(1);
            postbox.over(&letter.delivery, letter.redelivery, now, outcome);
        }
        self.hooks.bell.notify_one();
    }
}

/// Hands over what is due, for as long as the sandbox runs.
pub(crate) async fn carry(shared: Shared) {
    let bell = shared.lock().world.hooks.bell.clone();
    loop {
        let (next, waiting) = {
            let world = &mut shared.lock().world;
            world.fill_postbox();
            let now = world.clock.now();
            match &mut world.hooks.postbox {
                Some(postbox) => {
                    let to = (postbox.address.clone(), postbox.to.patience);
                    (postbox.next(now).map(|letter| (to, letter)), !postbox.letters.is_empty())
                }
                None => (None, false),
            }
        };
        if let Some(((address, patience), letter)) = next {
            let shared = shared.clone();
            tokio::spawn(async move {
                let sent = tokio::time::timeout(patience, post(&address, &letter.delivery)).await;
                shared.lock().world.posted(&letter, sent.unwrap_or_else(|_| Err("timed out".to_owned())));
                shared.stir();
            });
        } else if waiting {
            tokio::time::timeout(TICK, bell.notified()).await.ok();
        } else {
            bell.notified().await;
        }
    }
}

/// Posts one delivery; gives the status, or why there is none.
async fn post(address: &Uri, delivery: &WebhookDelivery) -> Result<u16, String> {
    let no_connection = |error: std::io::Error| format!("failed to connect to host: {error}");
    let host = address.host().unwrap_or_default();
    let port = address.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((host, port)).await.map_err(no_connection)?;
    let (mut sender, connection) =
        handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let mut request = Request::post(address.path_and_query().map_or("/", |path| path.as_str()))
        .header("host", format!("{host}:{port}"))
        .header("accept", "*/*");
    for (name, value) in &delivery.headers {
        request = request.header(name, value);
    }
    let body = Full::new(Bytes::from(delivery.body.clone()));
    let request = request.body(body).map_err(|error| error.to_string())?;
    // The sender goes with the answer, and with it the connection ends.
    let answer = async move { sender.send_request(request).await.map(|answer| answer.status().as_u16()) };
    let (answer, _) = tokio::join!(answer, connection);
    answer.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_larger_than_25_mb_is_never_sent() {
        let mut postbox = Postbox::new(Receiver::at("http://127.0.0.1:9/")).expect("an address");
        let large = |bytes: usize| WebhookDelivery {
            id: bytes.to_string(),
            event: "issues".to_owned(),
            action: None,
            headers: Vec::new(),
            body: "x".repeat(bytes),
        };
        postbox.take_in(&large(LARGEST), DateTime::UNIX_EPOCH);
        postbox.take_in(&large(LARGEST + 1), DateTime::UNIX_EPOCH);
        assert_eq!(postbox.letters.len(), 1);
        assert_eq!((postbox.log.len(), postbox.log[0].status.as_str()), (1, "too large"));
    }
}
