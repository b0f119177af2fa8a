"""How somebody adds the bot to a Discord server, and how that is seen before the bot runs."""

from collections.abc import Sequence
from urllib.parse import urlencode

from adapters.platforms.discord.inspect import INVITED_WITH
from adapters.platforms.discord.rest import Rest
from bot.errors import Uncertain
from bot.examining import Arrival

AUTHORISE = "https://discord.com/oauth2/authorize"
SCOPES = "bot applications.commands"
UNREADABLE = "discord: the answer cannot be read"


async def invitation_of(rest: Rest) -> str:
    """Raises PlatformError."""
    about = await rest.call("GET", "/oauth2/applications/@me")
    if not isinstance(about, dict) or not isinstance(about.get("id"), str):
        raise Uncertain(UNREADABLE)
    asked = {"client_id": about["id"], "scope": SCOPES, "permissions": INVITED_WITH.value}
    return f"{AUTHORISE}?{urlencode(asked)}"


async def arrivals_of(rest: Rest) -> Sequence[Arrival]:
    """Every server it is in; who let it in Discord does not say, so the application's owner is named. PlatformError."""
    servers = await rest.call("GET", "/users/@me/guilds")
    about = await rest.call("GET", "/oauth2/applications/@me")
    try:
        owner = about.get("owner") or {}
        person, name = str(owner.get("id", "")), str(owner.get("global_name") or owner.get("username") or "")
        return [Arrival(title=str(server["name"]), person=person, name=name) for server in servers]
    except (TypeError, KeyError, AttributeError):
        raise Uncertain(UNREADABLE) from None
