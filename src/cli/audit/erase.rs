//! `followup audit erase`: words of people are taken out for good.
//!
//! Invariant: nothing is erased that was not shown or named, and nothing without `--yes`.

use serde_json::json;

use super::super::{App, CliError, Exit, args::Erase, history::quoted, life, output::Output, table};
use crate::{
    audit::{self, Erasable, Erased, Mentioned},
    store::{Access, Store},
};

pub(super) async fn run(app: &App, command: &Erase, output: &Output) -> Result<Exit, CliError> {
    let reason = life::reason_if_any(Some(&command.reason))?.unwrap_or_default();
    let store = app.store(Access::Write).await?;
    let (what, mentioned) = asked_for(&store, command).await?;
    if what.is_empty() {
        output.talk("there is nothing to erase; what was erased before stays erased");
        tell_of(&mentioned, command, output);
    } else if !command.yes {
        if !output.is_json() {
            output.text(&page(&what))?;
            tell_of(&mentioned, command, output);
        }
        let texts: usize = what.iter().map(|words| words.texts.len()).sum();
        return Err(CliError::refused(
            format!("{} would be erased; nothing was", table::count(texts, "text")),
            "repeat the command with --yes; what is erased cannot be brought back",
        ));
    }
    let erased = audit::erase(&store, &app.stamp(), &what, &reason).await?;
    let is_rewritten = store.rewrite().await?;
    let copies = store.copies();
    if output.is_json() {
        let events: Vec<_> =
            erased.events.iter().map(|(event, names)| json!({ "event": event, "names": names })).collect();
        output.json(&json!({
            "erased": events,
            "columns": erased.columns,
            "rewritten": is_rewritten,
            "in_issues": erased.is_in_issues,
            "copies": copies,
            "mentioned": mentioned.mentioned.iter().map(|words| words.event).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Fine);
    }
    if !what.is_empty() {
        output.text(&summary(&erased))?;
        tell_of(&mentioned, command, output);
    }
    if !is_rewritten {
        output.talk("note: the file could not be written anew because somebody has it open, so traces may be left in it; run the command again");
    }
    if erased.is_in_issues {
        output.talk("note: an issue says it, or did when it was looked at last: change it there, then `followup sync`");
    }
    for copy in copies {
        output.talk(&format!(
            "note: {} is a copy from before a migration and may have it; delete it when it is not needed",
            copy.display()
        ));
    }
    output.talk("Backups, exports, mails and the tracker keep what they have; nothing here can erase that.");
    Ok(Exit::Fine)
}

async fn asked_for(store: &Store, command: &Erase) -> Result<(Vec<Erasable>, Mentioned), CliError> {
    let mut snapshot = store.read().await?;
    let Some(who) = &command.person else {
        let event = command.event.unwrap_or_default();
        return Ok((audit::words_of(&mut snapshot, event, &command.text).await?, Mentioned::default()));
    };
    if who.trim().chars().count() < 2 {
        return Err(CliError::usage("a name has two letters at least", "write the whole name or the login"));
    }
    let mut found = audit::words_about(&mut snapshot, who.trim()).await?;
    let mut what = std::mem::take(&mut found.named);
    if command.mentions {
        for words in std::mem::take(&mut found.mentioned) {
            match what.iter_mut().find(|other| other.event == words.event) {
                Some(other) => other.texts.extend(words.texts),
                None => what.push(words),
            }
        }
        what.sort_by_key(|words| words.event);
    }
    Ok((what, found))
}

fn page(what: &[Erasable]) -> String {
    let lines = what.iter().flat_map(|words| {
        words.texts.iter().map(|(name, text)| {
            format!(
                "{:>5}  {:<8} {:<18} {name} {}",
                words.event,
                words.subject,
                words.kind,
                quoted(Some(text))
            )
        })
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn summary(erased: &Erased) -> String {
    let texts: usize = erased.events.iter().map(|(_, names)| names.len()).sum();
    let columns = match erased.columns.len() {
        0 => String::new(),
        _ => format!("; and from {}", erased.columns.join(", ")),
    };
    let events = table::count(erased.events.len(), "event");
    format!("erased {} from {events}{columns}", table::count(texts, "text"))
}

fn tell_of(found: &Mentioned, command: &Erase, output: &Output) {
    if !found.mentioned.is_empty() {
        let events: Vec<String> = found.mentioned.iter().map(|words| words.event.to_string()).collect();
        output.talk(&format!(
            "note: the name stands in other texts too, of event {}; --mentions erases those as a whole",
            events.join(", ")
        ));
    }
    if found.caused > 0 {
        let who = command.person.as_deref().unwrap_or_default();
        let count = table::count(found.caused, "event");
        output
            .talk(&format!("note: {who} caused {count}; who did something is part of the chain, and stays"));
    }
}
