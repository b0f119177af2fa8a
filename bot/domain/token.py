"""What a button or a link means, kept in the rows and not in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.ids import ChannelId


class Purpose(StrEnum):
    """What a token's code stands for."""

    DRAFT = "draft"  # a wizard under way
    UNDO = "undo"  # a change that can be taken back
    PRESS = "press"  # one that was heard
    PAGE = "page"  # a search whose pages are being turned
    LINK = "link"  # an answer that waits in the bot's own chat
    CALENDAR = "calendar"  # the secret address of a channel's calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a button or a link means, kept apart from it: only the hash of its code is in the rows."""

    purpose: Purpose
    channel: ChannelId | None = None
    person: str = ""  # keyed hash; "": whoever has the right
    payload: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON
    expires_at: datetime
    used_at: datetime | None = None
