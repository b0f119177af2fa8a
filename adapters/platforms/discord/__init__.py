"""Discord: discord.py's gateway, no privileged intent."""

from adapters.platforms.discord.client import build

__all__ = ["build"]
