//! One request to GitHub and its answer: sent once, within a time, classified by what it proves.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, Request, header};
use octocrab::{Octocrab, service::middleware::retry::RetryConfig};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Limit, Settings, Standing, TrackerError,
    auth::{Credentials, Signature},
    meter::{Meter, Weight},
    refusal::{self, Refusal, message_of},
    sign_in::{self, Desk},
};
use crate::clock::{Clock, SystemClock};

/// How long to wait when GitHub limits us and does not say how long; its documentation says "at least one minute".
const UNSTATED_WAIT: chrono::Duration = chrono::Duration::seconds(60);

/// The longest wait that is believed: GitHub's limits are of an hour, and a broken header must not stop a team for years.
const LONGEST_WAIT: chrono::Duration = chrono::Duration::hours(24);

/// The version of the REST API that the requests were written for.
const API_VERSION: &str = "2022-11-28";

/// The most bytes of an answer that are read: 100 issues of the largest size are far less.
const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// An answer with a status of success, or a redirect where that was asked for.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// The path and query of the next page.
    pub(super) next_page: Option<String>,
    /// The path that a moved thing has now.
    pub(super) location: Option<String>,
    pub(super) server_time: Option<DateTime<Utc>>,
    pub(super) request_id: Option<String>,
    pub(super) headers: HeaderMap,
}

/// What a request asks for, apart from its body.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) weight: Weight,
    pub(super) method: Method,
    pub(super) path: &'a str,
    /// Whether an app asks as itself, which has a budget of its own.
    pub(super) as_app: bool,
    /// The tag of an answer that is known: the same one need not be sent again.
    pub(super) known: Option<&'a str>,
}

impl<'a> Question<'a> {
    fn new(weight: Weight, method: Method, path: &'a str) -> Self {
        Self { weight, method, path, as_app: false, known: None }
    }
}

/// The way to one GitHub.
#[derive(Debug)]
pub(super) struct Client {
    rest: Octocrab,
    /// GraphQL of GitHub Enterprise Server has another root than its REST API.
    graphql: Octocrab,
    host: String,
    credentials: Option<Credentials>,
    /// Where an app gets its tokens, one request at a time.
    pub(super) desk: tokio::sync::Mutex<Desk>,
    may_be_anonymous: bool,
    request_timeout: Duration,
    requests: AtomicU64,
    /// What to add to our clock to get GitHub's, as its last answer told.
    skew: Mutex<Option<chrono::Duration>>,
    /// On which a pause that GitHub asks for is counted: the one that pauses are waited on.
    clock: Arc<dyn Clock>,
    /// What the answers told of limits and outages.
    meter: Meter,
}

impl Client {
    pub(super) fn new(settings: &Settings) -> Result<Self, TrackerError> {
        let api_url = settings.api_url.trim_end_matches('/').to_owned();
        let host = host_of(&api_url).to_owned();
        let graphql_root = api_url.strip_suffix("/v3").unwrap_or(&api_url).to_owned();
        let rest = build(&api_url, settings, &host)?;
        let graphql = build(&graphql_root, settings, &host)?;
        Ok(Self {
            rest,
            graphql,
            host,
            credentials: settings.credentials.clone(),
            desk: tokio::sync::Mutex::default(),
            may_be_anonymous: settings.may_be_anonymous,
            request_timeout: settings.request_timeout,
            requests: AtomicU64::new(0),
            skew: Mutex::new(None),
            clock: Arc::new(SystemClock),
            meter: Meter::default(),
        })
    }

