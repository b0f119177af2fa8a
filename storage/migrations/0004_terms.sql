-- The words that articles hold, for repairing typing errors. Learnt in the background, some articles at a time.
CREATE TABLE terms (
    word TEXT PRIMARY KEY,                -- folded: lower case, no accents
    said TEXT NOT NULL,                   -- as an article writes it, in lower case
    initial TEXT NOT NULL,                -- its first letter
    size SMALLINT NOT NULL,               -- how many letters
    articles BIGINT NOT NULL              -- about how many hold it: what is revised or deleted is not taken back
);
CREATE INDEX terms_near ON terms (initial, size, articles);
CREATE TABLE terms_learnt (
    upto BIGINT NOT NULL                  -- one row: the number of the last article whose words are known
);
INSERT INTO terms_learnt (upto) VALUES (0);
