//! Any bytes, under no name: what they are is told from them.
#![no_main]

use incident_report::{Options, read_bytes, text_of};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let options = Options::default();
    let read = read_bytes(bytes, &options);
    let text = text_of(bytes, &options);
    if let (Ok(reading), Ok(text)) = (read, text) {
        check(&reading, &text);
    }
});

include!("check.rs");
