-- The rest of an action's life: what people add, split and merge, waivers, deadlines that were missed, reviews of the effect, and
-- several reports that ask for one action.
-- Kept in step with ../postgres/0005_life.sql; see ../README.md.

-- Somebody added it; no revision of a report has it, so none lets it vanish.
ALTER TABLE actions ADD COLUMN added BOOLEAN NOT NULL DEFAULT FALSE;
-- The action that it was a part of.
ALTER TABLE actions ADD COLUMN split_from BIGINT REFERENCES actions (id);
-- The actions that it waits for: "CA-3 CA-17".
ALTER TABLE actions ADD COLUMN blocked_by TEXT NOT NULL DEFAULT '';
-- The day by which it is to have an owner.
ALTER TABLE actions ADD COLUMN assign_by DATE;
-- The last day of the waiver, who accepted the risk, and why. The history keeps those that ended.
ALTER TABLE actions ADD COLUMN waived_until DATE;
ALTER TABLE actions ADD COLUMN waived_by TEXT;
ALTER TABLE actions ADD COLUMN waiver_reason TEXT;
-- The day of the next review of its effect, and how many were held.
ALTER TABLE actions ADD COLUMN effectiveness_on DATE;
ALTER TABLE actions ADD COLUMN effectiveness_reviews BIGINT NOT NULL DEFAULT 0;

-- Deadlines that were missed: each is written down once, and stays.
CREATE TABLE breaches (
    action_id BIGINT NOT NULL REFERENCES actions (id),
    deadline TEXT NOT NULL CHECK (deadline IN ('assign', 'complete')),
    due_on DATE NOT NULL,
    recorded_at DATETIME NOT NULL,
    PRIMARY KEY (action_id, deadline, due_on)
);

-- Further reports that ask for an action: the same thing happened again.
CREATE TABLE action_reports (
    action_id BIGINT NOT NULL REFERENCES actions (id),
    report_id BIGINT NOT NULL REFERENCES reports (id),
    added_at DATETIME NOT NULL,
    PRIMARY KEY (action_id, report_id)
);
CREATE INDEX action_reports_report ON action_reports (report_id);
