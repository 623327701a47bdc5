//! How fast reports are read, and how that grows: generated reports of 1 kB to 10 MB, hostile documents of
//! 10 MB, and a folder of real ones.
//!
//! Run with `cargo bench -p incident-report --bench read`. `REPORTS=FOLDER` adds the files of a folder.

mod generate;

use std::{env, fs, hint::black_box, path::PathBuf, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use incident_report::{Options, read_bytes};

const MB: usize = 1_000_000;

fn options(name: String) -> Options {
    Options { source: Some(name), ..Options::default() }
}

fn generated(c: &mut Criterion) {
    let mut group = c.benchmark_group("generated report");
    for bytes in [1_000, 10_000, 100_000, MB, 10 * MB] {
        let text = generate::report(bytes);
        let options = options("report.md".to_owned());
        group.sample_size(if bytes < MB { 50 } else { 10 });
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(bytes), &text, |b, text| {
            b.iter(|| {
                read_bytes(black_box(text.as_bytes()), &options).expect("it is a report").actions.len()
            });
        });
    }
    group.finish();
}

fn hostile(c: &mut Criterion) {
    let mut group = c.benchmark_group("hostile 10 MB");
    group.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(3));
    for document in generate::hostile(10 * MB) {
        let options = options(format!("report.{}", document.ending));
        let name = format!("{} ({})", document.name, document.ending);
        group.throughput(Throughput::Bytes(document.text.len() as u64));
        group.bench_function(name, |b| {
            // What is refused, such as brackets without end, has to be refused as fast.
            b.iter(|| read_bytes(black_box(document.text.as_bytes()), &options).is_ok());
        });
    }
    group.finish();
}

fn folder(c: &mut Criterion) {
    let Some(folder) = env::var_os("REPORTS") else { return };
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("REPORTS is a folder")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    let files: Vec<(Options, Vec<u8>)> = files
        .into_iter()
        .map(|path| (options(path.display().to_string()), fs::read(&path).expect("the file can be read")))
        .collect();
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut group = c.benchmark_group("folder");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function(format!("{} files", files.len()), |b| {
        b.iter(|| {
            let read = |(options, bytes): &(Options, Vec<u8>)| {
                read_bytes(black_box(bytes), options).map_or(0, |reading| reading.actions.len())
            };
            files.iter().map(read).sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, generated, hostile, folder);
criterion_main!(benches);
