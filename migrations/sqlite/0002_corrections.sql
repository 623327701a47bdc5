-- What people corrected, so that no revision of a report takes it back; and the issue that an item of a report names.
-- Kept in step with ../postgres/0002_corrections.sql; see ../README.md.

-- The fields that a person set, in alphabetical order with spaces between: "category title".
ALTER TABLE actions ADD COLUMN corrected TEXT NOT NULL DEFAULT '';
-- The issue that does this already, as the report names it: an address, `owner/name#12`, `#12`, or a key.
ALTER TABLE actions ADD COLUMN tracked_in TEXT;

-- Until now a title was somebody's own when it was not the beginning of the text that was read.
UPDATE actions SET corrected = 'title'
WHERE NOT (
    substr(text, 1, length(title)) = title
    AND (
        ltrim(substr(text, length(title) + 1)) = ''
        OR substr(ltrim(substr(text, length(title) + 1)), 1, 1) IN (':', '：', '–', '—', '-')
    )
);
