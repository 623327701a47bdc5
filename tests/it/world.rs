//! One database, one GitHub, and the people around them: what the stories of this folder are told with.
//!
//! A [`World`] is a SQLite file opened as the product opens it, the real GitHub adapter, and the sandbox at the other end
//! of it. Time stands still until somebody moves it; whoever sleeps moves it at once, here and at GitHub. [`finish`]
//! ends a story: both sides have to be in step and to stay so.
//!
//! [`finish`]: World::finish

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, NaiveDate, Utc};
use followup::{
    action::{Action, ActionId, Actor, ActorKind, Command, Disposition, Kind, Report, ReportId, Severity},
    clock::{Clock, Clocks, ManualClock},
    config,
    intake::Reference,
    life,
    store::{Access, Location, NewReport, Stamp, Store},
    sync::{Engine, LinkError, Linked, Progress, Selection, Settings, Summary, SyncError, Unlinked, unlink},
    tracker::{IssueChange, IssueRef, Sent, Target, Tracker, github},
};
use github_sandbox::{CloseReason, Sandbox};
use tempfile::TempDir;

/// Where everything is published to.
pub(crate) const REPO: &str = "acme/platform";

/// When every story begins: a Wednesday.
pub(crate) const BEGIN: &str = "2024-05-15T09:00:00Z";

/// A clock that takes GitHub's with it.
#[derive(Clone, Debug)]
struct InStep {
    clock: ManualClock,
    sandbox: Arc<Sandbox>,
    ahead: chrono::Duration,
}

#[async_trait::async_trait]
impl Clock for InStep {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now() + self.ahead
    }

    async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
        self.sandbox.set_now(self.clock.now());
    }
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) settings: Settings,
    pub(crate) token: Option<&'static str>,
    /// Who publishes instead of the owner of the token.
    pub(crate) app: Option<github::App>,
    /// Where GitHub is looked for, when not at the sandbox.
    pub(crate) api_url: Option<String>,
    pub(crate) store: Store,
    /// What the last pass was waiting for, in order.
    pub(crate) waits: Arc<Mutex<Vec<String>>>,
    clock: ManualClock,
    /// By how much our clock is ahead of GitHub's.
    ahead: chrono::Duration,
    folder: TempDir,
}

/// A moment as people write it.
pub(crate) fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A day as people write it.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A report that says little.
pub(crate) fn a_report(title: &str) -> Report {
    Report {
        id: ReportId::new(0),
        ulid: String::new(),
        title: title.to_owned(),
        source: "reports/checkout.md".to_owned(),
        digest: String::new(),
        revision: 1,
        format: "markdown".to_owned(),
        incident_date: Some(day("2024-05-14")),
        report_date: None,
        started_at: None,
        resolved_at: None,
        duration_minutes: None,
        severity: Severity::Sev2,
        severity_set: false,
        root_cause: None,
        repo: None,
        created_at: moment(BEGIN),
        updated_at: moment(BEGIN),
    }
}

/// A proposed action as an import leaves it, of a report that is named later.
pub(crate) fn an_action(title: &str) -> Action {
    Action {
        quote: format!("- {title}"),
        section: Some("Action items".to_owned()),
        line: 12,
        kind: Kind::Prevent,
        version: 1,
        ..Action::proposed(ReportId::new(0), title, moment(BEGIN))
    }
}

/// An owned action.
pub(crate) fn owned(title: &str, owner: &str) -> Action {
    Action { owner: Some(owner.to_owned()), ..an_action(title) }
}

