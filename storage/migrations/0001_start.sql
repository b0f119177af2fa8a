-- Times are BIGINT milliseconds UTC, states SMALLINT, JSON is TEXT. {identity} is the one difference of the dialects here.

CREATE TABLE sources (
    id {identity},
    slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT '',        -- '': found out at the first reading
    language TEXT,
    topics TEXT NOT NULL DEFAULT '[]',
    trust TEXT NOT NULL DEFAULT 'other',
    every_ms BIGINT,                      -- null: the source's own rhythm
    options TEXT NOT NULL DEFAULT '{}',
    origin TEXT NOT NULL,                 -- file, chat, command line; a file owns its slugs
    etag TEXT,
    last_modified TEXT,
    body_hash TEXT,
    next_fetch_at BIGINT NOT NULL DEFAULT 0,
    claimed_until BIGINT NOT NULL DEFAULT 0,
    interval_ms BIGINT,                   -- its own rhythm, as far as it is known
    fails INTEGER NOT NULL DEFAULT 0,
    last_success_at BIGINT,               -- null: the first reading is not complete, and posts nothing
    last_error TEXT,
    enabled SMALLINT NOT NULL DEFAULT 1,
    UNIQUE (url, kind)
);
CREATE INDEX sources_due ON sources (next_fetch_at) WHERE enabled = 1;

CREATE TABLE stories (
    id {identity},
    first_article BIGINT,
    best_article BIGINT,
    last_at BIGINT NOT NULL
);

CREATE TABLE articles (
    id {identity},
    source BIGINT NOT NULL REFERENCES sources (id),
    story BIGINT NOT NULL REFERENCES stories (id),
    url TEXT NOT NULL,
    url_key TEXT NOT NULL,                -- canonical address: proposes a merge, does not force it
    content_hash TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    title TEXT NOT NULL,
    authors TEXT NOT NULL DEFAULT '[]',
    genre TEXT NOT NULL DEFAULT '',
    chapeau TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL DEFAULT '',
    summary TEXT NOT NULL DEFAULT '',
    long_summary TEXT NOT NULL DEFAULT '',
    stems TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL,
    alert_type TEXT,
    severity SMALLINT,
    signals TEXT NOT NULL DEFAULT '[]',
    cvss DOUBLE PRECISION,
    exploited SMALLINT NOT NULL DEFAULT 0,
    published_at BIGINT,                  -- null: the page gives no date
    sorted_at BIGINT NOT NULL,            -- published_at, or first_seen_at
    first_seen_at BIGINT NOT NULL,
    analyser INTEGER NOT NULL
);
CREATE INDEX articles_newest ON articles (sorted_at DESC, id DESC);
CREATE INDEX articles_url ON articles (url_key);
CREATE INDEX articles_story ON articles (story);

CREATE TABLE sightings (
    source BIGINT NOT NULL REFERENCES sources (id),
    entry_key TEXT NOT NULL,
    article BIGINT NOT NULL,              -- no reference: identity outlives purged text
    content_hash TEXT NOT NULL DEFAULT '',  -- of what this source says under this key
    seen_at BIGINT NOT NULL,
    UNIQUE (source, entry_key)
);
CREATE INDEX sightings_article ON sightings (article, source);

CREATE TABLE article_topics (
    article BIGINT NOT NULL,
    topic TEXT NOT NULL,
    PRIMARY KEY (topic, article)
);
CREATE INDEX article_topics_article ON article_topics (article);
CREATE TABLE article_cves (
    article BIGINT NOT NULL,
    cve TEXT NOT NULL,
    PRIMARY KEY (cve, article)
);
CREATE INDEX article_cves_article ON article_cves (article);
CREATE TABLE article_products (
    article BIGINT NOT NULL,
    vendor TEXT NOT NULL,
    product TEXT NOT NULL,
    PRIMARY KEY (vendor, product, article)
);
CREATE INDEX article_products_article ON article_products (article);

CREATE TABLE story_terms (
    term TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    article BIGINT NOT NULL,
    weight DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (term, published_at, article)
);

CREATE TABLE channels (
    id {identity},
    platform TEXT NOT NULL,
    external_id TEXT NOT NULL,
    thread_id TEXT NOT NULL DEFAULT '',
    community TEXT NOT NULL,
    lane TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    is_group SMALLINT NOT NULL DEFAULT 1,
    language TEXT NOT NULL,
    timezone TEXT NOT NULL,
    quiet TEXT NOT NULL DEFAULT '',       -- '22:00-07:00', the channel's own clock
    quiet_from_at BIGINT NOT NULL DEFAULT 0,  -- the window that is running or comes next, kept by the planner
    quiet_until_at BIGINT NOT NULL DEFAULT 0,
    daily_at TEXT NOT NULL DEFAULT '07:30',
    weekly_at TEXT NOT NULL DEFAULT '08:30',
    weekly_on SMALLINT NOT NULL DEFAULT 0,
    role TEXT NOT NULL DEFAULT '',
    long_posts SMALLINT NOT NULL DEFAULT 0,
    not_before BIGINT NOT NULL DEFAULT 0,
    paused_until BIGINT NOT NULL DEFAULT 0,
    state SMALLINT NOT NULL DEFAULT 0,
    UNIQUE (platform, external_id, thread_id)
);
CREATE INDEX channels_quiet ON channels (quiet_until_at) WHERE quiet <> '';
CREATE INDEX channels_community ON channels (community);

