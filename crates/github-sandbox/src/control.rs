//! The control addresses under `/_sandbox/`, for scripts outside this process.
//!
//! `POST /_sandbox/VERB` takes a JSON object:
//!
//! * of issues (`repo`, `number`, and `by` for who does it): `close` (`reason`), `reopen`, `edit` (`title`, `body`),
//!   `assign`, `unassign` (`logins`), `label`, `unlabel` (`label`), `comment` (`text`), `lock`, `unlock`, `sub-issue`
//!   (`child`), `block` (`blocker`), `close-by-pull-request`, `merge`, `convert` (to a discussion), `delete`, `transfer` (`to`);
//! * of repositories (`repo`): `repo` makes one (`public`, `permission` of everybody), `open` and `pull-request`
//!   (`title`, `body`), `rename` (`to`), `delete-repo`, `settings` (`archived`, `issues_enabled`, `private`), `permission` (`login`, `permission`);
//! * of the sandbox: `user`, `token` (`login`, `token`), `clock` (`now`, `advance_seconds`), `switch` (`offline`,
//!   `drop_labels_silently`, `cursor_links`), `content-limit` (`per_minute`, `per_hour`), `primary-limit`
//!   (`primary_limit`), `fault` (see `FaultText`), `land` for the late writes.
//!
//! `POST /_sandbox/chaos` (`rate`, `seed`, `only`) lets requests meet mishaps by chance, `POST /_sandbox/calm` ends all
//! mishaps and lands what is late, `POST /_sandbox/latency` (`milliseconds`) slows every answer.
//!
//! `POST /_sandbox/quirks` switches on what it names of [`Quirks`](crate::Quirks), and all others off.
//!
//! `POST /_sandbox/apps/app` (`id`, `slug`, `key` in PEM), `…/install` (`id` of the app, `account`, `repos`,
//! `permissions`), `…/suspend` (`id` of the installation, `suspended`) and `…/uninstall` (`id`) are about apps.
//!
//! `POST /_sandbox/webhooks` (`secret`) starts webhooks, and `GET /_sandbox/deliveries` takes those that wait. With a `url`
//! they are posted there instead, well or badly (`lose`, `double`, `delay` in thousandths, `shuffle`, `seed`,
//! `late_seconds`, `patience_seconds`, `at_once`): `GET /_sandbox/posted` says what became of each, and
//! `POST /_sandbox/redeliver` (`id`; without it all that never got there) posts again. `POST /_sandbox/tell` (`repo`,
//! `event`, `payload`) sends what nothing here causes, `bytes` larger or `forged` if that is asked for.
//!
//! `GET /_sandbox/issues?repo=` and `GET /_sandbox/requests` read; `DELETE /_sandbox/requests` empties the log and
//! `DELETE /_sandbox/fault` the fault script.
//!
//! Invariant: what they do is what the methods of [`Sandbox`](crate::Sandbox) do; they are neither logged nor subject
//! to faults.

mod apps;
mod hooks;

use anyhow::{Context as _, anyhow, bail};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Answer, Call};
use crate::chaos::{Chaos, MISHAPS, Odds};
use crate::clock::Clock;
use crate::desk::Desk;
use crate::faults::FaultText;
use crate::sandbox::{Mail, people, views};
use crate::state::{CloseReason, NewIssue, Permission, RepoSettings, UserId, UserKind, World};

/// The picture every user has.
const AVATAR: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><circle cx=\"4\" cy=\"4\" r=\"4\" \
                      fill=\"#888\"/></svg>";

/// What the control addresses read; each verb takes the members it needs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Order {
    repo: String,
    number: u64,
    reason: Option<CloseReason>,
    by: Option<String>,
    title: Option<String>,
    body: Option<String>,
    text: Option<String>,
    logins: Vec<String>,
    label: Option<String>,
    to: Option<String>,
    child: Option<u64>,
    blocker: Option<u64>,
    login: Option<String>,
    token: Option<String>,
    permission: Option<Permission>,
    public: bool,
    archived: Option<bool>,
    private: Option<bool>,
    issues_enabled: Option<bool>,
    offline: Option<bool>,
    drop_labels_silently: Option<bool>,
    cursor_links: Option<bool>,
    primary_limit: Option<u64>,
    per_minute: Option<u32>,
    per_hour: Option<u32>,
    now: Option<DateTime<Utc>>,
    advance_seconds: Option<i64>,
}

pub(crate) fn handle(desk: &mut Desk, call: &Call) -> Answer {
    desk.land();
    let segments: Vec<&str> = call.segments.iter().skip(1).map(String::as_str).collect();
    if let ("GET", ["avatars", _]) = (call.method.as_str(), segments.as_slice()) {
        return Answer::text(200, "image/svg+xml", AVATAR);
    }
    match answer(desk, call, &segments) {
        Ok(value) => Answer::json(200, value),
        Err(error) => Answer::json(400, json!({"error": format!("{error:#}")})),
    }
}

