"""Rehearsal = what is delivered = what `why` says: one function, on the same rows."""

import json
import string
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.alert import Severity
from bot.domain.channel import Rhythm
from bot.domain.entry import Entry
from bot.domain.rule import Rule, What
from bot.ports import Database
from bot.text.analyse import read_words
from storage.database import database
from tests.fakes import START, World, entry

SLUGS = ("a", "b")
NOUNS = ("hôpital", "hôpitaux", "messagerie", "panne", "rançongiciel", "l’établissement", "dossier", "CVE-2026-1234")
PHRASES = ('"panne messagerie"', '"rançongiciel hôpital"')


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    what = draw(st.sampled_from([What.EVERYTHING, What.SOURCE, What.TOPIC, What.GENRE, What.ALERTS, What.WORDS]))
    value = ""
    if what is What.SOURCE:
        value = draw(st.sampled_from(SLUGS))
    elif what is What.TOPIC:
        value = draw(st.sampled_from(["vulnerabilite", "incident", "dpi"]))
    elif what is What.GENRE:
        value = draw(st.sampled_from(["tribune", "actualite"]))
    typed = draw(st.lists(st.sampled_from([*NOUNS, *PHRASES]), min_size=what is What.WORDS, max_size=2))
    excluded = [f"-{word}" for word in draw(st.lists(st.sampled_from(NOUNS), max_size=1))]
    all_of, any_of, none_of = read_words(" ".join([*typed, *excluded]))
    severity = draw(st.none() | st.sampled_from(Severity)) if what is What.ALERTS else None
    return Rule(what=what, value=value, all_of=all_of, any_of=any_of, none_of=none_of, from_severity=severity)


@st.composite
def entries(draw: st.DrawFn, slug: str) -> list[Entry]:
    words = st.lists(st.sampled_from([*NOUNS, "le", "de", "patients", "lundi"]), min_size=2, max_size=9).map(" ".join)
    bodies = st.sampled_from(
        [
            "",
            "La faille CVE-2026-1234 est activement exploitée, score CVSS 9,8. Un correctif urgent est disponible.",
            "Une cyberattaque par rançongiciel paralyse l’hôpital : les urgences sont déviées depuis ce matin.",
        ]
    )
    count = draw(st.integers(0, 3))
    return [
        entry(
            f"{slug}{number}{draw(st.sampled_from(string.ascii_lowercase))}",
            draw(words).capitalize(),
            text=draw(bodies),
            genre=draw(st.sampled_from(["", "Tribune", "Actualité"])),
        )
        for number in range(count)
    ]


@settings(max_examples=25, deadline=None)
@given(wanted=st.lists(rules(), min_size=1, max_size=3), of_a=entries("a"), of_b=entries("b"))
async def test_what_was_rehearsed_is_what_is_delivered_and_what_why_says(
    wanted: list[Rule], of_a: list[Entry], of_b: list[Entry]
) -> None:
    async with database("sqlite:///:memory:") as fresh:
        await _check(fresh, wanted, {"a": of_a, "b": of_b})


async def _check(database: Database, wanted: list[Rule], published: dict[str, list[Entry]]) -> None:
    world = World.on(database)
    sources = {slug: await world.source(slug) for slug in SLUGS}
    channel = await world.channel()
    async with database.tx() as tx:
        for rule in wanted:
            await world.store.subscriptions.add(tx, channel.id, rule, Rhythm.NOW, silent=False, now=START)
    for slug, listed in published.items():
        world.site.publish(sources[slug], *listed)
        await world.read(slug)
    rows = await database.fetch("SELECT p.payload FROM deliveries d JOIN posts p ON p.id = d.post")
    told = [number for row in rows for number in json.loads(row["payload"])["articles"]]
    delivered = {facts.story for facts in await world.store.articles.facts(database, told)}
    rehearsed, explained = set(), set()
    for rule in wanted:
        rehearsal = await world.matching.rehearse(database, rule, START - timedelta(days=30))
        rehearsed |= {facts.story for facts in rehearsal.taken}
    for facts in await world.store.articles.newest(100):
        if any(e.matched for _, e in await world.matching.why(database, channel.id, facts)):
            explained.add(facts.story)
    assert delivered == rehearsed == explained
