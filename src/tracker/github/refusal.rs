//! What GitHub says when it refuses, in words that a person can act on: what is missing, and where to give it.
//!
//! Invariant: nothing of what is read here decides what is sent next; the status does that.

use http::HeaderMap;
use serde_json::Value;

use super::{auth::Credentials, client::text, sign_in::name_of};

/// A refusal as it is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) message: String,
    /// The field that it did not like.
    pub(super) field: Option<String>,
    /// What to do, where that is known better than by the status alone.
    pub(super) hint: Option<String>,
}

/// Reads a refusal of what was asked with `credentials`.
pub(super) fn read(
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    credentials: Option<&Credentials>,
) -> Refusal {
    let (message, field) = message_of(body);
    let told = |message: String, hint: String| Refusal { message, field: None, hint: Some(hint) };
    let who = who(credentials);
    if status == 403
        && let Some(url) = text(headers, "x-github-sso").as_deref().and_then(sign_on_url)
    {
        let organization = url.split("/orgs/").nth(1).and_then(|rest| rest.split('/').next());
        let organization = organization.map(|name| format!("the organization {name}"));
        return told(
            format!(
                "{} asks for single sign-on, and {who} is not authorised for it",
                organization.as_deref().unwrap_or("its organization")
            ),
            format!("open {url} and authorise the token, then run the command again"),
        );
    }
    if status == 403
        && message.starts_with("Resource not accessible by")
        && let Some(needed) = text(headers, "x-accepted-github-permissions").as_deref().and_then(permissions)
    {
        let place = match credentials {
            Some(Credentials::App(_)) => {
                "give it in the settings of the app, and let an owner accept it where the app is installed"
            }
            _ if message.contains("integration") => {
                "give it in the workflow, as `permissions: { issues: write }`, or in the app that made the token"
            }
            _ => {
                "give it in the settings of the token, and see there that the repository is among the chosen ones"
            }
        };
        let message = format!("{who} lacks the permission {needed} ({message})");
        return told(message, format!("{place}; then run the command again, nothing is lost"));
    }
    if status == 403 && message.contains("archived") {
        let hint = "unarchive the repository, or `followup unlink` what is done with it";
        return Refusal { message, field, hint: Some(hint.to_owned()) };
    }
    if status == 410 && message.to_lowercase().contains("issues") && message.contains("disabled") {
        let hint = "enable issues in the settings of the repository, then run the command again";
        return Refusal { message, field, hint: Some(hint.to_owned()) };
    }
    // GitHub says which scopes a token of the old kind has.
    let scopes = text(headers, "x-oauth-scopes").filter(|_| matches!(status, 403 | 404));
    let hint = scopes.filter(|scopes| !scopes.split(", ").any(|scope| scope == "repo")).map(|scopes| {
        let has = if scopes.is_empty() { "no scope".to_owned() } else { format!("the scopes {scopes}") };
        format!("the token has {has}, and private repositories need `repo`: `gh auth refresh --scopes repo`, or a new token")
    });
    Refusal { message, field, hint }
}

/// What we sign in with, in words.
pub(super) fn who(credentials: Option<&Credentials>) -> String {
    match credentials {
        Some(Credentials::App(app)) => name_of(app),
        Some(Credentials::Token(_)) | None => "the token".to_owned(),
    }
}

/// The address in `required; url=https://…`.
fn sign_on_url(header: &str) -> Option<&str> {
    let rest = header.strip_prefix("required")?;
    rest.split(';').find_map(|part| part.trim().strip_prefix("url=")).filter(|url| url.starts_with("http"))
}

/// `issues=write,metadata=read; contents=read` as people see it in the settings. A semicolon is "or"; the first will do.
fn permissions(header: &str) -> Option<String> {
    let first = header.split(';').next()?;
    let named: Vec<String> = first
        .split(',')
        .filter_map(|one| {
            let (name, level) = one.trim().split_once('=')?;
            let mut name = name.replace('_', " ");
            name.get_mut(..1)?.make_ascii_uppercase();
            let level = match level {
                "write" => "read and write",
                level => level,
            };
            Some(format!("{name}: {level}"))
        })
        .collect();
    (!named.is_empty()).then(|| named.join(", "))
}

