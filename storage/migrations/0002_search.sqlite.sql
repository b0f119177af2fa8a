-- The full text: stems, made by bot/text/analyse.py, so the tokenizer has only to cut at spaces. Not contentless: SQLite
-- 3.40 cannot delete from such a table.
CREATE VIRTUAL TABLE search USING fts5(title, body, tokenize = "unicode61 remove_diacritics 0");
INSERT INTO search (rowid, title, body)
SELECT id, substr(stems, 1, instr(stems, char(10)) - 1), substr(stems, instr(stems, char(10)) + 1) FROM articles;

CREATE TABLE article_names (
    kind TEXT NOT NULL,                   -- author, genre (folded), reference ('CERTFR-2026-ALE-001')
    name TEXT NOT NULL,
    article BIGINT NOT NULL,
    PRIMARY KEY (kind, name, article)
);
CREATE INDEX article_names_article ON article_names (article);
-- Accents stay here; they go when the article is next understood.
INSERT OR IGNORE INTO article_names (kind, name, article)
SELECT 'author', lower(j.value), a.id FROM articles a, json_each(a.authors) j;
INSERT OR IGNORE INTO article_names (kind, name, article) SELECT 'genre', lower(genre), id FROM articles WHERE genre <> '';

CREATE TABLE imports (
    external_id TEXT PRIMARY KEY,         -- the id of the file, as JSON: 7 and "7" are two
    article BIGINT NOT NULL
);
CREATE INDEX imports_article ON imports (article);
