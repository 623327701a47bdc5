//! What in a text is not for everybody: secrets, e-mail addresses, addresses of inner networks.
//!
//! Invariants: pure; what is found does not overlap; and replacing what is found, until nothing is, comes to an end. Only shapes that are hardly ever anything else: a false alarm stops a publish and costs a
//! person's time.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::Range,
    sync::LazyLock,
};

use regex::Regex;

use crate::action::Sensitive;

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Of which class it is.
    pub(super) class: Sensitive,
    /// What it looks like, as in "it looks like …".
    pub(super) what: &'static str,
    /// Where it stands.
    pub(super) at: Range<usize>,
}

/// What a shape has to be beside its pattern.
type Check = fn(&str) -> bool;

static SECRETS: LazyLock<Vec<(&str, Regex, Check)>> = LazyLock::new(|| {
    let any: Check = |_| true;
    [
        (
            "a private key",
            r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\S]*?(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----|\z)",
            any,
        ),
        ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})", any),
        ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}", any),
        ("an npm token", r"\bnpm_[A-Za-z0-9]{36,}", any),
        ("an AWS access key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", any),
        ("a Slack token", r"\bxox[abprs]-[A-Za-z0-9-]{10,}", any),
        ("a Slack webhook", r"https://hooks\.slack\.com/services/[A-Za-z0-9/]{20,}", any),
        ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}", any),
        ("a Stripe key", r"\b[sr]k_live_[A-Za-z0-9]{16,}", any),
        ("a JSON web token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}", any),
        ("an address with a password", r"\b[a-z][a-z0-9+.-]*://[^\s:/@]+:[^\s:/@]{3,}@[^\s/]+", any),
        ("a bearer token", r"(?i)\bbearer\s+[A-Za-z0-9._~+/-]{20,}=*", has_digit),
        (
            "a password",
            r#"(?i)\b(?:password|passwd|passphrase|pwd|(?:secret|api|access|account)[ _-]?key|client[ _-]?secret)\s*[:=]\s*["']?[^\s"'<>{}\[\]]*[0-9][^\s"'<>{}\[\]]{5,}"#,
            any,
        ),
        (
            "a token",
            r#"(?i)\b(?:auth|access|refresh|api|bot|deploy)?[ _-]?(?:token|secret)\s*[:=]\s*["']?[A-Za-z0-9_+/.=-]{16,}"#,
            has_digit,
        ),
    ]
    .into_iter()
    .map(|(name, pattern, check)| (name, regex(pattern), check))
    .collect()
});

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)[a-z0-9][a-z0-9._%+'-]*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\b"));

static IPV4: LazyLock<Regex> = LazyLock::new(|| regex(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"));

static IPV6: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\b(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f])(?::[0-9a-f]{0,4}){2,7}"));

/// Names that no public server knows. `local` alone ends names of files too, so it wants two names before it.
static INNER_HOST: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:internal|intranet|corp|lan|localdomain|home\.arpa)\b|(?i)\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.){2,}local\b",
    )
});

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is right")
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Everything in `text` that is not for everybody, in the order in which it stands there.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut add = |class, what, at: Range<usize>| {
        // What was found first says more: an address with a password is not an e-mail address.
        if !found.iter().any(|other| other.at.start < at.end && at.start < other.at.end) {
            found.push(Found { class, what, at });
        }
    };
    for (what, shape, check) in SECRETS.iter() {
        for hit in shape.find_iter(text).filter(|hit| check(hit.as_str())) {
            add(Sensitive::Secret, what, hit.range());
        }
    }
    for hit in EMAIL.find_iter(text).filter(|hit| is_email(&text[..hit.start()], hit.as_str())) {
        add(Sensitive::Email, "an e-mail address", hit.range());
    }
    for hit in IPV4.find_iter(text) {
        let (before, after) = (&text[..hit.start()], &text[hit.end()..]);
        let is_longer = before.ends_with('.') || after.strip_prefix('.').is_some_and(begins_with_digit);
        if !is_longer && !is_version(before) && hit.as_str().parse().is_ok_and(is_inner_v4) {
            add(Sensitive::PrivateAddress, "a private address", hit.range());
        }
    }
    for hit in IPV6.find_iter(text) {
        let address = hit.as_str().trim_end_matches(':');
        let address = if hit.as_str().ends_with("::") { hit.as_str() } else { address };
        if address.parse::<Ipv6Addr>().is_ok_and(|address| is_inner(address.into())) {
            add(Sensitive::PrivateAddress, "a private address", hit.start()..hit.start() + address.len());
        }
    }
    for hit in INNER_HOST.find_iter(text) {
        let (before, after) = (&text[..hit.start()], &text[hit.end()..]);
        // `com.acme.internal.Cache` is a package, and `.env.local` a file.
        let goes_on = after.starts_with('(')
            || after.strip_prefix('.').is_some_and(|rest| {
                rest.starts_with(|next: char| next.is_alphanumeric() || next == '_' || next == '[')
            });
        let is_part = before.ends_with(['.', '-', '_', '@', '$']);
        let is_package = ["com.", "org.", "net.", "io."].iter().any(|begin| hit.as_str().starts_with(begin));
        if !goes_on && !is_part && !is_package {
            add(Sensitive::PrivateAddress, "the name of an inner host", hit.range());
        }
    }
    found.sort_by_key(|one| one.at.start);
    found
}

/// `text` with what was `found` in it replaced.
pub(super) fn redact(text: &str, found: &[Found]) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut end = 0;
    for one in found {
        redacted.push_str(&text[end..one.at.start]);
        redacted.push_str(instead(one.class));
        end = one.at.end;
    }
    redacted.push_str(&text[end..]);
    redacted
}

