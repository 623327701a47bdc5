//! An issue as a report: its text is the report, and what the text leaves open the issue answers.
//!
//! Invariant: what the text says wins. The issue's title, its labels and the day it was made only fill what the text does
//! not tell; comments and whether it is closed say nothing about the report. Sections that Followup wrote are not read.

use chrono::NaiveDate;
use chrono_tz::Tz;
use incident_report::{Format, Options, Reading, Severity};

use super::place::{IssuePlace, web_root};
use crate::{
    sync::outside_sections,
    tracker::{
        RepoName, TrackerError,
        github::{GitHub, ReportIssue},
    },
};

/// Why an issue is no report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// There is none, or it is not shown to us.
    #[error("there is no issue {issue}, or {}", if *has_token { "the token may not see it" } else { "it is private" })]
    NotThere {
        /// The issue.
        issue: String,
        /// Whether a token was sent.
        has_token: bool,
    },
    /// It was deleted, or its repository has no issues.
    #[error("{issue} is gone: {message}")]
    Gone {
        /// The issue.
        issue: String,
        /// What the tracker says.
        message: String,
    },
    /// It is a pull request.
    #[error("{0} is a pull request, and a report is an issue or a file")]
    PullRequest(String),
    /// There is nothing in it.
    #[error("the issue {0} has no text")]
    Empty(String),
    /// There is nothing in it but what Followup wrote.
    #[error("the issue {0} has no text but what followup wrote: it is made from a report, and is none")]
    Ours(String),
}

impl IssueError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotThere { has_token: true, .. } => {
                "check its name, and that the token has the permission Issues: read for this repository"
            }
            Self::NotThere { has_token: false, .. } => {
                "check its name, or set GH_TOKEN to see private issues"
            }
            Self::Gone { .. } => "name where the report is now, or a file",
            Self::PullRequest(_) => "name the issue, or the file that the pull request brings",
            Self::Empty(_) => "write the report into the issue first; comments are not read",
            Self::Ours(_) => "name the report that it was made from",
        }
    }
}

/// An issue that was read, as a report.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Its address, in small letters, because GitHub makes no difference.
    pub(super) name: String,
    /// The address that was asked for, where it was moved since.
    pub(super) former: Option<String>,
    /// Where it was moved to, for people.
    pub(super) moved_to: Option<String>,
    pub(super) issue: ReportIssue,
    /// What the team wrote, with line feeds only: browsers store CRLF, programs do not, and the report is the same.
    pub(super) text: String,
}

/// Fetches an issue; its text is not empty.
pub(super) async fn fetch(
    github: &GitHub,
    place: &IssuePlace,
) -> Result<Found, Result<IssueError, TrackerError>> {
    let asked = format!("{}#{}", place.repo, place.number);
    let issue = github.report_issue(&place.repo, place.number).await.map_err(|error| match error {
        TrackerError::Refused { status: 404, .. } => {
            Ok(IssueError::NotThere { issue: asked.clone(), has_token: github.has_token() })
        }
        TrackerError::Refused { status: 410, message, .. } => {
            Ok(IssueError::Gone { issue: asked.clone(), message })
        }
        error => Err(error),
    })?;
    let now = format!("{}#{}", issue.repo, issue.number);
    if issue.is_pull_request {
        return Err(Ok(IssueError::PullRequest(now)));
    }
    let text = outside_sections(&issue.body.replace("\r\n", "\n"));
    if text.trim().is_empty() {
        let is_empty = issue.body.trim().is_empty();
        return Err(Ok(if is_empty { IssueError::Empty(now) } else { IssueError::Ours(now) }));
    }
    let name = address(&place.api_url, &issue.repo, issue.number);
    let former = Some(address(&place.api_url, &place.repo, place.number)).filter(|former| *former != name);
    Ok(Found { moved_to: former.is_some().then_some(now), name, former, issue, text })
}

