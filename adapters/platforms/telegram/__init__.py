"""Telegram: the Bot API by long polling, through python-telegram-bot."""

from collections.abc import Mapping

from adapters.platforms.telegram.client import Telegram
from adapters.platforms.telegram.client import build as client
from bot.ports import Surroundings

TOKEN = "TOCSIN_TELEGRAM_TOKEN"  # noqa: S105  # the variable's name
VARIABLES = ("TOCSIN_TELEGRAM_API_URL",)


def build(env: Mapping[str, str], around: Surroundings) -> Telegram:
    return client(
        token=env[TOKEN],
        api_url=env.get("TOCSIN_TELEGRAM_API_URL"),
        proxy=around.proxy,
        ca_file=around.ca_file,
        language=around.language,
    )
