"""A post to every channel it is owed to, in one statement: its parts, which `Outbox.owe` puts together."""

from typing import LiteralString

# One statement, whatever the number of channels. A channel that wants several of the rules gets one row: the soonest
# rhythm, and a sound if one of them rings ($3: the post may ring at all). $4 is now, $5 the hold or 0, $6 one of
# `Breaks`: 2 breaks every channel's quiet hours and pause, 1 those of a channel that is `watched`. The casts are for
# PostgreSQL, which types a placeholder where it first meets it.
FROM = """
INSERT INTO deliveries (post, channel, lane, prio, silent, rule, state, due_at)
SELECT CAST($1 AS BIGINT), w.channel, c.lane, CAST($2 AS SMALLINT), CASE WHEN $3 = 1 THEN w.silent ELSE 1 END, w.rule,
    CASE WHEN w.how = 0 AND CAST($5 AS BIGINT) <= CAST($4 AS BIGINT) AND ($6 + w.watched >= 2
        OR (c.paused_until <= $4 AND (c.quiet_from_at > $4 OR c.quiet_until_at <= $4))) THEN 1 ELSE 0 END,
    CASE WHEN w.how = 0 AND $6 + w.watched < 2 AND c.quiet_from_at <= w.at AND c.quiet_until_at > w.at
        THEN c.quiet_until_at
        ELSE w.at END
FROM (
    SELECT x.channel, x.how, x.silent, x.rule, x.watched,
        CASE WHEN k.paused_until > $4 AND k.paused_until > COALESCE(g.next_at, 0) AND k.paused_until > $5
                THEN k.paused_until
            WHEN x.how > 0 THEN COALESCE(g.next_at, $4)
            WHEN CAST($5 AS BIGINT) > CAST($4 AS BIGINT) THEN $5 ELSE $4 END AS at
    FROM ("""
WANTED = """
        SELECT s.channel, MIN(s.how) AS how, MIN(s.silent) AS silent, MIN(s.rule) AS rule,
            MAX(CASE WHEN a.rule IS NULL THEN 0 ELSE 1 END) AS watched
        FROM subscriptions s LEFT JOIN anchors a ON a.rule = s.rule AND a.anchor = 'products' WHERE s.rule IN """
# Of whoever was told of a story: as their subscription still says, at once where they have it no more.
TOLD = """
        SELECT s.channel, COALESCE(MIN(w.how), 0) AS how, COALESCE(MIN(w.silent), 1) AS silent, MIN(s.rule) AS rule,
            0 AS watched
        FROM posts t JOIN deliveries s ON s.post = t.id AND (s.state IN (0, 1, 2, 5) OR s.error = 'in a digest')
        LEFT JOIN subscriptions w ON w.rule = s.rule AND w.channel = s.channel
        WHERE t.post_key IN """
# Whatever the rhythm: a letter may come too late.
WANTED_AT_ONCE = WANTED.replace("MIN(s.how)", "0")
TOLD_AT_ONCE = TOLD.replace("COALESCE(MIN(w.how), 0)", "0")
INTO = """ GROUP BY s.channel
    ) x JOIN channels k ON k.id = x.channel
    LEFT JOIN digests g ON g.channel = x.channel AND g.period = CASE x.how WHEN 1 THEN 'daily' WHEN 2 THEN 'weekly' END
) w JOIN channels c ON c.id = w.channel AND c.state <> 2
WHERE (CAST($8 AS TEXT) = '' OR c.community = $8) AND c.community NOT IN """
ONCE_A_CHANNEL = " ON CONFLICT (post, channel) DO NOTHING"
# What a silence took back is owed anew when something of it comes that the silence says nothing of. Only where there is
# such a thing: PostgreSQL locks each row it might update.
OR_ANEW = """ ON CONFLICT (post, channel) DO UPDATE SET state = excluded.state, due_at = excluded.due_at,
    silent = excluded.silent, rule = excluded.rule, error = NULL
    WHERE deliveries.state = 4 AND deliveries.error LIKE 'muted %'"""
UNLESS_HAD = """ AND NOT EXISTS (
    SELECT 1 FROM posts h JOIN deliveries o ON o.post = h.id AND o.channel = w.channel
        AND NOT (o.state = 4 AND COALESCE(o.error, '') LIKE 'muted %')
    WHERE h.post_key IN """
UNLESS_HUSHED = " AND w.channel NOT IN "
IN_ZONE = " AND c.timezone = "
REMINDED_SO = " AND c.reminders = "
PLACES: tuple[LiteralString, ...] = ("$10", "$11", "$12", "$13")  # of what a statement takes besides the first nine
