//! Where requests arrive: the log, the switches, the fault script, then the state.
//!
//! Invariant: everything up to the answer happens under one lock and in one step, so requests are strictly ordered and
//! the log's order is the order of their effects. Late writes land before anything later looks at the state.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use hyper::header::IF_NONE_MATCH;
use serde_json::json;

use crate::access;
use crate::call::{Answer, Call, DOCS, Refusal};
use crate::chaos::Chaos;
use crate::faults::{Effect, Script};
use crate::graphql::{self, Summary};
use crate::http;
use crate::sandbox::people;
use crate::state::{AtNumber, ByName, RepoId, Resource, UserKind, World};

/// What a GraphQL request that was cut off costs beside its own points; GitHub does not say how many.
const CUT_OFF_POINTS: u64 = 10;

/// One request the sandbox received.
#[derive(Clone, Debug, serde::Serialize)]
pub struct RequestRecord {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path with its query, as it came.
    pub path: String,
    /// The status answered; nothing when the connection was closed or left hanging.
    pub status: Option<u16>,
    /// When it came, by the sandbox's clock.
    pub at: DateTime<Utc>,
    /// Whose credential it carried.
    pub login: Option<String>,
    /// The name of the GraphQL operation, or its root fields when it has none.
    pub graphql_operation: Option<String>,
    /// The GraphQL fields selected at the root.
    pub graphql_fields: Vec<String>,
    /// Whether it asks for a change; one for a token does not.
    pub is_write: bool,
    /// The body as text.
    pub body: String,
    /// What the fault script did to it.
    pub fault: Option<String>,
}

impl RequestRecord {
    /// Whether it asks for a new issue, by REST or GraphQL.
    #[must_use]
    pub fn opens_an_issue(&self) -> bool {
        let is_rest = self.method == "POST" && self.path.ends_with("/issues");
        is_rest || self.graphql_fields.iter().any(|field| field == "createIssue")
    }
}

/// How an answer leaves.
#[derive(Debug)]
pub(crate) enum Delivery {
    Answer(Answer),
    /// Half of the body, then the connection breaks.
    Half(Answer),
    After(Duration, Answer),
    Drop,
    /// The connection breaks so that the client hears of a reset.
    Reset,
    Hang,
}

/// A write that was answered for but has not happened yet.
#[derive(Debug)]
struct Late {
    due: DateTime<Utc>,
    call: Call,
}

#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) script: Script,
    pub(crate) log: Vec<RequestRecord>,
    pub(crate) chaos: Chaos,
    pub(crate) latency: Duration,
    /// How many requests of each credential are under way.
    under_way: BTreeMap<Option<String>, usize>,
    late: Vec<Late>,
}

impl Desk {
    pub(crate) fn new(world: World) -> Self {
        Self {
            world,
            script: Script::default(),
            log: Vec::new(),
            chaos: Chaos::default(),
            latency: Duration::ZERO,
            under_way: BTreeMap::new(),
            late: Vec::new(),
        }
    }

    /// Counts a request that begins, and tells it how many of its credential there are already.
    pub(crate) fn begin(&mut self, call: &mut Call) -> Option<String> {
        let token = access::bearer(call);
        let under_way = self.under_way.entry(token.clone()).or_default();
        call.beside = *under_way;
        *under_way += 1;
        token
    }

    /// Counts a request that is over.
    pub(crate) fn end(&mut self, token: &Option<String>) {
        if let Some(under_way) = self.under_way.get_mut(token) {
            *under_way = under_way.saturating_sub(1);
        }
    }

    /// Carries out the late writes whose time has come.
    pub(crate) fn land(&mut self) {
        // Before the clock may move: how late a delivery is counts from when it was made.
        self.world.fill_postbox();
        let now = self.world.clock.now();
        let (due, waiting) = std::mem::take(&mut self.late).into_iter().partition(|late| late.due <= now);
        self.late = waiting;
        let mut due: Vec<Late> = due;
        due.sort_by_key(|late| late.due);
        for late in due {
            http::handle(&mut self.world, late.call);
        }
    }

    /// Carries out all late writes now.
    pub(crate) fn land_all(&mut self) -> usize {
        let late = std::mem::take(&mut self.late);
        let count = late.len();
        for late in late {
            http::handle(&mut self.world, late.call);
        }
        count
    }

    /// Ends all mishaps: chance, script, late writes and late webhooks. Says how many writes landed.
    pub(crate) fn calm(&mut self) -> usize {
        self.chaos = Chaos::default();
        self.script.clear();
        let now = self.world.clock.now();
        if let Some(postbox) = &mut self.world.hooks.postbox {
            postbox.calm(now);
        }
        self.land_all()
    }

