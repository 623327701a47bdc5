//! The people of a report and their roles.
//!
//! Invariant: a name is short and starts like one; sentences never become people, and nobody is listed
//! twice under the same name.

use serde::Serialize;

use super::labelled::Labelled;
use crate::document::{Block, BlockKind};
use crate::outline::Section;
use crate::words::{self, Column, Field, Topic};
use crate::{lines, template, text};

/// Somebody the report names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The name as written, or the login where there is no name.
    pub name: String,
    /// The role as written.
    pub role: Option<String>,
    /// The login, where the report mentions one (`@gapio`), without the at sign.
    pub login: Option<String>,
}

/// Words that make one side of a pair the role.
const ROLES: [&str; 20] = [
    "lead",
    "head",
    "commander",
    "manager",
    "engineer",
    "developer",
    "scribe",
    "author",
    "owner",
    "director",
    "officer",
    "responder",
    "administrator",
    "admin",
    "analyst",
    "architect",
    "sre",
    "support",
    "reporter",
    "cto",
];

/// The people of the people sections and of labels such as "Incident commander".
pub(super) fn of(sections: &[Section<'_>], labelled: &[Labelled]) -> Vec<Person> {
    let mut people = Vec::new();
    for labelled in labelled.iter().filter(|labelled| labelled.field == Field::Person) {
        for name in split_names(&labelled.value) {
            if let Some(person) = parse(name) {
                add(
                    &mut people,
                    Person { role: person.role.or_else(|| Some(labelled.label.clone())), ..person },
                );
            }
        }
    }
    for section in sections.iter().filter(|section| section.topic == Some(Topic::People)) {
        for block in section.blocks {
            from_block(block, &mut people);
        }
    }
    people
}

fn from_block(block: &Block, people: &mut Vec<Person>) {
    match &block.kind {
        BlockKind::List(list) => {
            for item in &list.items {
                if let Some(person) = parse(&item.own_text().0.plain) {
                    add(people, person);
                }
            }
        }
        BlockKind::Paragraph(lines) => {
            for line in lines {
                let plain = &line.text.plain;
                // "Date of report: …" may stand below the list of people.
                let other = text::label_and_value(plain).and_then(|(label, _)| words::field(label));
                if other.is_some_and(|field| field != Field::Person) || lines::ends_sentence(plain) {
                    continue;
                }
                let names: Vec<&str> =
                    if plain.contains(['(', '[', ':']) { vec![plain] } else { split_names(plain) };
                names.into_iter().filter_map(parse).for_each(|person| add(people, person));
            }
        }
        BlockKind::Table(table) => {
            let headers: Vec<&str> = table.header.iter().map(|cell| cell.text.plain.as_str()).collect();
            let role = headers.iter().position(|header| text::fold(header).contains("role"));
            let name = headers
                .iter()
                .position(|header| {
                    let folded = text::fold(header);
                    folded.contains("name") || words::column(header) == Some(Column::Owner)
                })
                .unwrap_or(0);
            for row in &table.rows {
                let cell = |at: usize| row.get(at).map(|cell| cell.text.plain.as_str());
                if let Some(person) = cell(name).and_then(parse) {
                    let role = role.filter(|at| *at != name).and_then(cell).filter(|role| !role.is_empty());
                    add(people, Person { role: role.map(str::to_owned).or(person.role), ..person });
                }
            }
        }
        _ => {}
    }
}

fn add(people: &mut Vec<Person>, person: Person) {
    match people.iter_mut().find(|known| known.name.eq_ignore_ascii_case(&person.name)) {
        Some(known) => {
            known.role = known.role.take().or(person.role);
            known.login = known.login.take().or(person.login);
        }
        None => people.push(person),
    }
}

fn split_names(value: &str) -> Vec<&str> {
    value.split([',', ';', '&', '、', '/']).flat_map(|part| part.split(" and ")).map(str::trim).collect()
}

/// `Name [Role]`, `Name (Role)`, `Name - Role`, `Role: Name`, `@login`, `Name (@login)`.
fn parse(written: &str) -> Option<Person> {
    let written = text::strip_pictures(written).trim().trim_end_matches(['.', ',']);
    let mut role = None;
    let mut login = written.split(['(', ')', '[', ']', ' ', ',']).find_map(|word| word.strip_prefix('@'));
    let mut name = written;
    if let Some(open) = written.find(['[', '(']) {
        let inner = written[open + 1..].trim_end_matches([']', ')']).trim();
        name = written[..open].trim();
        // "Ada Okot (AO)" abbreviates the name.
        let letters = name.split([' ', '-']).filter_map(|word| word.chars().next());
        let is_initials = inner.len() > 1 && letters.eq(inner.chars());
        if !inner.starts_with('@') && !inner.contains("://") && !is_initials {
            role = Some(inner);
        }
    } else if let Some((left, right)) = text::label_and_value(written) {
        // "Status: resolved" may stand among the people.
        if words::is_any(&[words::Phrases::StatusLabel, words::Phrases::DueLabel], &text::fold(left))
            || words::field(left).is_some_and(|field| field != Field::Person)
        {
            return None;
        }
        let left_is_role = is_role(left) || words::field(left) == Some(Field::Person);
        (name, role) = if left_is_role { (right, Some(left)) } else { (left, Some(right)) };
    } else if let Some((left, right)) =
        [" - ", " – ", " — ", ", "].iter().find_map(|separator| written.split_once(separator))
    {
        let left_is_role = is_role(left) && !is_role(right);
        (name, role) = if left_is_role { (right, Some(left)) } else { (left, Some(right)) };
    }
    if let Some(bare) = name.strip_prefix('@') {
        login = Some(bare);
        name = bare;
    }
    let name = name.trim();
    let first = name.chars().next()?;
    let looks_like_name = text::word_count(name) <= 5
        && (1..=60).contains(&name.chars().count())
        && (!first.is_lowercase() || login == Some(name))
        && !name.contains(['.', '!', '?', '<', '>', '{', '}', ':'])
        && name.chars().any(char::is_alphabetic)
        && !name.split(' ').any(is_plain_word);
    let is_placeholder = words::is(words::Phrases::Placeholder, &text::fold(name)) || template::is_gap(name);
    (looks_like_name && !is_placeholder).then(|| Person {
        name: name.to_owned(),
        role: role
            .map(str::trim)
            .filter(|role| !role.is_empty() && text::word_count(role) <= 8)
            .map(str::to_owned),
        login: login.filter(|login| !login.is_empty()).map(str::to_owned),
    })
}

/// Whether a word is written small and stands in sentences, not in names: "Meeting scheduled for".
fn is_plain_word(word: &str) -> bool {
    ["for", "with", "was", "were", "is", "are", "the", "by", "at", "in", "on", "scheduled"].contains(&word)
}

fn is_role(written: &str) -> bool {
    text::fold(written).split(' ').any(|word| ROLES.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_as_they_are_listed() {
        for (written, name, role, login) in [
            ("Ada Okot [Team Lead]", "Ada Okot", Some("Team Lead"), None),
            ("Ada Okot (Scribe)", "Ada Okot", Some("Scribe"), None),
            ("Incident commander: Ada Okot", "Ada Okot", Some("Incident commander"), None),
            ("Ada Okot – Database engineer", "Ada Okot", Some("Database engineer"), None),
            ("Ada Okot (@aokot)", "Ada Okot", None, Some("aokot")),
            ("@aokot", "aokot", None, Some("aokot")),
            ("Ada Okot (AO)", "Ada Okot", None, None),
        ] {
            let person = parse(written).expect(written);
            assert_eq!((person.name.as_str(), person.role.as_deref()), (name, role), "{written}");
            assert_eq!(person.login.as_deref(), login, "{written}");
        }
        for written in ["we all worked hard on it", "Status: Resolved", "Meeting scheduled for: Monday"] {
            assert_eq!(parse(written), None, "{written}");
        }
        assert_eq!(parse("TBD"), None);
    }
}
