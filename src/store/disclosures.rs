//! What people decided about texts that are not for everybody.
//!
//! Invariants: no such text is kept, only a digest of it; and of each, the newest decision counts.

use serde_json::json;

use super::{
    Snapshot, StoreError, UnitOfWork,
    database::{execute, rows},
};
use crate::action::{Disclosed, NewEvent, Sensitive, Subject};

/// A decision about one text.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Disclosure {
    /// What it was made for: an action, or a report and all of its actions.
    pub subject: String,
    /// The digest of the text.
    pub digest: String,
    /// Of which class it is.
    pub class: Sensitive,
    /// What was decided.
    pub decision: Disclosed,
}

impl Snapshot {
    /// What was decided about the texts of an action, or of a report.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn disclosures_of(&mut self, subject: Subject) -> Result<Vec<Disclosure>, StoreError> {
        let subject = subject.to_string();
        Ok(rows!(
            self,
            fetch_all,
            Disclosure,
            "SELECT subject, digest, class, decision FROM disclosures WHERE subject = $1 ORDER BY digest",
            &subject
        )?)
    }

    /// Every decision.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn disclosures(&mut self) -> Result<Vec<Disclosure>, StoreError> {
        Ok(rows!(
            self,
            fetch_all,
            Disclosure,
            "SELECT subject, digest, class, decision FROM disclosures ORDER BY subject, digest"
        )?)
    }
}

impl UnitOfWork {
    /// Writes down what was decided about the texts with these digests, with its event. False when all of it was decided
    /// so before.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn disclose(
        &mut self,
        subject: Subject,
        texts: &[(Sensitive, String)],
        decision: Disclosed,
        reason: Option<&str>,
    ) -> Result<bool, StoreError> {
        let before = self.disclosures_of(subject).await?;
        let is_new =
            |digest: &str| !before.iter().any(|one| one.digest == digest && one.decision == decision);
        let mut texts: Vec<&(Sensitive, String)> =
            texts.iter().filter(|(_, digest)| is_new(digest)).collect();
        texts.sort_unstable();
        texts.dedup();
        if texts.is_empty() {
            return Ok(false);
        }
        let id = subject.to_string();
        for (class, digest) in &texts {
            execute!(
                self,
                "INSERT INTO disclosures (subject, digest, class, decision) VALUES ($1, $2, $3, $4) "
                "ON CONFLICT (subject, digest) DO UPDATE SET decision = excluded.decision",
                &id,
                digest,
                class,
                decision
            )?;
        }
        let texts: Vec<_> =
            texts.into_iter().map(|(class, digest)| json!({ "class": class, "digest": digest })).collect();
        let event = NewEvent::new(subject, "text.disclosed").with("decision", decision.as_str());
        self.append(event.with("texts", texts).because(reason)).await?;
        Ok(true)
    }
}
