//! Webhooks that are really posted: to a receiver that is there, is slow, is gone, or is reached by a bad network.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver as Inbox};
use std::time::Duration;

use chrono::Duration as Span;
use github_sandbox::{CloseReason, Mail, Posted, Receiver, Sandbox};
use serde_json::json;

use crate::support::Client;

const LONG: Duration = Duration::from_secs(20);

/// One request as a receiver of webhooks sees it.
#[derive(Debug)]
struct Delivery {
    headers: Vec<(String, String)>,
    body: String,
}

impl Delivery {
    fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let head = loop {
            let mut some = [0; 4096];
            let read = stream.read(&mut some).ok().filter(|read| *read > 0)?;
            bytes.extend_from_slice(&some[..read]);
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
        assert!(text.starts_with("POST /hooks?from=github HTTP/1.1\r\n"), "{text}");
        let headers: Vec<(String, String)> = text
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
        let mut body = bytes.split_off(head);
        let there = body.len();
        body.resize(length, 0);
        stream.read_exact(&mut body[there..]).ok()?;
        Some(Self { headers, body: String::from_utf8(body).ok()? })
    }

    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(at, _)| at == name).map_or("", |(_, value)| value)
    }

    fn number(&self) -> u64 {
        let payload: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        payload["issue"]["number"].as_u64().unwrap_or(0)
    }
}

/// A receiver that answers each request with the next of these statuses, and then with 202; 0 is never to answer.
fn receiver(statuses: &'static [u16]) -> (String, Inbox<Delivery>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hooks?from=github", listener.local_addr().unwrap());
    let (tell, inbox) = mpsc::channel();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for (at, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let Some(delivery) = Delivery::read(&mut stream) else { continue };
            match statuses.get(at).copied().unwrap_or(202) {
                0 => open.push(stream),
                status => {
                    let answer = format!("HTTP/1.1 {status} \r\ncontent-length: 2\r\n\r\nok");
                    stream.write_all(answer.as_bytes()).unwrap();
                }
            }
            if tell.send(delivery).is_err() {
                return;
            }
        }
    });
    (url, inbox)
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::builder().now("2026-11-23T08:00:00Z".parse().unwrap()).start().unwrap();
    sandbox.add_repo("acme/platform");
    sandbox
}

fn opens(sandbox: &Sandbox, many: u64) {
    for number in 0..many {
        sandbox.open_issue("acme/platform", "octo-dev", &format!("Action {number}"), "").unwrap();
    }
}

fn outcomes(sandbox: &Sandbox) -> Vec<String> {
    assert!(sandbox.wait_for_mail(LONG), "{:?}", sandbox.posted());
    sandbox.posted().into_iter().map(|posted| posted.status).collect()
}

#[test]
fn deliveries_are_posted_as_things_happen_signed_and_in_order() {
    let sandbox = sandbox();
    let (url, inbox) = receiver(&[]);
    sandbox.post_webhooks(Receiver::at(&url).secret("s3cret")).unwrap();
    opens(&sandbox, 3);
    sandbox.close("acme/platform", 2, CloseReason::Completed, "octo-lead").unwrap();
    let came: Vec<Delivery> = (0..5).map(|_| inbox.recv_timeout(LONG).unwrap()).collect();
    let events: Vec<&str> = came.iter().map(|one| one.header("x-github-event")).collect();
    assert_eq!(events, ["ping", "issues", "issues", "issues", "issues"]);
    assert_eq!(came.iter().map(Delivery::number).collect::<Vec<_>>(), [0, 1, 2, 3, 2]);
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"s3cret");
    for delivery in &came {
        let tag = ring::hmac::sign(&key, delivery.body.as_bytes());
        let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(delivery.header("x-hub-signature-256"), format!("sha256={hex}"));
        assert!(delivery.header("user-agent").starts_with("GitHub-Hookshot/"));
    }
    assert_eq!(outcomes(&sandbox), ["OK"; 5]);
    let ids: Vec<String> = sandbox.posted().into_iter().map(|posted| posted.id).collect();
    assert_eq!(ids, came.iter().map(|one| one.header("x-github-delivery")).collect::<Vec<_>>());
    assert!(sandbox.take_deliveries().is_empty());
}

#[test]
fn a_receiver_that_fails_or_is_slow_hears_of_it_again_only_when_somebody_asks() {
    let sandbox = sandbox();
    let (url, inbox) = receiver(&[202, 500, 0]);
    sandbox.post_webhooks(Receiver::at(&url).patience(Duration::from_millis(300))).unwrap();
    opens(&sandbox, 3);
    assert_eq!(outcomes(&sandbox), ["OK", "the receiver answered 500", "timed out", "OK"]);
    assert_eq!(inbox.iter().take(4).map(|one| one.number()).collect::<Vec<_>>(), [0, 1, 2, 3]);
    let client = Client::new(&sandbox, "sandbox-token");
    assert_eq!(client.post("/_sandbox/redeliver", json!({})).body, json!({"again": 2}));
    assert!(sandbox.wait_for_mail(LONG));
    let mut again: Vec<u64> = inbox.iter().take(2).map(|one| one.number()).collect();
    again.sort_unstable();
    assert_eq!(again, [1, 2]);
    let posted = client.get("/_sandbox/posted").body;
    let (failed, later) = (&posted[1], posted.as_array().unwrap().iter().skip(4));
    assert_eq!(later.filter(|one| one["id"] == failed["id"] && one["redelivery"] == true).count(), 1);
    assert_eq!(sandbox.redeliver_failed().unwrap(), 0);
    sandbox.advance(Span::days(4));
    let old = sandbox.redeliver(failed["id"].as_str().unwrap()).unwrap_err();
    assert!(old.to_string().contains("kept for 3 days"), "{old}");
}

