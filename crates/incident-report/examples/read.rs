//! Reads the files given as arguments and prints what is in them as JSON.
//!
//! `read [--out FOLDER] FILE…`: with a folder, each file's reading is written to `NAME.json` there.

use std::path::Path;
use std::{env, fs, io};

use incident_report::{Options, Reading, read_bytes};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut folder = None;
    let mut files = Vec::new();
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--out" => folder = arguments.next(),
            _ => files.push(argument),
        }
    }
    for file in files {
        let options = Options { source: Some(file.clone()), ..Options::default() };
        let told = match read_bytes(&fs::read(&file)?, &options) {
            Ok(reading) => told(&reading),
            Err(error) => json!({ "error": error.to_string() }),
        };
        let told = serde_json::to_string_pretty(&told)?;
        match &folder {
            Some(folder) => {
                let stem = Path::new(&file).file_stem().unwrap_or_default();
                fs::write(Path::new(folder).join(stem).with_extension("json"), told)?;
            }
            None => io::Write::write_all(&mut io::stdout(), format!("{told}\n").as_bytes())?,
        }
    }
    Ok(())
}

fn told(reading: &Reading) -> Value {
    let actions: Vec<Value> = reading
        .actions
        .iter()
        .map(|action| {
            let mut told = json!(action);
            told["owner"] = json!(action.owner_text);
            told["due_on"] = json!(action.due.as_ref().map(|due| due.date));
            told["due"] = json!(action.due_text);
            told
        })
        .collect();
    json!({ "report": reading.report, "actions": actions, "warnings": reading.warnings })
}
