-- What a deadline is of, and whose word each claim is. Nothing was ever written into the two tables before this.
DROP TABLE claims;
DROP TABLE deadlines;
CREATE TABLE deadlines (
    id {identity},
    programme TEXT NOT NULL,
    stage TEXT NOT NULL,
    edge TEXT NOT NULL,
    region TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL,                -- what it is of, folded; of no programme, the story comes first
    UNIQUE (programme, stage, edge, region, subject)
);
CREATE TABLE claims (
    deadline BIGINT NOT NULL REFERENCES deadlines (id),
    source BIGINT NOT NULL,
    article BIGINT NOT NULL,
    date_at BIGINT NOT NULL,              -- of a day without an hour: midnight UTC of that very day
    precision_of TEXT NOT NULL,
    what TEXT NOT NULL,
    phrase TEXT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    official SMALLINT NOT NULL DEFAULT 0, -- the source spoke for itself
    seen_at BIGINT NOT NULL,              -- when it was said
    learned_at BIGINT NOT NULL DEFAULT 0, -- when we knew
    PRIMARY KEY (deadline, source, article)
);
CREATE INDEX claims_date ON claims (date_at);
CREATE INDEX claims_article ON claims (article);