fn answer(desk: &mut Desk, call: &Call, segments: &[&str]) -> anyhow::Result<Value> {
    match (call.method.as_str(), segments) {
        ("GET", ["requests"]) => Ok(serde_json::to_value(&desk.log)?),
        ("DELETE", ["requests"]) => {
            desk.log.clear();
            Ok(json!({}))
        }
        ("GET", ["issues"]) => {
            let repo = call.param("repo").context("say ?repo=OWNER/NAME")?;
            Ok(serde_json::to_value(views::all(&desk.world, repo)?)?)
        }
        ("GET", ["deliveries"]) => Ok(serde_json::to_value(Mail::default().carry(&mut desk.world))?),
        ("GET", ["posted"]) => {
            Ok(serde_json::to_value(desk.world.hooks.postbox.as_ref().map(|postbox| &postbox.log))?)
        }
        ("POST", [verb @ ("webhooks" | "redeliver" | "tell")]) => {
            hooks::answer(&mut desk.world, verb, &call.body)
        }
        ("POST", ["fault"]) => {
            let fault: FaultText = serde_json::from_slice(&call.body)?;
            desk.script.add(fault.into_fault().map_err(|message| anyhow!(message))?);
            Ok(json!({"waiting": desk.script.waiting()}))
        }
        ("DELETE", ["fault"]) => {
            desk.script.clear();
            Ok(json!({}))
        }
        ("POST", ["chaos"]) => {
            let odds: Odds = serde_json::from_slice(&call.body)?;
            desk.chaos = Chaos::new(&odds).map_err(|message| anyhow!(message))?;
            Ok(json!({"mishaps": MISHAPS}))
        }
        ("POST", ["quirks"]) => {
            desk.world.quirks = serde_json::from_slice(&call.body)?;
            Ok(json!({}))
        }
        ("POST", ["apps", verb]) => apps::answer(&mut desk.world, verb, &call.body),
        ("POST", ["calm"]) => Ok(json!({"landed": desk.calm()})),
        ("POST", ["latency"]) => {
            let order: Value = serde_json::from_slice(&call.body)?;
            let millis = order["milliseconds"].as_u64().context("say `milliseconds`")?;
            desk.latency = std::time::Duration::from_millis(millis);
            Ok(json!({}))
        }
        ("POST", ["land"]) => Ok(json!({"landed": desk.land_all()})),
        ("POST", [verb]) => {
            let order: Order =
                if call.body.is_empty() { Order::default() } else { serde_json::from_slice(&call.body)? };
            let value = on_world(&mut desk.world, verb, &order)?;
            desk.land();
            Ok(value)
        }
        _ => bail!("unknown control address"),
    }
}

fn on_world(world: &mut World, verb: &str, order: &Order) -> anyhow::Result<Value> {
    match verb {
        "clock" => {
            if let Some(now) = order.now {
                world.clock = Clock::Standing(now);
            }
            if let Some(seconds) = order.advance_seconds {
                world.clock.advance(Duration::seconds(seconds));
            }
            Ok(json!({"now": world.clock.now()}))
        }
        "user" => {
            world.ensure_user(order.login.as_deref().context("say `login`")?, UserKind::User);
            Ok(json!({}))
        }
        "token" => {
            let user = world.ensure_user(order.login.as_deref().context("say `login`")?, UserKind::User);
            world.add_token(order.token.as_deref().context("say `token`")?, user);
            Ok(json!({}))
        }
        "repo" => {
            let (owner, name) = order.repo.split_once('/').context("say `repo` as OWNER/NAME")?;
            let base = if order.public { Permission::None } else { Permission::Write };
            let base = order.permission.unwrap_or(base);
            let settings = RepoSettings { private: !order.public, base, ..RepoSettings::default() };
            Ok(json!({"id": world.add_repo(owner, name, &settings).0}))
        }
        "switch" => {
            let switches = &mut world.switches;
            switches.offline = order.offline.unwrap_or(switches.offline);
            switches.drop_labels = order.drop_labels_silently.unwrap_or(switches.drop_labels);
            switches.cursor_links = order.cursor_links.unwrap_or(switches.cursor_links);
            Ok(json!({}))
        }
        "primary-limit" => {
            world.primary_limit = order.primary_limit.context("say `primary_limit`")?;
            Ok(json!({}))
        }
        "content-limit" => {
            world.content = crate::state::ContentLimit::new(order.per_minute, order.per_hour);
            Ok(json!({}))
        }
        "settings" | "rename" | "delete-repo" | "permission" | "open" | "pull-request" => {
            on_repo(world, verb, order)
        }
        _ => on_issue(world, verb, order),
    }
}

