//! How much a credential may still ask: the primary limits and the limit on creating content.

use chrono::{DateTime, Duration, Utc};

/// Which counter a request draws from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Core,
    Graphql,
    Search,
}

impl Resource {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Graphql => "graphql",
            Self::Search => "search",
        }
    }

    /// How long a budget lasts.
    fn window(self) -> Duration {
        match self {
            Self::Core | Self::Graphql => Duration::hours(1),
            Self::Search => Duration::minutes(1),
        }
    }
}

/// One hour's counter, or one minute's for searching. It starts with the first request in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Budget {
    pub(crate) used: u64,
    pub(crate) resets_at: Option<DateTime<Utc>>,
}

impl Budget {
    /// Starts anew when the old one is over.
    pub(crate) fn refresh(&mut self, now: DateTime<Utc>, of: Resource) {
        if self.resets_at.is_none_or(|at| at <= now) {
            *self = Self { used: 0, resets_at: Some(now + of.window()) };
        }
    }

    pub(crate) fn remaining(&self, limit: u64) -> u64 {
        limit.saturating_sub(self.used)
    }
}

/// The counters of one credential.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Budgets {
    core: Budget,
    graphql: Budget,
    search: Budget,
}

impl Budgets {
    pub(crate) fn of(&mut self, resource: Resource) -> &mut Budget {
        match resource {
            Resource::Core => &mut self.core,
            Resource::Graphql => &mut self.graphql,
            Resource::Search => &mut self.search,
        }
    }
}

/// The limit on creating issues and comments; off until set.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContentLimit {
    pub(crate) per_minute: Option<u32>,
    pub(crate) per_hour: Option<u32>,
    pub(crate) hits: u64,
    created: Vec<DateTime<Utc>>,
}

impl ContentLimit {
    pub(crate) fn new(per_minute: Option<u32>, per_hour: Option<u32>) -> Self {
        Self { per_minute, per_hour, ..Self::default() }
    }

    /// Whether one more piece of content may be created now; counts it when it may.
    pub(crate) fn admit(&mut self, now: DateTime<Utc>) -> bool {
        self.created.retain(|at| *at > now - Duration::hours(1));
        let full = |limit: Option<u32>, window: Duration| {
            limit.is_some_and(|limit| {
                self.created.iter().filter(|at| **at > now - window).count() >= limit as usize
            })
        };
        if full(self.per_minute, Duration::minutes(1)) || full(self.per_hour, Duration::hours(1)) {
            self.hits += 1;
            return false;
        }
        self.created.push(now);
        true
    }
}

/// What was spent in the last minute, of points or of anything else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Minute(Vec<(DateTime<Utc>, Resource, u64)>);

impl Minute {
    pub(crate) fn spend(&mut self, now: DateTime<Utc>, of: Resource, amount: u64) {
        self.0.push((now, of, amount));
    }

    /// How much was spent on this, or on everything.
    pub(crate) fn spent(&mut self, now: DateTime<Utc>, of: Option<Resource>) -> u64 {
        self.0.retain(|(at, _, _)| *at > now - Duration::minutes(1));
        let wanted = self.0.iter().filter(|(_, resource, _)| of.is_none_or(|of| of == *resource));
        wanted.map(|(_, _, amount)| amount).sum()
    }
}
