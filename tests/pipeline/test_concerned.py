"""An advisory meets watchlists: from its source to the channels it concerns, at night too."""

from dataclasses import replace
from datetime import time

from bot.domain.alert import Severity
from bot.domain.article import Product
from bot.domain.channel import Quiet, Rhythm
from bot.domain.rule import Rule, What
from bot.domain.source import Trust
from bot.ports import Database
from bot.text.watched import watched_in
from bot.view import Facts as Rows
from bot.view import View
from tests.fakes import START, World, entry

NOW_QUIET = Quiet(start=time(9, 30), end=time(12))  # START is inside
FLAW = "Une faille de FortiOS, CVE-2026-11111, permet de contourner l’authentification. Son score CVSS est de 9,1."
EXPLOITED = f"{FLAW} Elle est activement exploitée depuis lundi."


async def a_channel(world: World, chat: str, rule: What, runs: str = "") -> None:
    """In its quiet hours; `runs`: its list, as typed."""
    channel = await world.channel(chat)
    community = channel.community
    async with world.db.tx() as tx:
        await world.store.channels.save(tx, replace(channel, quiet=NOW_QUIET), START)
        await world.store.subscriptions.watch(tx, community, watched_in(runs))
        wanted = Rule(what=What.WATCHLIST, value=community) if rule is What.WATCHLIST else Rule(what=rule)
        await world.store.subscriptions.add(tx, channel.id, wanted, Rhythm.NOW, silent=False, now=START)


async def told(database: Database, text: str) -> World:
    world = World.on(database)
    source = await world.source("a", trust=Trust.OFFICIAL)
    await a_channel(world, "forti", What.WATCHLIST, "Fortinet\nVeeam")
    await a_channel(world, "citrix", What.WATCHLIST, "Citrix")
    await a_channel(world, "none", What.WATCHLIST)
    await a_channel(world, "alerts", What.ALERTS)
    world.site.publish(source, entry("1", "Vulnérabilité dans FortiOS", summary=text))
    await world.read("a")
    await world.deliver_all()
    return world


def rows(view: View) -> dict[str, str]:
    return {label: value for block in view.blocks if isinstance(block, Rows) for label, value in block.rows}


async def test_a_warning_rings_at_night_where_it_concerns_what_they_run_and_nowhere_else(database: Database) -> None:
    world = await told(database, FLAW)
    (facts,) = await world.store.articles.newest(1)
    assert facts.severity is Severity.WARNING
    assert {chat: state for (_, chat), state in (await world.states()).items()} == {"forti": "sent", "alerts": "held"}
    ((_, view),) = world.platform.sent
    assert rows(view)["Nous concerne"] == "FortiOS (votre liste)"
    assert not view.silent


async def test_what_is_critical_rings_everywhere_it_is_wanted(database: Database) -> None:
    world = await told(database, EXPLOITED)
    states = {chat: state for (key, chat), state in (await world.states()).items() if key.startswith("s:")}
    assert states == {"forti": "sent", "alerts": "sent"}
    concerned = {chat: rows(view).get("Nous concerne") for chat, view in world.platform.sent}
    assert concerned == {"forti": "FortiOS (votre liste)", "alerts": None}


async def test_why_names_what_the_list_and_the_article_share(database: Database) -> None:
    world = await told(database, FLAW)
    (facts,) = await world.store.articles.newest(1)
    rule = Rule(what=What.WATCHLIST, value="telegram:forti")
    explanation = await world.matching.explain(world.db, rule, facts)
    assert dict(explanation.reason.values)["words"] == "fortinet fortios"
    assert Product(vendor="fortinet", name="") in await world.store.subscriptions.watchlist(world.db, "telegram:forti")
