"""CERT-FR's longest bulletin names 1,924 vulnerabilities: all are found, and what is said of it fits every platform."""

import json
from dataclasses import dataclass, replace

import pytest

from adapters import sources as kinds
from adapters.platforms.discord import render as on_discord
from adapters.platforms.telegram import render as on_telegram
from bot.domain.channel import Channel, Rhythm
from bot.domain.rule import Rule, What
from bot.domain.source import Trust
from bot.ports import Database, NotModified, Page, SourceKind
from tests.fakes import START, FakeSite, World, words
from tests.stands import discord_rules, telegram_rules

PAGE = "https://certfr-fictif.test/avis/CERTFR-2026-AVI-0999/"
CVES = tuple(f"CVE-2026-{number}" for number in range(10_000, 11_924))
DOCUMENT = {
    "reference": "CERTFR-2026-AVI-0999",
    "summary": "De multiples vulnérabilités ont été découvertes dans le noyau fictif. "
    "L’éditeur indique que l’une d’elles est activement exploitée.",
    "content": "Se référer au bulletin de sécurité de l’éditeur pour l’obtention des correctifs.",
    "affected_systems": [{"description": f"Noyau fictif {n}", "product": {"name": "N/A"}} for n in range(300)],
    "cves": [{"name": cve} for cve in CVES],
}


@dataclass
class Site(FakeSite):
    """A feed of one entry, and below its page the document; `has_document` False: an HTML page instead."""

    has_entry: bool = False
    has_document: bool = True

    async def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | NotModified:
        if url == f"{PAGE}json/":
            body = json.dumps(DOCUMENT) if self.has_document else "<html><body><p>Maintenance</p></body></html>"
            return Page(url=url, body=body.encode())
        item = f"<item><title>Multiples vulnérabilités dans le noyau fictif</title><link>{PAGE}</link></item>"
        items = item if self.has_entry else ""
        return Page(url=url, body=f"<rss version='2.0'><channel>{items}</channel></rss>".encode())

    def load(self, name: str) -> SourceKind:
        return kinds.load(name)


async def read(database: Database, site: Site, *, long_posts: bool = False) -> World:
    """The bulletin is published, read and said in one channel."""
    world = World.on(database)
    world.site = site
    await world.source("a", kind="certfr", trust=Trust.OFFICIAL, topics=("vulnerabilite",))
    channel: Channel = replace(await world.channel(), long_posts=long_posts)
    async with world.db.tx() as tx:
        await world.store.channels.save(tx, channel, START)
        await world.store.subscriptions.add(
            tx, channel.id, Rule(what=What.EVERYTHING), Rhythm.NOW, silent=False, now=START
        )
    site.has_entry = True
    assert await world.read("a") == 1
    await world.deliver_all()
    return world


@pytest.mark.parametrize("long_posts", [False, True], ids=["short", "long"])
async def test_every_vulnerability_is_found_and_a_few_are_shown(database: Database, long_posts: bool) -> None:
    world = await read(database, Site(), long_posts=long_posts)
    (facts,) = await world.store.articles.newest(5)
    assert facts.understanding.cves == CVES
    ((_, view),) = world.platform.sent
    assert (f"{CVES[2]}, …" in words(view)) is not long_posts  # a long post says the text's own sentences
    assert [*discord_rules.message_problems(on_discord.render(view, "fr"))] == []
    said = {"chat_id": 1, **on_telegram.render(view, "fr")}
    assert [*telegram_rules.message_problems("sendMessage", said)] == []
    assert str(said).count("CVE-") < 12 and str(on_discord.render(view, "fr")).count("CVE-") < 12


async def test_a_document_that_does_not_come_leaves_what_the_feed_says(database: Database) -> None:
    world = await read(database, Site(has_document=False))
    (facts,) = await world.store.articles.newest(5)
    assert facts.understanding.cves == ()
    assert world.platform.titles("g1") == ["Multiples vulnérabilités dans le noyau fictif"]
