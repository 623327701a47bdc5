-- Issues that were there already can be linked, and any link can be given up: then its row stays, so that its mark can be
-- taken out of the issue and is never given to another one. SQLite cannot change a CHECK, so the table is made anew.
-- Kept in step with ../postgres/0003_existing_issues.sql; see ../README.md.

CREATE TABLE links_next (
    ulid TEXT NOT NULL PRIMARY KEY,
    report_id BIGINT NOT NULL REFERENCES reports (id),
    -- Empty for a parent.
    action_id BIGINT REFERENCES actions (id),
    -- Which parent of the report: this one, or the one it hangs under. 0 where there are no parents.
    part BIGINT NOT NULL,
    tracker TEXT NOT NULL,
    host TEXT NOT NULL,
    repo TEXT NOT NULL,
    repo_id BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('intended', 'linked', 'unlinked')),
    -- Whether the issue was made for it, and was not there before.
    made_here BOOLEAN NOT NULL,
    issue_id BIGINT,
    node_id TEXT,
    number BIGINT,
    url TEXT,
    in_parent BOOLEAN NOT NULL,
    -- What the tracker said last.
    state TEXT,
    state_reason TEXT,
    -- What both sides agreed on last, as JSON: the base of the three-way merge.
    agreed TEXT,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);
INSERT INTO links_next (ulid, report_id, action_id, part, tracker, host, repo, repo_id, status, made_here, issue_id,
    node_id, number, url, in_parent, state, state_reason, agreed, created_at, updated_at)
SELECT ulid, report_id, action_id, part, tracker, host, repo, repo_id, status, TRUE, issue_id,
    node_id, number, url, in_parent, state, state_reason, agreed, created_at, updated_at FROM links;
DROP TABLE links;
ALTER TABLE links_next RENAME TO links;
-- What was given up stands in nobody's way.
CREATE UNIQUE INDEX links_action ON links (action_id) WHERE action_id IS NOT NULL AND status <> 'unlinked';
CREATE UNIQUE INDEX links_issue ON links (tracker, host, issue_id)
    WHERE issue_id IS NOT NULL AND status <> 'unlinked';
CREATE UNIQUE INDEX links_parent ON links (report_id, part) WHERE action_id IS NULL AND status <> 'unlinked';
