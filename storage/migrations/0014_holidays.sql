-- Public holidays are quiet all day, where a channel wants it.
ALTER TABLE channels ADD COLUMN holidays SMALLINT NOT NULL DEFAULT 0;
CREATE INDEX channels_holidays ON channels (quiet_until_at) WHERE holidays = 1;