CREATE TABLE rules (
    id {identity},
    canonical TEXT NOT NULL UNIQUE
);
CREATE TABLE anchors (
    anchor TEXT NOT NULL,
    rule BIGINT NOT NULL REFERENCES rules (id),
    PRIMARY KEY (anchor, rule)
);
CREATE TABLE subscriptions (
    rule BIGINT NOT NULL REFERENCES rules (id),
    channel BIGINT NOT NULL REFERENCES channels (id),
    how SMALLINT NOT NULL,                -- 0 now, 1 daily, 2 weekly
    silent SMALLINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (rule, channel)
);
CREATE INDEX subscriptions_channel ON subscriptions (channel);

CREATE TABLE watchlists (
    community TEXT NOT NULL,
    vendor TEXT NOT NULL,
    product TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (community, vendor, product)
);

CREATE TABLE posts (
    id {identity},
    post_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    prio SMALLINT NOT NULL,
    payload TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    fan_cursor BIGINT                     -- null: all its deliveries are written
);

CREATE TABLE deliveries (
    post BIGINT NOT NULL REFERENCES posts (id),
    channel BIGINT NOT NULL REFERENCES channels (id),
    lane TEXT NOT NULL,
    prio SMALLINT NOT NULL,
    state SMALLINT NOT NULL,              -- 0 held, 1 todo, 2 sent, 3 failed, 4 dropped, 5 unknown
    silent SMALLINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL DEFAULT 0,
    attempts SMALLINT NOT NULL DEFAULT 0,
    doubts SMALLINT NOT NULL DEFAULT 0,
    attempted_at BIGINT,
    message_ref TEXT,
    revision INTEGER NOT NULL DEFAULT 1,  -- what the message should show
    shown INTEGER NOT NULL DEFAULT 0,     -- what it shows
    rule BIGINT,
    reason TEXT NOT NULL DEFAULT '',
    error TEXT,
    sent_at BIGINT,
    PRIMARY KEY (post, channel)
);
-- Held rows have an index of their own: 50 due rows behind 400,000 held ones cost 0.02 ms with it, 98 ms without.
-- With the state at its end an index answers alone: SQLite does not conclude it from the condition.
CREATE INDEX deliveries_todo ON deliveries (lane, prio, post, channel, state) WHERE state = 1;
CREATE INDEX deliveries_held ON deliveries (due_at, channel, state) WHERE state = 0;
CREATE INDEX deliveries_held_channel ON deliveries (channel, due_at) WHERE state = 0;
CREATE INDEX deliveries_todo_channel ON deliveries (channel) WHERE state = 1;
CREATE INDEX deliveries_edits ON deliveries (lane, post, channel) WHERE state = 2 AND shown < revision;
CREATE INDEX deliveries_trouble ON deliveries (state, channel) WHERE state IN (3, 5);

CREATE TABLE deadlines (
    id {identity},
    programme TEXT NOT NULL,
    stage TEXT NOT NULL,
    edge TEXT NOT NULL,
    region TEXT NOT NULL DEFAULT '',
    UNIQUE (programme, stage, edge, region)
);
CREATE TABLE claims (
    deadline BIGINT NOT NULL REFERENCES deadlines (id),
    source BIGINT NOT NULL,
    article BIGINT NOT NULL,
    date_at BIGINT NOT NULL,
    precision_of TEXT NOT NULL,
    what TEXT NOT NULL,
    phrase TEXT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (deadline, source, article)
);

CREATE TABLE digests (
    channel BIGINT NOT NULL REFERENCES channels (id),
    period TEXT NOT NULL,                 -- 'daily', 'weekly'
    next_at BIGINT NOT NULL,
    PRIMARY KEY (channel, period)
);
CREATE INDEX digests_due ON digests (next_at);

CREATE TABLE tokens (
    hash TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,                -- draft, undo, press, page, link, link-login
    channel BIGINT,
    person TEXT,
    payload TEXT NOT NULL DEFAULT '{}',
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX tokens_old ON tokens (expires_at);

CREATE TABLE acks (
    post BIGINT NOT NULL,
    channel BIGINT NOT NULL,
    person TEXT NOT NULL,                 -- keyed hash
    name TEXT NOT NULL DEFAULT '',        -- encrypted; erased 30 days after closing
    taken_at BIGINT NOT NULL,
    done_at BIGINT,
    PRIMARY KEY (post, channel)
);
CREATE TABLE votes (
    post BIGINT NOT NULL,
    channel BIGINT NOT NULL,
    person TEXT NOT NULL,
    value SMALLINT NOT NULL,
    voted_at BIGINT NOT NULL,
    PRIMARY KEY (post, channel, person)
);
CREATE TABLE saved (
    person TEXT NOT NULL,
    article BIGINT NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (person, article)
);
CREATE TABLE mutes (
    channel BIGINT NOT NULL,
    canonical TEXT NOT NULL,
    person TEXT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (channel, canonical)
);
CREATE TABLE audit (
    id {identity},
    at BIGINT NOT NULL,
    channel BIGINT,
    person TEXT NOT NULL,
    verb TEXT NOT NULL,
    payload TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_channel ON audit (channel, id);

CREATE TABLE holds (
    id {identity},
    source BIGINT NOT NULL,
    reason TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT
);

CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
