"""The harness itself: it must see what a bot does that marks first and sends afterwards."""

from pathlib import Path

import pytest

from adapters.platforms.telegram.client import RATES
from tests.kills.doors import DiscordWithDoor, TelegramWithDoor
from tests.kills.ledger import judge
from tests.running import ARRIVES, STARTS, Room, town, until

SLUGS = ("un", "deux", "trois")
ROOMS = tuple(
    Room(platform=platform, number=number, wants=(slug,))
    for number, slug in enumerate(SLUGS)
    for platform in ("telegram", "discord")
)
TITLES = {slug: [f"Chantier de {slug}"] for slug in SLUGS}


@pytest.mark.parametrize("module", ["bot", "tests.kills.marks_first"])
async def test_only_a_bot_that_marks_before_it_sends_loses_what_was_on_its_way(tmp_path: Path, module: str) -> None:
    """Killed while every message waits before a closed door: none was taken, whatever the rows say."""
    telegram, discord = TelegramWithDoor(), DiscordWithDoor()
    async with town(tmp_path, *SLUGS, telegram=telegram, discord=discord) as here:
        await here.furnish(*ROOMS)
        for slug in SLUGS:
            here.publish(slug, *TITLES[slug])
        async with here.bot(module=module, web=False) as bot:
            await until(
                lambda: telegram.door.waiting == discord.door.waiting == len(SLUGS),
                STARTS,
                lambda: f"all wait at the door: {telegram.door.waiting} and {discord.door.waiting}",
            )
            await bot.kill()
        for door in (telegram.door, discord.door):
            door.open()
        async with here.bot(module=module) as bot:
            await bot.ready()
            await here.drained(ARRIVES)
            assert await bot.stop() == 0
        verdict = judge(here, ROOMS, TITLES, [0], RATES.width)
        if module == "bot":
            assert not verdict.faults
        else:
            assert len(verdict.lost) == len(ROOMS)
