//! How much memory reading takes: blocks asked for, bytes asked for, and the most that was held at once.
//!
//! Run with `cargo bench -p incident-report --bench allocations`. The figures depend on the input alone, and not on the
//! machine.
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

mod generate;

use incident_report::{Options, read_bytes};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

fn main() {
    println!("| document | bytes | blocks | bytes asked for | most at once | × its size |");
    println!("|---|---|---|---|---|---|");
    for bytes in [1_000, 10_000, 100_000, 1_000_000, 10_000_000] {
        measure("generated report", "report.md", &generate::report(bytes));
    }
    for document in generate::hostile(1_000_000) {
        let name = format!("{} ({})", document.name, document.ending);
        measure(&name, &format!("report.{}", document.ending), &document.text);
    }
}

fn measure(name: &str, file: &str, text: &str) {
    let options = Options { source: Some(file.to_owned()), ..Options::default() };
    let _profiler = dhat::Profiler::builder().testing().build();
    let before = dhat::HeapStats::get();
    let reading = read_bytes(text.as_bytes(), &options);
    let after = dhat::HeapStats::get();
    drop(reading);
    let held = after.max_bytes.saturating_sub(before.curr_bytes);
    println!(
        "| {name} | {} | {} | {} | {held} | {:.1} |",
        text.len(),
        after.total_blocks - before.total_blocks,
        after.total_bytes - before.total_bytes,
        held as f64 / text.len() as f64,
    );
}
