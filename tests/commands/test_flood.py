"""Floods, seen from a chat."""

from bot.domain.command import Audience
from bot.domain.flood import CHAT, PERSON
from bot.ports import Database
from tests.commands.desk import MEMBER, Chat, said
from tests.fakes import World


async def test_a_person_is_told_once_and_then_not_answered(database: Database) -> None:
    chat = Chat(World.on(database))
    for _ in range(PERSON):
        assert "Doucement" not in said(await chat.say("/aide", MEMBER))
    told = await chat.say("/aide", MEMBER)
    assert "Doucement" in said(told) and told.audience is Audience.ASKER
    for _ in range(3):
        silent = await chat.say("/aide", MEMBER)
        assert silent.view is None and not silent.notice


async def test_a_chat_has_a_limit_of_its_own(database: Database) -> None:
    chat = Chat(World.on(database))
    people = [type(MEMBER)(platform="telegram", id=str(number), language="fr") for number in range(CHAT + 1)]
    replies = [said(await chat.say("/aide", person)) for person in people]
    assert ["Doucement" in reply for reply in replies] == [False] * CHAT + [True]
    assert "Doucement" not in said(await Chat(chat.world, "g2").say("/aide", MEMBER))
