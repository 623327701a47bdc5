//! Which format a document is in.
//!
//! Invariant: detection never fails; what shows no sign of markup is plain text.

use std::str::FromStr;

use serde::Serialize;

use crate::markup::signs;
use crate::source::Source;
use crate::{front_matter, html, structured};

/// The formats that can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// CommonMark with the GitHub extensions and front matter.
    Markdown,
    /// reStructuredText, with the directives of Sphinx.
    Rst,
    /// AsciiDoc, as Asciidoctor reads it.
    AsciiDoc,
    /// MediaWiki's wikitext.
    MediaWiki,
    /// Text without markup.
    #[default]
    Plain,
    /// HTML: pages, fragments, and what Confluence stores.
    Html,
    /// Word documents, since 2007. They come as bytes only; given with a text, it is plain text.
    Docx,
    /// Our own format, in YAML.
    Yaml,
    /// Our own format, in JSON.
    Json,
}

impl Format {
    /// Every ending of a file name that tells of a report, with its format. What ends in `.txt` may be anything, and
    /// is looked into.
    pub const ENDINGS: &[(&str, Self)] = &[
        ("md", Self::Markdown),
        ("markdown", Self::Markdown),
        ("mdown", Self::Markdown),
        ("mkd", Self::Markdown),
        ("mdx", Self::Markdown),
        ("qmd", Self::Markdown),
        ("rmd", Self::Markdown),
        ("livemd", Self::Markdown),
        ("rst", Self::Rst),
        ("rest", Self::Rst),
        ("adoc", Self::AsciiDoc),
        ("asciidoc", Self::AsciiDoc),
        ("asc", Self::AsciiDoc),
        ("wiki", Self::MediaWiki),
        ("mediawiki", Self::MediaWiki),
        ("wikitext", Self::MediaWiki),
        ("mw", Self::MediaWiki),
        ("txt", Self::Plain),
        ("text", Self::Plain),
        ("html", Self::Html),
        ("htm", Self::Html),
        ("xhtml", Self::Html),
        ("docx", Self::Docx),
        ("yaml", Self::Yaml),
        ("yml", Self::Yaml),
        ("json", Self::Json),
    ];

    /// The name used in output, such as `markdown` or `plain`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Rst => "rst",
            Self::AsciiDoc => "asciidoc",
            Self::MediaWiki => "mediawiki",
            Self::Plain => "plain",
            Self::Html => "html",
            Self::Docx => "docx",
            Self::Yaml => "yaml",
            Self::Json => "json",
        }
    }

    /// The format that the ending of a file name or of an address tells of. The endings of template engines do not
    /// count: `report.html.md.erb` is Markdown.
    pub fn of_name(name: &str) -> Option<Self> {
        // The name of a host may end as a file does.
        let path = match name.split_once("://") {
            Some((_, address)) => address.split_once('/')?.1,
            None => name,
        };
        let mut rest = path.split(['?', '#']).next()?.rsplit(['/', '\\']).next()?;
        loop {
            let (stem, ending) = rest.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())?;
            let ending = ending.to_lowercase();
            if !TEMPLATE_ENDINGS.contains(&ending.as_str()) {
                return Self::ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, format)| *format);
            }
            rest = stem;
        }
    }

    /// The name for people, such as `Markdown` or `plain text`.
    pub fn title(self) -> &'static str {
        match self {
            Self::Markdown => "Markdown",
            Self::Rst => "reStructuredText",
            Self::AsciiDoc => "AsciiDoc",
            Self::MediaWiki => "MediaWiki",
            Self::Plain => "plain text",
            Self::Html => "HTML",
            Self::Docx => "Word",
            Self::Yaml => "YAML",
            Self::Json => "JSON",
        }
    }
}

/// A word that names no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not a format; expected one of {}", names())]
pub struct ParseFormatError {
    word: String,
}

/// The names of all formats, for people.
fn names() -> String {
    let mut names: Vec<&str> = Vec::new();
    for (_, format) in Format::ENDINGS {
        if !names.contains(&format.as_str()) {
            names.push(format.as_str());
        }
    }
    names.join(", ")
}

impl FromStr for Format {
    type Err = ParseFormatError;

    /// The format with this name, or with this ending.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let folded = word.trim_start_matches('.').to_lowercase();
        let is_meant = |(ending, format): &&(&str, Self)| *ending == folded || format.as_str() == folded;
        let known = Self::ENDINGS.iter().find(is_meant).map(|(_, format)| *format);
        known.ok_or_else(|| ParseFormatError { word: word.to_owned() })
    }
}

/// The endings of files that a program fills in before they are read.
const TEMPLATE_ENDINGS: [&str; 9] = ["erb", "ejs", "hbs", "j2", "jinja", "jinja2", "liquid", "tmpl", "tpl"];

