"""Discord: discord.py's gateway, no privileged intent."""

from collections.abc import Mapping

from adapters.platforms.discord.client import Discord
from adapters.platforms.discord.client import build as client
from bot.ports import Surroundings

TOKEN = "TOCSIN_DISCORD_TOKEN"  # noqa: S105  # the variable's name
VARIABLES = ("TOCSIN_DISCORD_API_URL", "TOCSIN_DISCORD_GATEWAY_URL")


def build(env: Mapping[str, str], around: Surroundings) -> Discord:
    return client(
        token=env[TOKEN],
        api_url=env.get("TOCSIN_DISCORD_API_URL"),
        gateway_url=env.get("TOCSIN_DISCORD_GATEWAY_URL"),
        proxy=around.proxy,
        ca_file=around.ca_file,
        language=around.language,
    )
