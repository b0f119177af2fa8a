"""A frozen value, changed quickly: what `dataclasses.replace` makes of it."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.frozen import changer


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    colour: str
    watts: int = 40
    hints: tuple[str, ...] = ()


changed = changer(Lamp)


@given(
    st.builds(Lamp, colour=st.text(), watts=st.integers(), hints=st.tuples(st.text())),
    st.fixed_dictionaries({}, optional={"colour": st.text(), "watts": st.integers(), "hints": st.just(())}),
)
def test_it_is_what_replace_makes_and_the_value_stays(lamp: Lamp, changes: dict[str, object]) -> None:
    before = replace(lamp)
    assert changed(lamp, **changes) == replace(lamp, **changes)  # type: ignore[arg-type]  # any of its fields
    assert lamp == before


def test_a_field_it_has_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        changed(Lamp(colour="red"), wats=60)