/// What stands in the place of what was taken out.
const fn instead(class: Sensitive) -> &'static str {
    match class {
        Sensitive::Secret => "[redacted secret]",
        Sensitive::Email => "[redacted e-mail]",
        Sensitive::PrivateAddress => "[redacted address]",
    }
}

/// Whether something with an `@` in it is an e-mail address. `git@host` is how a repository is reached, `a@2x.png` is a
/// file, and `getty@tty1.service` a unit of systemd.
fn is_email(before: &str, text: &str) -> bool {
    let (local, domain) = text.split_once('@').unwrap_or((text, ""));
    let ending = domain.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_file = ["png", "jpg", "jpeg", "gif", "svg", "webp"].contains(&ending.as_str());
    let is_unit =
        ["service", "socket", "timer", "target", "mount", "slice", "scope"].contains(&ending.as_str());
    let is_remote = ["git", "hg", "svn"].contains(&local) || before.ends_with("://");
    !is_file && !is_unit && !is_remote
}

fn begins_with_digit(text: &str) -> bool {
    text.starts_with(|next: char| next.is_ascii_digit())
}

/// Whether a word before four numbers says that they are a version.
fn is_version(before: &str) -> bool {
    let word = before.trim_end().rsplit(|character: char| !character.is_alphanumeric()).next();
    let word = word.unwrap_or_default().to_ascii_lowercase();
    ["version", "release", "build", "v"].contains(&word.as_str())
}

fn is_inner_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    // The last is what providers put between themselves and their customers.
    address.is_private() || address.is_link_local() || (first == 100 && second & 0xc0 == 64)
}

fn is_inner(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_inner_v4(address),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(text: &str) -> Vec<(&'static str, &str)> {
        find(text).into_iter().map(|one| (one.what, &text[one.at])).collect()
    }

    #[test]
    fn secrets_are_seen_and_talk_about_secrets_is_not_one() {
        let token = format!("ghp_{}", "a1".repeat(18));
        for (text, name) in [
            (format!("the token {token} leaked"), "a GitHub token"),
            ("key AKIAIOSFODNN7EXAMPLE".to_owned(), "an AWS access key"),
            ("postgres://app:hunter22@db/x".to_owned(), "an address with a password"),
            ("password: hunter2hunter2".to_owned(), "a password"),
            ("DEPLOY_TOKEN=abcdefgh12345678".to_owned(), "a token"),
            ("Authorization: Bearer abcdefgh12345678abcdefgh".to_owned(), "a bearer token"),
        ] {
            assert_eq!(seen(&text).first().map(|(what, _)| *what), Some(name), "{text}");
        }
        for text in [
            "Rotate the API key and the password of the database",
            "password: <redacted>",
            "Token: rotate it every quarter",
            "see https://github.com/acme/platform/issues/9",
        ] {
            assert_eq!(seen(text), [], "{text}");
        }
    }

    #[test]
    fn addresses_of_people_and_of_machines_inside_are_seen() {
        insta::assert_debug_snapshot!(
            seen(
                "ask ops@acme.example: 10.4.0.17:5432, 172.16.0.1/12, 169.254.169.254 and fd00:12::1 behind \
                 db-1.eu.internal or checkout.prod.svc.cluster.local"
            ),
            @r#"
        [
            (
                "an e-mail address",
                "ops@acme.example",
            ),
            (
                "a private address",
                "10.4.0.17",
            ),
            (
                "a private address",
                "172.16.0.1",
            ),
            (
                "a private address",
                "169.254.169.254",
            ),
            (
                "a private address",
                "fd00:12::1",
            ),
            (
                "the name of an inner host",
                "db-1.eu.internal",
            ),
            (
                "the name of an inner host",
                "checkout.prod.svc.cluster.local",
            ),
        ]
        "#
        );
        for text in [
            "git clone git@github.com:acme/platform.git",
            "logo@2x.png and getty@tty1.service",
            "version 10.2.0.4, and 10.2.0.4.1",
            "127.0.0.1 and localhost, 8.8.8.8, 2001:4860:4860::8888",
            "com.acme.internal.Cache, .env.local and settings.local",
            "@gapio and @acme/platform at 12:30:45",
        ] {
            assert_eq!(seen(text), [], "{text}");
        }
    }

    #[test]
    fn what_was_found_is_replaced_where_it_stands() {
        let text = "mail ops@acme.example, then open 10.0.0.1";
        let found = find(text);
        assert_eq!(redact(text, &found), "mail [redacted e-mail], then open [redacted address]");
        assert_eq!(redact(text, &found[..1]), "mail [redacted e-mail], then open 10.0.0.1");
    }

    proptest! {
        #[test]
        fn nothing_is_left_of_what_was_replaced(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "ops@acme.example", "10.0.0.1", "fd00::1", "db.internal", "password: hunter2hunter2", "AKIAIOSFODNN7EXAMPLE",
                    " ", ".", ":", "@", "-", "a", "1", "token=", "\n", "[", "é",
                ]),
                0..12,
            )
        ) {
            let text = parts.concat();
            let mut redacted = text;
            // What stands beside something that was replaced can look like something of its own then, but not for ever.
            for _ in 0..12 {
                let found = find(&redacted);
                prop_assert!(found.windows(2).all(|pair| pair[0].at.end <= pair[1].at.start));
                redacted = redact(&redacted, &found);
            }
            prop_assert_eq!(find(&redacted), vec![], "{}", redacted);
        }
    }
}