/// How many lines are looked at for signs of markup.
const SAMPLE: usize = 2_000;

/// The format of a source, by the extension of its name, else by its content.
pub(crate) fn detect(name: Option<&str>, source: &Source<'_>) -> Format {
    // A whole page is one under any name.
    if html::is_page(source.text()) {
        return Format::Html;
    }
    match name.and_then(Format::of_name) {
        Some(Format::Plain | Format::Docx) | None => {
            structured::detect(source).unwrap_or_else(|| by_content(source))
        }
        Some(Format::Html) if !html::has_tags(source.text()) => by_content(source),
        Some(format) => format,
    }
}

fn by_content(source: &Source<'_>) -> Format {
    if html::is_html(source.text()) {
        return Format::Html;
    }
    let lines: Vec<&str> = source.lines().take(SAMPLE).collect();
    if front_matter::parse(&lines[..lines.len().min(256)]).is_some() {
        return Format::Markdown;
    }
    if let Some(format) = signs::told_by(&lines) {
        return format;
    }
    let mut score = 0;
    for line in lines {
        score += match line.trim_start() {
            line if line.starts_with("```") || is_table_rule(line) => 3,
            line if is_heading(line) => 2,
            line if line.contains("](") || line.contains("**") || line.contains("- [ ] ") => 1,
            _ => 0,
        };
    }
    if score >= 3 { Format::Markdown } else { Format::Plain }
}

fn is_heading(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    (1..=6).contains(&(line.len() - rest.len())) && rest.starts_with(' ')
}

/// Whether a line separates the header of a table from its rows.
pub(crate) fn is_table_rule(line: &str) -> bool {
    line.contains('|') && line.contains("--") && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(name: Option<&str>, text: &str) -> Format {
        detect(name, &Source::new(text))
    }

    #[test]
    fn the_name_decides_and_then_the_content() {
        assert_eq!(detected(Some("a/b/Report.MD"), "plain words"), Format::Markdown);
        assert_eq!(detected(Some("https://acme.test/r.md?raw=1"), "x"), Format::Markdown);
        assert_eq!(detected(Some("r.txt"), "Summary:\nIt broke.\n- fix it\n"), Format::Plain);
        assert_eq!(detected(None, "# It broke\n\n## Next steps\n- fix it\n"), Format::Markdown);
        assert_eq!(detected(None, "| Action | Owner |\n|---|---|\n"), Format::Markdown);
        assert_eq!(detected(None, ""), Format::Plain);
        assert_eq!(detected(Some("r.yml"), "a: b"), Format::Yaml);
        assert_eq!(detected(Some("r.json"), "# It broke"), Format::Json);
    }

    #[test]
    fn our_own_format_is_known_by_its_beginning() {
        for (text, expected) in [
            ("# ours\n---\nfollowup: report\ntitle: x\n", Format::Yaml),
            ("followup: \"report\" # ours\n", Format::Yaml),
            ("followup: tomorrow\n", Format::Plain),
            ("\n{\n\n  \"report\": {}}", Format::Json),
            ("[{\"report\": {}}]", Format::Json),
            ("{ actions }\n", Format::Plain),
            ("[Report](https://acme.test)\n", Format::Plain),
        ] {
            assert_eq!(detected(None, text), expected, "{text}");
        }
    }

    #[test]
    fn a_format_is_called_by_its_name_or_its_ending() {
        for (_, format) in Format::ENDINGS {
            assert_eq!(format.as_str().parse(), Ok(*format));
        }
        assert_eq!("MD".parse(), Ok(Format::Markdown));
        assert_eq!("text".parse(), Ok(Format::Plain));
        let refused = "pdf".parse::<Format>().unwrap_err().to_string();
        assert!(refused.starts_with("`pdf` is not a format; expected one of markdown, "), "{refused}");
    }

    #[test]
    fn the_last_ending_that_is_no_template_engines_tells_the_format() {
        for (name, expected) in [
            ("reports/2026.03.03.MD", Some(Format::Markdown)),
            ("report.html.md.erb", Some(Format::Markdown)),
            ("https://acme.test/report.md.j2?raw=1#top", Some(Format::Markdown)),
            (r"C:\reports\checkout.txt", Some(Format::Plain)),
            ("notes.livemd", Some(Format::Markdown)),
            ("docs/outage.rst", Some(Format::Rst)),
            ("outage.ADOC", Some(Format::AsciiDoc)),
            ("outage.wiki", Some(Format::MediaWiki)),
            ("https://acme.wiki", None),
            ("https://acme.wiki/outage", None),
            ("report.md.bak", None),
            ("README", None),
            (".md", None),
            ("md", None),
            ("erb", None),
            ("report.erb", None),
            ("reports.md/checkout", None),
            ("", None),
        ] {
            assert_eq!(Format::of_name(name), expected, "{name}");
        }
    }
}
