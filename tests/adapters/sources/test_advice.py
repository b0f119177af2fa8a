"""How long a feed says that it will be silent."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources import load
from bot.ports import Advises, Page

HOUR = timedelta(hours=1)


def advised(body: bytes) -> timedelta | None:
    kind = load("feed")
    assert isinstance(kind, Advises)
    return kind.advice(Page(url="https://echo-fictif.test/flux", body=body))


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("<ttl>60</ttl>", HOUR),
        ("<ttl>\n 90 </ttl>", HOUR * 1.5),
        ("<sy:updatePeriod>\n\thourly\t</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", HOUR / 2),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", HOUR * 24),
        ("<ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", HOUR),
        ("<ttl>999999</ttl>", HOUR * 24),
        ("<sy:updatePeriod>yearly</sy:updatePeriod>", HOUR * 24),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>bientôt</ttl>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
        ("<sy:updatePeriod>parfois</sy:updatePeriod>", None),
        ("<item><ttl>60</ttl></item>", None),
        ("", None),
    ],
)
def test_a_feed_tells_how_long_it_is_fresh(said: str, wait: timedelta | None) -> None:
    document = f"<rss version='2.0'><channel>{said}<item></item></channel></rss>"
    assert advised(document.encode()) == wait
    assert advised(document.encode("utf-16")) == wait


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=30).map(lambda some: b"<ttl>" + some + b"</ttl>")))
def test_any_bytes_give_a_day_at_most(body: bytes) -> None:
    wait = advised(body)
    assert wait is None or timedelta() < wait <= timedelta(days=1)
