"""A page somebody shares, as it is really read: guarded, capped, in a worker process."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters import sources as kinds
from adapters.cpu import CpuWorkers
from adapters.http import HttpFetcher
from bot.errors import SourceError
from bot.foundation import Reading
from bot.pipeline.share import Sharing
from bot.ports import Database
from tests.commands.test_share import PARAGRAPH, TITLE, page
from tests.fakes import World
from tests.stands.origin import Origin, Reply, origin, rss

HTML = {"Content-Type": "text/html; charset=utf-8"}
CARDS = "".join(
    f"<div class='card'><h3><a href='/articles/{n}/autre'>Une autre nouvelle fictive numéro {n}</a></h3></div>"
    for n in range(1, 12)
)
LIST = "".join(
    f"<article><h2><a href='/articles/{n}/panne-fictive'>Une panne fictive de messagerie numéro {n}</a></h2>"
    f"<p>{n:02} mars 2026 - 10:20</p><p>Le centre hospitalier imaginaire de Valmont raconte sa journée {n}.</p>"
    "</article>"
    for n in range(1, 6)
)


def html(text: str) -> Reply:
    return Reply(body=text.encode(), headers=HTML)


@asynccontextmanager
async def sharing(database: Database, replies: Mapping[str, Reply]) -> AsyncIterator[tuple[Origin, Sharing]]:
    async with origin(replies) as site, HttpFetcher(private_networks=["127.0.0.0/8"]) as fetcher, CpuWorkers() as cpu:
        reading = Reading(fetcher=fetcher, cpu=cpu, kinds=kinds)
        yield site, replace(World.on(database).intake, reading=reading).sharing


async def test_an_articles_page_is_read_with_its_title_text_and_date(database: Database) -> None:
    async with sharing(database, {"/a": html(page())}) as (site, flow):
        read = await flow.read(site.url("/a"))
    assert read is not None
    assert read.article.title == TITLE and PARAGRAPH in read.article.body
    assert read.article.published == datetime(2026, 3, 8, 23, 0, tzinfo=UTC)  # midnight in Paris
    assert read.understanding.summary


async def test_an_article_amid_links_to_others_is_read_all_the_same(database: Database) -> None:
    text = page().replace("</article>", f"</article>{CARDS}")
    async with sharing(database, {"/dossier/valmont": html(text)}) as (site, flow):
        read = await flow.read(site.url("/dossier/valmont"))
    assert read is not None and read.article.title == TITLE and PARAGRAPH in read.article.body


async def test_after_a_redirect_the_address_is_that_of_the_page(database: Database) -> None:
    replies = {"/court": Reply(status=302, headers={"Location": "/a"}), "/a": html(page())}
    async with sharing(database, replies) as (site, flow):
        read = await flow.read(site.url("/court"))
        assert read is not None and read.article.url == site.url("/a")


@pytest.mark.parametrize(
    "reply", [Reply(body=rss(4)), html(f"<html><body>{LIST}</body></html>")], ids=["a feed", "a list of articles"]
)
async def test_what_is_no_article_is_none(database: Database, reply: Reply) -> None:
    async with sharing(database, {"/": reply}) as (site, flow):
        assert await flow.read(site.url("/")) is None


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://10.0.0.1/", "blocked-address"),
        ("http://169.254.169.254/latest/meta-data", "blocked-address"),
        ("http://[::1]/", "blocked-address"),
        ("ftp://exemple.test/a", "blocked-scheme"),
        ("http://moi:secret@exemple.test/", "bad-url"),
        ("http://exemple.test:22/", "blocked-port"),
    ],
)
async def test_what_nobody_may_have_read_for_them_is_refused(database: Database, address: str, code: str) -> None:
    async with sharing(database, {}) as (_, flow):
        with pytest.raises(SourceError) as refused:
            await flow.read(address)
    assert refused.value.code == code and "secret" not in str(refused.value)
