"""A chat in which nothing can be written: its settings stay, who answers for it is told once, it resumes by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.channel import Address, ChannelState
from bot.domain.command import Joined, Left
from bot.errors import ChannelGone, Muzzled, PlatformError
from bot.ports import Database
from tests.commands.desk import ADMIN, MEMBER, Chat
from tests.fakes import OPERATORS, World, entry, title, where

(OPERATOR,) = OPERATORS
WAIT = timedelta(minutes=10)
GONE = ChannelGone("kicked")
LEAST = timedelta(seconds=1)  # two notices of one moment would be one


async def _wanting(world: World) -> None:
    """A group that wants everything; its administrator and the operator have a chat with the bot, and a member too."""
    await world.source("dsih", title="DSIH")
    for person in (ADMIN.id, OPERATOR[1], MEMBER.id):
        await world.channel(person, is_group=False)
    await Chat(world).say("/abonner tout")


async def _publishes(world: World, number: str) -> None:
    world.clock.forward(WAIT + LEAST)
    world.platform.budget._asked.clear()  # the budget keeps real time, this test does not
    (source,) = await world.store.sources.all()
    world.site.publish(source, entry(number, f"Article {number}"))
    await world.read("dsih")
    await world.deliver_all()


def _told(world: World, chat: str) -> list[str]:
    return [title(view).replace("\u00a0", " ") for at, view in world.platform.sent if at == chat]


@pytest.mark.parametrize(
    ("refusal", "said"),
    [(GONE, "je n’y suis plus"), (Muzzled(WAIT), "je ne peux plus y écrire")],
    ids=["gone", "muzzled"],
)
async def test_who_answers_for_it_is_told_once_and_once_more_when_it_is_over(
    database: Database, refusal: PlatformError, said: str
) -> None:
    world = World.on(database)
    await _wanting(world)
    world.platform.refuses["g1"] = refusal
    for number in ("1", "2", "3"):
        await _publishes(world, number)
    group = await world.store.channels.at(where("g1").address)
    assert group is not None
    for chat in (ADMIN.id, OPERATOR[1]):
        assert _told(world, chat) == [f"{group.title or 'g1'} : {said}"]
    assert _told(world, MEMBER.id) == []

    world.platform.refuses.clear()
    await Chat(world).talk.handle(Joined(where=where("g1")))
    for number in ("4", "5"):
        await _publishes(world, number)
    assert _told(world, "g1")[-2:] == ["Article 4", "Article 5"]
    for chat in (ADMIN.id, OPERATOR[1]):
        assert _told(world, chat)[1:] == [f"{group.title or 'g1'} : j’y écris de nouveau"]


async def test_what_waited_for_the_right_to_write_leaves_by_itself(database: Database) -> None:
    world = World.on(database)
    await _wanting(world)
    world.platform.refuses["g1"] = Muzzled(WAIT)
    await _publishes(world, "1")
    world.platform.refuses.clear()
    world.clock.forward(WAIT)
    world.platform.budget._asked.clear()
    await world.deliver_all()
    assert _told(world, "g1") == ["Article 1"]


async def test_being_put_out_is_told_whether_the_platform_says_so_or_a_message_meets_it(database: Database) -> None:
    world = World.on(database)
    await _wanting(world)
    await Chat(world).talk.handle(Left(where=where("g1")))
    await Chat(world).talk.handle(Left(where=where("g1")))
    await _publishes(world, "1")
    assert len(_told(world, ADMIN.id)) == 1
    kept = await world.store.channels.at(where("g1").address)
    assert kept is not None and kept.state is ChannelState.GONE
    assert len(await world.store.subscriptions.of(database, kept.id)) == 1


async def test_a_server_of_many_channels_is_one_notice(database: Database) -> None:
    world = World.on(database)
    await world.channel(OPERATOR[1], is_group=False)
    for number in range(5):
        at = replace(where(f"c{number}"), community="telegram:server", title=f"#salon-{number}")
        async with world.db.tx() as tx:
            await world.store.channels.ensure(tx, at, "telegram", "fr", "Europe/Paris")
    everywhere = replace(where(""), address=Address(platform="telegram", chat=""), community="telegram:server")
    await Chat(world).talk.handle(Left(where=everywhere))
    await world.deliver_all()
    assert _told(world, OPERATOR[1]) == ["#salon-0, #salon-1, #salon-2 … : je n’y suis plus"]


async def test_a_person_who_shuts_the_bot_out_of_their_own_chat_is_nobodys_business(database: Database) -> None:
    world = World.on(database)
    await world.channel(OPERATOR[1], is_group=False)
    await world.channel(MEMBER.id, is_group=False)
    await Chat(world).talk.handle(Left(where=where(MEMBER.id, is_group=False)))
    await world.deliver_all()
    assert _told(world, OPERATOR[1]) == []
