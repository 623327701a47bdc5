//! The handle on a running sandbox: how it starts and stops, who may use it, and what it was asked.

pub(crate) mod apps;
mod fate;
pub(crate) mod hooks;
pub(crate) mod people;
pub(crate) mod views;
mod work;

use std::net::{Ipv4Addr, TcpListener};
use std::thread::JoinHandle;

use anyhow::Context as _;
use chrono::{DateTime, Duration, Utc};
use tokio::sync::watch;

pub use apps::{Access, TEST_APP_KEY};
pub use hooks::Mail;
pub use views::{CommentView, IssueView, ReactionView};

use crate::clock::Clock;
use crate::desk::{Desk, RequestRecord};
use crate::faults::Fault;
use crate::server::{self, Shared};
use crate::state::{ContentLimit, RepoSettings, UserKind, World};

/// The token every sandbox knows from the start.
pub const DEFAULT_TOKEN: &str = "sandbox-token";
/// Whose token it is.
pub const DEFAULT_LOGIN: &str = "followup-bot";
/// People every sandbox knows from the start.
const RESIDENTS: [&str; 3] = ["octo-lead", "octo-dev", "octo-ops"];

/// How a sandbox starts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Builder {
    port: u16,
    now: Option<DateTime<Utc>>,
    fast: Option<(DateTime<Utc>, i32)>,
}

impl Builder {
    /// Listens on this port; 0, the default, takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts with the clock standing at this time.
    #[must_use]
    pub fn now(mut self, now: DateTime<Utc>) -> Self {
        self.now = Some(now);
        self
    }

    /// Starts with a clock that agrees with the machine's at this time and runs so many times as fast: a harness whose
    /// clients do the same need not wait.
    #[must_use]
    pub fn fast(mut self, since: DateTime<Utc>, times: i32) -> Self {
        self.fast = Some((since, times));
        self
    }

    /// Starts the sandbox on a thread of its own, so that it answers blocking callers too.
    pub fn start(self) -> anyhow::Result<Sandbox> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))
            .with_context(|| format!("could not listen on 127.0.0.1:{}", self.port))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let clock = match (self.now, self.fast) {
            (Some(now), _) => Clock::Standing(now),
            (None, Some((since, times))) => Clock::fast(since, times),
            (None, None) => Clock::real(),
        };
        let mut world = World::new(url.clone(), clock);
        for login in RESIDENTS {
            world.ensure_user(login, UserKind::User);
        }
        let shared = Shared::new(Desk::new(world));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = watch::channel(false);
        let served = shared.clone();
        let thread = std::thread::Builder::new().name("github-sandbox".to_owned()).spawn(move || {
            runtime.block_on(async move {
                match tokio::net::TcpListener::from_std(listener) {
                    Ok(listener) => server::serve(listener, served, stopped).await,
                    Err(error) => unreachable!("a listener that was just bound: {error}"),
                }
            });
        })?;
        let sandbox = Sandbox { url, shared, stop, thread: Some(thread) };
        sandbox.add_user(DEFAULT_LOGIN);
        sandbox.add_token(DEFAULT_TOKEN, DEFAULT_LOGIN);
        Ok(sandbox)
    }
}

/// A running sandbox. It ends when this is dropped.
#[derive(Debug)]
pub struct Sandbox {
    url: String,
    shared: Shared,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox on a free port of 127.0.0.1.
    #[expect(clippy::unused_async, reason = "callers are async, and starting may need to wait one day")]
    pub async fn start() -> anyhow::Result<Self> {
        Self::builder().start()
    }

