"""Places found around an address, as a draft remembers them."""

import json
from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.offer import Offer, Offers

OFFERS = st.builds(
    Offer,
    url=st.text(),
    kind=st.text(),
    title=st.text(),
    count=st.integers(0, 1_000),
    recent=st.none() | st.integers(0, 1_000),
    latest=st.lists(st.tuples(st.text(), st.none() | st.datetimes(timezones=st.just(UTC))), max_size=3).map(tuple),
)


@given(st.lists(OFFERS, min_size=1, max_size=4).map(tuple), st.integers(0, 9))
def test_a_draft_is_read_as_it_was_written_wherever_one_has_leafed_to(offers: tuple[Offer, ...], steps: int) -> None:
    shown = Offers(offers=offers)
    for _ in range(steps):
        shown = shown.next()
    again = Offers.parse(json.loads(json.dumps(shown.payload())))
    assert again == shown
    assert again.shown == offers[steps % len(offers)]
