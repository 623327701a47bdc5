//! `followup audit export`: the history and what follows from it, handed out as files.

use std::path::Path;

use serde_json::json;

use super::{
    super::{App, CliError, Exit, args::Export, output::Output, table},
    as_of,
};
use crate::{
    audit::{self, Exported, Selection},
    store::Access,
};

pub(super) async fn run(app: &App, command: &Export, output: &Output) -> Result<Exit, CliError> {
    let target = app.folder.join(&command.folder);
    let selection = Selection {
        formats: command.formats.iter().flatten().copied().collect(),
        reports: command.report.clone(),
        as_of: as_of(app, command.as_of)?,
    };
    let store = app.store(Access::Write).await?;
    let exported = audit::export(&store, &app.stamp(), &app.clocks, &target, &selection).await?;
    if output.is_json() {
        output.json(&json!({
            "folder": target,
            "manifest": exported.manifest,
            "sha256": exported.sha256,
        }))?;
    } else {
        output.text(&page(&exported, &command.folder))?;
        output.talk("Note down the sum of the manifest where nobody who can write the folder can write.");
        output.talk("docs/audit.md tells how to check the export without this program.");
    }
    Ok(Exit::Fine)
}

fn page(exported: &Exported, folder: &Path) -> String {
    let Exported { sha256, manifest } = exported;
    let bold = anstyle::Style::new().bold();
    let counts = manifest.counts;
    let number = |count: u64, thing: &str| table::count(usize::try_from(count).unwrap_or(usize::MAX), thing);
    let as_of = manifest
        .as_of
        .map(|moment| format!(", as known at {}", super::super::history::time(moment)))
        .unwrap_or_default();
    let rows = manifest.files.iter().map(|file| {
        vec![file.name.clone(), file.rows.to_string(), file.bytes.to_string(), file.sha256.clone()]
    });
    format!(
        "{bold}{}{bold:#}: {} of {}, {}, {} of evidence, {}{as_of}\n\n{}\n\nmanifest.json {sha256}",
        folder.display(),
        number(counts.actions, "action"),
        number(counts.reports, "report"),
        number(counts.events, "event"),
        number(counts.evidence, "piece"),
        number(counts.waivers, "waiver"),
        table::plain(["file", "rows", "bytes", "SHA-256"], rows),
    )
}
