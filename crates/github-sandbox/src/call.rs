//! One request as the sandbox sees it, one answer, and the ways to refuse.

use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderName};
use serde_json::{Value, json};

use crate::state::{Resource, UserId};

/// Where errors point to.
pub(crate) const DOCS: &str = "https://docs.github.com/rest";

/// What GitHub says to a token that single sign-on was not confirmed for.
pub(crate) const SAML: &str = "Resource protected by organization SAML enforcement. You must grant your Personal Access \
                               token access to this organization.";

/// A request, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// The path and query as they came.
    pub(crate) target: String,
    /// The decoded path without the prefix of an Enterprise server.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What the addresses in the answer start with.
    pub(crate) root: String,
    pub(crate) graphql: bool,
    pub(crate) viewer: Option<UserId>,
    /// The app that asks as itself.
    pub(crate) app: Option<u64>,
    /// How many of the newest issues lists must not show yet.
    pub(crate) stale: usize,
    /// How many other requests of the same credential are under way.
    pub(crate) beside: usize,
}

impl Call {
    pub(crate) fn new(url: &str, method: &str, target: &str, headers: HeaderMap, body: Bytes) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut segments: Vec<String> =
            path.split('/').filter(|part| !part.is_empty()).map(|part| decode(part, false)).collect();
        let mut root = url.to_owned();
        let mut graphql = segments == ["graphql"] || segments == ["api", "graphql"];
        if segments.len() >= 2 && segments[0] == "api" && segments[1] == "v3" {
            segments.drain(..2);
            root = format!("{url}/api/v3");
            graphql = segments == ["graphql"];
        }
        let query = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decode(name, true), decode(value, true))
            })
            .collect();
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            segments,
            query,
            headers,
            body,
            root,
            graphql,
            viewer: None,
            app: None,
            stale: 0,
            beside: 0,
        }
    }

    pub(crate) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_read(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    /// Which counter it draws from.
    pub(crate) fn resource(&self) -> Resource {
        match self.segments.first().map(String::as_str) {
            _ if self.graphql => Resource::Graphql,
            Some("search") => Resource::Search,
            _ => Resource::Core,
        }
    }

    /// The body as a JSON object; an empty body is an empty object.
    pub(crate) fn json(&self) -> Result<Value, Refusal> {
        if self.body.is_empty() {
            return Ok(json!({}));
        }
        let value: Value = serde_json::from_slice(&self.body)
            .map_err(|_| Refusal::Status(400, "Problems parsing JSON".to_owned()))?;
        if value.is_object() || value.is_array() {
            Ok(value)
        } else {
            Err(Refusal::Status(400, "Body should be a JSON object".to_owned()))
        }
    }

    /// Who is asking, when somebody must be.
    pub(crate) fn signed_in(&self) -> Result<UserId, Refusal> {
        self.viewer.ok_or_else(|| Refusal::Status(401, "Requires authentication".to_owned()))
    }
}

/// Undoes percent-encoding; in queries a plus is a blank.
pub(crate) fn decode(text: &str, plus: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (bytes[at], escaped) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) if plus => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Percent-encodes one part of a path or query.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// An answer, before the headers every answer carries.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    #[expect(clippy::needless_pass_by_value, reason = "callers build the value for this call alone")]
    pub(crate) fn json(status: u16, body: Value) -> Self {
        let content_type = ("content-type".to_owned(), "application/json; charset=utf-8".to_owned());
        Self { status, headers: vec![content_type], body: Bytes::from(body.to_string()) }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    pub(crate) fn text(status: u16, content_type: &str, body: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: Bytes::from(body.to_owned()),
        }
    }

    /// The page GitHub's front shows when something behind it failed.
    pub(crate) fn unicorn(status: u16) -> Self {
        let body = "<!DOCTYPE html><html><head><title>Unicorn! &middot; GitHub</title></head>\
                    <body><p><strong>This page is taking too long to load.</strong></p></body></html>";
        Self::text(status, "text/html; charset=utf-8", body)
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// A request that was not carried out.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// A status with GitHub's sentence.
    Status(u16, String),
    /// 422 "Validation Failed" with its list.
    Invalid(Vec<Value>),
    /// The credential has not the permission that is named.
    Lacking { message: String, accepted: String },
    /// The credential was not authorised for an organisation's single sign-on.
    SingleSignOn { url: String },
    /// What was asked for lives elsewhere.
    Moved { status: u16, location: String },
}

impl Refusal {
    pub(crate) fn not_found() -> Self {
        Self::Status(404, "Not Found".to_owned())
    }

    pub(crate) fn forbidden(message: &str) -> Self {
        Self::Status(403, message.to_owned())
    }

    /// One entry of `errors[]`.
    pub(crate) fn invalid(resource: &str, field: &str, code: &str) -> Self {
        Self::Invalid(vec![json!({"resource": resource, "field": field, "code": code})])
    }

    /// One entry of `errors[]` that speaks for itself.
    pub(crate) fn custom(resource: &str, field: &str, message: &str) -> Self {
        Self::Invalid(vec![json!({
            "resource": resource, "field": field, "code": "custom", "message": message,
        })])
    }

    /// The sentence a person reads, for the places that show only one.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Status(_, message) => message.clone(),
            Self::Invalid(errors) => errors
                .iter()
                .map(|error| match error["message"].as_str() {
                    Some(message) => message.to_owned(),
                    None => format!("{} is {}", error["field"], error["code"]).replace('"', ""),
                })
                .collect::<Vec<_>>()
                .join(", "),
            Self::Lacking { message, .. } => message.clone(),
            Self::SingleSignOn { .. } => SAML.to_owned(),
            Self::Moved { .. } => "Moved Permanently".to_owned(),
        }
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Status(status, message) => Self::json(
                status,
                json!({"message": message, "documentation_url": DOCS, "status": status.to_string()}),
            ),
            Refusal::Invalid(errors) => Self::json(
                422,
                json!({
                    "message": "Validation Failed",
                    "errors": errors,
                    "documentation_url": DOCS,
                    "status": "422",
                }),
            ),
            Refusal::Lacking { message, accepted } => {
                Self::from(Refusal::Status(403, message)).with("x-accepted-github-permissions", accepted)
            }
            Refusal::SingleSignOn { url } => {
                Self::from(Refusal::forbidden(SAML)).with("x-github-sso", format!("required; url={url}"))
            }
            Refusal::Moved { status, location } => Self::json(
                status,
                json!({
                    "message": "Moved Permanently",
                    "url": location,
                    "documentation_url": "https://docs.github.com/v3/#http-redirects",
                }),
            )
            .with("location", location),
        }
    }
}
