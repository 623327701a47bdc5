-- What is needed to keep two sides in step whatever people and GitHub do: what the last look told of an issue, where both
-- sides disagree, what shows that the work was done, what webhooks hinted at, commands in comments, and how a credential
-- stands with its host. SQLite cannot change a CHECK, so the outbox is made anew.
-- Kept in step with ../postgres/0004_both_sides.sql; see ../README.md.

-- When a webhook said that something happened to the issue; empty again once somebody has looked since.
ALTER TABLE links ADD COLUMN hinted_at DATETIME;
-- Since when the issue is not where it was, and in which way; it counts as gone only after a second look.
ALTER TABLE links ADD COLUMN missing_since DATETIME;
ALTER TABLE links ADD COLUMN missing_as TEXT CHECK (missing_as IN ('deleted', 'hidden'));
ALTER TABLE links ADD COLUMN gone_at DATETIME;
-- Up to which moment of the tracker's clock its comments were read for commands.
ALTER TABLE links ADD COLUMN heard_until DATETIME;

-- The numbers of marked issues that belong to nothing here, as a JSON array: a person said to leave them alone.
ALTER TABLE repositories ADD COLUMN left_alone TEXT NOT NULL DEFAULT '[]';

-- Where both sides changed the same thing in different ways, or where a person has to say which of two is right.
CREATE TABLE conflicts (
    id BIGINT NOT NULL PRIMARY KEY,
    -- The link, by its ULID.
    link TEXT NOT NULL,
    action_id BIGINT REFERENCES actions (id),
    report_id BIGINT NOT NULL REFERENCES reports (id),
    field TEXT NOT NULL CHECK (field IN ('title', 'owner', 'state', 'text', 'duplicate')),
    -- What both agreed on last, what each side says, and which of the two counts until a person decides.
    base TEXT,
    ours TEXT,
    theirs TEXT,
    kept TEXT NOT NULL CHECK (kept IN ('ours', 'theirs')),
    found_at DATETIME NOT NULL,
    settled_at DATETIME,
    settled_by TEXT,
    settled_as TEXT CHECK (settled_as IN ('ours', 'theirs'))
);
CREATE UNIQUE INDEX conflicts_open ON conflicts (link, field) WHERE settled_at IS NULL;
CREATE INDEX conflicts_action ON conflicts (action_id) WHERE settled_at IS NULL;
INSERT INTO counters (name, value) VALUES ('conflict', 0), ('evidence', 0);

-- What shows that an action was done.
CREATE TABLE evidence (
    id BIGINT NOT NULL PRIMARY KEY,
    action_id BIGINT NOT NULL REFERENCES actions (id),
    kind TEXT NOT NULL CHECK (kind IN ('pull_request', 'commit', 'document', 'test_run')),
    url TEXT NOT NULL,
    note TEXT,
    -- Its own day: when it was merged, written, or run.
    dated_on DATE,
    digest TEXT,
    added_by TEXT NOT NULL,
    added_by_kind TEXT NOT NULL,
    created_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX evidence_once ON evidence (action_id, url);

-- Deliveries of webhooks, each once. They are hints: what they say is never applied, the issue is looked at instead.
CREATE TABLE deliveries (
    guid TEXT NOT NULL PRIMARY KEY,
    event TEXT NOT NULL,
    action TEXT,
    -- The issue and repository that it names, where it names one.
    issue_id BIGINT,
    repo_id BIGINT,
    -- How many links were marked to be looked at.
    hinted BIGINT NOT NULL,
    received_at DATETIME NOT NULL
);
CREATE INDEX deliveries_received ON deliveries (received_at);

-- Commands that people wrote into comments of issues, each taken once.
CREATE TABLE answers (
    tracker TEXT NOT NULL,
    host TEXT NOT NULL,
    comment_id BIGINT NOT NULL,
    link TEXT NOT NULL,
    author TEXT NOT NULL,
    -- The line as it was written.
    command TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('taken', 'refused')),
    -- What is to be said about it; empty where a reaction says it all.
    reply TEXT,
    taken_at DATETIME NOT NULL,
    replied_at DATETIME,
    PRIMARY KEY (tracker, host, comment_id)
);

