-- What follows an alert in a channel: after how long it is said again if nobody took it, and whether it gets a thread.
ALTER TABLE channels ADD COLUMN nudge SMALLINT NOT NULL DEFAULT 30;    -- minutes; 0: never
ALTER TABLE channels ADD COLUMN threads SMALLINT NOT NULL DEFAULT 0;
