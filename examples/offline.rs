//! Followup as a library: a report comes in, its actions get issues in the `local` tracker, and five weeks later
//! somebody asks what is late. A temporary folder, no network, no configuration file.
//!
//! `cargo run --example offline`
#![expect(clippy::print_stdout, reason = "printing is what this example is for")]

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use followup::{
    action::{Actor, ActorKind, Command},
    clock::{Clocks, ManualClock, SystemClock},
    config,
    import::{self, Options, Source},
    life,
    store::{Access, Location, Stamp, Store},
    sync::{Engine, Selection, Settings},
    tracker::LocalTracker,
    view,
};

const REPORT: &[u8] = include_bytes!("reports/2026-03-03-card-payments.md");

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(Location::File(folder.path().join("followup.db")), Access::Create).await?;

    // The calendar is ours to move; pauses and time-outs would still take real time.
    let calendar = ManualClock::at("2026-03-04T08:30:00Z".parse()?);
    let clocks = Clocks {
        calendar: Arc::new(calendar.clone()),
        pacing: Arc::new(SystemClock),
        is_fixed: true,
        zone: "Europe/Berlin".parse()?,
    };

    // 1. The report comes in. One transaction: its actions, their events, and that they were accepted.
    let source = Source {
        name: "2026-03-03-card-payments.md".to_owned(),
        former: None,
        extracted_from: None,
        digest: Source::digest_of(REPORT),
        reading: incident_report::read_bytes(REPORT, &incident_report::Options::default())?,
    };
    let options = Options { accept: true, ..Options::default() };
    let imported = import::import(&store, &stamp(&clocks), &clocks, &[source], &options).await?;
    for result in &imported {
        println!("{}: {} ({} actions)", result.report.id, result.report.title, result.actions.len());
    }

    // 2. Each accepted action gets an issue. Another tracker would be another `Arc<dyn Tracker>`, and nothing else.
    let tracker = LocalTracker::new(store.clone(), stamp(&clocks), clocks.pacing.clone());
    let settings = Settings {
        publish: config::Publish::default(),
        sync: config::Sync::default(),
        repo: Some("local/actions".parse()?),
        is_background: false,
    };
    let engine =
        Engine::new(store.clone(), Arc::new(tracker), clocks.clone(), settings, stamp(&clocks), drop).await?;
    let published = engine.publish(&Selection::default(), true).await?;
    for line in published.parents.iter().chain(&published.created) {
        println!("{} → {}#{}", line.id, line.issue.repo, line.issue.number.unwrap_or_default());
    }
    // Again: nothing is left to do.
    assert!(engine.publish(&Selection::default(), true).await?.created.is_empty());

    // 3. Five weeks pass. One action is done here, and its issue follows.
    calendar.advance(Duration::days(35));
    let first = imported[0].actions[0].id;
    let done = |_: &_, _: &_| Command::Done { reason: Some("all services refuse to start".to_owned()) };
    life::give(&store, &stamp(&clocks), &clocks, &[first], done).await?;
    for line in engine.sync(true).await?.updated {
        println!("{}: {}", line.id, line.what.join(", "));
    }

    // 4. What is late?
    let today = clocks.today();
    let mut snapshot = store.read().await?;
    let listed = snapshot.overdue(today).await?;
    println!("overdue on {today}:");
    for action in view::views(listed, &clocks, today) {
        let owner = action.owner.as_deref().unwrap_or("nobody");
        println!("  {} {} days, {owner}: {}", action.id, action.days_overdue, action.title);
    }
    drop(snapshot);
    drop(engine);
    store.close().await;
    Ok(())
}

/// What the history says about where a change came from.
fn stamp(clocks: &Clocks) -> Stamp {
    let now: DateTime<Utc> = clocks.now();
    Stamp {
        actor: Actor { name: "ines".to_owned(), kind: ActorKind::User, declared: true },
        at: now,
        recorded_at: now,
        os_user: "ines".to_owned(),
        fixed_clock: clocks.is_fixed,
    }
}
