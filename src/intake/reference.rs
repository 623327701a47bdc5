//! The issues that an item of a report names.
//!
//! Invariant: pure and linear in the text. What is not surely an issue is none: a version, a standard, a severity.

use std::fmt;

/// An issue, as a report names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reference {
    /// An issue or a pull request of a tracker that names repositories as GitHub does.
    Issue {
        /// The host of its address; nothing for `owner/name#12` and `#12`.
        host: Option<String>,
        /// `owner/name`; nothing for `#12`.
        repo: Option<String>,
        /// Its number.
        number: i64,
    },
    /// A key, as Jira, Linear and YouTrack have them: `OPS-12`.
    Key(String),
    /// Any other address.
    Address(String),
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issue { host: Some(host), repo: Some(repo), number } => {
                write!(formatter, "https://{host}/{repo}/issues/{number}")
            }
            Self::Issue { repo, number, .. } => {
                write!(formatter, "{}#{number}", repo.as_deref().unwrap_or_default())
            }
            Self::Key(key) => formatter.write_str(key),
            Self::Address(address) => formatter.write_str(address),
        }
    }
}

/// What looks like a key and is none.
const NO_PROJECTS: &[&str] = &[
    "AES", "COVID", "CVE", "CWE", "HTTP", "ISO", "MD", "P", "PRIO", "Q", "RFC", "S", "SEV", "SHA", "SSL",
    "TLS", "UTF",
];

impl Reference {
    /// The same for all ways to write one: the host is left out, and case.
    pub(super) fn folded(&self) -> String {
        match self {
            Self::Issue { repo, number, .. } => {
                format!("{}#{number}", repo.as_deref().unwrap_or_default().to_lowercase())
            }
            Self::Key(key) => key.clone(),
            Self::Address(address) => address.to_lowercase(),
        }
    }

    /// Reads one that stands alone, as `OPS-12`, `#12`, `acme/platform#12` or an address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) {
            return Self::of_address(text, rest);
        }
        if let Some((repo, number)) = text.split_once('#') {
            let number = number_of(number)?;
            let repo = match repo {
                "" => None,
                repo if is_repo(repo) => Some(repo.to_owned()),
                _ => return None,
            };
            return Some(Self::Issue { host: None, repo, number });
        }
        let (project, number) = text.rsplit_once('-')?;
        // GitHub's other way to write `#12`.
        if project == "GH" {
            return Some(Self::Issue { host: None, repo: None, number: number_of(number)? });
        }
        let is_project = (1..=15).contains(&project.len())
            && project.starts_with(|letter: char| letter.is_ascii_uppercase())
            && project.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        (is_project && !NO_PROJECTS.contains(&project) && number_of(number).is_some())
            .then(|| Self::Key(text.to_owned()))
    }

    fn of_address(text: &str, rest: &str) -> Option<Self> {
        let address = rest.split('#').next()?.trim_end_matches('/');
        let rest = address.split('?').next()?.trim_end_matches('/');
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.is_empty() {
            return None;
        }
        let parts: Vec<&str> = path.split('/').collect();
        if let [owner, name, "issues" | "pull", number] = parts.as_slice()
            && let Some(number) = number_of(number)
            && is_repo(&format!("{owner}/{name}"))
        {
            let repo = Some(format!("{owner}/{name}"));
            return Some(Self::Issue { host: Some(host.to_lowercase()), repo, number });
        }
        if let [.., "browse", key] = parts.as_slice()
            && let Some(key @ Self::Key(_)) = Self::parse(key)
        {
            return Some(key);
        }
        let scheme = text.split("://").next()?;
        Some(Self::Address(format!("{scheme}://{address}")))
    }
}

fn number_of(text: &str) -> Option<i64> {
    let plain = (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| plain && *number > 0)
}

fn is_repo(text: &str) -> bool {
    let is_plain = |part: &str| {
        part.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            && part.bytes().any(|byte| byte.is_ascii_alphanumeric())
    };
    matches!(text.split('/').collect::<Vec<_>>()[..], [owner, name] if is_plain(owner) && is_plain(name))
}

/// Everything that an item names: in its text, and in the lines it was read from.
pub(super) fn named(text: &str, quote: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    let opens = |letter: char| letter.is_whitespace() || "()[]<>{}\"'`,;|“”„«»".contains(letter);
    for word in text.split(opens).chain(quote.split(opens)) {
        let word = word.trim_end_matches(['.', ':', '!', '?', '*', '_']).trim_start_matches(['*', '_']);
        if let Some(reference) = Reference::parse(word).filter(|reference| !found.contains(reference))
            // An item has a handful; a page of them would be compared with itself.
            && found.len() < 16
        {
            found.push(reference);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        named(text, "").iter().map(Reference::to_string).collect()
    }

    #[test]
    fn issues_are_read_as_reports_name_them() {
        for (text, expected) in [
            ("Rotate the key ([OPS-12](https://jira.acme.test/browse/OPS-12)).", "OPS-12"),
            (
                "Fixed in https://github.com/acme/platform/issues/77#issuecomment-1:",
                "https://github.com/acme/platform/issues/77",
            ),
            ("See <https://GitHub.com/acme/platform/pull/7/>", "https://github.com/acme/platform/issues/7"),
            ("acme/platform#12 and **#13**", "acme/platform#12 #13"),
            ("[#13], GH-14", "#13 #14"),
            ("https://wiki.acme.test/page?id=3", "https://wiki.acme.test/page?id=3"),
        ] {
            assert_eq!(told(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in ["UTF-8, SHA-256 and SEV-1", "v2-1 # 12 #0 C#7x a#b", "co-1 Fail-2", "https:///x", "OPS-"]
        {
            assert_eq!(told(text), [""; 0], "{text}");
        }
    }
}
