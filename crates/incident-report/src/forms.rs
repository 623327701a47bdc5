//! Empty reports to fill in, one for each format.
//!
//! Invariant, kept by the tests: an empty one is read as a template that was not filled in, and of a filled
//! one every fact and every action is read.

use crate::Format;

/// An empty report in this format, to be filled in; none for a format that people do not write by hand.
///
/// ```
/// use incident_report::{Format, Options, empty_report, read};
///
/// let form = empty_report(Format::Markdown).expect("people write Markdown");
/// let reading = read(form, &Options::default());
/// assert!(reading.actions.is_empty());
/// assert!(reading.warnings.iter().any(|warning| warning.code == "template-not-filled"));
/// ```
pub fn empty_report(format: Format) -> Option<&'static str> {
    match format {
        Format::Markdown => Some(include_str!("../forms/report.md")),
        Format::Plain => Some(include_str!("../forms/report.txt")),
        Format::Html => Some(include_str!("../forms/report.html")),
        Format::Yaml => Some(include_str!("../forms/report.yaml")),
        Format::Json => Some(include_str!("../forms/report.json")),
        Format::Rst => Some(include_str!("../forms/report.rst")),
        Format::AsciiDoc => Some(include_str!("../forms/report.adoc")),
        Format::MediaWiki => Some(include_str!("../forms/report.wiki")),
        Format::Docx => None,
    }
}

#[cfg(test)]
mod tests;
