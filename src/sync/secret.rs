//! Whether a text looks like it holds a secret, so that it is not published by accident.
//!
//! Only shapes that are hardly ever anything else: a false alarm stops a publish and costs a person's time.

use std::sync::LazyLock;

use regex::Regex;

static SHAPES: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})"),
        ("an AWS access key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
        ("a private key", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
        ("a Slack token", r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
        ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}"),
        ("a Stripe key", r"\b[sr]k_live_[A-Za-z0-9]{16,}"),
        ("a JSON web token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
        ("an address with a password", r"\b[a-z][a-z0-9+.-]*://[^\s:/@]+:[^\s:/@]{3,}@[^\s/]+"),
        ("a password", r#"(?i)\b(?:password|passwd|secret[ _-]?key|api[ _-]?key)\s*[:=]\s*["']?[^\s"'<>{}\[\]]*[0-9][^\s"'<>{}\[\]]{5,}"#),
    ]
    .into_iter()
    .map(|(name, pattern)| (name, Regex::new(pattern).expect("the pattern is right")))
    .collect()
});

/// What kind of secret `text` looks like it holds.
pub(super) fn find(text: &str) -> Option<&'static str> {
    SHAPES.iter().find(|(_, shape)| shape.is_match(text)).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_seen_and_talk_about_secrets_is_not_one() {
        let token = format!("ghp_{}", "a1".repeat(18));
        for (text, name) in [
            (format!("the token {token} leaked"), "a GitHub token"),
            ("key AKIAIOSFODNN7EXAMPLE".to_owned(), "an AWS access key"),
            ("postgres://app:hunter22@db/x".to_owned(), "an address with a password"),
            ("password: hunter2hunter2".to_owned(), "a password"),
        ] {
            assert_eq!(find(&text), Some(name), "{text}");
        }
        for text in [
            "Rotate the API key and the password of the database",
            "password: <redacted>",
            "see https://github.com/acme/platform/issues/9",
            "ask ops@acme.example",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