/// Where people look at an issue.
pub(super) fn address(api_url: &str, repo: &RepoName, number: i64) -> String {
    let root = web_root(api_url).map_or_else(|| api_url.to_owned(), |root| root.to_string());
    format!("{}/{repo}/issues/{number}", root.trim_end_matches('/')).to_lowercase()
}

impl Found {
    /// Reads the report, and what identifies its wording: the text, and all else that was taken.
    pub(super) fn read(&self, options: &Options) -> Result<(Reading, String), incident_report::ReadError> {
        let mut options = options.clone();
        options.format = options.format.or(Some(Format::Markdown));
        let mut reading = incident_report::read_bytes(self.text.as_bytes(), &options)?;
        let mut wording = self.text.clone();
        let made_on = self.issue.created_at.map(|moment| day(moment, options.timezone));
        if reading.report.report_date.is_none() && made_on.is_some() {
            // Days like "next Friday" count from the day of the report.
            options.reference_date = made_on;
            reading = incident_report::read_bytes(self.text.as_bytes(), &options)?;
            reading.report.report_date = made_on;
        }
        if !has_title(&self.text) && !self.issue.title.trim().is_empty() {
            reading.report.title = Some(self.issue.title.trim().to_owned());
            wording.push_str(&format!("\0title {}", self.issue.title));
        }
        if reading.report.severity.is_none()
            && let Some((severity, label)) = severity(&self.issue.labels)
        {
            reading.report.severity = Some(severity);
            reading.report.severity_text = Some(label.clone());
            wording.push_str(&format!("\0severity {}", severity.as_str()));
        }
        Ok((reading, wording))
    }
}

fn day(moment: chrono::DateTime<chrono::Utc>, zone: Option<Tz>) -> NaiveDate {
    moment.with_timezone(&zone.unwrap_or(Tz::UTC)).date_naive()
}

/// Whether a text has a title of its own: a heading of the first level, or one in its front matter. Other headings in an
/// issue are chapters.
fn has_title(text: &str) -> bool {
    let mut fence = None;
    let mut before = "";
    for line in text.lines() {
        let trimmed = line.trim_start();
        let marks = ["```", "~~~"].into_iter().find(|marks| trimmed.starts_with(marks));
        match (fence, marks) {
            (None, Some(_)) => fence = marks,
            (Some(open), Some(close)) if open == close => fence = None,
            (Some(_), _) => {}
            (None, None) => {
                let is_underline = trimmed.len() > 2 && trimmed.trim_end().bytes().all(|byte| byte == b'=');
                if trimmed.starts_with("# ") || (is_underline && !before.trim().is_empty()) {
                    return true;
                }
            }
        }
        before = line;
    }
    text.starts_with("---\n")
        && text.lines().skip(1).take_while(|line| *line != "---").any(|line| line.starts_with("title:"))
}

