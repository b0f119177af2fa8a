-- Whether the people who answer for a channel were told that nothing can be written there: once, and once when it can.

ALTER TABLE channels ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