    pub(crate) fn receive(&mut self, mut call: Call) -> Delivery {
        self.land();
        let summary = call.graphql.then(|| graphql::summary(&call)).flatten();
        let token = access::bearer(&call);
        let user = token.as_deref().and_then(|token| self.world.tokens.get(token)).map(|token| token.user);
        let effect = if self.world.switches.offline {
            Some(Effect::DropBefore)
        } else {
            self.script.take(&call, summary.as_ref()).or_else(|| self.chaos.strike())
        };
        let record = self.log.len();
        self.log.push(RequestRecord {
            method: call.method.clone(),
            path: call.target.clone(),
            status: None,
            at: self.world.clock.now(),
            login: user.map(|user| self.world.user(user).rest_login()),
            graphql_operation: summary.as_ref().map(Summary::name),
            graphql_fields: summary.as_ref().map(|summary| summary.fields.clone()).unwrap_or_default(),
            is_write: match &summary {
                Some(summary) => summary.is_mutation,
                // A token is no change of anything that people see.
                None => !call.is_read() && !call.graphql && !call.target.ends_with("/access_tokens"),
            },
            body: String::from_utf8_lossy(&call.body).into_owned(),
            fault: effect.as_ref().map(|effect| format!("{effect:?}")),
        });
        if let Some(Effect::StaleList { newest }) = effect {
            call.stale = newest;
        }
        let delivery = match effect {
            None | Some(Effect::StaleList { .. }) => Delivery::Answer(http::handle(&mut self.world, call)),
            Some(effect) => self.mishap(effect, call, token.as_deref()),
        };
        if let Delivery::Answer(answer) | Delivery::Half(answer) | Delivery::After(_, answer) = &delivery {
            self.log[record].status = Some(answer.status);
        }
        delivery
    }

    fn mishap(&mut self, effect: Effect, call: Call, token: Option<&str>) -> Delivery {
        match effect {
            Effect::Refuse { status, body, headers } => {
                let kind = if body.starts_with(['{', '[']) {
                    "application/json; charset=utf-8"
                } else {
                    "text/html"
                };
                let mut answer = http::finish(&mut self.world, &call, Answer::text(status, kind, &body));
                for (name, value) in headers {
                    answer = answer.with(&name, value);
                }
                Delivery::Answer(answer)
            }
            Effect::LoseReply => {
                http::handle(&mut self.world, call);
                Delivery::Drop
            }
            Effect::DropBefore => Delivery::Drop,
            Effect::Truncate => Delivery::Half(http::handle(&mut self.world, call)),
            Effect::Garble => {
                let mut answer = http::handle(&mut self.world, call);
                answer.body.truncate(answer.body.len() / 2);
                Delivery::Answer(answer)
            }
            Effect::ServerErrorAfterCommit(status) => {
                http::handle(&mut self.world, call);
                Delivery::Answer(Answer::unicorn(status))
            }
            Effect::ServerErrorBeforeCommit(status) => Delivery::Answer(Answer::unicorn(status)),
            Effect::Delay(wait) => Delivery::After(wait, http::handle(&mut self.world, call)),
            Effect::LandLate(wait) => {
                self.put_off(wait, call);
                Delivery::Answer(Answer::unicorn(502))
            }
            Effect::DropAndLandLate(wait) => {
                self.put_off(wait, call);
                Delivery::Drop
            }
            Effect::SecondaryLimit { retry_after, status } => {
                let message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. \
                               If you reach out to GitHub Support for help, please include the request ID.";
                let body =
                    json!({"message": message, "documentation_url": DOCS, "status": status.to_string()});
                let mut answer = http::finish(&mut self.world, &call, Answer::json(status, body));
                if let Some(seconds) = retry_after {
                    answer = answer.with("retry-after", seconds.to_string());
                }
                let resource = call.resource();
                Delivery::Answer(http::with_budget(&mut self.world, answer, token, resource))
            }
            Effect::PrimaryLimit { reset_in } => Delivery::Answer(self.use_up(reset_in, &call, token)),
            Effect::DisguisedLimit => {
                let answer = if call.graphql {
                    let error = json!({"type": "UNPROCESSABLE", "message": "was submitted too quickly"});
                    Answer::json(200, json!({"data": null, "errors": [error]}))
                } else {
                    let error = json!({"resource": "Issue", "field": "base", "code": "abuse"});
                    Answer::from(Refusal::Invalid(vec![error]))
                };
                Delivery::Answer(http::finish(&mut self.world, &call, answer))
            }
            Effect::Twice => {
                let answer = http::handle(&mut self.world, call.clone());
                http::handle(&mut self.world, call);
                Delivery::Answer(answer)
            }
            Effect::Empty => {
                let answer = http::handle(&mut self.world, call);
                Delivery::Answer(Answer::empty(answer.status))
            }
            Effect::Partial(kind) => {
                let mut answer = http::handle(&mut self.world, call);
                graphql::spoil(&mut answer, &kind);
                Delivery::Answer(answer)
            }
            Effect::CutOff { done, status } => {
                if done {
                    http::handle(&mut self.world, call.clone());
                }
                Delivery::Answer(self.cut_off(status, &call, token))
            }
            Effect::Reset { done } => {
                if done {
                    http::handle(&mut self.world, call);
                }
                Delivery::Reset
            }
            Effect::NotModified => Delivery::Answer(match call.header(IF_NONE_MATCH).map(str::to_owned) {
                Some(tag) => http::finish(&mut self.world, &call, Answer::empty(304)).with("etag", tag),
                None => http::handle(&mut self.world, call),
            }),
            Effect::Meanwhile => {
                self.meanwhile(&call);
                Delivery::Answer(http::handle(&mut self.world, call))
            }
            Effect::Hang => Delivery::Hang,
            Effect::StaleList { .. } => Delivery::Answer(http::handle(&mut self.world, call)),
        }
    }

