-- What a source says on every page, learned from its own articles (bot/text/boilerplate.py): one row a source, a few
-- kilobytes, read and written whole when it brings something new.
CREATE TABLE boilerplate (
    source BIGINT PRIMARY KEY REFERENCES sources (id),
    lines TEXT NOT NULL                   -- hash and count of each line, the line seen last at the end
);
