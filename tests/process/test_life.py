"""How the process starts, what it says of itself, who it shares with, and how it ends."""

import asyncio
import uuid
from pathlib import Path

import pytest

from tests import postgres
from tests.running import ARRIVES, STARTS, Room, Town, until

ROOMS = tuple(Room(platform=platform, number=0, wants=("journal",)) for platform in ("telegram", "discord"))
SENT = "SELECT COUNT(*) FROM deliveries WHERE state = 2 AND message_ref IS NOT NULL"
TODO = 'tocsin_deliveries{platform="telegram",state="todo"}'


@pytest.mark.parametrize("shared", ["token", "database"])
async def test_a_second_process_stops_with_one_sentence_and_the_first_goes_on(here: Town, shared: str) -> None:
    await here.furnish(*ROOMS)
    other = (
        {"TOCSIN_DATABASE_URL": f"sqlite:///{here.folder}/other.db"}
        if shared == "token"
        else {"TOCSIN_TELEGRAM_TOKEN": "987654321:another_token", "TOCSIN_DISCORD_TOKEN": "another.discord.token"}
    )
    async with here.bot() as first:
        await first.ready()
        async with here.bot(other) as second:
            assert await second.ended() != 0
            (sentence,) = second.log.splitlines()
            assert ("_TOKEN: another tocsin process" if shared == "token" else str(here.database)) in sentence
            assert second.out.read_bytes() == b""
        here.publish("journal", "Chantier de Valmont")
        await here.arrives("Chantier de Valmont", *ROOMS)
        assert await first.stop() == 0


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.platform))
async def test_a_stop_waits_for_the_answer_of_what_is_on_its_way(here: Town, room: Room) -> None:
    await here.furnish(room)
    (here.telegram if room.platform == "telegram" else here.discord).delay(3.0)
    here.publish("journal", "Chantier de Valmont")
    async with here.bot(web=False) as bot:
        await here.arrives("Chantier de Valmont", room, within=STARTS)
        assert here.ask(SENT) == 0
        assert await bot.stop(within=10.0) == 0
    assert here.ask(SENT) == 1
    assert len(here.heard(room, "Valmont")) == 1


async def test_all_wrong_settings_are_told_together(here: Town) -> None:
    wrong = {
        "TOCSIN_LANGUAGE": "klingon",
        "TOCSIN_TIMEZONE": "Mars/Olympus",
        "TOCSIN_POLL_MIN_SECONDS": "1m",
        "TOCSIN_DISCORD_TOKEN": "not a token",
        "TOCSIN_OPERATORS": "somebody",
    }
    async with here.bot(wrong) as bot:
        assert await bot.ended() == 2
    told = bot.log.splitlines()
    assert len(told) == len(wrong)
    assert all(any(line.startswith(name) for line in told) for name in wrong)
    assert "not a token" not in bot.log
    assert not here.database.exists()


@pytest.mark.parametrize("damage", ["another file", "a page", "a cut"])
async def test_a_damaged_database_stops_with_a_sentence_and_stays_as_it_is(here: Town, damage: str) -> None:
    await here.furnish(*ROOMS)
    _damage(here.database, damage)
    before = here.database.read_bytes()
    async with here.bot() as bot:
        assert await bot.ended() == 1
    (sentence,) = bot.log.splitlines()
    assert str(here.database) in sentence
    assert here.database.read_bytes() == before


async def test_a_source_is_read_as_often_as_the_settings_allow(here: Town) -> None:
    """Every second; a third of that is asked for, since the machine has other work."""
    await here.furnish(*ROOMS)
    async with here.bot(web=False):
        await here.read_again("journal")
        await until(lambda: here.site.seen["/journal.xml"] > 6, 20.0, lambda: f"six more readings: {here.site.seen}")


async def test_it_says_whether_it_lives_is_ready_and_what_it_did(here: Town) -> None:
    await here.furnish(*ROOMS)
    here.publish("journal", "Chantier de Valmont")
    async with here.bot() as bot:
        assert '"live": true' in await bot.answers(200, "/livez")
        assert '"ready": true' in await bot.answers(200, "/readyz")
        await here.arrives("Chantier de Valmont", *ROOMS)
        await here.drained(ARRIVES)
        told = await bot.answers(200, "/metrics")
    for line in ('sent_total{platform="telegram"} 1.0', 'sent_total{platform="discord"} 1.0'):
        assert f"tocsin_{line}" in told
    assert 'tocsin_sources{state="ok"} 2.0' in told


async def test_the_metrics_forget_a_queue_that_is_empty_again(here: Town) -> None:
    await here.furnish(*ROOMS)
    here.telegram.refuse_connections(True)
    here.publish("journal", "Chantier de Valmont")
    async with here.bot() as bot:
        await here.arrives("Chantier de Valmont", ROOMS[1], within=STARTS)
        assert f"{TODO} 1.0" in await bot.answers(200, "/metrics")
        here.telegram.refuse_connections(False)
        await here.arrives("Chantier de Valmont", ROOMS[0], within=STARTS)
        await here.drained(ARRIVES)
        assert f"{TODO} 1.0" not in await bot.answers(200, "/metrics")


async def test_the_metrics_answer_while_the_store_does_not(here: Town, postgres_server: str) -> None:
    """What is counted in memory is what the operator needs just then."""
    name = f"m{uuid.uuid4().hex}"
    async with here.bot({"TOCSIN_DATABASE_URL": await postgres.create(postgres_server, name)}) as bot:
        await bot.ready()
        await postgres.drop(postgres_server, name)
        assert "store" in await bot.answers(503)
        status, told = await bot.get("/metrics")
        assert await bot.stop() == 0
    assert status == 200
    assert "tocsin_loop_lateness_seconds_count" in told


async def test_a_refused_token_is_told_once_and_the_other_platform_goes_on(here: Town) -> None:
    await here.furnish(*ROOMS)
    here.telegram.reject_token()
    here.publish("journal", "Chantier de Valmont")
    async with here.bot() as bot:
        await here.arrives("Chantier de Valmont", ROOMS[1], within=STARTS)
        told = await bot.answers(503)
        assert "telegram" in told and "discord" not in told
        await asyncio.sleep(1.5)
        await bot.answers(503)
        assert bot.log.count("token refused") == 1
        assert await bot.stop() == 0
    assert not here.heard(ROOMS[0], "")


async def test_a_process_that_is_killed_leaves_no_worker_behind(here: Town) -> None:
    await here.furnish(*ROOMS)
    here.publish("journal", "Chantier de Valmont")
    async with here.bot(web=False) as bot:
        await here.arrives("Chantier de Valmont", *ROOMS, within=STARTS)
        assert len(_alive_in(bot.process.pid)) > 1
        await bot.kill()
        await until(lambda: not _alive_in(bot.process.pid), ARRIVES, "its workers are gone too")


def _alive_in(session: int) -> list[int]:
    """The processes of a session: the bot leads one of its own."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = stat.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(of) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found


def _damage(database: Path, how: str) -> None:
    content = bytearray(database.read_bytes())
    if how == "another file":
        content = bytearray(b"PK\x03\x04 this was never a database" * 100)
    elif how == "a page":
        content[4096 : 2 * 4096] = bytes(range(256)) * 16
    else:
        del content[len(content) // 2 :]
    database.write_bytes(content)
