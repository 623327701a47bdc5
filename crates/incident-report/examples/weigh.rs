//! Prints the texts of reports as the model sees them: what `cargo xtask train` learns from.
//!
//! `weigh FILE…`: for each file a line `FILE`, then a line for each text, with its parts separated by tabs: how
//! the report was looked at ([`Sight`]), the line, the section, the text, and its features with spaces between them.

use std::io::{self, Write};
use std::{env, error, fs};

use incident_report::{Options, Sight, read_bytes};

fn main() -> Result<(), Box<dyn error::Error>> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for file in env::args().skip(1) {
        let bytes = fs::read(&file)?;
        writeln!(out, "{file}")?;
        for sight in [Sight::Full, Sight::WithoutActions, Sight::WithoutTopics] {
            let options = Options { source: Some(file.clone()), weigh: Some(sight), ..Options::default() };
            // What cannot be read has no texts.
            let weighed = read_bytes(&bytes, &options).map(|reading| reading.weighed).unwrap_or_default();
            for unit in weighed {
                let section = unit.section.unwrap_or_default().replace(['\t', '\n'], " ");
                let text = unit.text.replace(['\t', '\n'], " ");
                writeln!(out, "{sight:?}\t{}\t{section}\t{text}\t{}", unit.line, unit.features.join(" "))?;
            }
        }
    }
    Ok(())
}
