"""The web console: rooms like Telegram's and Discord's on a page, for the demo, a dry run, or a bot without tokens."""

from adapters.platforms.console.client import Console, build
from adapters.platforms.console.story import Story, staged

__all__ = ["Console", "Story", "build", "staged"]
