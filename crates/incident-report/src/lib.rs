//! Reads incident reports: a document in any format becomes facts and candidate actions.
//!
//! The way of a report: bytes → text ([`read_bytes`]) → a format's front end → one document model → the
//! outline (sections with a meaning) → facts and actions. Only the front ends know formats, only the
//! outline knows headings, and only `data/*.txt` knows words.
//!
//! Invariants of the crate:
//!
//! * pure: no I/O, no clock, no global state that changes; what is relative is resolved against
//!   [`Options::reference_date`] or the report's own date;
//! * total: any input gives a [`Reading`], in time linear in its length (lines, sections, and nesting
//!   included) and without a panic;
//! * faithful: every action names a line of the source and quotes it verbatim.
//!
//! ```
//! use incident_report::{Options, read};
//!
//! let reading = read("# Oven fire\n\n## Action items\n- [ ] Buy a thermostat (owner: Ann)\n", &Options::default());
//! assert_eq!(reading.actions[0].text, "Buy a thermostat");
//! assert_eq!(reading.actions[0].owner_text.as_deref(), Some("Ann"));
//! assert_eq!(reading.actions[0].line, 4);
//! ```

mod actions;
mod asciidoc;
mod dates;
mod document;
mod docx;
mod facts;
mod format;
mod forms;
mod front_matter;
mod grid;
mod html;
mod input;
mod language;
mod levels;
mod lines;
mod markdown;
mod markup;
mod mediawiki;
mod outline;
mod plain;
mod rst;
mod runs;
mod source;
mod structured;
mod template;
mod text;
mod words;

use std::borrow::Cow;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Serialize;

pub use crate::actions::{
    CandidateAction, Miss, Model, NearMiss, Rule, Sight, Weighed, WeightsError, may_mean,
};
pub use crate::dates::{DateContext, DateOrder, Precision, ResolvedDate, resolve_date};
pub use crate::facts::{Person, ReportFacts, Severity};
pub use crate::format::{Format, ParseFormatError};
pub use crate::forms::empty_report;
pub use crate::input::ReadError;
pub use crate::words::is_task_verb;

use crate::input::Input;

/// The largest document that is read unless the options say otherwise: 25 MiB.
pub const DEFAULT_MAX_BYTES: usize = 25 * 1024 * 1024;

/// How many lines of a report are read; behind them is no report any more, and a warning says so.
pub const MAX_LINES: usize = 200_000;

/// How to read a report.
#[derive(Clone, Debug)]
pub struct Options {
    /// The format; detected when not given.
    pub format: Option<Format>,
    /// The name of the source, a file name or an address: a hint for the format, and kept in the facts.
    pub source: Option<String>,
    /// The order of day and month in numeric dates.
    pub date_order: DateOrder,
    /// The day that relative dates count from; the report's own date, else the incident's, when not given.
    pub reference_date: Option<NaiveDate>,
    /// The zone of times written without one.
    pub timezone: Option<Tz>,
    /// The largest document that [`read_bytes`] accepts.
    pub max_bytes: usize,
    /// What decides where the rules do not.
    pub model: Model,
    /// Whether to tell the texts as the model sees them, and with what it is to know: for training.
    pub weigh: Option<Sight>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: None,
            source: None,
            date_order: DateOrder::default(),
            reference_date: None,
            timezone: None,
            max_bytes: DEFAULT_MAX_BYTES,
            model: Model::built_in(),
            weigh: None,
        }
    }
}

/// What a report says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reading {
    /// The facts about the incident and the report.
    pub report: ReportFacts,
    /// The actions, in order of appearance.
    pub actions: Vec<CandidateAction>,
    /// What was weighed and is no action, in order of appearance; the first few hundred.
    pub near_misses: Vec<NearMiss>,
    /// What a person should look at.
    pub warnings: Vec<Warning>,
    /// The texts as the model sees them, where [`Options::weigh`] asks for them.
    #[serde(skip)]
    pub weighed: Vec<Weighed>,
}

impl Reading {
    /// Gives every line the number that an editor shows, where the source was cut.
    fn number_lines(&mut self, source: &source::Source<'_>) {
        let actions = self.actions.iter_mut().map(|action| &mut action.line);
        let misses = self.near_misses.iter_mut().map(|miss| &mut miss.line);
        let warnings = self.warnings.iter_mut().filter_map(|warning| warning.line.as_mut());
        for line in actions.chain(misses).chain(warnings) {
            *line = source.number(*line);
        }
    }
}

/// Something doubtful about a reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// A short stable word for the case, such as `no-actions` or `unclear-due`.
    pub code: &'static str,
    /// What is doubtful, as a sentence without a full stop.
    pub message: String,
    /// The line it is about.
    pub line: Option<usize>,
}

