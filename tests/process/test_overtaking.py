"""A lane under load: who waits, who does not, and what the platforms are asked for."""

import time
from datetime import UTC, datetime

import pytest

from bot.domain.channel import Channel
from bot.domain.delivery import Post, PostKind, Prio
from bot.wiring import store_on
from storage.database import database
from tests.process.alarms import ring
from tests.running import ARRIVES, STARTS, Room, Town, until

PLATFORMS = ("telegram", "discord")
QUEUED = 60  # posts for each of five chats
HEARD_WITHIN = 60.0  # promised
NOT_DELAYED = 5.0


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_critical_alert_overtakes_three_hundred_queued_posts(here: Town, platform: str) -> None:
    rooms = [Room(platform=platform, number=number, wants=("alertes",)) for number in range(5)]
    channels = await here.furnish(*rooms)
    await _queue(here, list(channels.values()))
    async with here.bot(web=False):
        await until(lambda: len(here.said(platform)) >= 10, STARTS, "the queue begins to move")
        title = ring(here, "alertes", 1)
        await here.arrives(title, *rooms, within=HEARD_WITHIN)
    assert all(len(here.heard(room, "")) < QUEUED for room in rooms)  # what was queued before it is still to come


async def test_a_thousand_entries_at_once_are_poured_nowhere_and_an_alert_of_that_minute_rings(here: Town) -> None:
    rooms = [Room(platform=platform, number=0, wants=("journal", "alertes")) for platform in PLATFORMS]
    await here.furnish(*rooms)
    async with here.bot(web=False):
        here.papers["journal"] += [(f"Dépêche fictive {number}", "Rien de pressé.") for number in range(999)]
        here.publish("journal", "Dépêche fictive 999")
        await until(lambda: here.ask("SELECT COUNT(*) FROM held_articles") == 1_000, STARTS * 2, "the flood is held")
        title = ring(here, "alertes", 1)
        await here.arrives(title, *rooms, within=HEARD_WITHIN)
        await here.read_again("journal")
    assert here.ask("SELECT COUNT(*) FROM articles") == 1_001
    for room in rooms:
        assert len(here.said(room.platform)) == 1


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_chat_refused_for_a_minute_delays_no_other_chat_of_its_lane(here: Town, platform: str) -> None:
    refused, other = (Room(platform=platform, number=number, wants=("alertes",)) for number in (0, 1))
    await here.furnish(refused, other)
    stand = here.telegram if platform == "telegram" else here.discord
    stand.throttle(60, number=0)
    first = ring(here, "alertes", 1)
    async with here.bot(web=False):
        await here.arrives(first, other, within=STARTS)
        await until(lambda: stand.refusals == 1, ARRIVES, "the first chat is refused")
        second = ring(here, "alertes", 2)
        await here.read_again("alertes")  # what is asked for from now on holds the second one
        read_at = time.monotonic()
        await here.arrives(second, other)
        assert time.monotonic() - read_at < NOT_DELAYED
    assert not here.heard(refused, "")
    assert stand.refusals == 1


async def test_forty_chats_on_each_platform_are_served_at_once_and_hardly_refused(here: Town) -> None:
    rooms = [
        Room(platform=platform, number=number, wants=("journal",)) for number in range(40) for platform in PLATFORMS
    ]
    await here.furnish(*rooms)
    async with here.bot() as bot:
        await bot.ready()
        here.publish("journal", "Chantier de Valmont")
        await here.arrives("Chantier de Valmont", *rooms)
        await here.drained()
    assert len(here.said("telegram")) == len(here.said("discord")) == 40
    assert here.telegram.refusals <= 1 and here.discord.refusals <= 1


async def _queue(here: Town, channels: list[Channel]) -> None:
    """Posts for each channel, half of them news and half of them digests."""
    async with database(f"sqlite:///{here.database}") as db:
        outbox = store_on(db).outbox
        async with db.tx() as tx:
            for number in range(QUEUED):
                for channel in channels:
                    post = Post(
                        key=f"n:{number}:{channel.id}",
                        kind=PostKind.NOTICE,
                        prio=Prio.NEWS if number % 2 else Prio.DIGEST,
                        payload={"text": f"Message fictif {number}"},
                        created_at=datetime.now(UTC),
                    )
                    await outbox.owe_to(tx, post, channel)
