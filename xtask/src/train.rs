//! `cargo xtask train FOLDER…`: the weights of the reader's model, learned from labelled corpora, and their worth.
//!
//! Worth is measured on reports of organisations that the weights were not learned from: for each fold of
//! organisations, weights learned from the others are given to the reader, and the script that scores says how well
//! the whole of it reads the fold, beside the rules alone. `--write` then learns from everything.

mod alike;
mod regression;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use self::alike::Bag;
use self::regression::{Example, Settings};
use crate::corpus::{self, Counts};
use crate::{table, tools};

/// Where the weights are kept.
const WEIGHTS: &str = "crates/incident-report/data/weights.txt";

/// What the head of the file of weights says.
const HEAD: &str = "\
# What a text weighs as an action, by feature: written by `cargo xtask train --write`, read by the reader where its
# rules do not decide. The sum of a text must exceed the `least` of its place. See docs/reader.md.
";

/// What to learn from, and what to do with it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folders with docs/ and labels/
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// The script that scores, when the first folder has no score.py of its own
    #[arg(long, value_name = "FILE")]
    scorer: Option<PathBuf>,
    /// How many folds of organisations
    #[arg(long, value_name = "N", default_value_t = 6)]
    folds: usize,
    /// Keep the predictions for unseen organisations in this folder, one NAME.json each, and the weights of each fold
    /// with the names of its reports
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// In how many organisations a feature must occur
    #[arg(long, default_value_t = 5)]
    least_organisations: usize,
    /// What a weight costs by its size
    #[arg(long, default_value_t = 1.2)]
    lasso: f64,
    /// What a weight costs by its square
    #[arg(long, default_value_t = 2.0)]
    ridge: f64,
    /// How much an action counts beside another text
    #[arg(long, default_value_t = 1.5)]
    action_weight: f64,
    /// How much a report counts when it is looked at as if its headings were not known
    #[arg(long, default_value_t = 0.5)]
    blind_weight: f64,
    /// What a score must exceed in sections of actions, beside such sections, and in reports without any
    #[arg(long, num_args = 3, allow_hyphen_values = true, value_names = ["IN", "BESIDE", "NONE"], default_values_t = [2.0, 3.0, 3.0])]
    least: Vec<f64>,
    /// Write the weights, learned from everything
    #[arg(long)]
    write: bool,
}

/// A labelled report.
struct Report {
    /// The folder it is from.
    corpus: String,
    /// Its file name without the ending.
    name: String,
    file: PathBuf,
    label: PathBuf,
    organisation: String,
    examples: Vec<Example>,
}

/// Learns, measures, and perhaps writes.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let scorer = arguments.scorer.clone().unwrap_or_else(|| arguments.folders[0].join("score.py"));
    ensure!(scorer.is_file(), "there is no {}: name the script that scores with --scorer", scorer.display());
    let built = tools::executables("example", &["--package", "incident-report", "--examples"])?;
    let program = |name: &str| built.get(name).with_context(|| format!("the build made no example `{name}`"));
    let mut reports = Vec::new();
    for folder in &arguments.folders {
        reports.extend(self::reports(folder, program("weigh")?, arguments.blind_weight)?);
    }
    ensure!(!reports.is_empty(), "there is no labelled report");
    let settings = Settings {
        least_organisations: arguments.least_organisations,
        lasso: arguments.lasso,
        ridge: arguments.ridge,
        action_weight: arguments.action_weight,
        rounds: 60,
    };
    let kept = tempfile::tempdir()?;
    let judge = Judge { read: program("read")?, scorer: &scorer, folder: kept.path() };
    let alone = judge.predict("rules", &reports.iter().collect::<Vec<_>>(), None)?;
    let held_back = judge.folder.join("held-back");
    for fold in 0..arguments.folds {
        let organisations: BTreeSet<&str> =
            reports.iter().map(|report| report.organisation.as_str()).collect();
        let held: BTreeSet<&str> =
            organisations.into_iter().skip(fold).step_by(arguments.folds.max(1)).collect();
        let (held, others): (Vec<&Report>, Vec<&Report>) =
            reports.iter().partition(|report| held.contains(report.organisation.as_str()));
        let weights = regression::learn(&examples(&others), settings);
        if let Some(out) = &arguments.out {
            fs::create_dir_all(out)?;
            fs::write(out.join(format!("fold-{fold}.weights")), told(&weights, &arguments.least))?;
            let names: String = held.iter().map(|report| format!("{}\n", report.file.display())).collect();
            fs::write(out.join(format!("fold-{fold}.files")), names)?;
        }
        judge.predict("held-back", &held, Some(&told(&weights, &arguments.least)))?;
    }
    println!("\nRead by rules alone, and with weights learned from other organisations\n");
    print!("{}", judge.compare(&reports, &[("rules", &alone), ("rules and weights", &held_back)])?);
    if let Some(out) = &arguments.out {
        fs::create_dir_all(out)?;
        for entry in fs::read_dir(&held_back)? {
            let path = entry?.path();
            fs::copy(&path, out.join(path.file_name().context("a file without a name")?))?;
        }
    }
    if arguments.write {
        let weights = regression::learn(&examples(&reports.iter().collect::<Vec<_>>()), settings);
        let file = tools::root().join(WEIGHTS);
        fs::write(&file, told(&weights, &arguments.least))?;
        println!("\n{} weights written to {WEIGHTS}", weights.len());
    }
    Ok(())
}

