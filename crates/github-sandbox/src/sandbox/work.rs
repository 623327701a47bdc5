//! What developers do: pull requests and commits that close issues, discussions, reactions.

use anyhow::Context as _;

use super::Sandbox;
use super::people::{issue, person, repo};
use crate::state::{CloseReason, Closer, CommentId, REACTIONS};

impl Sandbox {
    /// Merges a pull request; the issues it was said to close are closed by it.
    pub fn merge(&self, full_name: &str, number: u64, by: &str) -> anyhow::Result<()> {
        self.desk(|desk| {
            let pull = issue(&desk.world, full_name, number)?;
            let by = person(&mut desk.world, by);
            desk.world.merge(pull, by);
            Ok(())
        })
    }

    /// Says of a pull request that it will close an issue, of its own repository or another one.
    pub fn will_close(&self, full_name: &str, pull: u64, target: &str, number: u64) -> anyhow::Result<()> {
        self.desk(|desk| {
            let pull = issue(&desk.world, full_name, pull)?;
            let target = issue(&desk.world, target, number)?;
            desk.world.will_close(pull, target);
            Ok(())
        })
    }

    /// Opens a pull request that closes an issue of the same repository, merges it, and gives its number.
    pub fn close_by_pull_request(&self, full_name: &str, number: u64, by: &str) -> anyhow::Result<u64> {
        let pull = self.open_pull_request(full_name, by, &format!("Fixes #{number}"))?;
        self.will_close(full_name, pull, full_name, number)?;
        self.merge(full_name, pull, by)?;
        Ok(pull)
    }

    /// Closes an issue by a commit whose message says so.
    pub fn close_by_commit(&self, full_name: &str, number: u64, by: &str, oid: &str) -> anyhow::Result<()> {
        self.desk(|desk| {
            let id = issue(&desk.world, full_name, number)?;
            let by = person(&mut desk.world, by);
            let closer = Closer::Commit { repo: desk.world.issue(id).repo, oid: oid.to_owned() };
            desk.world.close_issue_by(id, by, CloseReason::Completed, Some(closer));
            Ok(())
        })
    }

    /// Makes a discussion of an issue, which closes it.
    pub fn convert_to_discussion(&self, full_name: &str, number: u64, by: &str) -> anyhow::Result<()> {
        self.desk(|desk| {
            let id = issue(&desk.world, full_name, number)?;
            let by = person(&mut desk.world, by);
            desk.world.convert_to_discussion(id, by);
            Ok(())
        })
    }

    /// Reacts to a comment.
    pub fn react(&self, full_name: &str, comment: u64, by: &str, content: &str) -> anyhow::Result<()> {
        self.desk(|desk| {
            let at = repo(&desk.world, full_name)?;
            let by = person(&mut desk.world, by);
            let content =
                REACTIONS.into_iter().find(|known| *known == content).context("there is no such reaction")?;
            let id = CommentId(comment);
            let issue = desk.world.comment(at, id).context("there is no such comment")?.0.id;
            desk.world.react(issue, id, by, content);
            Ok(())
        })
    }

    /// Changes a comment's text.
    pub fn edit_comment(&self, full_name: &str, comment: u64, text: &str) -> anyhow::Result<()> {
        self.desk(|desk| {
            let at = repo(&desk.world, full_name)?;
            let id = CommentId(comment);
            let issue = desk.world.comment(at, id).context("there is no such comment")?.0.id;
            desk.world.edit_comment(issue, id, text);
            Ok(())
        })
    }
}
