//! The fault script: which request meets which mishap.
//!
//! Invariant: faults are taken in the order they were set, one per request, and each counts only the requests that
//! reached it. Whether the write behind a mishap happened is part of the effect's name, never left to chance.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::call::Call;
use crate::graphql::Summary;

/// Which requests a fault is meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// Every request.
    Any,
    /// Every request that changes something: REST other than GET, and GraphQL mutations.
    Writes,
    /// A REST request. `*` as the method is any method. A path that starts with `/` is the whole path, any other is
    /// what follows the repository (`issues`, `issues/*/labels`), whether it was named or given by id. `*` stands for
    /// one part, `**` at the end for any rest.
    Rest {
        /// `GET`, `POST`, … or `*`.
        method: String,
        /// The pattern.
        path: String,
    },
    /// A GraphQL request whose operation has this name or selects this field at its root.
    Graphql(String),
    /// Opening an issue, by REST or GraphQL.
    CreateIssue,
    /// Listing a repository's issues by REST, and any GraphQL request that lists issues or sub-issues.
    ListIssues,
}

/// What happens to the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Answers this instead of doing it.
    Refuse {
        /// The status.
        status: u16,
        /// The body; JSON is labelled so.
        body: String,
        /// More headers.
        headers: Vec<(String, String)>,
    },
    /// Does it, and closes the connection without an answer.
    LoseReply,
    /// Closes the connection before anything is done.
    DropBefore,
    /// Does it, and closes the connection in the middle of the answer's body.
    Truncate,
    /// Does it, and answers half of the JSON as if it were whole.
    Garble,
    /// Does it, and answers with this status and a page of HTML.
    ServerErrorAfterCommit(u16),
    /// Answers with this status and a page of HTML, and does nothing.
    ServerErrorBeforeCommit(u16),
    /// Does it, and answers after this time.
    Delay(Duration),
    /// Answers 502 now; the write happens when this much time of the sandbox's clock has passed.
    LandLate(Duration),
    /// Closes the connection now; the write happens when this much time of the sandbox's clock has passed.
    DropAndLandLate(Duration),
    /// Refuses for going too fast.
    SecondaryLimit {
        /// The `Retry-After` header, in seconds.
        retry_after: Option<u64>,
        /// 403 or 429; GraphQL may also say it with 200.
        status: u16,
    },
    /// Uses up the credential's hour: this request and the ones before the reset are refused.
    PrimaryLimit {
        /// Seconds until the reset; zero or less refuses this request only.
        reset_in: i64,
    },
    /// Lists leave out the newest issues, as a replica that lags does.
    StaleList {
        /// How many of the newest.
        newest: usize,
    },
    /// Refuses for going too fast, in disguise: 422 with the code `abuse` by REST, 200 with an error by GraphQL.
    DisguisedLimit,
    /// Does it twice, and answers for the first: a write that landed although its sender tried again.
    Twice,
    /// Does it, and answers with its status, without a body and without a `Location`.
    Empty,
    /// Answers a GraphQL request with every second object of its lists of nodes missing, and an error of this type for
    /// each: `NOT_FOUND`, `RESOURCE_LIMITS_EXCEEDED`.
    Partial(String),
    /// Gives up as GitHub does after ten seconds, whether it was done or not: `Something went wrong` in JSON by GraphQL, with
    /// 502, 504 or even 200, and `Server Error` by REST.
    CutOff {
        /// Whether it was done.
        done: bool,
        /// The status; never less than 500 by REST.
        status: u16,
    },
    /// Breaks the connection as a crash does: the client hears of a reset, not of an end.
    Reset {
        /// Whether it was done.
        done: bool,
    },
    /// Says 304 to a conditional reading, whatever has changed since.
    NotModified,
    /// Lets somebody be quicker: the issue the request is about gets one more line of text before it is carried out. When it is
    /// about a list, the issue that lay still for longest gets a comment, and the rows move.
    Meanwhile,
    /// Never answers, and does nothing.
    Hang,
}

/// One mishap of the script.
#[derive(Clone, Debug)]
pub struct Fault {
    on: Match,
    effect: Effect,
    skip: usize,
    times: usize,
    hits: usize,
}

impl Fault {
    /// Meets the next matching request, once.
    #[must_use]
    pub fn new(on: Match, effect: Effect) -> Self {
        Self { on, effect, skip: 0, times: 1, hits: 0 }
    }

    /// On a REST request; see [`Match::Rest`] for the pattern.
    #[must_use]
    pub fn rest(method: &str, path: &str, effect: Effect) -> Self {
        Self::new(Match::Rest { method: method.to_owned(), path: path.to_owned() }, effect)
    }

    /// On a GraphQL request by operation name or root field.
    #[must_use]
    pub fn graphql(name: &str, effect: Effect) -> Self {
        Self::new(Match::Graphql(name.to_owned()), effect)
    }

    /// On opening an issue, whichever API is used.
    #[must_use]
    pub fn create_issue(effect: Effect) -> Self {
        Self::new(Match::CreateIssue, effect)
    }

    /// Meets only the nth matching request, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: usize) -> Self {
        self.skip = nth.saturating_sub(1);
        self
    }

    /// Meets this many matching requests in a row.
    #[must_use]
    pub fn next(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Meets every matching request until the faults are cleared.
    #[must_use]
    pub fn always(self) -> Self {
        self.next(usize::MAX)
    }
}

/// The faults that are set.
#[derive(Debug, Default)]
pub(crate) struct Script(Vec<Fault>);

impl Script {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// How many faults still wait for a request, those set for always not counted.
    pub(crate) fn waiting(&self) -> usize {
        self.0.iter().filter(|fault| fault.times != usize::MAX).count()
    }