    /// Starts a sandbox with choices.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// `http://127.0.0.1:PORT`: the root of the REST API; GraphQL is at `/graphql` under it.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Ends the sandbox and its connections.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic of the server was already reported where it happened.
            thread.join().ok();
        }
    }

    fn desk<T>(&self, act: impl FnOnce(&mut Desk) -> T) -> T {
        let mut desk = self.shared.lock();
        desk.land();
        act(&mut desk)
    }

    /// Makes a person. Does nothing when there is one of that login.
    pub fn add_user(&self, login: &str) {
        self.desk(|desk| desk.world.ensure_user(login, UserKind::User));
    }

    /// Makes an app's bot: REST spells it `login[bot]`, GraphQL `login`.
    pub fn add_bot(&self, login: &str) {
        self.desk(|desk| desk.world.ensure_user(login, UserKind::Bot));
    }

    /// Accepts a token as somebody's, who is made if need be.
    pub fn add_token(&self, token: &str, login: &str) {
        self.desk(|desk| {
            let user = desk.world.ensure_user(login, UserKind::User);
            desk.world.add_token(token, user);
        });
    }

    /// Stops accepting a token.
    pub fn revoke_token(&self, token: &str) {
        self.desk(|desk| desk.world.tokens.remove(token));
    }

    /// Makes a private repository `owner/name` in which everybody has push access, and gives its id.
    pub fn add_repo(&self, full_name: &str) -> u64 {
        self.add_repo_with(full_name, &RepoSettings::default())
    }

    /// Makes a repository `owner/name` and gives its id. One that has the name already stays as it is.
    pub fn add_repo_with(&self, full_name: &str, settings: &RepoSettings) -> u64 {
        let (owner, name) = full_name.split_once('/').unwrap_or(("acme", full_name));
        self.desk(|desk| desk.world.add_repo(owner, name, settings).0)
    }

    /// Adds a fault to the script.
    pub fn fault(&self, fault: Fault) {
        self.desk(|desk| desk.script.add(fault));
    }

    /// Forgets the faults that did not happen yet.
    pub fn clear_faults(&self) {
        self.desk(|desk| desk.script.clear());
    }

    /// How many faults have not happened yet; those set for always do not count.
    #[must_use]
    pub fn faults_waiting(&self) -> usize {
        self.desk(|desk| desk.script.waiting())
    }

    /// Carries out the writes that were to land late, and says how many.
    pub fn land_late_writes(&self) -> usize {
        self.desk(Desk::land_all)
    }

    /// While offline every connection is closed before anything is done.
    pub fn offline(&self, offline: bool) {
        self.desk(|desk| desk.world.switches.offline = offline);
    }

    /// Drops labels and assignees of creates and edits without a word, as GitHub does without push access.
    pub fn drop_labels_silently(&self, drop: bool) {
        self.desk(|desk| desk.world.switches.drop_labels = drop);
    }

    /// Pages lists by opaque cursors instead of numbers, with neither `first` nor `last`.
    pub fn cursor_links(&self, cursors: bool) {
        self.desk(|desk| desk.world.switches.cursor_links = cursors);
    }

    /// Refuses to create more issues and comments than this.
    pub fn content_limit(&self, per_minute: Option<u32>, per_hour: Option<u32>) {
        self.desk(|desk| {
            desk.world.content = ContentLimit::new(per_minute, per_hour);
        });
    }

    /// How often the content limit refused.
    #[must_use]
    pub fn content_limit_hits(&self) -> u64 {
        self.desk(|desk| desk.world.content.hits)
    }

    /// How many requests, or GraphQL points, a token has per hour; 5,000 until set.
    pub fn primary_limit(&self, per_hour: u64) {
        self.desk(|desk| desk.world.primary_limit = per_hour);
    }

    /// Stops the clock at this time.
    pub fn set_now(&self, now: DateTime<Utc>) {
        self.desk(|desk| {
            desk.world.clock = Clock::Standing(now);
            desk.land();
        });
    }

    /// Moves the clock; late writes land.
    pub fn advance(&self, by: Duration) {
        self.desk(|desk| {
            desk.world.clock.advance(by);
            desk.land();
        });
    }

    /// The sandbox's time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.desk(|desk| desk.world.clock.now())
    }

    /// Every request since the start or the last clearing, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.desk(|desk| desk.log.clone())
    }

    /// How many requests came.
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.desk(|desk| desk.log.len())
    }

    /// The requests that asked for a change, whatever came of them.
    #[must_use]
    pub fn writes(&self) -> Vec<RequestRecord> {
        self.desk(|desk| desk.log.iter().filter(|record| record.is_write).cloned().collect())
    }

    /// Empties the log of requests.
    pub fn clear_requests(&self) {
        self.desk(|desk| desk.log.clear());
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.end();
    }
}
