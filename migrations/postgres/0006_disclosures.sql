-- What people decided about texts that are not for everybody. The texts themselves are not kept.
-- Kept in step with ../sqlite/0006_disclosures.sql; see ../README.md.

CREATE TABLE disclosures (
    -- `CA-7` or `IR-3`.
    subject TEXT NOT NULL,
    -- A keyed digest of the class and the text: a decision holds for the very text that it was made about.
    digest TEXT NOT NULL,
    class TEXT NOT NULL CHECK (class IN ('secret', 'email', 'private_address')),
    decision TEXT NOT NULL CHECK (decision IN ('redacted', 'as_written')),
    PRIMARY KEY (subject, digest)
);
