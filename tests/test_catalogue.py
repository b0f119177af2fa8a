"""A sources file: what it may say, and how everything wrong in it is told at once."""

import itertools
import logging
import re
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import catalogue
from bot.domain.entry import canonical
from bot.domain.source import Origin, Source, Trust
from bot.errors import ConfigError
from bot.text.vocabulary import TOPICS

KINDS = {"feed", "list", "milestones", "sitemap", "certfr", "kev"}
SHIPPED = catalogue.read()


def test_the_shipped_catalogue_covers_the_field() -> None:
    slugs = {source.slug for source in SHIPPED}
    assert {
        "dsih",
        "certfr-alertes",
        "cisa-kev",
        "cert-sante",
        "cnil",
        "ans-axe4",
        "ticsante",
        "ars-bretagne",
        "has",
    } <= slugs
    assert len(SHIPPED) >= 30
    assert sum(source.enabled for source in SHIPPED) >= 20


@pytest.mark.parametrize("source", SHIPPED, ids=lambda source: source.slug)
def test_each_shipped_source_is_whole(source: Source) -> None:
    assert source.url.startswith("https://")
    assert source.kind in KINDS
    assert source.language in ("fr", "en")
    assert set(source.topics) <= set(TOPICS)
    assert source.topics or source.kind == "kev"  # which has no articles
    assert source.every is not None and source.every >= timedelta(minutes=5)
    assert not re.search(r"'|\"|\s[:;?!»]|\.\.\.", source.title.replace("\u00a0", "").replace("\u202f", ""))
    is_states = re.search(r"\.gouv\.fr/|\.(?:ars\.)?sante\.fr/|cnil\.fr|has-sante\.fr|cisa\.gov|europa\.eu", source.url)
    assert (source.trust is Trust.OFFICIAL) is bool(is_states)


def test_no_two_shipped_sources_watch_the_same_address() -> None:
    assert len({canonical(source.url) for source in SHIPPED}) == len(SHIPPED)


def test_a_shipped_source_that_is_off_says_why() -> None:
    """In a comment above it, or above the first of its group."""
    text = (files("bot") / "catalogue.toml").read_text("utf-8")
    tables = text.split("[[source]]")
    told = False
    for before, table in itertools.pairwise(tables):
        said = before.rstrip().splitlines()[-1].startswith("# ") and not before.rstrip().endswith("-")
        told = "enabled = false" in table and (said or told)
        assert told or "enabled = false" not in table, table


def test_three_words_are_enough() -> None:
    (source,) = catalogue.parse('[[source]]\nid="x"\ntitle="X"\nurl="http://x.example/flux"', "sources.toml")
    assert (source.slug, source.kind, source.every, source.enabled) == ("x", None, None, True)
    assert (source.trust, source.origin) == (Trust.OTHER, Origin.FILE)


def test_everything_a_source_may_say_is_kept() -> None:
    (source,) = catalogue.parse(
        """
        [[source]]
        id = "liste"
        title = "Liste"
        url = "https://liste.example/"
        kind = "list"
        language = "fr"
        topics = ["care", "dpi"]
        trust = "official"
        every = 0.5
        enabled = false
        options = { link = "a.titre" }
        """,
        "sources.toml",
    )
    assert source.every == timedelta(seconds=30)
    assert source.topics == ("care", "dpi")
    assert source.trust is Trust.OFFICIAL
    assert source.options == {"link": "a.titre"}
    assert not source.enabled


def test_all_problems_are_told_together_with_their_place() -> None:
    text = """
    [[source]]
    id = "Sans Titre"
    url = "ftp://x.example/"
    [[source]]
    id = "a"
    title = "A"
    url = "https://a.example/"
    every = 0
    trust = "friend"
    """
    with pytest.raises(ConfigError) as caught:
        catalogue.parse(text, "mine.toml")
    found = caught.value.problems
    assert len(found) == 5
    assert all(problem.startswith("mine.toml, source ") and "give " in problem for problem in found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[source]", "not a TOML file"),
        ("[source]\nid='x'", "two brackets"),
        ("", "no source in it"),
        (2 * "[[source]]\nid='x'\ntitle='X'\nurl='http://x.example'\n", "two sources have the id"),
        (
            "".join(f"[[source]]\nid='{name}'\ntitle='X'\nurl='http://x.example'\n" for name in "ab"),
            "watch the same address",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_a_sentence(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        catalogue.parse(text, "mine.toml")


def test_what_a_file_says_besides_is_told_and_ignored(caplog: pytest.LogCaptureFixture) -> None:
    text = '[[source]]\nid="x"\ntitle="X"\nurl="http://x.example"\nevry=3'
    with caplog.at_level(logging.WARNING):
        assert len(catalogue.parse(text, "mine.toml")) == 1
    assert "evry" in caplog.text


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="TOCSIN_SOURCES"):
        catalogue.read(tmp_path / "nowhere.toml")


@given(st.text())
def test_no_text_is_more_than_a_sentence_away(text: str) -> None:
    try:
        catalogue.parse(text, "mine.toml")
    except ConfigError as error:
        assert error.problems


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://a.example/x", True),
        ("feed:https://a.example/x", True),
        ("feed://a.example/x", True),
        ("ftp://a.example", False),
        ("a.example", False),
        ("http://", False),
        ("https://a.example/" + 2_048 * "x", False),
    ],
)
def test_addresses_are_http_ones(text: str, is_one: bool) -> None:
    assert catalogue.is_address(text) is is_one
