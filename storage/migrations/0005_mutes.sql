-- A silence says whose it is, and from when: what it kept from a channel is explained after it has ended.
ALTER TABLE mutes ADD COLUMN name TEXT NOT NULL DEFAULT '';    -- encrypted
ALTER TABLE mutes ADD COLUMN since_at BIGINT NOT NULL DEFAULT 0;
