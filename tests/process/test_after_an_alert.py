"""What follows an alert, when the process is killed between a deed and the answer that tells of it."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

from bot.wiring import store_on
from storage.database import database
from tests.process.alarms import ring
from tests.running import ARRIVES, Room, Town, until

ROOM = Room(platform="discord", number=0, wants=("alertes",))
CALL = "Deuxième appel"
LATE = 60.0  # seconds, in which the test kills it


async def _wants_threads(here: Town) -> None:
    (channel,) = (await here.furnish(ROOM)).values()
    async with database(f"sqlite:///{here.database}") as db, db.tx() as tx:
        await store_on(db).channels.save(tx, replace(channel, threads=True), datetime.now(UTC))


def _half_an_hour_passes(here: Town) -> None:
    """For what is held; the bot does not run."""
    with closing(sqlite3.connect(here.database)) as connection:
        assert connection.execute("UPDATE deliveries SET due_at = 1 WHERE state = 0").rowcount == 1
        connection.commit()


async def test_killed_in_the_midst_an_alert_has_one_thread_and_one_second_call(here: Town) -> None:
    await _wants_threads(here)
    discord = here.discord
    discord.late_threads = LATE
    title = ring(here, "alertes", 1)
    async with here.bot(web=False) as bot:
        await until(lambda: bool(discord.opened), ARRIVES, lambda: f"a thread is opened: {bot.log[-2000:]}")
        await bot.kill()
    discord.late_threads = 0.0
    async with here.bot(web=False) as bot:
        threads = (
            "SELECT COUNT(*) FROM deliveries d JOIN posts p ON p.id = d.post WHERE p.kind = 'thread' AND d.state = 2"
        )
        await until(lambda: here.ask(threads) == 1, ARRIVES, lambda: f"the thread is known: {bot.log[-2000:]}")
        await bot.kill()
    assert (len(discord.opened), [*discord.asked_for.values()]) == (1, [2])
    assert len(here.heard(ROOM, title)) == 1

    _half_an_hour_passes(here)
    discord.delay(LATE)
    async with here.bot(web=False) as bot:
        await here.arrives(CALL, ROOM)
        await bot.kill()
    for _ in range(2):
        async with here.bot(web=False) as bot:
            await here.drained()
            await here.read_again("alertes")
            assert await bot.stop() == 0
    assert len(here.heard(ROOM, CALL)) == 1
    assert len(discord.opened) == 1 and discord.problems == []
