"""The buttons of a reading that was held: send it as one message, send it as usual, send nothing."""

from bot.commands.call import Pressed
from bot.domain.command import Reply, Rights
from bot.domain.hold import Choice, Word
from bot.domain.ids import HoldId
from bot.errors import UserError
from bot.view import Text


async def pressed(press: Pressed) -> Reply:
    """The operator decides for everybody, an administrator for their own chat or server."""
    number, _, choice = press.reference.partition(".")
    hold = await press.desk.holds.of(press.desk.db, HoldId(int(number)))
    if hold is None:
        raise UserError("error.expired")
    words = [
        Word(hold=hold.id, community=community, choice=Choice(choice), said_at=press.now)
        for community in await _communities(press)
    ]
    async with press.desk.db.tx() as tx:
        said = [await press.desk.holds.say(tx, word) for word in words]
        if any(said):
            await press.desk.audit.note(
                tx, press.now, press.channel.id, press.hash, "hold", source=hold.source_slug, choice=choice
            )
    if not any(said):
        return press.notice("hold.already")
    sentence = press.in_chat(f"hold.done.{choice}")
    return press.in_place(Text(text=f"{hold.source_title} · {sentence}"))


async def _communities(press: Pressed) -> list[str]:
    """For whom the presser may speak; "" is everybody. In their own chat: for that chat, and wherever they are an
    administrator today of what they once configured."""
    if press.rights is Rights.OPERATOR:
        return [""]
    if press.where.is_group:
        return [press.where.community]
    found = [press.where.community]
    for where in await press.desk.channels.configured_by(press.desk.db, press.hash):
        if where.community not in found and await press.rights_in(where) >= Rights.ADMIN:
            found.append(where.community)
    return found
