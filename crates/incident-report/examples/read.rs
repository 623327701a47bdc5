//! Reads the files given as arguments and prints what is in them as JSON.
//!
//! `read [--out FOLDER] [--weights FILE|none] FILE…`: with a folder, each file's reading is written to `NAME.json`
//! there; with weights, these are used in place of those that are built in.

use std::path::Path;
use std::{env, fs, io};

use incident_report::{Model, Options, Reading, read_bytes};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut folder = None;
    let mut files = Vec::new();
    let mut model = Model::built_in();
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--out" => folder = arguments.next(),
            "--weights" => {
                model = match arguments.next().as_deref() {
                    None | Some("none") => Model::none(),
                    Some(file) => Model::parse(&fs::read_to_string(file)?)?,
                }
            }
            _ => files.push(argument),
        }
    }
    for file in files {
        let options = Options { source: Some(file.clone()), model: model.clone(), ..Options::default() };
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
    json!({ "report": reading.report, "actions": actions, "warnings": reading.warnings, "near_misses": reading.near_misses })
}
