"""Floods: one notice at the limit, then silence, until there is room again; one asker never uses up another's."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.flood import MINUTE, Flood, Verdict


def test_the_limit_gives_one_notice_then_silence_then_room_again() -> None:
    flood = Flood()
    verdicts = [flood.admit({"a": 3}, float(second)) for second in range(6)]
    assert verdicts == [Verdict.WELCOME] * 3 + [Verdict.NOTICE] + [Verdict.SILENCE] * 2
    assert flood.admit({"a": 3}, MINUTE) is Verdict.WELCOME  # the first has left the window


def test_a_busy_chat_refuses_and_takes_nothing_from_the_person() -> None:
    flood = Flood()
    for number in range(2):
        assert flood.admit({f"p{number}": 5, "chat": 2}, 0.0) is Verdict.WELCOME
    assert flood.admit({"p9": 5, "chat": 2}, 1.0) is Verdict.NOTICE
    assert [flood.admit({"p9": 5}, 2.0) for _ in range(6)] == [Verdict.WELCOME] * 5 + [Verdict.NOTICE]


@given(steps=st.lists(st.floats(0, 30), max_size=80), most=st.integers(1, 10))
def test_no_minute_ever_holds_more_than_the_limit(steps: list[float], most: int) -> None:
    flood, now, welcome = Flood(), 0.0, list[float]()
    for step in steps:
        now += step
        if flood.admit({"a": most}, now) is Verdict.WELCOME:
            welcome.append(now)
    for at in welcome:
        assert sum(at - MINUTE < other <= at for other in welcome) <= most