    pub(super) fn paced_by(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Leaves at least this long between two requests that change something.
    pub(super) fn writing_every(self, interval: Duration) -> Self {
        Self { meter: Meter::new(interval), ..self }
    }

    pub(super) fn standing(&self) -> Standing {
        self.meter.standing(self.clock.now())
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    pub(super) fn rest(&self) -> &Octocrab {
        &self.rest
    }

    /// What time it is at GitHub, as far as it told.
    pub(super) fn now_there(&self) -> DateTime<Utc> {
        self.clock.now() + self.skew().unwrap_or_default()
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn skew(&self) -> Option<chrono::Duration> {
        *self.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn get(&self, path: &str) -> Result<Answer, TrackerError> {
        self.send::<Value>(Method::GET, path, None).await
    }

    /// Like [`Self::get`], and a redirect is an answer with a `location`.
    pub(super) async fn get_or_moved(&self, path: &str) -> Result<Answer, TrackerError> {
        let question = Question::new(Weight::Read, Method::GET, path);
        let answer = self.exchange::<Value>(&self.rest, &question, None).await?;
        if answer.location.is_some() && matches!(answer.status, 301 | 302 | 307 | 308) {
            return Ok(answer);
        }
        self.accept(answer)
    }

    pub(super) async fn send<B: Serialize + Sync + ?Sized>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<Answer, TrackerError> {
        let weight = match method {
            Method::GET => Weight::Read,
            Method::POST if path.ends_with("/issues") => Weight::Create,
            _ => Weight::Write,
        };
        let answer = self.exchange(&self.rest, &Question::new(weight, method, path), body).await?;
        self.accept(answer)
    }

    /// Like [`Self::get`]; an answer that is the one tagged `known` comes with status 304 and without a body, and costs
    /// nothing of the hour's budget.
    pub(super) async fn get_unless(&self, path: &str, known: Option<&str>) -> Result<Answer, TrackerError> {
        let question = Question { known, ..Question::new(Weight::Read, Method::GET, path) };
        let answer = self.exchange::<Value>(&self.rest, &question, None).await?;
        self.accept(answer)
    }

    pub(super) async fn graphql(&self, body: &Value) -> Result<Answer, TrackerError> {
        let query = body["query"].as_str().unwrap_or_default();
        let weight = match query.contains("mutation") {
            false => Weight::Read,
            true if query.contains("createIssue") => Weight::Create,
            true => Weight::Write,
        };
        let question = Question::new(weight, Method::POST, "/graphql");
        let answer = self.exchange(&self.graphql, &question, Some(body)).await?;
        self.accept(answer)
    }

    /// Reads a body that has to be there. What cannot be read proves nothing about what was done.
    pub(super) fn decode<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, TrackerError> {
        serde_json::from_slice(&answer.body).map_err(|error| TrackerError::Broken {
            host: self.host.clone(),
            status: answer.status,
            message: format!("the answer cannot be read: {error}"),
            request_id: answer.request_id.clone(),
        })
    }

    async fn exchange<B: Serialize + Sync + ?Sized>(
        &self,
        octocrab: &Octocrab,
        question: &Question<'_>,
        body: Option<&B>,
    ) -> Result<Answer, TrackerError> {
        if self.credentials.is_none() && !self.may_be_anonymous {
            return Err(TrackerError::NoToken { host: self.host.clone() });
        }
        let signature = self.signature(None).await?;
        let answer = self.once(octocrab, question, body, signature.as_ref()).await?;
        if answer.status != 401 || !matches!(self.credentials, Some(Credentials::App(_))) {
            return Ok(answer);
        }
        // Nothing was done (see `sign_in`), and a new token may be accepted.
        let signature = self.signature(signature.as_ref()).await?;
        self.once(octocrab, question, body, signature.as_ref()).await
    }

    /// Sends one request, once.
    pub(super) async fn once<B: Serialize + Sync + ?Sized>(
        &self,
        octocrab: &Octocrab,
        question: &Question<'_>,
        body: Option<&B>,
        signature: Option<&Signature>,
    ) -> Result<Answer, TrackerError> {
        let Question { weight, ref method, path, as_app, known } = *question;
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "application/vnd.github+json")
            .header("x-github-api-version", API_VERSION);
        if let Some(signature) = signature {
            let value = signature.header().ok_or_else(|| self.not_a_token())?;
            request = request.header(header::AUTHORIZATION, value);
        }
        if let Some(known) = known {
            request = request.header(header::IF_NONE_MATCH, known);
        }
        let request = octocrab.build_request(request, body).map_err(|error| self.unreachable(&error))?;
        self.meter.turn(weight, &*self.clock).await?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let failed = |error| {
            self.meter.failed(self.clock.now());
            Err(error)
        };
        let exchange = async {
            let response = octocrab.execute(request).await?;
            let (parts, body) = response.into_parts();
            let limited = http_body_util::Limited::new(body, MAX_ANSWER);
            let body = http_body_util::BodyExt::collect(limited).await;
            Ok::<_, octocrab::Error>((parts, body.map(|body| body.to_bytes().to_vec())))
        };
        // A future that is dropped does not unsend: a time-out says nothing about what GitHub did.
        let (parts, body) = match tokio::time::timeout(self.request_timeout, exchange).await {
            Err(_) => {
                return failed(TrackerError::NoAnswer {
                    host: self.host.clone(),
                    message: format!("nothing within {} s", self.request_timeout.as_secs_f32()),
                });
            }
            Ok(Err(error)) if was_not_sent(&error) => return failed(self.unreachable(&error)),
            Ok(Err(error)) => {
                return failed(TrackerError::NoAnswer { host: self.host.clone(), message: chain(&error) });
            }
            Ok(Ok(exchanged)) => exchanged,
        };
        let request_id = text(&parts.headers, "x-github-request-id");
        let body = match body {
            Ok(body) => body,
            Err(error) => {
                return failed(TrackerError::NoAnswer {
                    host: self.host.clone(),
                    message: format!("the answer broke off: {error}"),
                });
            }
        };
        let answer = Answer {
            status: parts.status.as_u16(),
            next_page: next_page(&parts.headers),
            location: text(&parts.headers, "location").map(|location| path_of(&location)),
            server_time: text(&parts.headers, "date")
                .and_then(|date| DateTime::parse_from_rfc2822(&date).ok())
                .map(|date| date.to_utc()),
            request_id,
            body,
            headers: parts.headers,
        };
        if let Some(server_time) = answer.server_time {
            let skew = server_time - self.clock.now();
            *self.skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
        }
        if answer.status >= 500 {
            self.meter.failed(self.clock.now());
        } else {
            let told = if as_app { &HeaderMap::new() } else { &answer.headers };
            self.meter.answered(told, self.skew().unwrap_or_default());
        }
        tracing::debug!(status = answer.status, path, request_id = answer.request_id, "request answered");
        match self.limit(&answer, &answer.headers) {
            Some(error) => Err(self.paused(error)),
            None => Ok(answer),
        }
    }

    /// Sorts an answer that is no success by what it proves.
    pub(super) fn accept(&self, answer: Answer) -> Result<Answer, TrackerError> {
        let host = self.host.clone();
        let request_id = answer.request_id.clone();
        match answer.status {
            200..=299 | 304 => Ok(answer),
            401 => Err(TrackerError::Unauthorized {
                host,
                who: refusal::who(self.credentials()).into(),
                message: message_of(&answer.body).0,
                hint: self.how_to_sign_in().into(),
                request_id,
            }),
            500.. => Err(TrackerError::Broken {
                host,
                status: answer.status,
                message: message_of(&answer.body).0,
                request_id,
            }),
            status => {
                let Refusal { message, field, hint } =
                    refusal::read(status, &answer.headers, &answer.body, self.credentials());
                // The token is still good, and what it stands for is not.
                if status == 403 && message == sign_in::SUSPENDED {
                    let hint = sign_in::hint_of(status).into();
                    let who = refusal::who(self.credentials()).into();
                    return Err(TrackerError::Unauthorized { host, who, message, hint, request_id });
                }
                let hint = hint.map(String::into_boxed_str);
                Err(TrackerError::Refused { host, status, message, field, hint, request_id })
            }
        }
    }

    fn how_to_sign_in(&self) -> &'static str {
        match &self.credentials {
            Some(Credentials::App(_)) => {
                "see in the app's settings that it is still installed and has the permission Issues: read and write"
            }
            Some(Credentials::Token(_)) | None => {
                "make a new token with the permission Issues: read and write, and set GH_TOKEN"
            }
        }
    }

    /// A token with a line end in it cannot be sent, and must not be shown.
    fn not_a_token(&self) -> TrackerError {
        TrackerError::Unauthorized {
            host: self.host.clone(),
            who: refusal::who(self.credentials()).into(),
            message: "it holds characters that no token has".to_owned(),
            hint: self.how_to_sign_in().into(),
            request_id: None,
        }
    }

    /// Whether GitHub asks us to wait, in the order in which its documentation says to look.
    fn limit(&self, answer: &Answer, headers: &HeaderMap) -> Option<TrackerError> {
        let (message, _) = match answer.status {
            403 | 422 | 429 => message_of(&answer.body),
            _ => return None,
        };
        let is_secondary = message.to_lowercase().contains("secondary rate")
            || message.contains("abuse")
            || message.contains("submitted too quickly");
        let is_spent = text(headers, "x-ratelimit-remaining").as_deref() == Some("0");
        let retry_after = text(headers, "retry-after").and_then(|seconds| seconds.parse::<i64>().ok());
        let is_limit = answer.status == 429
            || is_secondary
            || (answer.status == 403 && (is_spent || retry_after.is_some()));
        if !is_limit {
            return None;
        }
        let now = self.clock.now();
        // The reset is a moment on GitHub's clock; ours may differ, so only the distance is used.
        let server_now = answer.server_time.unwrap_or(now);
        let reset = text(headers, "x-ratelimit-reset")
            .and_then(|seconds| seconds.parse::<i64>().ok())
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .filter(|_| is_spent)
            .map(|reset| reset - server_now + chrono::Duration::seconds(1));
        let stated = retry_after
            .map(|seconds| chrono::Duration::seconds(seconds.clamp(0, LONGEST_WAIT.num_seconds())));
        let wait = stated.or(reset).unwrap_or(UNSTATED_WAIT).min(LONGEST_WAIT);
        Some(TrackerError::RateLimited {
            host: self.host.clone(),
            until: now + wait.max(chrono::Duration::seconds(1)),
            limit: match (is_spent && !is_secondary, stated) {
                (true, _) => Limit::Budget,
                (false, Some(_)) => Limit::Pace,
                (false, None) => Limit::PaceUntold,
            },
            message,
            request_id: answer.request_id.clone(),
        })
    }

    /// The pause after GraphQL said that a limit was reached; it says so with status 200.
    pub(super) fn graphql_limit(&self, answer: &Answer) -> TrackerError {
        let now = self.clock.now();
        let spent = self.meter.standing(now).budget.filter(|budget| budget.remaining == 0);
        let reset = spent.map(|budget| budget.resets_at + chrono::Duration::seconds(1));
        self.paused(TrackerError::RateLimited {
            host: self.host.clone(),
            until: reset.map_or(now + UNSTATED_WAIT, |reset| reset.min(now + LONGEST_WAIT)),
            limit: if reset.is_some() { Limit::Budget } else { Limit::PaceUntold },
            message: "the GraphQL limit is reached".to_owned(),
            request_id: answer.request_id.clone(),
        })
    }

    /// Remembers a pause, so that nothing more is sent from here before it has ended.
    fn paused(&self, error: TrackerError) -> TrackerError {
        if let TrackerError::RateLimited { until, .. } = &error {
            self.meter.paused(*until, error.clone());
        }
        error
    }

    fn unreachable(&self, error: &octocrab::Error) -> TrackerError {
        TrackerError::Unreachable { host: self.host.clone(), message: chain(error) }
    }
}

/// The host of an API, as it stands in our database.
pub(super) fn host_of(api_url: &str) -> &str {
    api_url.split_once("://").map_or(api_url, |(_, rest)| rest.split('/').next().unwrap_or(rest))
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that builds an octocrab")]
fn build(root: &str, settings: &Settings, host: &str) -> Result<Octocrab, TrackerError> {
    // Fails only when it was done before.
    drop(rustls::crypto::ring::default_provider().install_default());
    let unreachable =
        |error: octocrab::Error| TrackerError::Unreachable { host: host.to_owned(), message: chain(&error) };
    // It is given no token: each request brings its own, so that octocrab's rules about where to send one do not matter.
    Octocrab::builder()
        .base_uri(root)
        .map_err(unreachable)?
        .add_retry_config(RetryConfig::None)
        .set_connect_timeout(Some(settings.request_timeout.min(Duration::from_secs(10))))
        .set_read_timeout(Some(settings.request_timeout))
        .set_write_timeout(Some(settings.request_timeout))
        .build()
        .map_err(unreachable)
}

/// Only a failed connection proves that nothing was sent.
fn was_not_sent(error: &octocrab::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(client) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
            return client.is_connect();
        }
        cause = error.source();
    }
    false
}

/// The messages of an error and its causes. octocrab's own `Display` says only "GitHub" or "Service".
fn chain(error: &octocrab::Error) -> String {
    let mut messages = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let message = error.to_string();
        if messages.last() != Some(&message) {
            messages.push(message);
        }
        cause = error.source();
    }
    if messages.is_empty() { error.to_string() } else { messages.join(": ") }
}

