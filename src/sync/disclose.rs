//! What a person decides about texts that are not for everybody: published as they stand, or something in their place.
//!
//! Invariant: a decision is about the texts as they are now. Another text, tomorrow, stops again.

use serde::Serialize;

use super::{engine::About, lane_of_issue, shown::shown};
use crate::{
    action::{ActionId, Disclosed, ReportId, Sensitive, Subject},
    config::Publish,
    life::touch_issue,
    store::{OutboxKind, Stamp, Store, StoreError, UnitOfWork},
};

/// What was decided about one action, or one report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disclosing {
    /// `CA-42` or `IR-7`.
    pub id: String,
    /// What was decided.
    pub decision: Disclosed,
    /// How many texts it was about, by class.
    pub texts: Vec<Counted>,
    /// Whether that is new.
    pub changed: bool,
}

/// How many texts there are of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The class.
    pub class: Sensitive,
    /// How many.
    pub count: usize,
}

/// Decides about the texts that would be published of each of `subjects`, and puts what follows for their issues into the
/// outbox.
///
/// # Errors
/// [`StoreError`] when one of them is not there; then nothing is decided.
pub async fn disclose(
    store: &Store,
    stamp: &Stamp,
    rules: &Publish,
    subjects: &[Subject],
    decision: Disclosed,
    reason: Option<&str>,
) -> Result<Vec<Disclosing>, StoreError> {
    let mut work = store.begin(stamp).await?;
    let identity = work.identity().await?;
    let mut decided = Vec::with_capacity(subjects.len());
    for &subject in subjects {
        let about = match subject {
            Subject::Action(id) => {
                let action = work.action(id).await?;
                About { report: work.report(action.report_id).await?, action: Some(action) }
            }
            Subject::Report(id) => About { report: work.report(id).await?, action: None },
        };
        let findings = shown(&mut work, &about, rules, &identity).await?.findings;
        let mut texts: Vec<(Sensitive, String)> =
            findings.into_iter().map(|finding| (finding.class, finding.digest)).collect();
        // The same text in two places is one.
        texts.sort_unstable();
        texts.dedup();
        let changed = work.disclose(subject, &texts, decision, reason).await?;
        if changed {
            touch(&mut work, subject).await?;
        }
        let counted = Sensitive::ALL.iter().map(|class| Counted {
            class: *class,
            count: texts.iter().filter(|(other, _)| other == class).count(),
        });
        let texts = counted.filter(|counted| counted.count > 0).collect();
        decided.push(Disclosing { id: subject.to_string(), decision, texts, changed });
    }
    work.commit().await?;
    Ok(decided)
}

async fn touch(work: &mut UnitOfWork, subject: Subject) -> Result<(), StoreError> {
    match subject {
        Subject::Action(id) => touch_action(work, id).await,
        Subject::Report(id) => touch_report(work, id).await,
    }
}

async fn touch_action(work: &mut UnitOfWork, id: ActionId) -> Result<(), StoreError> {
    let action = work.action(id).await?;
    touch_issue(work, &action).await
}

/// The title of a report stands in all of its issues.
async fn touch_report(work: &mut UnitOfWork, id: ReportId) -> Result<(), StoreError> {
    for link in work.links_of_report(id).await? {
        work.enqueue(OutboxKind::Update, &link.ulid, &lane_of_issue(&link.ulid)).await?;
    }
    Ok(())
}