    /// What happens to this request, if anything.
    pub(crate) fn take(&mut self, call: &Call, summary: Option<&Summary>) -> Option<Effect> {
        let mut taken = None;
        for fault in &mut self.0 {
            if fault.on.matches(call, summary) {
                fault.hits += 1;
                if fault.hits > fault.skip {
                    fault.times = if fault.times == usize::MAX { usize::MAX } else { fault.times - 1 };
                    taken = Some(fault.effect.clone());
                    break;
                }
            }
        }
        self.0.retain(|fault| fault.times > 0);
        taken
    }
}

impl Match {
    fn matches(&self, call: &Call, summary: Option<&Summary>) -> bool {
        let field = |name: &str| summary.is_some_and(|summary| summary.fields.iter().any(|at| at == name));
        match self {
            Self::Any => true,
            Self::Writes => match summary {
                Some(summary) => summary.is_mutation,
                None => !call.is_read(),
            },
            Self::Rest { method, path } => {
                !call.graphql
                    && (method == "*" || *method == call.method)
                    && path_matches(path, &call.segments)
            }
            Self::Graphql(name) => {
                field(name) || summary.is_some_and(|summary| summary.operation.as_deref() == Some(name))
            }
            Self::CreateIssue => {
                field("createIssue")
                    || (!call.graphql && call.method == "POST" && path_matches("issues", &call.segments))
            }
            Self::ListIssues => {
                summary.is_some_and(|summary| summary.lists_issues)
                    || (!call.graphql && call.method == "GET" && path_matches("issues", &call.segments))
            }
        }
    }
}

fn path_matches(pattern: &str, segments: &[String]) -> bool {
    let segments = if pattern.starts_with('/') {
        segments
    } else {
        match segments.first().map(String::as_str) {
            Some("repos") if segments.len() >= 3 => &segments[3..],
            Some("repositories") if segments.len() >= 2 => &segments[2..],
            _ => return false,
        }
    };
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    if let Some((&"**", front)) = parts.split_last() {
        return segments.len() >= front.len() && same(front, &segments[..front.len()]);
    }
    parts.len() == segments.len() && same(&parts, segments)
}

fn same(parts: &[&str], segments: &[String]) -> bool {
    parts.iter().zip(segments).all(|(part, segment)| *part == "*" || *part == segment.as_str())
}

/// A fault as the control address reads it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultText {
    method: Option<String>,
    path: Option<String>,
    graphql: Option<String>,
    on: Option<String>,
    effect: String,
    nth: Option<usize>,
    next: Option<usize>,
    #[serde(default)]
    always: bool,
    status: Option<u16>,
    body: Option<Value>,
    seconds: Option<f64>,
    retry_after: Option<u64>,
    reset_in: Option<i64>,
    newest: Option<usize>,
    #[serde(default)]
    done: bool,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

impl FaultText {
    pub(crate) fn into_fault(self) -> Result<Fault, String> {
        let on = match (self.on.as_deref(), self.graphql, self.path) {
            (Some("any"), None, None) => Match::Any,
            (Some("writes"), None, None) => Match::Writes,
            (Some("create_issue"), None, None) => Match::CreateIssue,
            (Some("list_issues"), None, None) => Match::ListIssues,
            (Some(other), _, _) => return Err(format!("`on` cannot be `{other}` here")),
            (None, Some(name), None) => Match::Graphql(name),
            (None, None, Some(path)) => {
                Match::Rest { method: self.method.unwrap_or_else(|| "*".to_owned()), path }
            }
            (None, _, _) => return Err("say `on`, `path` or `graphql`".to_owned()),
        };
        let wait =
            Duration::try_from_secs_f64(self.seconds.unwrap_or(1.0)).map_err(|error| error.to_string())?;
        let effect = match self.effect.as_str() {
            "refuse" => Effect::Refuse {
                status: self.status.unwrap_or(422),
                body: match self.body {
                    Some(Value::String(text)) => text,
                    Some(value) => value.to_string(),
                    None => String::new(),
                },
                headers: self.headers.into_iter().collect(),
            },
            "lose_reply" => Effect::LoseReply,
            "drop_before" => Effect::DropBefore,
            "truncate" => Effect::Truncate,
            "garble" => Effect::Garble,
            "server_error_after_commit" => Effect::ServerErrorAfterCommit(self.status.unwrap_or(502)),
            "server_error_before_commit" => Effect::ServerErrorBeforeCommit(self.status.unwrap_or(502)),
            "delay" => Effect::Delay(wait),
            "land_late" => Effect::LandLate(wait),
            "drop_and_land_late" => Effect::DropAndLandLate(wait),
            "secondary_limit" => {
                Effect::SecondaryLimit { retry_after: self.retry_after, status: self.status.unwrap_or(403) }
            }
            "primary_limit" => Effect::PrimaryLimit { reset_in: self.reset_in.unwrap_or(60) },
            "stale_list" => Effect::StaleList { newest: self.newest.unwrap_or(1) },
            "disguised_limit" => Effect::DisguisedLimit,
            "twice" => Effect::Twice,
            "empty" => Effect::Empty,
            "partial" => Effect::Partial(self.kind.unwrap_or_else(|| "NOT_FOUND".to_owned())),
            "cut_off" => Effect::CutOff { done: self.done, status: self.status.unwrap_or(502) },
            "reset" => Effect::Reset { done: self.done },
            "not_modified" => Effect::NotModified,
            "meanwhile" => Effect::Meanwhile,
            "hang" => Effect::Hang,
            other => return Err(format!("unknown effect `{other}`")),
        };
        let mut fault = Fault::new(on, effect).nth(self.nth.unwrap_or(1)).next(self.next.unwrap_or(1));
        if self.always {
            fault = fault.always();
        }
        Ok(fault)
    }
}
