//! `cargo xtask corpus FOLDER`: how well the reader reads a labelled corpus.
//!
//! A corpus is a folder with `docs/` (the documents), `labels/` (one `NAME.json` for each), and `score.py`, which
//! matches predictions with labels and says how alike they are. Matching stays with that script, so that the figures
//! here are the ones everybody else gets; this chore reads the documents, and adds what the script does not say: facts
//! of the incident, folds by organisation, and the bars.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::{table, tools};

/// Which corpus, and what to do with the result.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A folder with docs/ and labels/
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Keep the predictions in this folder, one NAME.json each
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// The script that scores, when the corpus has no score.py of its own
    #[arg(long, value_name = "FILE")]
    scorer: Option<PathBuf>,
    /// How many folds of organisations to show
    #[arg(long, value_name = "N", default_value_t = 3)]
    folds: usize,
    /// How many of the worst documents the script lists, with what was missed and what is extra
    #[arg(long, value_name = "N", default_value_t = 0)]
    worst: usize,
    /// Fail when a bar is missed
    #[arg(long)]
    check: bool,
}

/// Matched, extra and missed actions of some documents.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) documents: usize,
    pub(crate) right: u64,
    pub(crate) extra: u64,
    pub(crate) missed: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.documents += other.documents;
        self.right += other.right;
        self.extra += other.extra;
        self.missed += other.missed;
    }

    /// The F1 score; 1 where there was nothing to find and nothing was.
    pub(crate) fn f1(self) -> f64 {
        let wrong = self.extra + self.missed;
        if wrong == 0 { 1.0 } else { ratio(2 * self.right, 2 * self.right + wrong) }
    }
}

/// One document of the corpus, its label, what was read, and what the script says of it.
struct Document {
    label: Value,
    read: Value,
    counts: Counts,
}

/// A figure, and the least it should be.
struct Bar {
    what: String,
    is: f64,
    least: f64,
}

/// Reads the corpus, scores, prints.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let folder = fs::canonicalize(&arguments.folder)
        .with_context(|| format!("there is no folder {}", arguments.folder.display()))?;
    let scorer = arguments.scorer.clone().unwrap_or_else(|| folder.join("score.py"));
    ensure!(scorer.is_file(), "there is no {}: name the script that scores with --scorer", scorer.display());
    let scorer = fs::canonicalize(scorer)?;
    let kept = tempfile::tempdir()?;
    let out = arguments.out.clone().unwrap_or_else(|| kept.path().join("predictions"));
    fs::create_dir_all(&out)?;
    let out = fs::canonicalize(out)?;

    read(&folder, &out)?;
    let scores = kept.path().join("scores.json");
    let mut python = tools::command("python3");
    python.arg(&scorer).arg(&out).arg("--labels").arg(folder.join("labels")).arg("--json").arg(&scores);
    python.args(["--worst", &arguments.worst.to_string()]);
    if arguments.worst > 0 {
        python.arg("-v");
    }
    tools::run(&mut python)?;
    let scores: Value = serde_json::from_slice(&fs::read(&scores)?)?;
    let documents = documents(&folder, &out, &scores)?;
    let bars = bars(&documents, &scores);
    println!("\nOrganisations, in folds that share none");
    print!("{}", folds(&documents, arguments.folds.max(1)));
    println!("\nFacts, where the label has one");
    print!("{}", facts(&documents));
    println!("\nBars");
    let rows: Vec<Vec<String>> = bars
        .iter()
        .map(|bar| {
            let verdict = if bar.is >= bar.least { "met" } else { "missed" };
            vec![bar.what.clone(), format!("{:.3}", bar.is), format!("{:.2}", bar.least), verdict.to_owned()]
        })
        .collect();
    print!("{}", table::markdown(&["what", "is", "at least", ""], &rows));
    let missed = bars.iter().filter(|bar| bar.is < bar.least).count();
    if arguments.check && missed > 0 {
        bail!("{missed} bars are missed");
    }
    Ok(())
}

