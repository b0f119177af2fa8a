"""test / test: a marked sample alert, through the outbox and back, with its button."""

from bot.commands.call import Call
from bot.domain.command import CommandSpec, Reply
from bot.domain.delivery import Post, PostKind, Prio

SPEC = CommandSpec(name="test", fr="test", admin=True)


async def answer(call: Call) -> Reply:
    async with call.desk.db.tx() as tx:
        channel = await call.desk.ensure(tx, call.where)
        post = Post(
            key=f"t:{channel.id}:{int(call.now.timestamp() * 1000)}",
            kind=PostKind.TEST,
            prio=Prio.ALERT,
            created_at=call.now,
        )
        await call.desk.outbox.owe_to(tx, post, channel)
    return call.text("test.sent")
