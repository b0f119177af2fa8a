-- What a language model wrote of a text, if there is a model. The same text is asked about once.
CREATE TABLE model_summaries (
    text_hash TEXT NOT NULL,              -- of what was shown
    model TEXT NOT NULL,
    summary TEXT NOT NULL,                -- '': refused
    refused TEXT NOT NULL,                -- why; '': it is shown
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (text_hash, model)
);
CREATE INDEX model_summaries_old ON model_summaries (asked_at);
-- The articles that had their turn, whatever came of it.
CREATE TABLE model_turns (
    article BIGINT PRIMARY KEY,           -- no reference: a text may be purged
    content_hash TEXT NOT NULL,           -- as it was then: a changed article has another turn
    model TEXT NOT NULL
);
CREATE TABLE model_calls (
    day INTEGER PRIMARY KEY,              -- since 1970, UTC
    calls INTEGER NOT NULL
);
