"""Post and Delivery: states, and what follows each answer of a platform."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

from bot.domain.alert import Severity
from bot.domain.channel import Address
from bot.domain.ids import ArticleId, ChannelId, DeadlineId, PostId, StoryId
from bot.errors import (
    ChannelGone,
    ChannelMoved,
    Muzzled,
    PlatformError,
    Rejected,
    Throttled,
    TokenRefused,
    Uncertain,
    Unreachable,
)

MOVES_KEPT = 100  # of one article, looked at to say what became of it


class Breaks(IntEnum):
    """Whose quiet hours a post breaks."""

    NOBODY = 0
    WATCHED = 1  # of those who want what concerns their watchlist, and whose list it concerns
    EVERYBODY = 2


class PostKind(StrEnum):
    STORY = "story"
    ALERT = "alert"
    REMINDER = "reminder"
    MOVED = "moved"  # a date a source had announced
    DIGEST = "digest"
    NOTICE = "notice"
    SHARE = "share"  # what a member showed the others
    NUDGE = "nudge"  # an alert nobody took, once more
    THREAD = "thread"  # where an alert is talked about
    CARD = "card"  # the alert in a thread that stands apart from it
    TEST = "test"


def story_key(story: StoryId, severity: Severity | None = None) -> str:
    """With a severity: the story rang again when it became so grave."""
    return f"s:{story}" if severity is None else f"s:{story}:{severity.name.lower()}"


def story_keys(story: StoryId) -> tuple[str, ...]:
    """Of all posts a story may have."""
    return tuple(story_key(story, severity) for severity in (None, *Severity))


def story_of(key: str) -> str:
    """The story whose post has this key, whatever its severity."""
    return key.split(":")[1]


def move_key(article: ArticleId, revision: int) -> str:
    """A date moved with that revision of an article."""
    return f"m:{article}:{revision}"


def move_keys(article: ArticleId, revision: int) -> tuple[str, ...]:
    """Of the last moves it may have made by that revision."""
    return tuple(move_key(article, number) for number in range(max(1, revision - MOVES_KEPT + 1), revision + 1))


def reminder_key(deadline: DeadlineId, day: date, offset: int) -> str:
    """`offset`: days before. A date that moved is reminded of again."""
    return f"r:{deadline}:{day}:-{offset}d"


class Prio(IntEnum):
    """Smaller goes first in a lane; inside one, a channel's posts keep their order."""

    ALERT = 0
    REMINDER = 1
    NEWS = 2
    DIGEST = 3


class State(IntEnum):
    HELD = 0  # owed, but not now
    TODO = 1
    SENT = 2
    FAILED = 3  # the platform will never accept it
    DROPPED = 4  # expired, folded into a digest, or its channel is gone
    UNKNOWN = 5  # uncertain twice: shown to the operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What one message says. `key` is unique: it is what makes a second one impossible."""

    id: PostId = PostId(0)
    key: str  # "s:<story>", "s:<story>:alert", "d:<channel>:<period>", "m:<article>:<revision>", "h:<article>"…
    kind: PostKind
    prio: Prio
    payload: Mapping[str, object] = field(default_factory=dict)
    revision: int = 1
    created_at: datetime
    expires_at: datetime | None = None

    @property
    def severity(self) -> Severity | None:
        """How grave an alert was when it rang; the least, where that was not written down."""
        return Severity(int(str(self.payload.get("severity", 1)))) if self.kind is PostKind.ALERT else None

    @property
    def rings(self) -> bool:
        """Everything else arrives without a sound."""
        is_last = self.kind is PostKind.REMINDER and bool(self.payload.get("last"))
        return is_last or self.kind is PostKind.NUDGE or self.prio is Prio.ALERT

    def payload_text(self) -> str:
        return json.dumps(self.payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One post owed to one channel. At most one row exists for a pair, and that is the guard against doubles."""

    post: PostId
    channel: ChannelId
    lane: str
    prio: Prio
    state: State = State.TODO
    silent: bool = False
    due_at: datetime | None = None  # when a held one is looked at again
    wakes: bool = False  # a held one goes at its hour, though quiet hours run: what it follows broke them
    attempts: int = 0  # begun and not answered; > 0 on a `todo` row: perhaps sent
    doubts: int = 0  # answers that never came, while we were alive to wait for them
    attempted_at: datetime | None = None
    message_ref: str | None = None
    revision: int = 1  # what the message should show
    shown: int = 0  # what it shows
    reason: str = ""  # the Reason of the rule that owed it, as JSON; for `why`
    error: str | None = None
    sent_at: datetime | None = None

    @property
    def nonce(self) -> str:
        """At most 25 characters, Discord's limit."""
        return f"{self.post}-{self.channel}"

    @property
    def is_edit(self) -> bool:
        return self.state is State.SENT


# A kill leaves no doubt on record, only an attempt without an answer. A supervisor that restarts us in a loop may kill
# the same send several times; giving up at the second would lose a message that was never on the wire.
MOST_ATTEMPTS = 6
MOST_DOUBTS = 2  # "a message whose answer was lost is sent again once"
LANE_PAUSE = timedelta(seconds=2)  # after Unreachable, doubled each time by the lane, LONGEST_PAUSE at most
LONGEST_PAUSE = timedelta(minutes=1)
TOKEN_PAUSE = timedelta(seconds=20)  # the operator may be repairing it


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a failed send changes: the row, its channel, its lane. Everything not named stays as it is."""

    state: State
    attempts: int
    doubts: int = 0
    error: str | None = None
    chat_waits: timedelta | None = None
    lane_waits: timedelta | None = None
    channel_gone: bool = False
    channel_muzzled: bool = False
    moved_to: Address | None = None


def after(delivery: Delivery, error: PlatformError) -> Outcome:
    """The one consequence of each failure. `delivery` is as it was *before* this attempt was counted."""
    same = Outcome(state=delivery.state, attempts=delivery.attempts, doubts=delivery.doubts, error=str(error))
    match error:
        case Muzzled():
            return replace(same, chat_waits=error.after, channel_muzzled=True)
        case Throttled(scope="chat"):
            return replace(same, chat_waits=error.after)
        case Throttled():
            return replace(same, lane_waits=error.after)
        case Unreachable():
            return replace(same, lane_waits=LANE_PAUSE)
        case TokenRefused():
            return replace(same, lane_waits=TOKEN_PAUSE)
        case ChannelMoved():
            return replace(same, moved_to=error.to)
        case ChannelGone():
            state = State.SENT if delivery.is_edit else State.DROPPED
            return Outcome(state=state, attempts=0, error=str(error), channel_gone=True)
        case Rejected():
            return Outcome(state=State.SENT if delivery.is_edit else State.FAILED, attempts=0, error=str(error))
        case Uncertain():
            doubts = delivery.doubts + 1
            if delivery.is_edit:  # an edit said twice says the same: no doubt to count
                return replace(same, chat_waits=LANE_PAUSE)
            state = State.UNKNOWN if doubts >= MOST_DOUBTS else State.TODO
            return Outcome(state=state, attempts=delivery.attempts + 1, doubts=doubts, error=str(error))
        case _:
            raise AssertionError(f"a platform error without a consequence: {type(error).__name__}")
