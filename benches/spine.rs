//! How long the parts of the main job take, and how that grows: reading, importing, listing what is late, checking the history
//! and handing it out.
//!
//! Run with `cargo bench`; `EVENTS=1000000 cargo bench --bench spine -- history` also takes a history of about that length.
//! Whole processes are measured by `cargo xtask bench`.

use std::{fmt::Write as _, hint::black_box};

use chrono::{DateTime, Utc};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use followup::{
    action::{Actor, ActorKind},
    audit::{self, Past},
    clock::Clocks,
    import::{self, Options, Source},
    intake::{Classifier, Draft, Team},
    store::{Access, Location, Stamp, Store},
    view,
};
use tokio::runtime::Runtime;

fn now() -> DateTime<Utc> {
    "2026-03-04T08:30:00Z".parse().expect("the moment is right")
}

fn clocks() -> Clocks {
    Clocks::new(Some(now()), chrono_tz::Tz::Europe__Berlin)
}

fn stamp() -> Stamp {
    Stamp {
        actor: Actor { name: "bench".to_owned(), kind: ActorKind::User, declared: false },
        at: now(),
        recorded_at: now(),
        os_user: "bench".to_owned(),
        fixed_clock: true,
    }
}

/// A report with `actions` actions; no two numbers give the same text.
fn report(number: usize, actions: usize) -> String {
    let day = number % 28 + 1;
    let mut text = format!(
        "# Outage {number} of the payment service\n\nDate: 2026-02-{day:02}\nSeverity: SEV-2\n\n## Root cause\n\n\
         Release {number} shipped an empty setting.\n\n## Action items\n\n"
    );
    for action in 0..actions {
        let _ = writeln!(
            text,
            "- [ ] Add an alert for case {action} of outage {number} (owner: @maria, due: 2026-03-{:02})",
            action % 28 + 1
        );
    }
    text
}

fn source(number: usize, actions: usize) -> Source {
    let text = report(number, actions);
    let reading = incident_report::read(&text, &incident_report::Options::default());
    assert_eq!(reading.actions.len(), actions, "the generator and the reader agree");
    Source {
        name: format!("/reports/{number}.md"),
        former: None,
        extracted_from: None,
        digest: Source::digest_of(text.as_bytes()),
        reading,
    }
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read a report");
    for actions in [5, 50, 500] {
        let text = report(1, actions);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(actions), &text, |bencher, text| {
            bencher.iter(|| incident_report::read(black_box(text), &incident_report::Options::default()));
        });
    }
    group.finish();
    criterion.bench_function("classify an action", |bencher| {
        let text = "Add an alert when the share of declined payments doubles within five minutes";
        let classifier = Classifier::default();
        bencher.iter(|| classifier.classify(black_box(text), black_box(text), Some("Action items"), None));
    });
    criterion.bench_function("interpret a report of 50 actions", |bencher| {
        let source = source(1, 50);
        bencher.iter_batched(
            || source.reading.actions.clone(),
            |actions| actions.into_iter().map(|read| Draft::new(read, &Team::default())).collect::<Vec<_>>(),
            BatchSize::SmallInput,
        );
    });
}

/// A database in a folder of its own with `reports` reports of five accepted actions each.
async fn database(folder: &std::path::Path, reports: usize) -> Store {
    let location = Location::File(folder.join("bench.db"));
    let store = Store::open(location, Access::Create).await.expect("the folder can be written");
    let sources: Vec<Source> = (0..reports).map(|number| source(number, 5)).collect();
    let options = Options { accept: true, ..Options::default() };
    import::import(&store, &stamp(), &clocks(), &sources, &options).await.expect("the reports are good");
    store
}

fn database_work(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("the machine has threads");
    let mut group = criterion.benchmark_group("import reports of five actions");
    group.sample_size(10);
    for reports in [10, 100] {
        group.throughput(Throughput::Elements(reports as u64));
        group.bench_with_input(BenchmarkId::from_parameter(reports), &reports, |bencher, &reports| {
            bencher.iter_batched(
                || tempfile::tempdir().expect("there is a temporary folder"),
                |folder| {
                    runtime.block_on(async { database(folder.path(), reports).await.close().await });
                    folder
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("list what is overdue");
    group.sample_size(20);
    for reports in [200, 2_000] {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let store = runtime.block_on(database(folder.path(), reports));
        let today = "2026-03-20".parse().expect("the day is right");
        group.throughput(Throughput::Elements(reports as u64 * 5));
        group.bench_with_input(BenchmarkId::from_parameter(reports * 5), &store, |bencher, store| {
            bencher.iter(|| {
                runtime.block_on(async {
                    let mut snapshot = store.read().await.expect("the database answers");
                    let listed = snapshot.overdue(today).await.expect("the database answers");
                    view::views(listed, &clocks(), today).len()
                })
            });
        });
        runtime.block_on(store.close());
    }
    group.finish();
}

/// So many events an import of a report with five actions leaves, when they are accepted.
const EVENTS_OF_A_REPORT: usize = 11;

fn history_work(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("the machine has threads");
    let asked_for = std::env::var("EVENTS").ok().and_then(|events| events.parse().ok());
    let mut group = criterion.benchmark_group("history");
    group.sample_size(10);
    for events in [1_000, 10_000].into_iter().chain(asked_for) {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let reports = events / EVENTS_OF_A_REPORT;
        let store = runtime.block_on(database(folder.path(), reports));
        let events = reports * EVENTS_OF_A_REPORT;
        group.throughput(Throughput::Elements(events as u64));
        group.bench_with_input(BenchmarkId::new("verify", events), &store, |bencher, store| {
            bencher.iter(|| {
                runtime.block_on(async {
                    let mut snapshot = store.read().await.expect("the database answers");
                    let verdict = audit::verify(&mut snapshot, &[]).await.expect("the database answers");
                    assert!(verdict.ok && verdict.events == i64::try_from(events).unwrap_or(0));
                });
            });
        });
        group.bench_with_input(BenchmarkId::new("replay", events), &store, |bencher, store| {
            bencher.iter(|| {
                runtime.block_on(async {
                    let mut snapshot = store.read().await.expect("the database answers");
                    let past = Past::read(&mut snapshot, None, &mut |_, _, _| Ok(())).await;
                    assert_eq!(past.expect("the history holds").actions.len(), reports * 5);
                });
            });
        });
        group.bench_with_input(BenchmarkId::new("export", events), &store, |bencher, store| {
            bencher.iter_batched(
                || tempfile::tempdir().expect("there is a temporary folder"),
                |target| {
                    let all = audit::Selection::default();
                    let (stamp, clocks) = (stamp(), clocks());
                    let exported = audit::export(store, &stamp, &clocks, target.path(), &all);
                    runtime.block_on(exported).expect("the history holds and the folder can be written");
                    target
                },
                BatchSize::PerIteration,
            );
        });
        runtime.block_on(store.close());
    }
    group.finish();
}

criterion_group!(benches, reading, database_work, history_work);
criterion_main!(benches);
