"""The stand-in's servers, channels and people, as Discord writes them. A number is a server with one channel."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.view import Attachment

Json = dict[str, Any]

SERVERS, CHANNELS, ROLES = 1_100_000_000_000_000_000, 1_200_000_000_000_000_000, 1_300_000_000_000_000_000
PEOPLE, DIRECT = 1_400_000_000_000_000_000, 1_450_000_000_000_000_000
APPLICATION, BOT = "1500000000000000000", "1500000000000000001"
MOST_SERVERS = 100_000

VIEW, SEND, EMBED, MANAGE_SERVER = 1 << 10, 1 << 11, 1 << 14, 1 << 5
EVERYBODY_MAY = VIEW | SEND | EMBED
NOW = "2026-01-01T00:00:00.000000+00:00"


def server_id(number: int) -> str:
    return str(SERVERS + number)


def channel_id(number: int) -> str:
    return str(CHANNELS + number)


def direct_id(number: int) -> str:
    """The bot's own chat with that server's people."""
    return str(DIRECT + number)


def role_id(number: int) -> str:
    """A role of that server which may be mentioned."""
    return str(ROLES + number)


def manager_id(number: int) -> str:
    """The role of those who manage that server."""
    return str(ROLES + MOST_SERVERS + number)


def number_of(channel: str) -> int | None:
    """Of a channel's id; None for one that does not exist."""
    number = int(channel) - CHANNELS if channel.isdecimal() else -1
    return number if 0 <= number < MOST_SERVERS else None


def user(identity: str, name: str, *, bot: bool = False) -> Json:
    return {
        "id": identity,
        "username": name.lower(),
        "global_name": name,
        "discriminator": "0",
        "avatar": None,
        "bot": bot,
        "public_flags": 0,
    }


BOT_USER = user(BOT, "Tocsin", bot=True)


def application() -> Json:
    return {
        "id": APPLICATION,
        "name": "Tocsin",
        "description": "",
        "icon": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": user(str(PEOPLE), "Owner"),
        "verify_key": "0" * 64,
        "flags": 0,
    }


def person(*, admin: bool, number: int) -> Json:
    """One administrator and one plain member a server."""
    who = user(str(PEOPLE + 2 * number + 1 + admin), "Camille" if admin else "Dominique")
    permissions = EVERYBODY_MAY | (MANAGE_SERVER if admin else 0)
    return member(who) | {"permissions": str(permissions), "roles": [manager_id(number)] if admin else []}


def member(who: Json) -> Json:
    return {"user": who, "roles": [], "joined_at": NOW, "deaf": False, "mute": False, "flags": 0, "nick": None}


def channel(number: int) -> Json:
    return {
        "id": channel_id(number),
        "type": 0,
        "guild_id": server_id(number),
        "name": f"salon-{number}",
        "position": 0,
        "permission_overwrites": [],
        "parent_id": None,
        "topic": None,
        "nsfw": False,
        "rate_limit_per_user": 0,
    }


def thread(identity: str, number: int) -> Json:
    return {
        "id": identity,
        "type": 11,
        "guild_id": server_id(number),
        "parent_id": channel_id(number),
        "owner_id": BOT,
        "name": f"fil-{identity}",
        "message_count": 0,
        "member_count": 1,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 1440,
            "archive_timestamp": NOW,
            "locked": False,
        },
    }


def server(number: int) -> Json:
    return {
        "id": server_id(number),
        "name": f"Hôpital {number}",
        "owner_id": str(PEOPLE),
        "unavailable": False,
        "member_count": 3,
        "preferred_locale": "fr",
        "roles": [
            _role(server_id(number), "@everyone", EVERYBODY_MAY),
            _role(role_id(number), "astreinte", 0) | {"mentionable": True},
            _role(manager_id(number), "gestion", MANAGE_SERVER),
        ],
        "channels": [channel(number)],
        "threads": [],
        "members": [member(BOT_USER)],
        "emojis": [],
        "stickers": [],
        "features": [],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def _role(identity: str, name: str, permissions: int) -> Json:
    return {
        "id": identity,
        "name": name,
        "permissions": str(permissions),
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


@dataclass(slots=True, kw_only=True)
class Message:
    id: str
    channel: str
    body: Json  # what was asked for, with every later edit
    ephemeral_for: str = ""
    loading: bool = False  # an acknowledgement whose answer is awaited
    pings: tuple[str, ...] = ()
    edits: int = 0
    files: list[Attachment] = field(default_factory=list)

    def json(self) -> Json:
        return {
            "id": self.id,
            "channel_id": self.channel,
            "author": BOT_USER,
            "content": self.body.get("content") or "",
            "timestamp": datetime.now(UTC).isoformat(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": self.body.get("embeds") or [],
            "components": self.body.get("components") or [],
            "pinned": False,
            "type": 0,
            "flags": (self.body.get("flags") or 0) | (1 << 6 if self.ephemeral_for else 0),
            "nonce": self.body.get("nonce"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who does something, and where."""

    number: int = 0
    thread: str = ""
    direct: bool = False  # in the bot's own chat
    admin: bool = False
    locale: str = "fr"

    @property
    def member(self) -> Json:
        return person(admin=self.admin, number=self.number)

    @property
    def place(self) -> Json:
        if self.direct:
            return {"id": direct_id(self.number), "type": 1, "recipients": [self.member["user"]]}
        return thread(self.thread, self.number) if self.thread else channel(self.number)


@dataclass(slots=True, kw_only=True)
class Interaction:
    id: str
    token: str
    kind: int  # 2 a command, 3 a press or a choice, 4 proposals, 5 a window sent
    channel: str
    user: str
    began: float
    acknowledged: int | None = None  # the type of the callback
    acknowledged_after: float = 0.0
    ephemeral: bool = False
    original: Message | None = None
    messages: list[Message] = field(default_factory=list)  # new ones, in order
    choices: list[Json] = field(default_factory=list)
    window: Json | None = None  # opened for the person
    pressed: Message | None = None  # whose component was used, by way of a window or not


def interaction_event(interaction: Interaction, data: Json, by: Asker) -> Json:
    """INTERACTION_CREATE: https://discord.com/developers/docs/interactions/receiving-and-responding"""
    event: Json = {
        "id": interaction.id,
        "application_id": APPLICATION,
        "type": interaction.kind,
        "token": interaction.token,
        "version": 1,
        "data": data,
        "channel": by.place,
        "channel_id": by.place["id"],
        "locale": by.locale,
        "app_permissions": str(EVERYBODY_MAY),
        "entitlements": [],
        "attachment_size_limit": 10 * 2**20,
    }
    if by.direct:
        return event | {"user": by.member["user"], "context": 1, "authorizing_integration_owners": {"0": "0"}}
    home = server_id(by.number)
    return event | {
        "guild_id": home,
        "guild": {"id": home, "locale": "fr", "features": []},
        "member": by.member,
        "guild_locale": "fr",
        "context": 0,
        "authorizing_integration_owners": {"0": home},
    }
