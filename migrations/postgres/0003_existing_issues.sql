-- Issues that were there already can be linked, and any link can be given up: then its row stays, so that its mark can be
-- taken out of the issue and is never given to another one.
-- Kept in step with ../sqlite/0003_existing_issues.sql; see ../README.md.

-- Whether the issue was made for it, and was not there before.
ALTER TABLE links ADD COLUMN made_here BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE links ALTER COLUMN made_here DROP DEFAULT;
ALTER TABLE links DROP CONSTRAINT links_status_check;
ALTER TABLE links ADD CONSTRAINT links_status_check CHECK (status IN ('intended', 'linked', 'unlinked'));
-- What was given up stands in nobody's way.
ALTER TABLE links DROP CONSTRAINT links_action_id_key;
CREATE UNIQUE INDEX links_action ON links (action_id) WHERE action_id IS NOT NULL AND status <> 'unlinked';
DROP INDEX links_issue;
CREATE UNIQUE INDEX links_issue ON links (tracker, host, issue_id)
    WHERE issue_id IS NOT NULL AND status <> 'unlinked';
DROP INDEX links_parent;
CREATE UNIQUE INDEX links_parent ON links (report_id, part) WHERE action_id IS NULL AND status <> 'unlinked';