/// Who the person at the command line is.
pub(crate) fn stamp_at(at: DateTime<Utc>) -> Stamp {
    Stamp {
        actor: Actor { name: "grace".to_owned(), kind: ActorKind::User, declared: false },
        at,
        recorded_at: at,
        os_user: "grace".to_owned(),
        fixed_clock: false,
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(moment(BEGIN));
        let sandbox = Sandbox::builder().now(moment(BEGIN)).start().unwrap();
        sandbox.add_repo(REPO);
        let store = open(&folder).await;
        let settings = Settings {
            publish: config::Publish::default(),
            sync: config::Sync { request_timeout: Duration::from_secs(20), ..config::Sync::default() },
            repo: Some(REPO.parse().unwrap()),
            is_background: false,
        };
        Self {
            sandbox: Arc::new(sandbox),
            settings,
            token: Some(github_sandbox::DEFAULT_TOKEN),
            app: None,
            api_url: None,
            store,
            waits: Arc::default(),
            clock,
            ahead: chrono::Duration::zero(),
            folder,
        }
    }

    /// Another database that publishes to the same GitHub: a second laptop.
    pub(crate) async fn beside(other: &Self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder).await;
        Self {
            sandbox: other.sandbox.clone(),
            settings: other.settings.clone(),
            token: other.token,
            app: other.app.clone(),
            api_url: None,
            store,
            waits: Arc::default(),
            clock: other.clock.clone(),
            ahead: other.ahead,
            folder,
        }
    }

    // What the product is made of.

    pub(crate) fn clocks(&self) -> Clocks {
        let clock: Arc<dyn Clock> =
            Arc::new(InStep { clock: self.clock.clone(), sandbox: self.sandbox.clone(), ahead: self.ahead });
        Clocks { calendar: clock.clone(), pacing: clock, is_fixed: false, zone: chrono_tz::Tz::UTC }
    }

    pub(crate) fn stamp(&self) -> Stamp {
        stamp_at(self.clocks().now())
    }

    pub(crate) fn github(&self) -> Arc<dyn Tracker> {
        let settings = github::Settings {
            api_url: self.api_url.clone().unwrap_or_else(|| self.sandbox.url()),
            credentials: match &self.app {
                Some(app) => Some(github::Credentials::App(app.clone())),
                None => self.token.map(Into::into),
            },
            may_be_anonymous: false,
            request_timeout: self.settings.sync.request_timeout,
            label: self.settings.publish.labels[0].clone(),
        };
        let github = github::GitHub::new(settings).unwrap().paced_by(self.clocks().pacing);
        Arc::new(github.writing_every(Duration::from_secs(1)))
    }

    pub(crate) async fn engine(&self) -> Engine {
        self.engine_with(self.github()).await
    }

    pub(crate) async fn engine_with(&self, tracker: Arc<dyn Tracker>) -> Engine {
        let waits = self.waits.clone();
        let progress = move |progress| {
            if let Progress::Waiting { why, .. } = progress {
                waits.lock().unwrap().push(why);
            }
        };
        let (store, settings) = (self.store.clone(), self.settings.clone());
        Engine::new(store, tracker, self.clocks(), settings, self.stamp(), progress).await.unwrap()
    }

    // The team, at the command line.

    /// Imports a report; its actions are proposed.
    pub(crate) async fn imports(&self, report: Report, actions: Vec<Action>) -> Vec<ActionId> {
        let mut work = self.store.begin(&self.stamp()).await.unwrap();
        let report = work.add_report(NewReport { report, people: Vec::new() }).await.unwrap();
        let mut ids = Vec::new();
        for action in actions {
            let action = Action { report_id: report.id, ..action };
            ids.push(work.add_action(action).await.unwrap().id);
        }
        work.commit().await.unwrap();
        ids
    }

    /// Imports a report and accepts all of it.
    pub(crate) async fn report_with(&self, actions: Vec<Action>) -> Vec<ActionId> {
        let ids = self.imports(a_report("Checkout down for two hours"), actions).await;
        self.accepts(&ids).await;
        ids
    }

    /// Imports a report with actions that nobody owns yet, and accepts all of it.
    pub(crate) async fn report_with_actions(&self, titles: impl IntoIterator<Item = &str>) -> Vec<ActionId> {
        self.report_with(titles.into_iter().map(an_action).collect()).await
    }

    /// Gives a command that the action may not allow; then nothing happens.
    pub(crate) async fn tries(&self, id: ActionId, command: &Command) {
        let given =
            life::give(&self.store, &self.stamp(), &self.clocks(), &[id], |_, _| command.clone()).await;
        match given.unwrap().all() {
            Ok(_) | Err(life::LifeError::Refused { .. }) => {}
            Err(error) => panic!("{id}: {error}"),
        }
    }

    pub(crate) async fn commands(&self, id: ActionId, command: Command) {
        let given =
            life::give(&self.store, &self.stamp(), &self.clocks(), &[id], |_, _| command.clone()).await;
        given.unwrap().all().unwrap();
    }

    pub(crate) async fn accepts(&self, ids: &[ActionId]) {
        let (clocks, stamp) = (self.clocks(), self.stamp());
        life::give(&self.store, &stamp, &clocks, ids, |_, report| {
            life::acceptance(&followup::policy::Policy::default(), &clocks, report, &stamp)
        })
        .await
        .unwrap()
        .all()
        .unwrap();
    }

    pub(crate) async fn assigns(&self, id: ActionId, owner: &str) {
        self.commands(id, Command::Assign { owner: owner.to_owned() }).await;
    }

    pub(crate) async fn marks_done(&self, id: ActionId) {
        self.commands(id, Command::Done { reason: None }).await;
    }

    pub(crate) async fn reopens(&self, id: ActionId) {
        self.commands(id, Command::Reopen { reason: None, policy_due_on: day("2024-07-14") }).await;
    }

    pub(crate) async fn drops(&self, id: ActionId, disposition: Disposition) {
        let reason = "the service is switched off".to_owned();
        self.commands(id, Command::Drop { disposition, reason, duplicate_of: None }).await;
    }

    pub(crate) async fn moves_due(&self, id: ActionId, on: &str) {
        self.commands(id, Command::Due { on: day(on), reason: Some("parts are late".to_owned()) }).await;
    }

    pub(crate) async fn publish(&self) -> Summary {
        self.tries_to_publish().await.unwrap()
    }

    pub(crate) async fn tries_to_publish(&self) -> Result<Summary, SyncError> {
        let summary = self.engine().await.publish(&Selection::default(), true).await?;
        Self::is_told_well(&summary);
        Ok(summary)
    }

    pub(crate) async fn publish_without_waiting(&self) -> Summary {
        self.engine().await.publish(&Selection::default(), false).await.unwrap()
    }

    pub(crate) async fn sync(&self) -> Summary {
        self.tries_to_sync().await.unwrap()
    }

    pub(crate) async fn tries_to_sync(&self) -> Result<Summary, SyncError> {
        let summary = self.engine().await.sync(true).await?;
        Self::is_told_well(&summary);
        Ok(summary)
    }

    /// Ties an action to an issue, as a person names it.
    pub(crate) async fn tries_to_link(&self, id: ActionId, issue: &str) -> Result<Linked, LinkError> {
        self.engine().await.link(id, &Reference::parse(issue).unwrap()).await
    }

    pub(crate) async fn links(&self, id: ActionId, number: u64) -> Linked {
        self.tries_to_link(id, &format!("#{number}")).await.unwrap()
    }

    pub(crate) async fn unlinks(&self, id: ActionId) -> Unlinked {
        unlink(&self.store, &self.stamp(), id, Some("it is another thing")).await.unwrap()
    }

    // The same people and others, in the browser.

    pub(crate) fn opens_on_github(&self, title: &str, body: &str) -> u64 {
        self.sandbox.open_issue(REPO, "octo-lead", title, body).unwrap()
    }

    pub(crate) fn closes_on_github(&self, number: u64, reason: CloseReason) {
        self.sandbox.close(REPO, number, reason, "octo-dev").unwrap();
    }

    pub(crate) fn reopens_on_github(&self, number: u64) {
        self.sandbox.reopen(REPO, number, "octo-lead").unwrap();
    }

    pub(crate) fn renames_on_github(&self, number: u64, title: &str) {
        self.sandbox.edit_title(REPO, number, title).unwrap();
    }

    /// Leaves exactly this one person, or nobody, on an issue.
    pub(crate) fn assigns_on_github(&self, number: u64, login: Option<&str>) {
        let before = self.sandbox.issue(REPO, number).unwrap().assignees;
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        self.sandbox.unassign(REPO, number, &before).unwrap();
        self.sandbox.assign(REPO, number, login.as_slice()).unwrap();
    }

    /// Writes over an issue's text as a program does: line ends stay as they are.
    pub(crate) async fn edits_body_over_the_api(&self, number: u64, body: &str) {
        let mut snapshot = self.store.read().await.unwrap();
        let mut links = snapshot.linked("github", self.github().host()).await.unwrap();
        links.retain(|link| link.number == i64::try_from(number).ok());
        let link = &links[0];
        let at = IssueRef {
            target: Target { repo_id: link.repo_id, repo: link.repo.clone() },
            number: link.number.unwrap(),
            issue_id: link.issue_id.unwrap(),
            node_id: None,
        };
        let change = IssueChange { body: Some(body.to_owned()), ..IssueChange::default() };
        let sent = self.github().update_issue(&at, &change).await;
        assert!(matches!(sent, Sent::Done(_)), "{sent:?}");
    }

    // Fate.

    pub(crate) fn passes(&self, duration: chrono::Duration) {
        self.clock.advance(duration);
        self.sandbox.set_now(self.clock.now());
    }

    /// Our clock goes wrong by this much; GitHub's stays right.
    pub(crate) fn our_clock_is_ahead_by(&mut self, ahead: chrono::Duration) {
        self.ahead = ahead;
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("followup.db")
    }

    /// Ends the process and starts another on the same file.
    pub(crate) async fn restart(&mut self) {
        // What was begun and not committed is rolled back when its connection notices, as after a kill.
        self.store.clone().close().await;
        for _ in 0..1_000_000 {
            if !self.is_open_here() {
                break;
            }
            tokio::task::yield_now().await;
        }
        self.store = open(&self.folder).await;
    }

    /// Whether a connection of this process still has the database open, where the system tells.
    fn is_open_here(&self) -> bool {
        let Ok(open) = std::fs::read_dir("/proc/self/fd") else { return false };
        let database = self.database();
        open.flatten().any(|file| std::fs::read_link(file.path()).is_ok_and(|path| path == database))
    }

    /// Returns when GitHub has read what a dead process sent last: its connections are served in order.
    pub(crate) async fn nothing_is_on_its_way(&self) {
        for _ in 0..3 {
            self.github().whoami().await.unwrap();
        }
    }

    pub(crate) async fn action(&self, id: ActionId) -> Action {
        self.store.read().await.unwrap().action(id).await.unwrap()
    }
}

async fn open(folder: &TempDir) -> Store {
    Store::open(Location::File(folder.path().join("followup.db")), Access::Create).await.unwrap()
}
