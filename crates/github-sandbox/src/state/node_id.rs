//! Global node ids, in the shape of GitHub's: a prefix and base64url of a MessagePack array of numbers.
//!
//! Invariant: `decode(encode(x)) == x`, so a node id needs no table and dies with the object it names.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{CommentId, IssueId, LabelId, RepoId, UserId};

/// What a node id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeRef {
    User(UserId),
    Repo(RepoId),
    Issue(RepoId, IssueId),
    PullRequest(RepoId, IssueId),
    Label(RepoId, LabelId),
    Comment(RepoId, CommentId),
    Event(RepoId, u64),
    Reaction(RepoId, u64),
    Milestone(RepoId, u64),
}

impl NodeRef {
    pub(crate) fn encode(self) -> String {
        let (prefix, first, second) = match self {
            Self::User(user) => ("U", user.0, None),
            Self::Repo(repo) => ("R", repo.0, None),
            Self::Issue(repo, issue) => ("I", repo.0, Some(issue.0)),
            Self::PullRequest(repo, issue) => ("PR", repo.0, Some(issue.0)),
            Self::Label(repo, label) => ("LA", repo.0, Some(label.0)),
            Self::Comment(repo, comment) => ("IC", repo.0, Some(comment.0)),
            Self::Milestone(repo, milestone) => ("MI", repo.0, Some(milestone)),
            Self::Reaction(repo, reaction) => ("REA", repo.0, Some(reaction)),
            Self::Event(repo, event) => ("EV", repo.0, Some(event)),
        };
        let mut bytes = vec![if second.is_some() { 0x93 } else { 0x92 }, 0x00];
        push(&mut bytes, first);
        if let Some(second) = second {
            push(&mut bytes, second);
        }
        format!("{prefix}_{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(crate) fn decode(id: &str) -> Option<Self> {
        let (prefix, rest) = id.split_once('_')?;
        let bytes = URL_SAFE_NO_PAD.decode(rest).ok()?;
        let (count, rest) = bytes.split_first()?;
        let rest = rest.strip_prefix(&[0x00])?;
        let (first, rest) = pull(rest)?;
        let (second, rest) = match count {
            0x92 => (None, rest),
            0x93 => pull(rest).map(|(second, rest)| (Some(second), rest))?,
            _ => return None,
        };
        if !rest.is_empty() {
            return None;
        }
        let repo = RepoId(first);
        match (prefix, second) {
            ("U", None) => Some(Self::User(UserId(first))),
            ("R", None) => Some(Self::Repo(repo)),
            ("I", Some(second)) => Some(Self::Issue(repo, IssueId(second))),
            ("PR", Some(second)) => Some(Self::PullRequest(repo, IssueId(second))),
            ("LA", Some(second)) => Some(Self::Label(repo, LabelId(second))),
            ("IC", Some(second)) => Some(Self::Comment(repo, CommentId(second))),
            ("MI", Some(second)) => Some(Self::Milestone(repo, second)),
            ("REA", Some(second)) => Some(Self::Reaction(repo, second)),
            ("EV", Some(second)) => Some(Self::Event(repo, second)),
            _ => None,
        }
    }
}

fn push(bytes: &mut Vec<u8>, number: u64) {
    match u32::try_from(number) {
        Ok(number) => {
            bytes.push(0xCE);
            bytes.extend(number.to_be_bytes());
        }
        Err(_) => {
            bytes.push(0xCF);
            bytes.extend(number.to_be_bytes());
        }
    }
}

fn pull(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (kind, rest) = bytes.split_first()?;
    match kind {
        0xCE => {
            let (number, rest) = rest.split_first_chunk::<4>()?;
            Some((u64::from(u32::from_be_bytes(*number)), rest))
        }
        0xCF => {
            let (number, rest) = rest.split_first_chunk::<8>()?;
            Some((u64::from_be_bytes(*number), rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_id_names_what_it_was_made_from() {
        let issue = NodeRef::Issue(RepoId(1_030_000_001), IssueId(4_295_967_297));
        let id = issue.encode();
        assert!(id.starts_with("I_kwDO"), "{id}");
        assert_eq!(NodeRef::decode(&id), Some(issue));
        let repo = NodeRef::Repo(RepoId(7));
        assert!(repo.encode().starts_with("R_kgDO"), "{}", repo.encode());
        assert_eq!(NodeRef::decode(&repo.encode()), Some(repo));
        assert_eq!(NodeRef::decode("I_nonsense"), None);
        assert_eq!(NodeRef::decode(""), None);
    }
}
