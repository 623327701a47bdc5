-- The spine: reports, actions, their history, their issues, and what is still to be sent.
-- Kept in step with ../sqlite/0001_spine.sql; see ../README.md.

-- What this database is: its own identity and the key of its markers.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Numbers without gaps, taken in the transaction that uses them.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('action', 0), ('report', 0), ('outbox', 0);

CREATE TABLE reports (
    id BIGINT NOT NULL PRIMARY KEY,
    ulid TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    revision BIGINT NOT NULL,
    format TEXT NOT NULL,
    incident_date DATE,
    report_date DATE,
    started_at TIMESTAMPTZ,
    resolved_at TIMESTAMPTZ,
    duration_minutes BIGINT,
    severity TEXT NOT NULL CHECK (severity IN ('sev1', 'sev2', 'sev3', 'sev4', 'unknown')),
    -- Whether a person said so; then a revision of the report does not change it.
    severity_set BOOLEAN NOT NULL,
    root_cause TEXT,
    repo TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
-- What a report that comes in may be a revision of.
CREATE INDEX reports_digest ON reports (digest);
CREATE INDEX reports_incident_date ON reports (incident_date);
CREATE INDEX reports_source ON reports (source);

CREATE TABLE report_people (
    report_id BIGINT NOT NULL REFERENCES reports (id),
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    role TEXT,
    login TEXT,
    PRIMARY KEY (report_id, position)
);

CREATE TABLE actions (
    id BIGINT NOT NULL PRIMARY KEY,
    ulid TEXT NOT NULL UNIQUE,
    report_id BIGINT NOT NULL REFERENCES reports (id),
    title TEXT NOT NULL,
    description TEXT,
    text TEXT NOT NULL,
    quote TEXT NOT NULL,
    section TEXT,
    line BIGINT NOT NULL,
    kind TEXT NOT NULL,
    category TEXT NOT NULL,
    priority TEXT NOT NULL CHECK (priority IN ('urgent', 'high', 'medium', 'low')),
    state TEXT NOT NULL CHECK (state IN
        ('proposed', 'open', 'in_progress', 'blocked', 'done', 'verified', 'waived', 'dropped')),
    resume_state TEXT CHECK (resume_state IN ('open', 'in_progress')),
    disposition TEXT CHECK (disposition IN ('declined', 'duplicate', 'superseded', 'obsolete', 'not_planned')),
    duplicate_of BIGINT REFERENCES actions (id),
    owner TEXT,
    owner_text TEXT,
    team TEXT,
    verifier TEXT,
    due_on DATE,
    original_due_on DATE,
    policy_due_on DATE,
    due_moves BIGINT NOT NULL,
    due_text TEXT,
    reported_done BOOLEAN,
    vanished BOOLEAN NOT NULL,
    accepted_at TIMESTAMPTZ,
    done_at TIMESTAMPTZ,
    verified_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX actions_report ON actions (report_id);
-- The overdue list: only these three states can be overdue.
CREATE INDEX actions_due ON actions (due_on) WHERE state IN ('open', 'in_progress', 'blocked');

-- The history: append-only, without gaps, chained by hashes. See docs/history.md for the canonical form.
CREATE TABLE events (
    seq BIGINT NOT NULL PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    actor TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    declared BOOLEAN NOT NULL,
    os_user TEXT NOT NULL,
    fixed_clock BOOLEAN NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX events_subject ON events (subject, seq);

-- The words of people in an event, as JSON: {"owner":{"salt":"…","value":"…"}}. The event itself holds only a salted
-- digest of each, so that a value can be erased (then it is null) and the chain still holds.
CREATE TABLE event_texts (
    seq BIGINT NOT NULL PRIMARY KEY REFERENCES events (seq),
    texts TEXT NOT NULL
);

-- One row: the end of the chain. Its update serialises the writers, so that the chain cannot fork.
CREATE TABLE event_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO event_head (id, seq, hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- A repository that was looked at before anything was published into it.
CREATE TABLE repositories (
    tracker TEXT NOT NULL,
    host TEXT NOT NULL,
    repo_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    -- The labels known to be there, as a JSON array.
    labels TEXT NOT NULL,
    checked_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (tracker, host, repo_id)
);

-- The tie between an action, or a report's parent, and its issue. Made when publishing is decided.
CREATE TABLE links (
    ulid TEXT NOT NULL PRIMARY KEY,
    report_id BIGINT NOT NULL REFERENCES reports (id),
    -- Empty for a parent.
    action_id BIGINT UNIQUE REFERENCES actions (id),
    -- Which parent of the report: this one, or the one it hangs under. 0 where there are no parents.
    part BIGINT NOT NULL,
    tracker TEXT NOT NULL,
    host TEXT NOT NULL,
    repo TEXT NOT NULL,
    repo_id BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('intended', 'linked')),
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
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX links_issue ON links (tracker, host, issue_id) WHERE issue_id IS NOT NULL;
CREATE UNIQUE INDEX links_parent ON links (report_id, part) WHERE action_id IS NULL;

-- What is still to be sent. A row is written in the transaction of the change that causes it.
CREATE TABLE outbox (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('prepare', 'create', 'update')),
    -- The ULID of the link, or the repository of a `prepare`.
    subject TEXT NOT NULL,
    -- Rows of one lane are sent one after the other.
    lane TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'unknown', 'done', 'needs_human')),
    attempt BIGINT NOT NULL,
    not_before TIMESTAMPTZ,
    first_sent_at TIMESTAMPTZ,
    -- When the attempt whose outcome is unknown ended.
    ended_at TIMESTAMPTZ,
    scans BIGINT NOT NULL,
    last_error TEXT,
    -- What a person can do about it.
    command TEXT,
    request_id TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
-- At most one in flight per lane, whoever sends.
CREATE UNIQUE INDEX outbox_in_flight ON outbox (lane) WHERE state IN ('sending', 'unknown');
-- A subject is created once, ever.
CREATE UNIQUE INDEX outbox_create ON outbox (subject) WHERE kind = 'create';
-- Changes that were not sent yet are one row: what is sent is derived from the state when it is sent.
CREATE UNIQUE INDEX outbox_pending ON outbox (kind, subject) WHERE state = 'pending';
CREATE INDEX outbox_lane ON outbox (lane, first_sent_at);
CREATE INDEX outbox_live ON outbox (id) WHERE state IN ('pending', 'sending', 'unknown', 'needs_human');

-- The creates of the last hour, so that the pace holds across processes and restarts.
CREATE TABLE sends (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host TEXT NOT NULL,
    sent_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sends_recent ON sends (host, sent_at);

-- Until when a tracker asked us to wait.
CREATE TABLE pauses (
    host TEXT NOT NULL PRIMARY KEY,
    until TIMESTAMPTZ NOT NULL,
    reason TEXT NOT NULL
);

-- The issues of the `local` tracker.
CREATE TABLE local_issues (
    id BIGINT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    state_reason TEXT,
    labels TEXT NOT NULL,
    assignees TEXT NOT NULL,
    parent_id BIGINT REFERENCES local_issues (id),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ
);
INSERT INTO counters (name, value) VALUES ('local_issue', 0);
