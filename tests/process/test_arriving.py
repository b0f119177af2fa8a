"""From a page to the chats: in the right place, once, in the channel's language, and inert."""

import asyncio
import re

import pytest

from tests.process.alarms import ring
from tests.running import ARRIVES, STARTS, Room, Town, sentence, spaced, until
from tests.stands import discord_rules, telegram_rules, telegram_world

PLATFORMS = ("telegram", "discord")
THREAD = {"telegram": "7", "discord": "1299000000000000007"}
TRICKS = (
    "Panne <b>grasse</b> @everyone <@&1300000000000000000> @sacha_dsi /subscribe [ici](https://ailleurs.test)"
    " **fort** \u202egnp.exe\u202c \u2067rtl\u2069 <script>alert(1)</script> tg://user?id=1"
)


async def test_an_administrator_subscribes_a_chat_and_a_member_does_not(here: Town) -> None:
    wanted, unwanted = (tuple(Room(platform=p, number=n) for p in PLATFORMS) for n in (0, 1))
    await here.furnish()
    async with here.bot() as bot:
        await bot.ready()
        await until(lambda: bool(here.discord.commands), STARTS, "Discord has the commands")
        here.telegram.say("/subscribe journal", number=0, sender=telegram_world.ADMIN)
        await here.discord.command("tocsin subscribe", {"what": "journal"}, number=0, admin=True)
        await here.arrives(sentence("subscribe.done"), *wanted)

        here.telegram.say("/subscribe journal", number=1, sender=telegram_world.MEMBER)
        asked = max(here.telegram.reactions)
        refused = await here.discord.command("tocsin subscribe", {"what": "journal"}, number=1, admin=False)
        await until(lambda: here.telegram.reactions[asked] == ["🙈"], ARRIVES, "a reaction says no")
        await until(lambda: any(not one.loading for one in refused.messages), ARRIVES, "the member is answered")
        assert [one.ephemeral_for for one in refused.messages] == [refused.user]
        assert sentence("error.rights") in spaced(discord_rules.read_message(refused.messages[0].body))

        here.publish("journal", "Chantier de Valmont")
        await here.arrives("Chantier de Valmont", *wanted)
    assert not [here.said(room.platform, room.where.address.chat) for room in unwanted if here.heard(room, "")]


async def test_an_article_arrives_once_in_the_right_chat_and_thread_in_the_language_spoken_there(here: Town) -> None:
    wanted = [
        *(Room(platform=p, number=0, thread=THREAD[p], wants=("alertes",)) for p in PLATFORMS),
        *(Room(platform=p, number=1, language="en", wants=("alertes",)) for p in PLATFORMS),
    ]
    others = [Room(platform=p, number=n, wants=("journal",)) for p in PLATFORMS for n in (0, 2)]
    await here.furnish(*wanted, *others)
    async with here.bot() as bot:
        await bot.ready()
        title = ring(here, "alertes", 1)
        await here.arrives(title, *wanted)
        await here.read_again("alertes")
        await here.drained()
    numbers = set()
    for room in wanted:
        (said,) = here.heard(room, "")
        badge = " · ".join(sentence(key, room.language) for key in ("severity.critical", "alert.vulnerability"))
        assert badge in said.text
        assert len(here.said(room.platform, room.where.address.chat)) == 1
        numbers.update(re.findall(r"#(\d+)", said.text.splitlines()[-1]))
    assert len(numbers) == 1
    assert not [room for room in others if here.heard(room, "")]


async def test_nothing_in_a_title_is_obeyed(here: Town) -> None:
    rooms = [Room(platform=p, number=0, wants=("journal",)) for p in PLATFORMS]
    await here.furnish(*rooms)
    here.publish("journal", TRICKS, f"{TRICKS} et la suite.")
    async with here.bot():
        await here.arrives("grasse", *rooms, within=STARTS)
    said = [one for room in rooms for one in here.heard(room, "grasse")]
    assert [one.pings for one in said] == [(), ()]
    for one in said:
        assert "everyone" in one.text and "**fort**" in one.text and "[ici](https://ailleurs.test)" in one.text
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069]", one.text)
    (message,) = here.telegram.messages
    assert telegram_rules.commands(message.raw) == ()
    assert {entity.get("url") for entity in message.entities} == {None, "https://exemple.test/journal/0"}
    (body,) = (one.body for one in here.discord.messages)
    assert discord_rules.MEANS.format("").strip("{}")[0] not in discord_rules.read_message(body)
    assert not here.telegram.problems and not here.discord.problems


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_an_answer_lost_after_acceptance_makes_one_message_on_discord_and_a_marked_one_on_telegram(
    here: Town, platform: str
) -> None:
    room = Room(platform=platform, number=0, wants=("journal",))
    await here.furnish(room)
    (here.telegram if platform == "telegram" else here.discord).lose()
    here.publish("journal", "Chantier de Valmont")
    async with here.bot(web=False):
        await here.arrives("Chantier de Valmont", room, within=STARTS)
        await here.drained(ARRIVES)
        await asyncio.sleep(1.5)  # a third one would come now
    texts = [one.text for one in here.heard(room, "Chantier de Valmont")]
    assert len(texts) == (2 if platform == "telegram" else 1)
    repeats = sentence("post.repeats")
    assert [repeats in text for text in texts] == [False, True][: len(texts)]