/// The severity that a label names, and the label: `sev1`, `SEV-2`, `severity:high`, `severity/3`, `S2`. The worst wins.
fn severity(labels: &[String]) -> Option<(Severity, &String)> {
    let of = |label: &&String| {
        let folded = label.to_lowercase();
        let value = ["severity", "sev", "s"].iter().find_map(|prefix| folded.strip_prefix(prefix))?;
        let value = value.trim_start_matches([' ', ':', '/', '-', '_', '=', '.']);
        // Of words that begin with an s, only a number makes one a severity.
        let is_named = folded.starts_with("sev");
        let severity = match value.trim() {
            "0" | "1" => Severity::Sev1,
            "2" => Severity::Sev2,
            "3" => Severity::Sev3,
            "4" | "5" => Severity::Sev4,
            "critical" if is_named => Severity::Sev1,
            "high" | "major" if is_named => Severity::Sev2,
            "medium" | "moderate" if is_named => Severity::Sev3,
            "low" | "minor" if is_named => Severity::Sev4,
            _ => return None,
        };
        Some(severity)
    };
    labels.iter().filter_map(|label| Some((of(&label)?, label))).min_by_key(|(severity, _)| *severity)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(title: &str, text: &str, labels: &[&str]) -> Found {
        let repo: RepoName = "acme/platform".parse().unwrap();
        Found {
            name: String::new(),
            former: None,
            moved_to: None,
            issue: ReportIssue {
                repo,
                number: 12,
                title: title.to_owned(),
                body: text.to_owned(),
                labels: labels.iter().map(|label| (*label).to_owned()).collect(),
                created_at: Some("2026-03-04T22:30:00Z".parse().unwrap()),
                is_pull_request: false,
            },
            text: text.to_owned(),
        }
    }

    #[test]
    fn the_issue_fills_what_its_text_leaves_open() {
        let text =
            "### What happened\n\nIt broke.\n\n### Action items\n\n- [ ] Rotate the key within 14 days\n";
        let options = Options { timezone: Some(Tz::Africa__Kampala), ..Options::default() };
        let (reading, _) = found("Logins failed", text, &["bug", "severity:high"]).read(&options).unwrap();
        assert_eq!(reading.report.title.as_deref(), Some("Logins failed"));
        assert_eq!(reading.report.severity, Some(Severity::Sev2));
        // It was half past one in Kampala.
        assert_eq!(reading.report.report_date, Some("2026-03-05".parse().unwrap()));
        assert_eq!(reading.actions[0].due.as_ref().unwrap().date, "2026-03-19".parse().unwrap());
        assert_eq!(reading.actions[0].line, 7);
    }

    #[test]
    fn what_the_text_says_wins() {
        let text = "# Keys ran out\n\nSeverity: SEV-3\nReport date: 2026-02-01\n\n## Action items\n\n- Rotate the key\n";
        let (reading, wording) = found("Logins failed", text, &["sev1"]).read(&Options::default()).unwrap();
        assert_eq!(reading.report.title.as_deref(), Some("Keys ran out"));
        assert_eq!(reading.report.severity, Some(Severity::Sev3));
        assert_eq!(reading.report.report_date, Some("2026-02-01".parse().unwrap()));
        assert_eq!(wording, text);
    }

    #[test]
    fn another_title_is_another_wording_where_it_is_taken() {
        let wording = |title: &str, text: &str| found(title, text, &[]).read(&Options::default()).unwrap().1;
        assert_ne!(wording("One", "- Rotate the key\n"), wording("Two", "- Rotate the key\n"));
        assert_eq!(wording("One", "# Keys\n"), wording("Two", "# Keys\n"));
    }

    #[test]
    fn only_a_title_is_a_title() {
        for text in ["# Keys\n", "Keys\n====\n", "intro\n\n# Keys", "---\ntitle: Keys\n---\n"] {
            assert!(has_title(text), "{text}");
        }
        for text in [
            "## Keys\n",
            "```sh\n# restart\n```\n",
            "~~~\n```\n# x\n~~~\n",
            "#keys\n",
            "a\n\n===\n",
            "---\nx: 1\n---\n",
        ] {
            assert!(!has_title(text), "{text}");
        }
    }

    #[test]
    fn labels_that_name_a_severity() {
        let of = |labels: &[&str]| {
            let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
            severity(&labels).map(|(severity, label)| (severity.as_str(), label.clone()))
        };
        for (label, expected) in [
            ("sev1", "sev1"),
            ("SEV-2", "sev2"),
            ("sev:3", "sev3"),
            ("severity: 4", "sev4"),
            ("Severity/High", "sev2"),
            ("severity-critical", "sev1"),
            ("S2", "sev2"),
        ] {
            assert_eq!(of(&["bug", label]), Some((expected, label.to_owned())));
        }
        for label in ["several", "security", "s", "sev", "severity:unknown", "shigh", "p1", "sev12"] {
            assert_eq!(of(&[label]), None, "{label}");
        }
        assert_eq!(of(&["sev3", "sev1"]).unwrap().0, "sev1");
    }
}
