"""The bot is killed at any moment, again and again, while articles are published: nothing is lost.

`KILLS` says how many kills (20), `KILLS_SEED` repeats a run. The stand-ins keep the ledger; they survive every kill.
"""

import asyncio
import os
import random
import secrets
from pathlib import Path

import pytest

from adapters.platforms.telegram.client import RATES
from tests.kills.ledger import judge
from tests.running import STARTS, Process, Room, Town, invented, town, until

KILLS = int(os.environ.get("KILLS", "20"))
BATCH = 20  # kills of one test, so that workers share many
SLUGS = tuple(f"journal-{number}" for number in range(8))
ROOMS = tuple(
    Room(platform=platform, number=number, wants=(slug,))
    for number, slug in enumerate(SLUGS)
    for platform in ("telegram", "discord")
)
PHASES = {"start": (0.3, 1.8), "read": (0.0, 1.0), "send": (0.0, 0.6)}  # seconds from its beginning to the kill
LIVES = ("send", "read", "send", "start")
BATCHES = [min(BATCH, KILLS - done) for done in range(0, KILLS, BATCH)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kills", BATCHES, ids=[f"{n}-{kills}" for n, kills in enumerate(BATCHES, 1)])
async def test_killed_anywhere_no_article_is_lost_and_what_is_repeated_says_so(tmp_path: Path, kills: int) -> None:
    seed = int(os.environ.get("KILLS_SEED") or secrets.randbelow(2**32))
    print(f"KILLS_SEED={seed}")
    chance = random.Random(seed)
    titles: dict[str, list[str]] = {slug: [] for slug in SLUGS}
    taken: list[int] = []
    async with town(tmp_path, *SLUGS, servers=len(SLUGS)) as here:
        here.telegram.limits(False)  # a new life knows nothing of the last minute; that is another promise
        await here.furnish(*ROOMS)
        lives = [LIVES[number % len(LIVES)] for number in range(kills)]
        chance.shuffle(lives)
        for phase in lives:
            for slug in chance.sample(_short_of_news(here, titles), 4):
                titles[slug].append(_title(slug, len(titles[slug])))
                here.publish(slug, titles[slug][-1])
            for platform in (here.telegram, here.discord):
                platform.delay(chance.uniform(0.05, 0.4), calls=4)
            async with here.bot(web=False) as bot:
                await _moment(here, bot, phase, chance)
                assert bot.process.returncode is None, f"it ended by itself: {bot.log[-2000:]}"
                await bot.kill()
            await asyncio.sleep(0.05)  # what was in the pipe is read
            taken.append(len(here.telegram.messages))
        async with here.bot(web=False) as bot:
            for room in ROOMS:
                await here.arrives((titles[room.wants[0]] or [""])[-1], room, within=60)
            await here.drained()
            assert await bot.stop() == 0
        assert taken[-1] > 0, "no life was long enough to send anything: this run proves nothing"
        verdict = judge(here, ROOMS, titles, taken, RATES.width)
        assert not verdict.faults, f"KILLS_SEED={seed}: {verdict}"
        assert not here.telegram.problems and not here.discord.problems
    print(f"{kills} kills, {sum(map(len, titles.values()))} articles, {verdict.repeats} repeated on Telegram")


def _title(slug: str, number: int) -> str:
    """Unlike any other paper's: what two of them tell alike is one story."""
    return f"{invented(f'{slug} {number}')[:20].strip().capitalize()} {slug} {number:04}."


def _short_of_news(here: Town, titles: dict[str, list[str]]) -> list[str]:
    """Sources whose news were mostly told: of more than five at once the rest would wait to be folded into one."""
    unheard = {
        slug: sum(not here.heard(room, title) for title in titles[slug])
        for slug, room in zip(SLUGS, ROOMS[::2], strict=True)
    }
    return sorted(SLUGS, key=lambda slug: unheard[slug])[:6]


async def _moment(here: Town, bot: Process, phase: str, chance: random.Random) -> None:
    """Until a random moment of that phase of its life."""
    asked, sent = len(here.site.asked), _sends(here)
    if phase == "read":
        await until(lambda: len(here.site.asked) > asked, STARTS, lambda: f"it reads: {bot.log[-2000:]}")
    elif phase == "send":
        await until(lambda: _sends(here) > sent, STARTS, lambda: f"it sends: {bot.log[-2000:]}")
    await asyncio.sleep(chance.uniform(*PHASES[phase]))


def _sends(here: Town) -> int:
    """Messages that reached a platform's door, taken or not."""
    return here.telegram.requests.count("sendMessage") + sum("/messages" in one for one in here.discord.requests)
