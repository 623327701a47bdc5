//! The REST shape of a repository.

use serde_json::{Value, json};

use super::{Shapes, merge, time};
use crate::state::{Issue, NodeRef, Permission, Repo, UserId, UserKind};

impl Shapes<'_> {
    /// A pull request as webhooks have it: what it shares with issues, and its two ends.
    pub(crate) fn pull_request(&self, pull: &Issue) -> Value {
        let repo = self.world.repo(pull.repo);
        let mut value = self.issue(pull);
        let links = value["pull_request"].take();
        let end = |name: &str| {
            json!({
                "label": format!("{}:{name}", repo.owner_login), "ref": name, "sha": format!("{:040x}", pull.id.0),
                "user": self.user(repo.owner), "repo": self.repository(repo, None),
            })
        };
        if let Some(members) = value.as_object_mut() {
            for name in
                ["pull_request", "repository_url", "labels_url", "events_url", "timeline_url", "state_reason"]
            {
                members.remove(name);
            }
        }
        merge(&mut value, links);
        merge(
            &mut value,
            json!({
                "issue_url": self.issue_url(pull), "merged": pull.merged_at.is_some(),
                "head": end(&format!("change-{}", pull.number)), "base": end("main"),
                "merged_by": pull.merged_at.and(pull.closed_by).map(|by| self.user(by)),
                "commits": 1, "additions": 1, "deletions": 1, "changed_files": 1,
            }),
        );
        value
    }

    pub(crate) fn repository(&self, repo: &Repo, viewer: Option<UserId>) -> Value {
        let url = self.repo_url(repo);
        let html_url = format!("{}/{}", self.html(), repo.full_name());
        let open = repo.numbers.values().filter(|id| self.world.issue(**id).closed.is_none()).count();
        let may = self.world.permission(repo.id, viewer);
        let at = time(repo.updated_at);
        let mut value = json!({
            "id": repo.id.0,
            "node_id": NodeRef::Repo(repo.id).encode(),
            "name": repo.name,
            "full_name": repo.full_name(),
            "private": repo.private,
            "visibility": if repo.private { "private" } else { "public" },
            "owner": self.user(repo.owner),
            "html_url": html_url,
            "url": url,
            "description": null, "homepage": null, "language": null, "license": null, "mirror_url": null,
            "fork": false, "is_template": false, "disabled": false, "web_commit_signoff_required": false,
            "allow_forking": true, "topics": [], "default_branch": "main", "size": 0,
            "archived": repo.archived,
            "has_issues": repo.issues_enabled,
            "has_projects": true, "has_wiki": false, "has_pages": false, "has_discussions": false,
            "has_downloads": true,
            "forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers": 0, "watchers_count": 0,
            "network_count": 0, "subscribers_count": 0,
            "open_issues": open,
            "open_issues_count": open,
            "created_at": time(repo.created_at),
            "updated_at": at,
            "pushed_at": at,
            "permissions": {
                "admin": may >= Permission::Admin,
                "maintain": may >= Permission::Admin,
                "push": may >= Permission::Write,
                "triage": may >= Permission::Triage,
                "pull": may >= Permission::Read,
            },
            "clone_url": format!("{html_url}.git"),
            "git_url": format!("git://127.0.0.1/{}.git", repo.full_name()),
            "ssh_url": format!("git@127.0.0.1:{}.git", repo.full_name()),
            "svn_url": html_url,
        });
        for (name, path) in LINKS {
            merge(&mut value, json!({ *name: format!("{url}{path}") }));
        }
        if self.world.user(repo.owner).kind == UserKind::Organization {
            merge(&mut value, json!({"organization": self.user(repo.owner)}));
        }
        value
    }
}

/// Members that are the repository's address with something behind it.
const LINKS: &[(&str, &str)] = &[
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
];