/// Writes what the reader makes of every document.
fn read(folder: &Path, out: &Path) -> Result<()> {
    let built = tools::executables("example", &["--package", "incident-report", "--example", "read"])?;
    let program = built.get("read").context("the build made no example `read`")?;
    let mut files: Vec<PathBuf> = fs::read_dir(folder.join("docs"))
        .with_context(|| format!("{} has no docs/", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    ensure!(!files.is_empty(), "there is no document in {}", folder.join("docs").display());
    println!("reading {} documents", files.len());
    tools::output(tools::command(program).arg("--out").arg(out).args(&files))?;
    Ok(())
}

/// The documents with a label, by name.
fn documents(folder: &Path, out: &Path, scores: &Value) -> Result<Vec<Document>> {
    let scored = scores["documents"].as_object().context("the script wrote no documents")?;
    let json = |path: PathBuf| -> Result<Value> {
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&bytes).with_context(|| format!("{} is not JSON", path.display()))
    };
    scored
        .iter()
        .map(|(name, score)| {
            let file = format!("{name}.json");
            let number = |field: &str| score[field].as_u64().unwrap_or(0);
            Ok(Document {
                label: json(folder.join("labels").join(&file))?,
                read: json(out.join(&file)).unwrap_or(Value::Null),
                counts: Counts {
                    documents: 1,
                    right: number("tp"),
                    extra: number("fp"),
                    missed: number("fn"),
                },
            })
        })
        .collect()
}

fn is_report(document: &&Document) -> bool {
    document.label["kind"] == "report"
}

/// The owner of the repository a document is from; documents of unknown origin are each their own.
fn organisation(at: usize, document: &Document) -> String {
    owner(&document.label).unwrap_or_else(|| format!("unknown {at}"))
}

/// The owner of the repository that a label names.
pub(crate) fn owner(label: &Value) -> Option<String> {
    let source = &label["source"];
    let repository =
        source["repo"].as_str().or_else(|| source["repository"].as_str()).or_else(|| source.as_str());
    let owner = repository?.split('/').next()?;
    (!owner.is_empty() && owner != "unknown repository").then(|| owner.to_lowercase())
}

/// The scores by folds: organisation `n` in the order of their names belongs to fold `n` modulo the number of folds.
fn folds(documents: &[Document], folds: usize) -> String {
    let mut by_organisation: BTreeMap<String, Counts> = BTreeMap::new();
    for (at, document) in documents.iter().enumerate().filter(|(_, document)| is_report(document)) {
        by_organisation.entry(organisation(at, document)).or_default().add(document.counts);
    }
    let mut sums = vec![(0, Counts::default()); folds];
    for (at, counts) in by_organisation.values().enumerate() {
        sums[at % folds].0 += 1;
        sums[at % folds].1.add(*counts);
    }
    let rows: Vec<Vec<String>> = (1..)
        .zip(sums)
        .map(|(fold, (organisations, counts))| {
            let f1 = format!("{:.3}", counts.f1());
            vec![fold.to_string(), organisations.to_string(), counts.documents.to_string(), f1]
        })
        .collect();
    table::markdown(&["fold", "organisations", "reports", "F1"], &rows)
}

/// How often a fact was read.
struct Fact {
    name: &'static str,
    stated: u64,
    right: u64,
    invented: u64,
}

/// How often a fact of the label was read: a day word for word, a title and a severity by their words.
fn read_facts(documents: &[Document]) -> Vec<Fact> {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let same_title = |label: &str, read: &str| {
        let (label, read) = (words(label), words(read));
        label == read
            || !read.is_empty() && label.windows(read.len()).any(|part| part == read)
            || !label.is_empty() && read.windows(label.len()).any(|part| part == label)
    };
    // A report may explain the word that names it: "P1 (no bread)".
    let same_severity =
        |label: &str, read: &str| words(label).first().is_some_and(|named| words(read).contains(named));
    type Same<'s> = &'s dyn Fn(&str, &str) -> bool;
    let compared: [(&'static str, &str, Same<'_>); 3] = [
        ("title", "title", &same_title),
        ("incident_date", "incident_date", &|label, read| label == read),
        ("severity", "severity_text", &same_severity),
    ];
    let count = |(name, key, same): &(&'static str, &str, Same<'_>)| {
        let mut fact = Fact { name, stated: 0, right: 0, invented: 0 };
        for document in documents.iter().filter(is_report) {
            let read = document.read["report"][*key].as_str();
            match document.label[*name].as_str().filter(|label| !label.is_empty()) {
                Some(label) => {
                    fact.stated += 1;
                    fact.right += u64::from(read.is_some_and(|read| same(label, read)));
                }
                None => fact.invented += u64::from(read.is_some()),
            }
        }
        fact
    };
    compared.iter().map(count).collect()
}

/// The facts as a table.
fn facts(documents: &[Document]) -> String {
    let rows: Vec<Vec<String>> = read_facts(documents)
        .into_iter()
        .map(|fact| {
            let rate = match fact.stated {
                0 => "–".to_owned(),
                stated => format!("{:.3}", ratio(fact.right, stated)),
            };
            vec![fact.name.to_owned(), fact.stated.to_string(), rate, fact.invented.to_string()]
        })
        .collect();
    table::markdown(&["fact", "stated", "read", "read though not stated"], &rows)
}

/// What is asked of the reader.
fn bars(documents: &[Document], scores: &Value) -> Vec<Bar> {
    let mut all = Counts::default();
    let mut templates = Counts::default();
    let mut groups: BTreeMap<String, Counts> = BTreeMap::new();
    for document in documents {
        if !is_report(&document) {
            templates.add(document.counts);
            continue;
        }
        all.add(document.counts);
        let format = document.label["format"].as_str().unwrap_or("unknown");
        groups.entry(format!("format {format}")).or_default().add(document.counts);
        for style in document.label["style"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            groups.entry(format!("layout {style}")).or_default().add(document.counts);
        }
    }
    let mut bars = vec![Bar { what: "F1 over all reports".to_owned(), is: all.f1(), least: 0.93 }];
    let large = groups.into_iter().filter(|(_, counts)| counts.documents >= 5);
    bars.extend(large.map(|(what, counts)| Bar { what, is: counts.f1(), least: 0.85 }));
    let field = |name: &str| scores["fields"][name].as_u64().unwrap_or(0);
    for name in ["owner", "due", "done"] {
        let (right, stated) = (field(&format!("{name}_gold_ok")), field(&format!("{name}_gold")));
        if stated > 0 {
            bars.push(Bar { what: format!("{name}, where stated"), is: ratio(right, stated), least: 0.9 });
        }
    }
    for Fact { name, stated, right, .. } in read_facts(documents) {
        if stated > 0 {
            bars.push(Bar { what: format!("{name}, where stated"), is: ratio(right, stated), least: 0.9 });
        }
    }
    if templates.documents > 0 {
        let is = if templates.extra == 0 { 1.0 } else { 0.0 };
        bars.push(Bar { what: "templates left empty".to_owned(), is, least: 1.0 });
    }
    bars
}

pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(source: &str, counts: (u64, u64, u64), title: &str, read: &str) -> Document {
        let (right, extra, missed) = counts;
        Document {
            label: json!({ "kind": "report", "format": "md", "source": { "repo": source }, "title": title }),
            read: json!({ "report": { "title": read } }),
            counts: Counts { documents: 1, right, extra, missed },
        }
    }

    #[test]
    fn an_organisation_is_in_one_fold_only() {
        let documents = [
            document("acme/a", (1, 0, 0), "", ""),
            document("acme/b", (0, 0, 1), "", ""),
            document("globex/a", (1, 0, 0), "", ""),
        ];
        let told = folds(&documents, 2);
        assert!(told.contains("| 1    | 1             | 2       | 0.667 |"), "{told}");
        assert!(told.contains("| 2    | 1             | 1       | 1.000 |"), "{told}");
    }

    #[test]
    fn a_title_is_right_when_its_words_are() {
        let documents = [
            document("a/a", (0, 0, 0), "Crane stuck", "Postmortem: crane stuck"),
            document("b/b", (0, 0, 0), "Crane stuck", "Lift stuck"),
        ];
        let told = facts(&documents);
        assert!(told.contains("| title         | 2      | 0.500 |"), "{told}");
    }

    #[test]
    fn a_bar_is_missed_by_too_many_extra_actions() {
        let scores = json!({ "fields": { "owner_gold": 4, "owner_gold_ok": 3 } });
        let told = bars(&[document("a/a", (8, 2, 2), "", "")], &scores);
        let missed: Vec<&str> =
            told.iter().filter(|bar| bar.is < bar.least).map(|bar| bar.what.as_str()).collect();
        assert_eq!(missed, ["F1 over all reports", "owner, where stated"]);
    }

    #[test]
    fn a_severity_is_right_when_its_word_is() {
        let mut documents = [document("a/a", (0, 0, 0), "", ""), document("b/b", (0, 0, 0), "", "")];
        for (document, read) in documents.iter_mut().zip(["P1 (no bread)", "P2"]) {
            document.label["severity"] = json!("P1");
            document.read["report"]["severity_text"] = json!(read);
        }
        let told = facts(&documents);
        assert!(told.contains("| severity      | 2      | 0.500 |"), "{told}");
    }
}