pub(super) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The next page out of a `Link` header; unknown relations are ignored.
fn next_page(headers: &HeaderMap) -> Option<String> {
    let links = headers.get_all(header::LINK).iter().filter_map(|value| value.to_str().ok());
    links.flat_map(|value| value.split(',')).find_map(|link| {
        let (target, attributes) = link.split_once(';')?;
        let is_next = attributes.split(';').any(|attribute| attribute.trim() == r#"rel="next""#);
        let target = target.trim().strip_prefix('<')?.strip_suffix('>')?;
        is_next.then(|| path_of(target))
    })
}

/// Path and query of an address, without the prefix that the root of the API has already.
fn path_of(address: &str) -> String {
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |start| &rest[start..]),
        None => address,
    };
    path.strip_prefix("/api/v3").unwrap_or(path).to_owned()
}

/// A value as it stands in a query.
pub(super) fn encode(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(link: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::LINK, link.parse().unwrap());
        headers
    }

    #[test]
    fn the_next_page_is_found_among_other_relations() {
        let link = "<https://api.github.com/repositories/1/issues?page=1>; rel=\"prev\", \
                    <https://docs.github.com/versions>; rel=\"deprecation\"; type=\"text/html\", \
                    <https://ghe.acme.example/api/v3/repositories/1/issues?after=Y3Vy&page=3>; rel=\"next\"";
        assert_eq!(next_page(&headers(link)).as_deref(), Some("/repositories/1/issues?after=Y3Vy&page=3"));
        assert_eq!(next_page(&headers("<https://x/y>; rel=\"last\"")), None);
        assert_eq!(next_page(&HeaderMap::new()), None);
    }

    #[test]
    fn a_label_is_encoded_for_a_query() {
        assert_eq!(encode("ca:testing & more"), "ca%3Atesting%20%26%20more");
    }
}