#[test]
fn a_sandbox_that_starts_later_sends_other_deliveries() {
    let ids = [8, 9].map(|hour| {
        let now = format!("2026-11-23T0{hour}:00:00Z").parse().unwrap();
        let sandbox = Sandbox::builder().now(now).start().unwrap();
        sandbox.enable_webhooks(None);
        sandbox.take_deliveries().remove(0).id
    });
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[0].split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
}

#[test]
fn a_receiver_that_is_not_there_loses_the_delivery() {
    let sandbox = sandbox();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    sandbox.post_webhooks(Receiver::at(&format!("http://{nobody}/"))).unwrap();
    let outcomes = outcomes(&sandbox);
    assert!(outcomes.len() == 1 && outcomes[0].starts_with("failed to connect"), "{outcomes:?}");
    assert!(sandbox.post_webhooks(Receiver::at("https://example.com/")).is_err());
    assert!(sandbox.redeliver("no such delivery").is_err());
}

fn through_bad_mail(seed: u64) -> (Vec<u64>, Vec<Posted>) {
    let sandbox = sandbox();
    let (url, inbox) = receiver(&[]);
    let mail = Mail { seed, lose: 200, double: 200, delay: 200, shuffle: true };
    sandbox.post_webhooks(Receiver::at(&url).mail(mail).late(Duration::from_secs(3 * 24 * 3600))).unwrap();
    opens(&sandbox, 30);
    // Shuffled mail is on its way for up to two seconds of the sandbox's clock.
    sandbox.advance(Span::seconds(2));
    assert!(sandbox.wait_for_mail(LONG));
    let early = sandbox.posted().len();
    sandbox.advance(Span::days(3));
    assert!(sandbox.wait_for_mail(LONG));
    assert!(sandbox.posted().len() > early, "nothing came late");
    let arrived = sandbox.posted().iter().filter(|one| one.status == "OK").count();
    (inbox.iter().take(arrived).map(|one| one.number()).collect(), sandbox.posted())
}

#[test]
fn a_bad_network_does_the_same_to_posts_for_the_same_seed() {
    let (numbers, posted) = through_bad_mail(7);
    assert_eq!(through_bad_mail(7).0, numbers);
    assert_ne!(through_bad_mail(8).0, numbers);
    assert!(posted.iter().any(|one| one.status == "lost"));
    assert!(!numbers.is_sorted(), "{numbers:?}");
    let mut once = numbers.clone();
    once.sort_unstable();
    once.dedup();
    assert!(once.len() < numbers.len() && once.len() < 31, "{numbers:?}");
}

#[test]
fn calm_brings_what_is_late_and_loses_nothing_more() {
    let sandbox = sandbox();
    let (url, inbox) = receiver(&[]);
    let client = Client::new(&sandbox, "sandbox-token");
    let order = json!({"url": url, "delay": 1000, "late_seconds": 3600, "seed": 3, "at_once": 4});
    assert_eq!(client.post("/_sandbox/webhooks", order).status, 200);
    opens(&sandbox, 2);
    assert!(sandbox.wait_for_mail(LONG) && sandbox.posted().is_empty());
    client.post("/_sandbox/calm", json!({}));
    let mut numbers: Vec<u64> = (0..3).map(|_| inbox.recv_timeout(LONG).unwrap().number()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 1, 2]);
    opens(&sandbox, 1);
    assert_eq!(inbox.recv_timeout(LONG).unwrap().number(), 3);
}

#[test]
fn events_that_nothing_here_causes_and_forged_ones() {
    let sandbox = sandbox();
    let (url, inbox) = receiver(&[]);
    sandbox.post_webhooks(Receiver::at(&url).secret("s3cret")).unwrap();
    sandbox.tell("acme/platform", "issue_weather", json!({"action": "sunny"})).unwrap();
    sandbox.forge("issues", &json!({"action": "deleted"}));
    let client = Client::new(&sandbox, "sandbox-token");
    let large = json!({"repo": "acme/platform", "event": "issues", "bytes": 70_000});
    assert_eq!(client.post("/_sandbox/tell", large).status, 200);
    assert_eq!(client.post("/_sandbox/tell", json!({"event": "issues", "forged": true})).status, 200);
    assert_eq!(outcomes(&sandbox), ["OK"; 5]);
    let came: Vec<Delivery> = inbox.iter().take(5).collect();
    assert_eq!(came[1].header("x-github-event"), "issue_weather");
    assert!(came[1].body.contains("\"full_name\":\"acme/platform\""), "{}", came[1].body);
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"s3cret");
    let signed = |one: &Delivery| {
        let tag = ring::hmac::sign(&key, one.body.as_bytes());
        let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        one.header("x-hub-signature-256") == format!("sha256={hex}")
    };
    assert_eq!(came.iter().map(signed).collect::<Vec<_>>(), [true, true, false, true, false]);
    assert!(came[3].body.len() > 70_000);
}
