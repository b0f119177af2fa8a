"""The signals are data, and so are their weights: these tests hold what the files say of themselves."""

import re
import tomllib
from importlib.resources import files

import pytest

from bot.domain.alert import AlertType
from bot.domain.article import Article
from bot.domain.source import Trust
from bot.text import vocabulary
from bot.text.reading import read
from bot.text.signals import ANYWHERE, IN_TITLE, KINDS, LOOSELY, SIGNALS, signals_in, signs
from bot.text.understand import signals_of
from bot.text.weights import BIAS, WEIGHTS, score, strongest
from tests.text.articles import article

ROWS = tomllib.loads((files("bot.text") / "signals.toml").read_text("utf-8"))["signals"]
NAMES = [signal.name for signal in SIGNALS]


def test_names_are_unique_and_can_be_said() -> None:
    assert len(NAMES) == len(set(NAMES))
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in NAMES)


def test_a_signal_says_for_or_against_what_it_speaks_and_is_found_in_one_way() -> None:
    known = {"name", "for", "against", "phrases", "exact", "unless", "genre", "trust", "fact", "together", "all"}
    never = vocabulary.NEVER
    for row, signal in zip(ROWS, SIGNALS, strict=True):
        assert set(row) <= known | {"sure", "undated", "once"}, signal.name
        assert signal.speaks_for | signal.against, signal.name
        assert signal.speaks_for.isdisjoint(signal.against), signal.name
        assert signal.trust <= set(Trust)
        by_words = any(pattern is not never for pattern in (signal.words, signal.exact, signal.genre))
        ways = (by_words, bool(signal.fact), bool(signal.together), bool(signal.everywhere))
        assert sum(ways) == 1, signal.name


def test_what_a_signal_asks_for_stands_before_it() -> None:
    for place, signal in enumerate(SIGNALS):
        for group in (*signal.together, *signal.everywhere):
            assert set(group) <= {*NAMES[:place], *(s.name for s in SIGNALS if s.fact)}, signal.name


def test_what_is_said_loosely_is_also_said_strictly() -> None:
    loose = [name.removesuffix(LOOSELY) for name in NAMES if name.endswith(LOOSELY)]
    assert set(loose) <= set(NAMES)


@pytest.mark.parametrize("kind", KINDS)
def test_a_weight_is_of_a_signal_of_its_type_and_has_its_sign(kind: AlertType) -> None:
    may = signs()[kind]
    for name, weight in WEIGHTS[kind].items():
        assert name == BIAS or weight * may[name] > 0, name


@pytest.mark.parametrize("kind", KINDS)
def test_no_signal_alone_makes_an_alert(kind: AlertType) -> None:
    assert all(score([name], WEIGHTS[kind]) < 0 for name in WEIGHTS[kind] if name != BIAS)


def test_of_two_types_the_heavier_is_told() -> None:
    weights = {AlertType.INCIDENT: {BIAS: -1.0, "a": 2.0}, AlertType.OUTAGE: {BIAS: -1.0, "a": 1.5, "b": 1.0}}
    assert strongest(["a"], weights) == (AlertType.INCIDENT, 1.0)
    assert strongest(["a", "b"], weights) == (AlertType.OUTAGE, 1.5)
    assert strongest(["other"], weights) == (AlertType.INCIDENT, -1.0)


def shown(title: str, body: str) -> set[str]:
    return set(signals_of(article(title, body)))


def test_what_stands_in_the_title_is_a_signal_of_its_own() -> None:
    assert "attack" + IN_TITLE in shown("Un rançongiciel à l’hôpital", "Les soins se poursuivent.")
    assert "attack" + IN_TITLE not in shown("À l’hôpital", "Un rançongiciel a été trouvé.")


def test_two_signals_meet_in_one_sentence_only() -> None:
    assert "service-down" in shown("Information", "La messagerie sécurisée est indisponible.")
    apart = shown("Information", "La messagerie sécurisée a dix ans. Mon voisin est indisponible.")
    assert {"service", "down"} <= apart
    assert "service-down" not in apart


def test_a_signal_shows_the_words_that_are_its_reason() -> None:
    found = signals_of(article("Panne", "Un rançongiciel a chiffré nos serveurs."))
    assert found["attack"] == "rancongiciel"


def test_a_text_of_which_nothing_can_be_made_shows_nothing_and_fails_nothing() -> None:
    facts = {signal.fact: ANYWHERE for signal in SIGNALS if signal.fact}
    for item in (article("", ""), article(".", "…")):
        assert isinstance(signals_of(item), dict)
        assert set(signals_in(read(item), facts)) <= {signal.name for signal in SIGNALS}


def test_a_day_just_gone_is_recent_and_one_of_last_year_is_not() -> None:
    item: Article = article("L’hôpital attaqué", "Depuis le 27 février, tout est coupé.")  # published on 2 March 2026
    assert "recent-day" in signals_of(item)
    assert "recent-day" not in signals_of(article("L’hôpital attaqué", "Le 27 octobre, tout a été coupé."))