fn examples<'r>(reports: &[&'r Report]) -> Vec<&'r Example> {
    reports.iter().flat_map(|report| &report.examples).collect()
}

/// The file of weights.
fn told(weights: &BTreeMap<String, f64>, least: &[f64]) -> String {
    let names = ["least:in-actions", "least:beside-actions", "least:no-actions"];
    let least = names.into_iter().map(str::to_owned).zip(least.iter().copied());
    let weights: BTreeMap<String, f64> = weights.clone().into_iter().chain(least).collect();
    let lines = weights.iter().map(|(name, weight)| format!("{name} {weight:.2}\n"));
    HEAD.chars().chain(lines.collect::<String>().chars()).collect()
}

/// The labelled reports of a folder, with what is to be learned from them.
fn reports(folder: &Path, weigh: &Path, blind_weight: f64) -> Result<Vec<Report>> {
    let folder =
        fs::canonicalize(folder).with_context(|| format!("there is no folder {}", folder.display()))?;
    let corpus = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut reports: BTreeMap<PathBuf, Report> = BTreeMap::new();
    let mut labels: HashMap<PathBuf, Value> = HashMap::new();
    for entry in
        fs::read_dir(folder.join("docs")).with_context(|| format!("{} has no docs/", folder.display()))?
    {
        let file = entry?.path();
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let path = folder.join("labels").join(format!("{name}.json"));
        let Ok(bytes) = fs::read(&path) else { continue };
        let label: Value =
            serde_json::from_slice(&bytes).with_context(|| format!("{} is not JSON", path.display()))?;
        let organisation = corpus::owner(&label).unwrap_or_else(|| name.clone());
        let corpus = corpus.clone();
        labels.insert(file.clone(), label);
        reports.insert(
            file.clone(),
            Report { corpus, name, file, label: path, organisation, examples: Vec::new() },
        );
    }
    let told = tools::output(tools::command(weigh).args(reports.keys()))?;
    let mut texts: BTreeMap<PathBuf, Vec<Vec<&str>>> = BTreeMap::new();
    let mut file = PathBuf::new();
    for line in told.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        if parts.len() == 1 {
            file = PathBuf::from(line);
        } else {
            texts.entry(file.clone()).or_default().push(parts);
        }
    }
    for (file, report) in &mut reports {
        let label = &labels[file];
        for (sight, weight) in
            [("Full", 1.0), ("WithoutActions", blind_weight), ("WithoutTopics", blind_weight)]
        {
            let seen: Vec<&Vec<&str>> =
                texts.get(file).into_iter().flatten().filter(|parts| parts[0] == sight).collect();
            let meant = meant(&seen, label);
            for (parts, is_action) in seen.iter().zip(meant) {
                let Some(is_action) = is_action.filter(|_| weight > 0.0) else { continue };
                let features = parts[4].split(' ').map(str::to_owned).collect();
                let organisation = report.organisation.clone();
                report.examples.push(Example { features, is_action, weight, organisation });
            }
        }
    }
    Ok(reports.into_values().collect())
}

