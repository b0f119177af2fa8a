"""A date that moved and a reminder, as Telegram and Discord draw them in both languages."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.platforms.discord import render as on_discord
from adapters.platforms.telegram import render as on_telegram
from bot.domain.source import Trust
from bot.ports import Database
from bot.view import View
from tests.fakes import World
from tests.pipeline.dated import call, tells, world_of

MOVED = {
    "fr": (
        "Date modifiée : L’appel à financement CaRE domaine 2 est ouvert",
        "Échéance : dépôt des dossiers CaRE domaine 2",
        "Ancienne date : jeudi 30 avr. 2026",
        "Nouvelle date : vendredi 15 mai 2026",
        "ANS · 11 mars 2026",
    ),
    "en": (
        "Date changed: L’appel à financement CaRE domaine 2 est ouvert",
        "Deadline: dépôt des dossiers CaRE domaine 2",
        "Old date: Thursday 30 Apr 2026",
        "New date: Friday 15 May 2026",
        "ANS · 11 Mar 2026",
    ),
}
REMINDER = {
    "fr": ("Dans 7 jours : dépôt des dossiers CaRE domaine 2", "Clôture : vendredi 15 mai 2026", "ANS"),
    "en": ("In 7 days: dépôt des dossiers CaRE domaine 2", "Closes: Friday 15 May 2026", "ANS"),
}
DISPUTED = {
    "fr": (
        "Clôture : mardi 12 mai 2026 (ARS)",
        "Clôture : vendredi 15 mai 2026 (ANS)",
        "Certitude : à confirmer, les sources divergent",
    ),
    "en": (
        "Closes: Tuesday 12 May 2026 (ARS)",
        "Closes: Friday 15 May 2026 (ANS)",
        "Certainty: to confirm, sources disagree",
    ),
}


def _drawn(view: View, platform: str, language: str) -> str:
    """What is read, without markup: Discord's fields as Telegram writes its lines."""
    if platform == "telegram":
        payload = on_telegram.render(view, language)
        said = str(payload["text"])
    else:
        (embed,) = on_discord.render(view, language)["embeds"]
        colon = "\u00a0: " if language == "fr" else ": "
        fields = [f"{one['name']}{colon}{one['value']}" for one in embed.get("fields", ())]
        lines = (embed.get("title", ""), embed.get("description", ""), *fields, embed.get("footer", {}).get("text", ""))
        said = re.sub(r"\\(.)", r"\1", "\n".join(lines))
    return re.sub("[\u00a0\u202f]", " ", said)


async def _speaks(world: World, language: str) -> None:
    channel = replace(await world.channel("salon"), language=language)
    async with world.db.tx() as tx:
        await world.store.channels.save(tx, channel, world.clock.now())


async def _passes(world: World, until: datetime) -> None:
    plan = world.plan
    while world.clock.now() < until:
        world.clock.forward(timedelta(hours=12))
        await plan.sweep(world.clock.now())
        await world.deliver_all()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_a_move_says_old_and_new_and_a_reminder_what_is_left(
    database: Database, platform: str, language: str
) -> None:
    world = await world_of(database)
    await _speaks(world, language)
    await tells(world, "ans", "appel", call("30 avril"))
    world.clock.forward(timedelta(days=1))
    await tells(world, "ans", "appel", call("15 mai"))
    moved = _drawn(world.platform.sent[-1][1], platform, language)
    assert [line for line in MOVED[language] if line not in moved] == [], moved
    await _passes(world, datetime(2026, 5, 8, 9, 0, tzinfo=UTC))
    reminder = _drawn(world.platform.sent[-1][1], platform, language)
    assert [line for line in REMINDER[language] if line not in reminder] == [], reminder


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_of_sources_that_disagree_a_reminder_says_both_days(
    database: Database, platform: str, language: str
) -> None:
    world = await world_of(database)
    await world.source("ars", title="ARS", trust=Trust.OFFICIAL)
    await _speaks(world, language)
    await tells(world, "ans", "appel", call("15 mai"))
    await tells(world, "ars", "autre", call("12 mai"), title="CaRE domaine 2 vu de l’agence")
    await _passes(world, datetime(2026, 5, 5, 9, 0, tzinfo=UTC))
    drawn = _drawn(world.platform.sent[-1][1], platform, language)
    assert [line for line in DISPUTED[language] if line not in drawn] == [], drawn
