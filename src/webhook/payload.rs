//! What a payload names, read loosely.
//!
//! Invariant: total. Whatever is missing, null, or of another type than GitHub documents is not there; nothing fails.

use std::{borrow::Cow, collections::BTreeSet};

use serde_json::Value;

use super::ReceiveError;

/// Where a payload may hold an issue.
const ISSUES: [&str; 7] = [
    "/issue",
    "/changes/old_issue",
    "/changes/new_issue",
    "/parent_issue",
    "/sub_issue",
    "/blocked_issue",
    "/blocking_issue",
];

/// Where it may hold the number of one by itself.
const ISSUE_IDS: [&str; 4] = ["/parent_issue_id", "/sub_issue_id", "/blocked_issue_id", "/blocking_issue_id"];

/// Where an issue and the repository stand in which it has its number.
const PLACES: [(&str, &str); 3] = [
    ("/repository", "/issue"),
    ("/changes/old_repository", "/changes/old_issue"),
    ("/changes/new_repository", "/changes/new_issue"),
];

/// Where an event about repositories names them.
const REPOSITORY_LISTS: [&str; 3] = ["/repositories", "/repositories_added", "/repositories_removed"];

/// What a payload names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Payload {
    pub(super) action: Option<String>,
    /// The issue that it is about.
    pub(super) issue_id: Option<i64>,
    /// The repository in which it happened.
    pub(super) repo_id: Option<i64>,
    /// Every issue that it names.
    pub(super) issues: BTreeSet<i64>,
    /// The same by repository and number.
    pub(super) places: BTreeSet<(i64, i64)>,
    /// The repositories that something happened to, with whatever is in them.
    pub(super) repositories: BTreeSet<i64>,
}

impl Payload {
    pub(super) fn of(event: &str, payload: &Value) -> Self {
        let number = |place: &str| payload.pointer(place).and_then(number);
        let member = |place: &str, name: &str| number(&format!("{place}/{name}"));
        let repo_id = member("/repository", "id");
        let mut repositories = BTreeSet::new();
        match event {
            "repository" | "public" => repositories.extend(repo_id),
            "installation" | "installation_repositories" => {
                let lists = REPOSITORY_LISTS.iter().filter_map(|place| payload.pointer(place)?.as_array());
                repositories.extend(lists.flatten().filter_map(|repository| self::number(&repository["id"])));
            }
            _ => {}
        }
        let issues = ISSUES.iter().filter_map(|place| member(place, "id"));
        Self {
            action: payload["action"].as_str().map(str::to_owned),
            issue_id: member("/issue", "id"),
            repo_id,
            issues: issues.chain(ISSUE_IDS.iter().filter_map(|place| number(place))).collect(),
            places: PLACES
                .iter()
                .filter_map(|(repository, issue)| Some((member(repository, "id")?, member(issue, "number")?)))
                .collect(),
            repositories,
        }
    }
}

/// A number, also one in quotes.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// The JSON in a body; nothing in a form without it.
pub(super) fn json_of<'a>(
    body: &'a [u8],
    content_type: Option<&str>,
) -> Result<Option<Cow<'a, [u8]>>, ReceiveError> {
    let content_type = content_type.unwrap_or("application/json");
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => Ok(Some(Cow::Borrowed(body))),
        "application/x-www-form-urlencoded" => Ok(url::form_urlencoded::parse(body)
            .find(|(name, _)| name == "payload")
            .map(|(_, json)| Cow::Owned(json.into_owned().into_bytes()))),
        _ => Err(ReceiveError::Type(content_type.chars().take(100).collect())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_that_is_named_is_found_wherever_it_stands() {
        let payload = json!({
            "action": "transferred",
            "issue": {"id": 11, "number": 1},
            "repository": {"id": 7, "full_name": "acme/platform"},
            "changes": {"new_issue": {"id": 22, "number": 2}, "new_repository": {"id": 8}},
            "sub_issue_id": 33, "parent_issue": {"id": "44", "number": null},
        });
        let found = Payload::of("issues", &payload);
        assert_eq!(
            (found.action.as_deref(), found.issue_id, found.repo_id),
            (Some("transferred"), Some(11), Some(7))
        );
        assert_eq!(Vec::from_iter(found.issues), [11, 22, 33, 44]);
        assert_eq!(Vec::from_iter(found.places), [(7, 1), (8, 2)]);
        assert_eq!(
            found.repositories.len(),
            0,
            "the repository is where it happened, not what it happened to"
        );
    }

    #[test]
    fn events_about_repositories_name_all_of_them() {
        let renamed = json!({"action": "renamed", "repository": {"id": 7}});
        assert_eq!(Vec::from_iter(Payload::of("repository", &renamed).repositories), [7]);
        let removed = json!({
            "action": "removed", "repositories_added": [], "repositories_removed": [{"id": 7}, {"id": 9}, null],
        });
        assert_eq!(Vec::from_iter(Payload::of("installation_repositories", &removed).repositories), [7, 9]);
    }

    #[test]
    fn bodies_are_read_in_both_forms() {
        let form = b"x=1&payload=%7B%22action%22%3A+%22closed%22%7D";
        let both = [
            (&b"{\"action\": \"closed\"}"[..], "application/json; charset=utf-8"),
            (&form[..], "application/x-www-form-urlencoded"),
        ];
        for (body, content_type) in both {
            let json = json_of(body, Some(content_type)).unwrap().unwrap();
            assert_eq!(serde_json::from_slice::<Value>(&json).unwrap(), json!({"action": "closed"}));
        }
        assert_eq!(json_of(b"nothing=here", Some("application/x-www-form-urlencoded")).unwrap(), None);
        let error = json_of(b"{}", Some("text/xml")).unwrap_err();
        assert_eq!(error.to_string(), "a delivery of type `text/xml` cannot be read");
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let names = prop::sample::select(vec![
            "action",
            "issue",
            "id",
            "number",
            "changes",
            "new_issue",
            "repository",
            "repositories",
            "sub_issue_id",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            ".{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((names.clone(), inner), 0..6).prop_map(|members| members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_shape_is_too_odd(payload in any_json(), event in "[a-z_]{0,12}") {
            let found = Payload::of(&event, &payload);
            prop_assert_eq!(&found, &Payload::of(&event, &payload));
            // What is found was there.
            let text = payload.to_string();
            for id in &found.issues {
                prop_assert!(text.contains(&id.to_string()));
            }
        }
    }
}
