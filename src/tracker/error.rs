//! How a request to a tracker can end, named by what the caller does next.

use chrono::{DateTime, Utc};

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The requests of an hour are used up.
    Budget,
    /// Too much at once.
    Pace,
    /// Too much at once, and the tracker did not say how long to wait.
    PaceUntold,
}

/// Why a tracker did not answer, or refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrackerError {
    /// Nothing was sent: no route, no name, nobody listens.
    #[error("cannot reach {host}: {message}")]
    Unreachable {
        /// Where to.
        host: String,
        /// Why.
        message: String,
    },
    /// It was sent, and no answer came.
    #[error("no answer from {host}: {message}")]
    NoAnswer {
        /// Where from.
        host: String,
        /// What happened instead.
        message: String,
    },
    /// It answered with a failure of its own, or with something that cannot be read.
    #[error("{host} failed with status {status}: {message}")]
    Broken {
        /// Where.
        host: String,
        /// The status.
        status: u16,
        /// What it said.
        message: String,
        /// Its id of the request.
        request_id: Option<String>,
    },
    /// There is no token to ask with.
    #[error("there is no token for {host}")]
    NoToken {
        /// Where.
        host: String,
    },
    /// It does not accept our credentials, so that it did nothing.
    #[error("{host} does not accept {who}: {message}")]
    Unauthorized {
        /// Where.
        host: String,
        /// What we signed in with, in words.
        who: Box<str>,
        /// What it said.
        message: String,
        /// What the person can do.
        hint: Box<str>,
        /// Its id of the request.
        request_id: Option<String>,
    },
    /// It asks us to wait.
    #[error("{host} asks to wait until {until}: {message}")]
    RateLimited {
        /// Where.
        host: String,
        /// Until when, on our clock.
        until: DateTime<Utc>,
        /// Why.
        limit: Limit,
        /// What it said.
        message: String,
        /// Its id of the request.
        request_id: Option<String>,
    },
    /// It refused this one request.
    #[error("{host} refused ({status}): {message}")]
    Refused {
        /// Where.
        host: String,
        /// The status.
        status: u16,
        /// What it said.
        message: String,
        /// The field it did not like.
        field: Option<String>,
        /// What to do, where it is known better than by the status.
        hint: Option<Box<str>>,
        /// Its id of the request.
        request_id: Option<String>,
    },
}

impl TrackerError {
    /// The status of a refusal.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } | Self::Broken { status, .. } => Some(*status),
            Self::Unauthorized { .. } => Some(401),
            Self::Unreachable { .. }
            | Self::NoAnswer { .. }
            | Self::NoToken { .. }
            | Self::RateLimited { .. } => None,
        }
    }

    /// The tracker's id of the request, for its support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Broken { request_id, .. }
            | Self::Unauthorized { request_id, .. }
            | Self::RateLimited { request_id, .. }
            | Self::Refused { request_id, .. } => request_id.as_deref(),
            Self::Unreachable { .. } | Self::NoAnswer { .. } | Self::NoToken { .. } => None,
        }
    }

    /// Whether no request will do better until something outside changes: no network, or no valid token.
    #[must_use]
    pub fn stops_everything(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::NoToken { .. } | Self::Unauthorized { .. } => true,
            Self::NoAnswer { .. } | Self::Broken { .. } | Self::RateLimited { .. } | Self::Refused { .. } => {
                false
            }
        }
    }

    /// What the person can do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Unreachable { .. } => {
                "check the network and `github.api_url`; nothing is lost, run the command again".to_owned()
            }
            Self::NoAnswer { .. } | Self::Broken { .. } => {
                "nothing is lost; run the command again in a while".to_owned()
            }
            Self::NoToken { .. } => "set GH_TOKEN, or sign in with `gh auth login`".to_owned(),
            Self::Unauthorized { hint, .. } | Self::Refused { hint: Some(hint), .. } => hint.to_string(),
            Self::RateLimited { until, .. } => format!("run the command again after {until}"),
            Self::Refused { status: 404, .. } => {
                "check the name of the repository, and that the token may see it".to_owned()
            }
            Self::Refused { status: 403, .. } => {
                "give the token the permission Issues: read and write for this repository".to_owned()
            }
            Self::Refused { .. } => "`followup doctor` shows what the tracker allows".to_owned(),
        }
    }
}

/// How a write ended. There is no fifth way, and none of them is sent again by the adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent<T> {
    /// Proven: nothing left this machine.
    NotSent(TrackerError),
    /// Proven: the tracker did not do it.
    Rejected(TrackerError),
    /// It may have been done.
    Unknown(TrackerError),
    /// Proven: it was done.
    Done(T),
}

impl<T> Sent<T> {
    /// The same outcome with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sent<U> {
        match self {
            Self::NotSent(error) => Sent::NotSent(error),
            Self::Rejected(error) => Sent::Rejected(error),
            Self::Unknown(error) => Sent::Unknown(error),
            Self::Done(value) => Sent::Done(change(value)),
        }
    }

    /// How a write ended that failed with `error`.
    #[must_use]
    pub fn failed(error: TrackerError) -> Self {
        match error {
            TrackerError::Unreachable { .. } | TrackerError::NoToken { .. } => Self::NotSent(error),
            TrackerError::NoAnswer { .. } | TrackerError::Broken { .. } => Self::Unknown(error),
            TrackerError::Unauthorized { .. }
            | TrackerError::RateLimited { .. }
            | TrackerError::Refused { .. } => Self::Rejected(error),
        }
    }
}
