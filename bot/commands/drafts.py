"""What is put together by buttons is a row: every button works after a restart, for who began it, until it is used."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.commands.call import Asked, Pressed
from bot.domain.token import Purpose, Token
from bot.errors import UserError

OPEN_FOR = timedelta(hours=1)


async def begin(asked: Asked, payload: Mapping[str, Any]) -> str:
    """The code its buttons name."""
    desk, code = asked.desk, asked.desk.code()
    # An anonymous administrator, or a channel: whoever administers it goes on.
    speaks_as_the_chat = asked.where.is_group and asked.person.id == asked.where.address.chat
    async with desk.db.tx() as tx:
        channel = await desk.ensure(tx, asked.where)
        token = Token(
            purpose=Purpose.DRAFT,
            channel=channel.id,
            person="" if speaks_as_the_chat else asked.hash,
            payload=payload,
            expires_at=asked.now + OPEN_FOR,
        )
        await desk.tokens.add(tx, code, token)
    return code


async def opened(press: Pressed, theirs: str) -> tuple[str, str, Token]:
    """(code, choice, the draft, used or not). Raises UserError; `theirs`: what others than its beginner are told."""
    desk = press.desk
    code, _, choice = press.reference.partition(".")
    token = await desk.tokens.read(desk.db, Purpose.DRAFT, code, press.now)
    if token is None or token.channel != press.channel.id:
        raise UserError("error.expired")
    if token.person and token.person != press.hash:
        raise UserError(theirs)
    return code, choice, token
