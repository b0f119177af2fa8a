"""What is secret stays so: unmistakable strings, the most talkative logs, every kind of failure, then a search."""

import asyncio
import uuid
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests import postgres
from tests.running import STARTS, Process, Room, Town, town, until
from tests.stands.bot_api import BotApi
from tests.stands.discord_api import DiscordApi

PLATFORMS = ("telegram", "discord")
TELEGRAM = "700700700:AA-canary-of-telegram-0123456789abcdef"
DISCORD = "canary-of-discord-00000000.canary.of-discord-0123456789abcdefghij"
OTHERS = {
    "TOCSIN_LOG_LEVEL": "DEBUG",
    "TOCSIN_SECRET_KEY": "canary-of-the-secret-key-0123456789",
    "TOCSIN_LLM_URL": "http://127.0.0.1:1/v1",  # where nobody answers
    "TOCSIN_LLM_MODEL": "petit-modele",
    "TOCSIN_LLM_KEY": "canary-of-the-model-0123456789",
    "TOCSIN_TELEGRAM_WEBHOOK_SECRET": "canary-of-the-webhook-0123456789",
}
PASSWORD = "canary-of-a-password-0123456789"
KNOWN = "SELECT COUNT(*) FROM deliveries"
CANARIES = (
    TELEGRAM,
    TELEGRAM.partition(":")[2],
    DISCORD,
    PASSWORD,
    *(secret for secret in OTHERS.values() if "canary" in secret),
)


@pytest.mark.parametrize("style", ["console", "json"])
async def test_no_failure_of_a_platform_shows_a_secret(tmp_path: Path, style: str) -> None:
    """Each article meets another failure; a refused token comes last, since it silences its platform."""
    telegram, discord = BotApi(token=TELEGRAM), DiscordApi(token=DISCORD)
    slugs = [f"journal-{number}" for number in range(6)]
    async with town(tmp_path, *slugs, servers=len(slugs), telegram=telegram, discord=discord) as here:
        rooms = [Room(platform=p, number=n, wants=(slug,)) for n, slug in enumerate(slugs) for p in PLATFORMS]
        await here.furnish(*rooms)
        for stand in (telegram, discord):
            for status in (404, 409, 500):
                stand.fail(status)
            stand.throttle(1.0)
            stand.lose()
            stand.garble()
        for slug in slugs:
            here.publish(slug, "Chantier de Valmont")
        async with here.bot(OTHERS | {"TOCSIN_LOG_FORMAT": style}) as bot:
            await bot.ready()
            await until(lambda: here.ask(KNOWN) == len(rooms), STARTS, "all is owed")
            await here.drained(STARTS)
            await _lose_connections(here)
            await _refuse_tokens(here)
            told = await bot.answers(200, "/metrics")
            told += await bot.answers(503, "/readyz")
            found = _found({"metrics": told.encode()} | _left_by(here, bot))
            await bot.kill()  # what a crash leaves, journal of the database included
        assert not found
        assert bot.log.count("not delivered") >= 2 * len(slugs)
        assert not _found(_left_by(here, bot))


@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("TOCSIN_DATABASE_URL", "postgresql://tocsin:{password}@127.0.0.1:{port}/tocsin"),
        ("TOCSIN_HTTP_PROXY", "http://tocsin:{password}@127.0.0.1:{port}"),
        ("TOCSIN_TELEGRAM_API_URL", "http://tocsin:{password}@127.0.0.1:{port}"),
        ("TOCSIN_DATABASE_URL", "mysql://tocsin:{password}@127.0.0.1:{port}/tocsin"),
    ],
)
async def test_no_address_shows_its_password_when_nothing_answers_there(
    here: Town, variable: str, address: str
) -> None:
    await here.furnish(Room(platform="telegram", number=0, wants=("journal",)))
    here.publish("journal", "Chantier de Valmont")
    here.telegram.refuse_connections(True)  # its port is one where nothing listens
    settings = OTHERS | {variable: address.format(password=PASSWORD, port=here.telegram.port)}
    async with here.bot(settings) as bot:
        if variable == "TOCSIN_DATABASE_URL":
            assert await bot.ended() in (1, 2)
        else:
            await bot.answers(503)
            await asyncio.sleep(1.5)
            assert await bot.stop() == 0
    assert bot.log
    assert not _found(_left_by(here, bot))


async def test_a_database_that_goes_away_shows_no_password(here: Town, postgres_server: str) -> None:
    name = f"s{uuid.uuid4().hex}"
    address = await postgres.create(postgres_server, name)
    with_password = address.replace("tocsin@", f"tocsin:{PASSWORD}@")
    async with here.bot(OTHERS | {"TOCSIN_DATABASE_URL": with_password}) as bot:
        await bot.ready()
        await postgres.drop(postgres_server, name)
        here.publish("journal", "Chantier de Valmont")
        told = await bot.answers(503) + (await bot.get("/metrics"))[1]
        assert await bot.stop() == 0
    assert not _found({"pages": told.encode()} | _left_by(here, bot))


async def _lose_connections(here: Town) -> None:
    """Nobody listens any more, another process polls, the gateway ends: then all is well again."""
    here.telegram.refuse_connections(True)
    await here.discord.gateway.close(4000)
    await asyncio.sleep(1.0)
    here.telegram.refuse_connections(False)
    here.telegram.poll_elsewhere()
    await until(lambda: here.discord.gateway.is_connected, STARTS, "Discord is back")
    await asyncio.sleep(1.0)
    here.telegram.poll_elsewhere(False)


async def _refuse_tokens(here: Town) -> None:
    for stand in (here.telegram, here.discord):
        stand.reject_token()
        stand.fail(401)
    await here.discord.gateway.close(4004)
    here.publish("journal-0", "Chantier de Brumeval")
    await asyncio.sleep(2.0)


def _left_by(here: Town, bot: Process) -> dict[str, bytes]:
    """All the process wrote, but for the settings it was given."""
    files: Iterable[Path] = [bot.out, bot.err, *here.folder.glob("*.db*")]
    return {path.name: path.read_bytes() for path in files}


def _found(places: dict[str, bytes]) -> list[str]:
    return [f"{one} in {name}" for name, content in places.items() for one in CANARIES if one.encode() in content]
