"""What an alert that has rung brings to its channel: a nudge if nobody takes it, a thread to talk about it in. Pure.

The key of each names the alert, so there is one at most in a channel, whatever restarts.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.alert import Severity
from bot.domain.channel import Channel
from bot.domain.delivery import Post, PostKind, Prio
from bot.domain.ids import PostId

LASTS = timedelta(hours=24)  # from the alert on; what is older is followed by nothing any more
LETTERS: Mapping[PostKind, str] = {PostKind.NUDGE: "a", PostKind.THREAD: "f", PostKind.CARD: "c"}
# A thread goes with its alert, in a pause too; a nudge never does.
PRIOS: Mapping[PostKind, Prio] = {PostKind.NUDGE: Prio.REMINDER, PostKind.THREAD: Prio.ALERT, PostKind.CARD: Prio.ALERT}
SHOWN = (PostKind.NUDGE, PostKind.CARD)  # messages that say what has become of their alert


def sequel_key(kind: PostKind, alert: PostId) -> str:
    return f"{LETTERS[kind]}:{alert}"


def sequel(kind: PostKind, alert: Post, now: datetime, **further: int) -> Post:
    return Post(
        key=sequel_key(kind, alert.id),
        kind=kind,
        prio=PRIOS[kind],
        payload={"alert": alert.id, "articles": alert.payload.get("articles", []), **further},
        created_at=now,
        expires_at=alert.created_at + LASTS,
    )


def alert_in(post: Post) -> PostId | None:
    """The alert that this follows; None: it follows none."""
    return PostId(int(str(post.payload["alert"]))) if post.kind in LETTERS else None


def nudged_at(alert: Post, channel: Channel, sent: datetime) -> datetime | None:
    """When it is said once more; None: never. What is not critical may wait for somebody to look."""
    if channel.nudge is None or alert.severity is not Severity.CRITICAL:
        return None
    return sent + channel.nudge
