"""Telegram: the Bot API by long polling, through python-telegram-bot."""

from adapters.platforms.telegram.client import build

__all__ = ["build"]