    fn put_off(&mut self, wait: Duration, call: Call) {
        let wait = chrono::Duration::from_std(wait).unwrap_or(chrono::Duration::MAX);
        let due = self.world.clock.now().checked_add_signed(wait).unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.late.push(Late { due, call });
    }

    /// What GitHub says when ten seconds are over; by GraphQL it takes more points for it.
    fn cut_off(&mut self, status: u16, call: &Call, token: Option<&str>) -> Answer {
        if !call.graphql {
            let status = status.max(500);
            let body = json!({"message": "Server Error", "status": status.to_string()});
            return http::finish(&mut self.world, call, Answer::json(status, body));
        }
        access::budget(&mut self.world, token, Resource::Graphql).used += CUT_OFF_POINTS;
        let message = "Something went wrong while executing your query. This may be the result of a timeout, or it could \
                       be a GitHub bug. Please include `5A4D:0:0:0:0` when reporting this issue.";
        let body = json!({"data": null, "errors": [{"message": message}]});
        let answer = http::finish(&mut self.world, call, Answer::json(status, body));
        http::with_budget(&mut self.world, answer, token, Resource::Graphql)
    }

    /// Somebody changes what the request is about.
    fn meanwhile(&mut self, call: &Call) {
        let parts: Vec<&str> = call.segments.iter().map(String::as_str).collect();
        let (repo, rest) = match parts.as_slice() {
            ["repos", owner, name, rest @ ..] => match self.world.repo_by_name(owner, name) {
                ByName::Here(repo) | ByName::RenamedTo(repo) => (repo, rest),
                ByName::Nothing => return,
            },
            ["repositories", id, rest @ ..] => match id.parse().map(RepoId) {
                Ok(repo) if self.world.repos.contains_key(&repo) => (repo, rest),
                _ => return,
            },
            _ => return,
        };
        let by = self.world.ensure_user("octo-lead", UserKind::User);
        let number = rest.get(1).and_then(|number| number.parse().ok());
        match number.map(|number| self.world.at_number(repo, number)) {
            Some(AtNumber::Here(issue)) => {
                let text = self.world.issue(issue).body.clone().unwrap_or_default();
                self.world.edit_body(issue, &people::from_browser(&format!("{text}\n\nAdded meanwhile.")));
            }
            Some(_) => {}
            None => {
                let issues = self.world.repo(repo).numbers.values();
                let still = issues.min_by_key(|id| (self.world.issue(**id).updated_at, **id)).copied();
                if let Some(issue) = still {
                    self.world.add_comment(issue, by, "Meanwhile.");
                }
            }
        }
    }

    fn use_up(&mut self, reset_in: i64, call: &Call, token: Option<&str>) -> Answer {
        let resource = call.resource();
        let resets_at = self.world.now() + chrono::Duration::seconds(reset_in);
        let limit = access::limit_of(&self.world, token, resource);
        if reset_in > 0 {
            let budget = access::budget(&mut self.world, token, resource);
            budget.used = limit;
            budget.resets_at = Some(resets_at);
        }
        let answer = http::spent(&self.world, call, token);
        let answer = http::finish(&mut self.world, call, answer);
        answer
            .with("x-ratelimit-limit", limit.to_string())
            .with("x-ratelimit-remaining", "0")
            .with("x-ratelimit-used", limit.to_string())
            .with("x-ratelimit-reset", resets_at.timestamp().to_string())
            .with("x-ratelimit-resource", resource.as_str())
    }
}
