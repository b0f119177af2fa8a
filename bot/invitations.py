"""Where somebody adds the bot to another group: asked of the platform once a life."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from bot.errors import PlatformError
from bot.examining import Invites
from bot.ports import Platform

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Invitations:
    platforms: Mapping[str, Platform]
    _known: dict[str, str] = field(default_factory=dict)

    async def of(self, name: str) -> str:
        """The address; "" where the platform has none, or does not say now."""
        platform = self.platforms.get(name)
        if name not in self._known and isinstance(platform, Invites):
            try:
                self._known[name] = await platform.invitation()
            except PlatformError as error:  # help without a button is still help
                log.warning("no invitation", platform=name, kind=type(error).__name__)
        return self._known.get(name, "")
