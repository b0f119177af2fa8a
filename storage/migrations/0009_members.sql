-- What members ask: which alerts a channel was told of, what a group likes, what is talked of, what a person shared.

CREATE INDEX posts_alerts ON posts (created_at, id) WHERE kind = 'alert';
CREATE INDEX votes_channel ON votes (channel, voted_at, post, value);