/// What an answer that is no success says, and which field it did not like.
///
/// GitHub sends JSON, and HTML when a machine in front of it answers.
pub(super) fn message_of(body: &[u8]) -> (String, Option<String>) {
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        let text = String::from_utf8_lossy(&body[..body.len().min(200)]);
        let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('<'));
        return (first.unwrap_or("no message").to_owned(), None);
    };
    let mut message = json["message"].as_str().unwrap_or("no message").to_owned();
    let mut field = None;
    for error in json["errors"].as_array().into_iter().flatten() {
        field = field.or_else(|| error["field"].as_str().map(str::to_owned));
        let parts = ["field", "code", "message", "value"].map(|name| error[name].as_str());
        let detail = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let detail = if detail.is_empty() { error.as_str().unwrap_or_default().to_owned() } else { detail };
        message = format!("{message}; {detail}");
    }
    (message, field)
}

#[cfg(test)]
mod tests {
    use github_sandbox::TEST_APP_KEY;

    use super::*;
    use crate::tracker::github::App;

    fn told(status: u16, header: (&'static str, &str), message: &str, credentials: &Credentials) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header.0, header.1.parse().unwrap());
        let body = serde_json::json!({ "message": message }).to_string();
        let refusal = read(status, &headers, body.as_bytes(), Some(credentials));
        format!("{}\n→ {}", refusal.message, refusal.hint.unwrap_or_default())
    }

    #[test]
    fn a_missing_permission_is_named_with_the_place_to_give_it() {
        let token = Credentials::from("github_pat_x");
        let app = App::new(4711, Some(1), None, &TEST_APP_KEY.into()).unwrap();
        let needed = ("x-accepted-github-permissions", "issues=write,metadata=read; pull_requests=write");
        insta::assert_snapshot!(told(403, needed, "Resource not accessible by personal access token", &token), @"
        the token lacks the permission Issues: read and write, Metadata: read (Resource not accessible by personal access token)
        → give it in the settings of the token, and see there that the repository is among the chosen ones; then run the command again, nothing is lost
        ");
        insta::assert_snapshot!(told(403, needed, "Resource not accessible by integration", &token), @"
        the token lacks the permission Issues: read and write, Metadata: read (Resource not accessible by integration)
        → give it in the workflow, as `permissions: { issues: write }`, or in the app that made the token; then run the command again, nothing is lost
        ");
        let organization = ("x-accepted-github-permissions", "organization_projects=read");
        insta::assert_snapshot!(told(403, organization, "Resource not accessible by integration", &Credentials::App(app)), @"
        the app 4711 lacks the permission Organization projects: read (Resource not accessible by integration)
        → give it in the settings of the app, and let an owner accept it where the app is installed; then run the command again, nothing is lost
        ");
        assert_eq!(permissions("nonsense"), None);
    }

    #[test]
    fn single_sign_on_names_the_organization_and_the_address() {
        let token = Credentials::from("ghp_x");
        let header =
            ("x-github-sso", "required; url=https://github.com/orgs/acme/sso?authorization_request=AZ12");
        insta::assert_snapshot!(told(403, header, "Resource protected by organization SAML enforcement.", &token), @"
        the organization acme asks for single sign-on, and the token is not authorised for it
        → open https://github.com/orgs/acme/sso?authorization_request=AZ12 and authorise the token, then run the command again
        ");
        // This one says that a list is not whole, and refuses nothing.
        let partial = ("x-github-sso", "partial-results; organizations=21955855");
        assert_eq!(told(403, partial, "Forbidden", &token), "Forbidden\n→ ");
    }

    #[test]
    fn an_old_token_without_the_scope_for_private_repositories() {
        let token = Credentials::from("ghp_x");
        insta::assert_snapshot!(told(404, ("x-oauth-scopes", "gist, read:org"), "Not Found", &token), @"
        Not Found
        → the token has the scopes gist, read:org, and private repositories need `repo`: `gh auth refresh --scopes repo`, or a new token
        ");
        assert_eq!(told(404, ("x-oauth-scopes", "gist, repo"), "Not Found", &token), "Not Found\n→ ");
    }

    #[test]
    fn a_refusal_tells_which_field_and_why() {
        let body = br#"{"message":"Validation Failed","errors":[{"value":"bob","resource":"Issue","field":"assignees","code":"invalid"}]}"#;
        assert_eq!(
            message_of(body),
            ("Validation Failed; assignees invalid bob".to_owned(), Some("assignees".to_owned()))
        );
        assert_eq!(message_of(b"<html>\n<title>x</title>\nUnicorn!\n</html>").0, "Unicorn!");
        assert_eq!(message_of(b"").0, "no message");
    }
}
