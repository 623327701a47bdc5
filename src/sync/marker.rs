//! The line in an issue's text by which we find it again.
//!
//! `<!-- followup v=1 id=<ULID of the action or report> repo=<repository id> mac=<12 characters> -->`
//!
//! Invariant: a marker is ours only if its MAC is, so text that is quoted, pasted or forged is never taken for one, and
//! neither is a body with two of them. `repo` is the repository of creation and is never rewritten.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use regex::Regex;
use ring::hmac;

use crate::store::Identity;

/// A ULID is 26 characters of Crockford's base 32.
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^<!-- followup v=1 id=([0-9A-HJKMNP-TV-Z]{26}) repo=(\d{1,18}) mac=([\w-]{12}) -->\r?$")
        .expect("the pattern is right")
});

/// A marker as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The ULID of the action or report.
    pub ulid: String,
    /// The repository of creation.
    pub repo_id: i64,
    mac: String,
}

impl Marker {
    /// The marker of `ulid` in the repository where its issue is made.
    #[must_use]
    pub fn new(identity: &Identity, ulid: &str, repo_id: i64) -> Self {
        Self { ulid: ulid.to_owned(), repo_id, mac: mac(identity, ulid, repo_id) }
    }

    /// The one marker in `body`; none where there are several.
    #[must_use]
    pub fn find(body: &str) -> Option<Self> {
        let mut found = Self::all(body);
        let (first, second) = (found.next()?, found.next());
        if second.is_some() { None } else { Some(first) }
    }

    /// Every marker in `body`, whoever made them.
    pub fn all(body: &str) -> impl Iterator<Item = Self> + '_ {
        LINE.captures_iter(body).filter_map(|found| {
            Some(Self {
                ulid: found[1].to_owned(),
                repo_id: found[2].parse().ok()?,
                mac: found[3].to_owned(),
            })
        })
    }

    /// Whether this database made it.
    #[must_use]
    pub fn is_ours(&self, identity: &Identity) -> bool {
        self.mac == mac(identity, &self.ulid, self.repo_id)
    }
}

impl std::fmt::Display for Marker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "<!-- followup v=1 id={} repo={} mac={} -->", self.ulid, self.repo_id, self.mac)
    }
}

/// How the mark of every reply begins.
const REPLY: &str = "<!-- followup answer v=1 ";

/// The mark by which our reply to a comment is found again: `<!-- followup answer v=1 comment=<id> mac=<12 characters> -->`.
pub(super) fn reply_mark(identity: &Identity, comment: i64) -> String {
    format!("{REPLY}comment={comment} mac={} -->", sign(identity, &format!("answer|{comment}")))
}

/// Whether a comment carries the mark of a reply, whoever made it.
pub(super) fn is_reply(body: &str) -> bool {
    body.contains(REPLY)
}

/// The MAC of `id|repo`.
fn mac(identity: &Identity, ulid: &str, repo_id: i64) -> String {
    sign(identity, &format!("{ulid}|{repo_id}"))
}

/// The first 72 bits of HMAC-SHA-256 over a text, in 12 characters of base 64 for addresses.
pub(super) fn sign(identity: &Identity, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &identity.marker_key);
    let tag = hmac::sign(&key, text.as_bytes());
    URL_SAFE_NO_PAD.encode(&tag.as_ref()[..9])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ULID: &str = "01HY3VZ8Q6X5T8W4N2B7M0C1D2";

    fn identity(key: &str) -> Identity {
        Identity { database: "A".to_owned(), marker_key: key.as_bytes().to_vec() }
    }

    #[test]
    fn a_marker_is_found_between_other_text_and_is_ours() {
        let marker = Marker::new(&identity("k"), ULID, 7);
        for body in [format!("text\n{marker}\nmore"), format!("text\r\n{marker}\r\nmore"), marker.to_string()]
        {
            let found = Marker::find(&body).unwrap();
            assert_eq!(found, marker);
            assert!(found.is_ours(&identity("k")) && !found.is_ours(&identity("other")));
        }
    }

    #[test]
    fn a_marker_that_is_quoted_doubled_or_changed_is_none_or_not_ours() {
        let marker = Marker::new(&identity("k"), ULID, 7);
        for body in
            [String::new(), format!("> {marker}"), format!("{marker} x"), format!("{marker}\n{marker}")]
        {
            assert_eq!(Marker::find(&body), None, "{body}");
        }
        let moved = marker.to_string().replace("repo=7", "repo=8");
        assert!(!Marker::find(&moved).unwrap().is_ours(&identity("k")));
    }
}
