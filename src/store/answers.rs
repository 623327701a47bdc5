//! Commands that people wrote into comments of issues, and what is to be said about them.
//!
//! Invariant, kept by the primary key whoever writes: a comment is taken once, whatever was taken of it.

use chrono::{DateTime, Utc};

use super::{
    Link, Snapshot, StoreError, UnitOfWork,
    database::{execute, rows, value},
};

/// What became of the commands of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum AnswerOutcome {
    /// All were carried out, or said what is so already.
    Taken,
    /// At least one was not.
    Refused,
}

/// The commands of one comment.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Answer {
    /// The tracker, as `github`.
    pub tracker: String,
    /// Its host.
    pub host: String,
    /// The comment.
    pub comment_id: i64,
    /// The ULID of the link under whose issue it stands.
    pub link: String,
    /// Who wrote it.
    pub author: String,
    /// The commands as they were written, one a line.
    pub command: String,
    /// What became of them.
    pub outcome: AnswerOutcome,
    /// What is to be said about it; nothing where a sign under the comment says it all.
    pub reply: Option<String>,
    /// When they were taken.
    pub taken_at: DateTime<Utc>,
}

impl Snapshot {
    /// What became of the commands of a comment; nothing for one that was not taken.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn answer(
        &mut self,
        tracker: &str,
        host: &str,
        comment_id: i64,
    ) -> Result<Option<Answer>, StoreError> {
        Ok(rows!(
            self,
            fetch_optional,
            Answer,
            "SELECT tracker, host, comment_id, link, author, command, outcome, reply, taken_at FROM answers "
            "WHERE tracker = $1 AND host = $2 AND comment_id = $3",
            tracker,
            host,
            comment_id
        )?)
    }

    /// The same, when it is known by the number of the comment only.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn answer_by_comment(&mut self, comment_id: i64) -> Result<Option<Answer>, StoreError> {
        Ok(rows!(
            self,
            fetch_optional,
            Answer,
            "SELECT tracker, host, comment_id, link, author, command, outcome, reply, taken_at FROM answers "
            "WHERE comment_id = $1 ORDER BY taken_at DESC LIMIT 1",
            comment_id
        )?)
    }
}

impl Snapshot {
    /// Whether these words were said to somebody under the issue of a link, or are about to be.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn was_told(&mut self, link: &Link, author: &str, reply: &str) -> Result<bool, StoreError> {
        let told: i64 = value!(
            self,
            fetch_one,
            "SELECT count(*) FROM answers WHERE link = $1 AND author = $2 AND reply = $3",
            &link.ulid,
            author,
            reply
        )?;
        Ok(told > 0)
    }
}

impl UnitOfWork {
    /// Writes down what became of the commands of a comment.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it, also because the comment was taken before.
    pub async fn add_answer(&mut self, answer: &Answer) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO answers (tracker, host, comment_id, link, author, command, outcome, reply, taken_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &answer.tracker,
            &answer.host,
            answer.comment_id,
            &answer.link,
            &answer.author,
            &answer.command,
            answer.outcome,
            &answer.reply,
            answer.taken_at
        )?;
        Ok(())
    }

    /// Writes down that a comment was answered.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn was_answered(&mut self, answer: &Answer) -> Result<(), StoreError> {
        let now = self.stamp.recorded_at;
        execute!(
            self,
            "UPDATE answers SET replied_at = $1 WHERE tracker = $2 AND host = $3 AND comment_id = $4",
            now,
            &answer.tracker,
            &answer.host,
            answer.comment_id
        )?;
        Ok(())
    }

    /// Writes down that every comment was heard that was written under the issue of a link before `moment`.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not take it.
    pub async fn heard(&mut self, link: &Link, moment: DateTime<Utc>) -> Result<(), StoreError> {
        execute!(self, "UPDATE links SET heard_until = $1 WHERE ulid = $2", moment, &link.ulid)?;
        Ok(())
    }
}