/// Reads a report.
///
/// Text always gives a reading. Only [`Format::Yaml`] and [`Format::Json`] can be wrong: such a document gives an
/// empty reading with the warning `not-read`, which says what [`read_bytes`] says as an error.
pub fn read(input: &str, options: &Options) -> Reading {
    read_text(input, options).unwrap_or_else(|(format, error)| {
        let report = ReportFacts { format, source: options.source.clone(), ..ReportFacts::default() };
        let (line, hint) = match &error {
            ReadError::Structured { line, hint, .. } => (Some(*line), format!("; {hint}")),
            _ => (None, String::new()),
        };
        let warning = Warning { code: "not-read", message: format!("{error}{hint}"), line };
        Reading {
            report,
            actions: Vec::new(),
            near_misses: Vec::new(),
            warnings: vec![warning],
            weighed: Vec::new(),
        }
    })
}

fn read_text(input: &str, options: &Options) -> Result<Reading, (Format, ReadError)> {
    let whole = source::Source::new(input);
    let mut source = whole.up_to(MAX_LINES);
    let name = options.source.as_deref();
    let format = options.format.unwrap_or_else(|| format::detect(name, &source));
    let mut document = match format {
        Format::Markdown => markdown::parse(&source),
        Format::Rst => rst::parse(&source),
        Format::AsciiDoc => asciidoc::parse(&source),
        Format::MediaWiki => mediawiki::parse(&source),
        // The text of a Word document, without what it was set in.
        Format::Plain | Format::Docx => plain::parse(&source),
        Format::Yaml | Format::Json => {
            return structured::read(&whole, format, options).map_err(|error| (format, error));
        }
        Format::Html => {
            let (document, cut) = html::parse(&source);
            source = cut;
            document
        }
    };
    if matches!(format, Format::Html | Format::AsciiDoc | Format::Rst | Format::MediaWiki) {
        front_matter::take(&mut document, &source);
    }
    let mut reading = read_document(document, &source, format, options);
    let too_long = (whole.line_count() > MAX_LINES).then(|| Warning {
        code: "too-long",
        message: format!(
            "only the first {MAX_LINES} of {} lines were read: cut off what is no report, such as a log",
            whole.line_count()
        ),
        line: Some(MAX_LINES),
    });
    reading.warnings.splice(0..0, input::wrong_ending(options, format).into_iter().chain(too_long));
    Ok(reading)
}

/// Reads what a front end made of a report.
fn read_document(
    document: document::Document,
    source: &source::Source<'_>,
    format: Format,
    options: &Options,
) -> Reading {
    let document = outline::promote(document);
    let sections = outline::sections(&document);
    let mut warnings = Vec::new();
    let numeric = dates::order::observed(source.lines(), options.date_order);
    let report = facts::gather(&document, &sections, format, &numeric, options, &mut warnings);
    let dates = DateContext {
        reference: options.reference_date.or(report.report_date).or(report.incident_date),
        ..numeric
    };
    let mut found = actions::extract(&sections, source, &dates, &report.people, options, &mut warnings);
    template::check(&sections, &report, &mut found, &mut warnings);
    let mut reading = Reading {
        report,
        actions: found.actions,
        near_misses: found.near_misses,
        warnings,
        weighed: found.weighed,
    };
    reading.number_lines(source);
    reading
}

/// Reads a report from bytes.
///
/// # Errors
///
/// Fails when the bytes are nothing that can be read ([`ReadError`] says what they are and what to do), are empty,
/// or are more than [`Options::max_bytes`], and when they are YAML or JSON that is not a report in our format.
pub fn read_bytes(bytes: &[u8], options: &Options) -> Result<Reading, ReadError> {
    let (input, mut warnings) = input::open(bytes, options)?;
    let mut reading = match input {
        Input::Text(text) => read_text(&text, options).map_err(|(_, error)| error)?,
        Input::Word(word) => {
            let source = source::Source::new(&word.text);
            read_document(word.document, &source, Format::Docx, options)
        }
    };
    warnings.append(&mut reading.warnings);
    reading.warnings = warnings;
    Ok(reading)
}

/// The text in which a reading of these bytes counts lines: what they say once their encoding is undone, and for a
/// Word document, which has no lines, a text made of it: a line for each paragraph and each row of a table.
///
/// # Errors
///
/// Fails as [`read_bytes`] does.
pub fn text_of<'b>(bytes: &'b [u8], options: &Options) -> Result<Cow<'b, str>, ReadError> {
    Ok(match input::open(bytes, options)?.0 {
        Input::Text(text) => text,
        Input::Word(word) => Cow::Owned(word.text),
    })
}

#[cfg(test)]
mod tests;
