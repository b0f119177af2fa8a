-- What people were last told of a deadline, and what an agency merely repeated. What is known already was said once.
ALTER TABLE deadlines ADD COLUMN agreed TEXT NOT NULL DEFAULT '';       -- the last date all who count gave, as JSON; '': none
ALTER TABLE deadlines ADD COLUMN changes BIGINT NOT NULL DEFAULT 0;     -- of what is said of it: only ever grows
ALTER TABLE deadlines ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
UPDATE deadlines SET changes = 1, changed_at = COALESCE((
    SELECT MAX(CASE WHEN c.learned_at > c.seen_at THEN c.learned_at ELSE c.seen_at END) FROM claims c
    WHERE c.deadline = deadlines.id
), 0);
ALTER TABLE claims ADD COLUMN stale SMALLINT NOT NULL DEFAULT 0;        -- 1: a source that said the same has taken it back since
-- Days before a deadline on which a channel is reminded of it; '': never
ALTER TABLE channels ADD COLUMN reminders TEXT NOT NULL DEFAULT '30 14 7 2 1';
CREATE INDEX channels_habits ON channels (timezone, reminders);