fn on_repo(world: &mut World, verb: &str, order: &Order) -> anyhow::Result<Value> {
    let repo = people::repo(world, &order.repo)?;
    match verb {
        "settings" => {
            if let Some(archived) = order.archived {
                world.set_archived(repo, archived);
            }
            if let Some(private) = order.private {
                world.set_private(repo, private);
            }
            let repo = world.repo_mut(repo);
            repo.issues_enabled = order.issues_enabled.unwrap_or(repo.issues_enabled);
        }
        "rename" => {
            let to = order.to.as_deref().context("say `to`")?;
            let (owner, name) = to.split_once('/').context("say `to` as OWNER/NAME")?;
            world.rename_repo(repo, owner, name);
        }
        "delete-repo" => world.delete_repo(repo),
        "permission" => {
            let user = world.ensure_user(order.login.as_deref().context("say `login`")?, UserKind::User);
            let permission = order.permission.context("say `permission`")?;
            world.repo_mut(repo).roles.insert(user, permission);
        }
        _ => {
            let author = actor(world, order);
            let new = NewIssue {
                title: order.title.clone().context("say `title`")?,
                body: order.body.clone(),
                is_pull_request: verb == "pull-request",
                ..NewIssue::default()
            };
            let issue = world.create_issue(repo, author, new);
            return Ok(serde_json::to_value(views::view(world, world.issue(issue)))?);
        }
    }
    Ok(json!({}))
}

fn actor(world: &mut World, order: &Order) -> UserId {
    world.ensure_user(order.by.as_deref().unwrap_or("octo-lead"), UserKind::User)
}

fn on_issue(world: &mut World, verb: &str, order: &Order) -> anyhow::Result<Value> {
    let issue = people::issue(world, &order.repo, order.number)?;
    let by = actor(world, order);
    let users: Vec<UserId> =
        order.logins.iter().map(|login| world.ensure_user(login, UserKind::User)).collect();
    match verb {
        "close" => world.close_issue(issue, by, order.reason.unwrap_or(CloseReason::Completed)),
        "reopen" => world.reopen_issue(issue, by),
        "edit" => {
            if let Some(title) = &order.title {
                world.edit_title(issue, by, title);
            }
            if let Some(body) = &order.body {
                world.edit_body(issue, &people::from_browser(body));
            }
        }
        "assign" => world.add_assignees(issue, by, &users),
        "unassign" => world.remove_assignees(issue, by, &users),
        "label" => {
            let repo = world.issue(issue).repo;
            let label = world.ensure_label(repo, order.label.as_deref().context("say `label`")?);
            world.add_labels(issue, by, &[label]);
        }
        "unlabel" => {
            let name = order.label.as_deref().context("say `label`")?;
            let label = world.label_by_name(world.issue(issue).repo, name).map(|label| label.id);
            world.remove_labels(issue, by, label.as_slice());
        }
        "comment" => {
            let text = order.text.as_deref().context("say `text`")?;
            return Ok(json!({"id": world.add_comment(issue, by, text).0}));
        }
        "merge" => world.merge(issue, by),
        "convert" => world.convert_to_discussion(issue, by),
        "close-by-pull-request" => {
            let title = format!("Fixes #{}", order.number);
            let new = NewIssue { title, is_pull_request: true, ..NewIssue::default() };
            let pull = world.create_issue(world.issue(issue).repo, by, new);
            world.will_close(pull, issue);
            world.merge(pull, by);
        }
        "lock" => world.set_locked(issue, by, true),
        "unlock" => world.set_locked(issue, by, false),
        "sub-issue" => {
            let child = people::issue(world, &order.repo, order.child.context("say `child`")?)?;
            world.add_sub_issue(issue, child, true).map_err(anyhow::Error::msg)?;
        }
        "block" => {
            let blocker = people::issue(world, &order.repo, order.blocker.context("say `blocker`")?)?;
            world.add_blocker(issue, blocker).map_err(anyhow::Error::msg)?;
        }
        "delete" => {
            world.delete_issue(issue);
            return Ok(json!({}));
        }
        "transfer" => {
            let to = people::repo(world, order.to.as_deref().context("say `to`")?)?;
            let moved = world.transfer_issue(issue, to, by);
            return Ok(serde_json::to_value(views::view(world, world.issue(moved)))?);
        }
        _ => bail!("unknown control address"),
    }
    Ok(serde_json::to_value(views::view(world, world.issue(issue)))?)
}
