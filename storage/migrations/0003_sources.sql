-- How a source behaves, who asked for it, and what it brings besides articles.

ALTER TABLE sources ADD COLUMN moved_to TEXT;                        -- where permanent redirects lead; null: nowhere
ALTER TABLE sources ADD COLUMN moves SMALLINT NOT NULL DEFAULT 0;    -- how often in a row they led there
ALTER TABLE sources ADD COLUMN gap_ms BIGINT;                        -- usual time between two entries; null: not known
ALTER TABLE sources ADD COLUMN news_at BIGINT;                       -- when a reading last brought something new
ALTER TABLE sources ADD COLUMN newest_at BIGINT;                     -- date of the newest entry it ever listed
ALTER TABLE sources ADD COLUMN listed INTEGER NOT NULL DEFAULT 0;   -- how many entries its last reading listed
ALTER TABLE sources ADD COLUMN told TEXT NOT NULL DEFAULT '';        -- the trouble the operator was told of; '': none
ALTER TABLE sources ADD COLUMN community TEXT NOT NULL DEFAULT '';   -- the chat or server that asked for it
ALTER TABLE sources ADD COLUMN pending SMALLINT NOT NULL DEFAULT 0;  -- 1: waits for the operator's word

ALTER TABLE articles ADD COLUMN image TEXT NOT NULL DEFAULT '';

-- What a catalogue of exploited vulnerabilities lists.
CREATE TABLE exploited (
    cve TEXT NOT NULL,
    source BIGINT NOT NULL REFERENCES sources (id),
    added_at BIGINT,                      -- the catalogue's own date
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (cve, source)
);

ALTER TABLE holds ADD COLUMN announced_at BIGINT;    -- null: nobody was told of it yet
-- A reading that brought too much at once waits for somebody's word: the operator's for everybody, an administrator's
-- for their own chat or server.
CREATE INDEX holds_open ON holds (source) WHERE closed_at IS NULL;
CREATE TABLE held_articles (
    hold BIGINT NOT NULL REFERENCES holds (id),
    article BIGINT NOT NULL,
    PRIMARY KEY (hold, article)
);
CREATE TABLE hold_words (
    hold BIGINT NOT NULL REFERENCES holds (id),
    community TEXT NOT NULL,              -- '': everybody who has not said otherwise
    choice TEXT NOT NULL,                 -- release, digest, drop
    said_at BIGINT NOT NULL,
    done_at BIGINT,                       -- null: still to be carried out
    PRIMARY KEY (hold, community)
);
CREATE INDEX hold_words_open ON hold_words (hold) WHERE done_at IS NULL;
