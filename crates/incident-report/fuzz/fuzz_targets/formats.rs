//! Text in each format: the first byte tells which, the rest is the document.
#![no_main]

use incident_report::{Format, Options, read_bytes, text_of};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, document)) = bytes.split_first() else { return };
    // Every ending, so that a new format is fuzzed from its first day.
    let (ending, _) = Format::ENDINGS[usize::from(*first) % Format::ENDINGS.len()];
    let options = Options { source: Some(format!("report.{ending}")), ..Options::default() };
    let read = read_bytes(document, &options);
    let text = text_of(document, &options);
    if let (Ok(reading), Ok(text)) = (read, text) {
        check(&reading, &text);
    }
});

include!("check.rs");
