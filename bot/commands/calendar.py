"""calendar / calendrier: what is ahead as a file, and the secret address to subscribe to, for the asker alone.

Whoever has the address reads the calendar, so it is never said in a group; administrators may renew it.
"""

from datetime import timedelta

from bot.commands.call import Asked, Call, Pressed
from bot.commands.undo import UNDO_FOR
from bot.domain.channel import Channel
from bot.domain.command import CommandSpec, Reply, Rights, Where
from bot.domain.ids import ChannelId
from bot.errors import UserError
from bot.locale.say import Say
from bot.pipeline.calendar import MEDIA_TYPE, document
from bot.pipeline.feeds import Address
from bot.view import Actions, Attachment, Block, Item, Items, Note, Text, View

JUST_PASSED = timedelta(days=1)

SPEC = CommandSpec(name="calendar", fr="calendrier")


async def answer(call: Call) -> Reply:
    desk, say = call.desk, call.say
    dues = await desk.agenda.coming(call.now, passed=JUST_PASSED)
    content = document(dues, say, call.now, call.channel.zone)
    file = Attachment(name="tocsin.ics", media_type=MEDIA_TYPE, content=content)
    blocks: list[Block] = [Text(text=say("calendar.text", count=len(dues)) if dues else say("calendar.none"))]
    if desk.web_url:
        async with desk.db.tx() as tx:
            channel = await desk.ensure(tx, call.where)
            address = await desk.feeds.address(tx, channel.id, call.now)
        blocks += _subscribing(call, address, say)
        if call.rights >= Rights.ADMIN:
            renew = call.private_button("renew", f"{channel.id}.{address.number}", say("calendar.renew"))
            blocks.append(Actions(actions=(renew,)))
    view = View(blocks=(*blocks, *_last(call, say)), silent=True)
    return Reply(view=view, files=(file,) if dues else (), audience=call.audience)


async def renewed(press: Pressed) -> Reply:
    """`renew:<channel>.<number>[.back]`: the message may stand in the presser's own chat, so it names the channel."""
    number, _, rest = press.reference.partition(".")
    before, _, back = rest.partition(".")
    desk, say = press.desk, press.in_private
    channel = await desk.channels.numbered(desk.db, ChannelId(int(number)))
    if channel is None or not desk.web_url:
        raise UserError("error.expired")
    if await press.rights_in(_where(channel)) < Rights.ADMIN:
        raise UserError("error.rights")
    if back:
        address = await _back(press, channel, int(before))
        blocks: tuple[Block, ...] = (Text(text=say("calendar.back")), *_subscribing(press, address, say))
    else:
        address = await _renew(press, channel, int(before))
        undo = press.private_button("renew", f"{channel.id}.{before}.back", say("undo.button"))
        blocks = (Text(text=say("calendar.renewed")), *_subscribing(press, address, say), Actions(actions=(undo,)))
    return Reply(view=View(blocks=(*blocks, *_last(press, say)), silent=True), replaces=True)


async def _renew(press: Pressed, channel: Channel, before: int) -> Address:
    desk, now = press.desk, press.now
    async with desk.db.tx() as tx:
        await desk.channels.lock(tx, channel.id)
        address = await desk.feeds.address(tx, channel.id, now)
        if address.number == before:  # pressed twice, it is changed once
            address = await desk.feeds.renew(tx, channel.id, now)
            await desk.audit.note(tx, now, channel.id, press.hash, "calendar", number=str(address.number))
    return address


async def _back(press: Pressed, channel: Channel, before: int) -> Address:
    desk, now = press.desk, press.now
    async with desk.db.tx() as tx:
        await desk.channels.lock(tx, channel.id)
        address = await desk.feeds.reopen(tx, channel.id, before, now, UNDO_FOR)
        if address is None:
            raise UserError("error.expired")
        await desk.audit.note(tx, now, channel.id, press.hash, "undo", of="calendar")
    return address


def _where(channel: Channel) -> Where:
    return Where(address=channel.address, community=channel.community, title=channel.title, is_group=channel.is_group)


def _subscribing(asked: Asked, address: Address, say: Say) -> tuple[Block, ...]:
    url = f"{asked.desk.web_url}/calendar/{address.secret}.ics"
    return Text(text=say("calendar.subscribe")), Items(items=(Item(text=say("calendar.address"), url=url, note=url),))


def _last(asked: Asked, say: Say) -> tuple[Block, ...]:
    return (Note(text=say("calendar.secret")),) if asked.desk.web_url else ()