-- How a credential stands with its host. It is told from others by a digest, never by the token itself. Pauses that were
-- running are not taken over: nobody knows whose they were, and the next answer says so again.
CREATE TABLE credentials (
    host TEXT NOT NULL,
    credential TEXT NOT NULL,
    -- Until when the host asked it to wait.
    paused_until DATETIME,
    pause_reason TEXT,
    -- How often in a row it asked to wait without saying how long.
    untold BIGINT NOT NULL DEFAULT 0,
    -- The hour's budget, where what is left of it is kept for people.
    rate_limit BIGINT,
    rate_remaining BIGINT,
    rate_reset_at DATETIME,
    -- Failures in a row, since when, and until when only one try is made.
    failures BIGINT NOT NULL DEFAULT 0,
    failing_since DATETIME,
    closed_until DATETIME,
    -- How often the pace of creates was halved, and how many went well since.
    slowed BIGINT NOT NULL DEFAULT 0,
    clean_creates BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (host, credential)
);
DROP TABLE pauses;

-- Where reading what changed in a repository got to, on servers that cannot look up many issues at once.
CREATE TABLE cursors (
    tracker TEXT NOT NULL,
    host TEXT NOT NULL,
    repo_id BIGINT NOT NULL,
    -- On the host's clock: what changed there before this was taken over. Empty until the first reading.
    since DATETIME,
    -- What the last answer was tagged with, and the credential that it was given to: a tag is good for no other.
    etag TEXT,
    credential TEXT,
    -- When every linked issue there was looked at itself last.
    looked_at DATETIME,
    PRIMARY KEY (tracker, host, repo_id)
);

CREATE TABLE outbox_next (
    id BIGINT NOT NULL PRIMARY KEY,
    -- `settle` carries out what a person decided about a conflict, `answer` replies to a comment.
    kind TEXT NOT NULL CHECK (kind IN ('prepare', 'create', 'update', 'settle', 'answer')),
    -- The ULID of the link; the repository of a `prepare`; the number of the conflict, the comment of an `answer`.
    subject TEXT NOT NULL,
    -- Rows of one lane are sent one after the other.
    lane TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'unknown', 'done', 'needs_human')),
    attempt BIGINT NOT NULL,
    not_before DATETIME,
    first_sent_at DATETIME,
    -- When the attempt whose outcome is unknown ended.
    ended_at DATETIME,
    scans BIGINT NOT NULL,
    last_error TEXT,
    -- What a person can do about it.
    command TEXT,
    request_id TEXT,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);
INSERT INTO outbox_next (id, kind, subject, lane, state, attempt, not_before, first_sent_at, ended_at, scans, last_error,
    command, request_id, created_at, updated_at)
SELECT id, kind, subject, lane, state, attempt, not_before, first_sent_at, ended_at, scans, last_error,
    command, request_id, created_at, updated_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_next RENAME TO outbox;
-- At most one in flight per lane, whoever sends.
CREATE UNIQUE INDEX outbox_in_flight ON outbox (lane) WHERE state IN ('sending', 'unknown');
-- A subject is created once, ever.
CREATE UNIQUE INDEX outbox_create ON outbox (subject) WHERE kind = 'create';
-- Changes that were not sent yet are one row: what is sent is derived from the state when it is sent.
CREATE UNIQUE INDEX outbox_pending ON outbox (kind, subject) WHERE state = 'pending';
CREATE INDEX outbox_lane ON outbox (lane, first_sent_at);
CREATE INDEX outbox_live ON outbox (id) WHERE state IN ('pending', 'sending', 'unknown', 'needs_human');
CREATE INDEX outbox_subject ON outbox (subject);
-- Which of a lane goes first.
CREATE INDEX outbox_waiting ON outbox (lane, id) WHERE state = 'pending';
CREATE INDEX links_report ON links (report_id);
CREATE INDEX links_number ON links (repo_id, number);
