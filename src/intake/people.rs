//! Who a report means.
//!
//! Invariant: a name that the configuration knows becomes its login; any other is kept as it was written, so that
//! nobody is made up.

use crate::config::Person;

/// The owner of an action, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The login where known, else the name as written.
    pub name: String,
    /// The group, where the configuration knows it.
    pub team: Option<String>,
    /// Whether the configuration knows this person.
    pub is_known: bool,
}

impl Owner {
    /// Whether the name can be a login: letters, digits and single hyphens, as GitHub has them, and underscores, as in
    /// the logins of managed users.
    #[must_use]
    pub fn can_be_login(&self) -> bool {
        can_be_login(&self.name)
    }
}

/// Whether a name can be a login; see [`Owner::can_be_login`].
#[must_use]
pub fn can_be_login(name: &str) -> bool {
    (1..=39).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// Finds out who is meant by `text`: a name, an alias, an address, or a login with or without `@`.
#[must_use]
pub fn resolve_owner(text: &str, people: &[Person]) -> Owner {
    let name = text.trim().trim_start_matches('@').trim();
    match find(name, people) {
        Some(person) => Owner {
            name: person.login.clone().unwrap_or_else(|| person.name.clone()),
            team: person.team.clone(),
            is_known: true,
        },
        None => Owner { name: name.to_owned(), team: None, is_known: false },
    }
}

/// Whether an action has the owner that its report named with `text`, and nobody gave it another.
pub(super) fn is_as_read(owner: Option<&str>, text: Option<&str>, people: &[Person]) -> bool {
    let (Some(owner), Some(text)) = (owner, text) else { return owner.is_none() && text.is_none() };
    let name = find(owner, people).map_or(owner, |person| &person.name);
    resolve_owner(text, people).name == owner || incident_report::may_mean(text, name)
}

/// The person of the configuration that `name` means.
pub(super) fn find<'a>(name: &str, people: &'a [Person]) -> Option<&'a Person> {
    let wanted = fold(name);
    people.iter().find(|person| {
        let own = [Some(&person.name), person.login.as_ref(), person.email.as_ref()];
        own.into_iter()
            .flatten()
            .chain(&person.aliases)
            .any(|known| !known.is_empty() && fold(known) == wanted)
    })
}

fn fold(name: &str) -> String {
    name.trim().trim_start_matches('@').split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_as_read_until_somebody_gives_another() {
        for (owner, text, expected) in [
            (Some("Ada Bello"), Some("AB"), true),
            (Some("ada"), Some("@ada"), true),
            (Some("Zoe Fox"), Some("AB"), false),
            (Some("Zoe Fox"), None, false),
            (None, Some("AB"), false),
            (None, None, true),
        ] {
            assert_eq!(is_as_read(owner, text, &[]), expected, "{owner:?} {text:?}");
        }
    }

    #[test]
    fn a_known_person_is_found_by_any_of_their_names() {
        let grace = Person {
            name: "Grace Apio".to_owned(),
            login: Some("gapio".to_owned()),
            email: Some("grace@acme.example".to_owned()),
            aliases: vec!["GA".to_owned()],
            team: Some("platform".to_owned()),
        };
        let people = [grace];
        for text in ["Grace  Apio", "@gapio", "GAPIO", "ga", "grace@acme.example"] {
            let owner = resolve_owner(text, &people);
            assert_eq!(
                (owner.name.as_str(), owner.team.as_deref(), owner.is_known),
                ("gapio", Some("platform"), true)
            );
        }
        assert_eq!(
            resolve_owner("@oka", &people),
            Owner { name: "oka".to_owned(), team: None, is_known: false }
        );
    }
}
