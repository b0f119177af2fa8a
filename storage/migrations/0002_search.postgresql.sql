-- The full text: stems, made by bot/text/analyse.py, so `simple` has only to cut at spaces. A: title, B: body.
CREATE TABLE search (
    article BIGINT PRIMARY KEY,
    words TSVECTOR NOT NULL
);
INSERT INTO search (article, words)
SELECT id, setweight(to_tsvector('simple', split_part(stems, E'\n', 1)), 'A')
    || setweight(to_tsvector('simple', split_part(stems, E'\n', 2)), 'B') FROM articles;
CREATE INDEX search_words ON search USING GIN (words);

CREATE TABLE article_names (
    kind TEXT NOT NULL,                   -- author, genre (folded), reference ('CERTFR-2026-ALE-001')
    name TEXT NOT NULL,
    article BIGINT NOT NULL,
    PRIMARY KEY (kind, name, article)
);
CREATE INDEX article_names_article ON article_names (article);
-- Accents stay here; they go when the article is next understood.
INSERT INTO article_names (kind, name, article)
SELECT DISTINCT 'author', lower(left(j.value, 200)), a.id FROM articles a, jsonb_array_elements_text(a.authors::jsonb) j;
INSERT INTO article_names (kind, name, article) SELECT 'genre', lower(left(genre, 200)), id FROM articles WHERE genre <> '';

CREATE TABLE imports (
    external_id TEXT PRIMARY KEY,         -- the id of the file, as JSON: 7 and "7" are two
    article BIGINT NOT NULL
);
CREATE INDEX imports_article ON imports (article);