/// Whether each text is an action of the label; none for those that one may well take either way.
fn meant(texts: &[&Vec<&str>], label: &Value) -> Vec<Option<bool>> {
    let bags: Vec<Bag> = texts.iter().map(|parts| Bag::of(parts[3])).collect();
    let mut meant = vec![Some(false); texts.len()];
    let list = |name: &str| label[name].as_array().cloned().unwrap_or_default();
    let text = |action: &Value| action["text"].as_str().unwrap_or_default().to_owned();
    let optional = list("optional_actions");
    let golds = list("actions");
    let detail = |gold: &Value| gold["details"].as_array().cloned().unwrap_or_default();
    let unclear: Vec<Bag> = optional
        .iter()
        .map(text)
        .chain(golds.iter().flat_map(detail).filter_map(|detail| detail.as_str().map(str::to_owned)))
        .map(|text| Bag::of(&text))
        .collect();
    // The pairs that are alike, the most alike first; texts in the section that the label names win.
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (at, bag) in bags.iter().enumerate() {
        if unclear.iter().any(|other| bag.alike(other).is_some()) {
            meant[at] = None;
        }
        for (which, gold) in golds.iter().enumerate() {
            let Some(alike) = bag.alike(&Bag::of(&text(gold))) else { continue };
            let section = gold["section"].as_str().unwrap_or_default();
            let is_there = !texts[at][2].is_empty() && section.contains(texts[at][2]);
            pairs.push((alike + if is_there { 0.2 } else { 0.0 }, at, which));
            meant[at] = None;
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let (mut told, mut found) = (BTreeSet::new(), BTreeSet::new());
    for (_, at, which) in pairs {
        if !told.contains(&at) && !found.contains(&which) {
            told.insert(at);
            found.insert(which);
            meant[at] = Some(true);
        }
    }
    meant
}

/// Reads reports and has the readings scored.
struct Judge<'j> {
    read: &'j Path,
    scorer: &'j Path,
    folder: &'j Path,
}

impl Judge<'_> {
    /// Writes what the reader makes of some reports, with these weights or none, and says where.
    fn predict(&self, name: &str, reports: &[&Report], weights: Option<&str>) -> Result<PathBuf> {
        let out = self.folder.join(name);
        fs::create_dir_all(&out)?;
        let mut read = tools::command(self.read);
        read.arg("--out").arg(&out).arg("--weights");
        match weights {
            Some(weights) => {
                let file = self.folder.join("weights.txt");
                fs::write(&file, weights)?;
                read.arg(file);
            }
            None => {
                read.arg("none");
            }
        }
        read.args(reports.iter().map(|report| &report.file));
        tools::output(&mut read)?;
        Ok(out)
    }

    /// How well readings are, by corpus.
    fn compare(&self, reports: &[Report], readings: &[(&str, &Path)]) -> Result<String> {
        let labels = self.folder.join("labels");
        fs::create_dir_all(&labels)?;
        for report in reports {
            fs::copy(&report.label, labels.join(format!("{}.json", report.name)))?;
        }
        let corpora: BTreeSet<&str> = reports.iter().map(|report| report.corpus.as_str()).collect();
        let mut rows = Vec::new();
        for (what, reading) in readings {
            let scores = self.folder.join("scores.json");
            let mut python = tools::command("python3");
            python.arg(self.scorer).arg(reading).arg("--labels").arg(&labels).arg("--json").arg(&scores);
            tools::output(&mut python)?;
            let scores: Value = serde_json::from_slice(&fs::read(&scores)?)?;
            let mut all = Counts::default();
            for corpus in &corpora {
                let mut counts = Counts::default();
                for report in reports.iter().filter(|report| report.corpus == *corpus) {
                    let score = &scores["documents"][&report.name];
                    let number = |field: &str| score[field].as_u64().unwrap_or(0);
                    counts.add(Counts {
                        documents: 1,
                        right: number("tp"),
                        extra: number("fp"),
                        missed: number("fn"),
                    });
                }
                all.add(counts);
                rows.push(row(what, corpus, counts));
            }
            rows.push(row(what, "all", all));
        }
        Ok(table::markdown(&["read by", "corpus", "documents", "precision", "recall", "F1"], &rows))
    }
}

fn row(what: &str, corpus: &str, counts: Counts) -> Vec<String> {
    let figure = |figure: f64| format!("{figure:.3}");
    vec![
        what.to_owned(),
        corpus.to_owned(),
        counts.documents.to_string(),
        figure(corpus::ratio(counts.right, counts.right + counts.extra)),
        figure(corpus::ratio(counts.right, counts.right + counts.missed)),
        figure(counts.f1()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_what_the_label_says() {
        let texts = [
            vec!["Full", "3", "Actions", "Add an alert for the full disk", ""],
            vec!["Full", "4", "Actions", "Perhaps move the crane to the harbour", ""],
            vec!["Full", "9", "Summary", "We will add an alert for the full disk", ""],
            vec!["Full", "9", "Summary", "The disk of the oven was full for days", ""],
        ];
        let label = json!({
            "actions": [{ "text": "Add an alert for the full disk", "section": "Actions" }],
            "optional_actions": [{ "text": "Perhaps move the crane to the harbour" }],
        });
        let seen: Vec<&Vec<&str>> = texts.iter().collect();
        assert_eq!(meant(&seen, &label), [Some(true), None, None, Some(false)]);
    }

    #[test]
    fn the_file_of_weights_is_sorted_and_rounded() {
        let weights = BTreeMap::from([("word:b".to_owned(), 0.5), ("word:a".to_owned(), -1.25)]);
        assert!(told(&weights, &[0.0; 0]).ends_with("docs/reader.md.\nword:a -1.25\nword:b 0.50\n"));
    }
}
