"""A lane's budget on a simulated monotonic clock: the platform counts, and never finds too many."""

from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.budget import Budget, Rates, Use

CHATS = ("one", "two", "three")
GROUPS = ("one", "two")
SLACK = 1e-6  # seconds; additions of floats

limits = st.tuples(st.integers(1, 5), st.floats(0.1, 60.0))
rates = st.builds(
    lambda overall, chat, group: Rates(overall=overall, chat=chat, group=group), limits, limits, st.none() | limits
)
tries = st.lists(
    st.tuples(st.sampled_from(CHATS), st.floats(0.0, 20.0), st.booleans(), st.sampled_from(Use)), max_size=60
)


def most_in_a_window(stamps: list[float], seconds: float) -> int:
    """The most messages in any window of so many seconds, its end excluded."""
    return max((sum(start <= at < start + seconds - SLACK for at in stamps) for start in stamps), default=0)


@given(rates=rates, tries=tries, start=st.floats(0.0, 1e6))
def test_no_window_ever_holds_more_than_the_limit(
    rates: Rates, tries: list[tuple[str, float, bool, Use]], start: float
) -> None:
    budget, now = Budget(rates), start
    sent: dict[str, list[float]] = {chat: [] for chat in CHATS}
    for chat, passing, patient, use in tries:
        now += passing
        wait = budget.wait(chat, now, use)
        if wait > 0 and not patient:
            continue
        now += wait
        while (rest := budget.wait(chat, now, use)) > 0:  # what rounding leaves
            assert rest < SLACK
            now += max(rest, 1e-9)
        budget.take(chat, now, use, is_group=chat in GROUPS)
        sent[chat].append(now)
    count, seconds = rates.overall
    assert most_in_a_window(sorted(at for stamps in sent.values() for at in stamps), seconds) <= count
    for chat, stamps in sent.items():
        count, seconds = rates.chat
        assert most_in_a_window(stamps, seconds) <= count
        if rates.group is not None and chat in GROUPS:
            count, seconds = rates.group
            assert most_in_a_window(stamps, seconds) <= count


@given(rates=rates, chat=st.sampled_from(CHATS), start=st.floats(0.0, 1e6))
def test_the_first_message_goes_at_once(rates: Rates, chat: str, start: float) -> None:
    assert Budget(rates).wait(chat, start) == 0.0


def test_a_window_is_full_until_its_oldest_message_leaves_it() -> None:
    budget = Budget(Rates(overall=(100, 1.0), chat=(2, 10.0)))
    budget.take("one", 100.0)
    budget.take("one", 103.0)
    assert budget.wait("one", 104.0) == pytest.approx(6.0)
    assert budget.wait("one", 110.0) == 0.0
    assert budget.wait("two", 104.0) == 0.0


def test_one_chat_that_waits_does_not_make_another_wait() -> None:
    budget = Budget(Rates(overall=(30, 1.0), chat=(1, 60.0)))
    budget.take("one", 0.0)
    assert budget.wait("one", 0.0) > 0
    assert budget.wait("two", 0.0) == 0.0
    assert budget.overall_wait(0.0) == 0.0


def test_the_limit_of_groups_leaves_private_chats_alone() -> None:
    budget = Budget(Rates(overall=(100, 1.0), chat=(100, 1.0), group=(1, 60.0)))
    budget.take("group", 0.0, is_group=True)
    budget.take("alone", 0.0, is_group=False)
    assert budget.wait("group", 30.0) == pytest.approx(30.0)
    assert budget.wait("alone", 30.0) == 0.0


@given(
    asked=st.lists(
        st.tuples(st.sampled_from([*CHATS, ""]), st.floats(0.0, 300.0), st.floats(0.0, 100.0)), min_size=1, max_size=9
    )
)
def test_the_platform_is_obeyed_to_the_end_of_the_longest_silence_it_asked_for(
    asked: list[tuple[str, float, float]],
) -> None:
    budget, now = Budget(Rates(overall=(30, 1.0), chat=(1, 1.0))), 0.0
    until = dict.fromkeys([*CHATS, ""], 0.0)
    for chat, after, passing in asked:
        now += passing
        budget.obey(chat, after, now)
        until[chat] = max(until[chat], now + after)
    assert budget.overall_wait(now) == pytest.approx(max(0.0, until[""] - now))
    for chat in CHATS:
        assert budget.wait(chat, now) == pytest.approx(max(0.0, until[chat] - now, until[""] - now))


def test_a_later_shorter_request_does_not_end_a_longer_silence() -> None:
    budget = Budget(Rates(overall=(30, 1.0), chat=(30, 1.0)))
    budget.obey("one", 60.0, 0.0)
    budget.obey("one", 1.0, 10.0)
    assert budget.wait("one", 10.0) == pytest.approx(50.0)


def test_thousands_of_chats_are_forgotten_but_never_one_that_still_counts() -> None:
    budget = Budget(Rates(overall=(100_000, 0.1), chat=(1, 1.0)))
    for number in range(10_500):
        budget.take(f"old {number}", 0.0)
    budget.obey("asked", 1_000.0, 0.0)
    budget.take("recent", 100.0)
    budget.take("another", 100.2)
    assert budget.wait("recent", 100.5) == pytest.approx(0.5)
    assert budget.wait("asked", 100.5) == pytest.approx(899.5)
    assert budget.wait("old 7", 100.5) == 0.0


# -- posts and answers ------------------------------------------------------------------------------------------------

TENTH = 0.1


def _lived(budget: Budget, seconds: float, *, posts: bool, answers: int) -> tuple[list[float], list[float]]:
    """(when posts went, when answers did), each to a chat of its own, as soon as it may, a post before an answer.

    `answers` of them wait at any moment.
    """
    told: list[float] = []
    answered: list[float] = []
    number, now = 0, 1_000.0
    with ExitStack() as asking:
        waiting = [f"answer {one}" for one in range(answers)]
        for chat in waiting:
            asking.enter_context(budget.asking(chat))
        while now < 1_000.0 + seconds:
            number += 1
            while posts and budget.wait(f"post {number}", now) <= 0:
                budget.take(f"post {number}", now)
                told.append(now)
                number += 1
            for place, chat in enumerate(waiting):
                if budget.wait(chat, now, Use.ANSWER) <= 0:
                    budget.take(chat, now, Use.ANSWER)
                    answered.append(now)
                    number += 1
                    waiting[place] = f"answer {number}"  # somebody else asks at once
                    asking.enter_context(budget.asking(waiting[place]))
            now += TENTH
    return told, answered


def test_an_answer_waits_for_one_place_however_many_posts_there_are() -> None:
    budget = Budget(Rates(overall=(10, 1.0), chat=(1, 1.0)))
    told, _ = _lived(budget, 5.0, posts=True, answers=0)
    assert len(told) == 50
    now = 1_005.0
    with budget.asking("somebody"):
        while budget.wait("somebody", now, Use.ANSWER) > 0:
            if budget.wait("a post", now) <= 0:
                budget.take("a post", now)
            now += 0.01
    assert now - 1_005.0 <= 1.0


def test_posts_find_four_places_of_ten_however_many_answers_wait() -> None:
    told, answered = _lived(Budget(Rates(overall=(10, 1.0), chat=(1, 1.0))), 20.0, posts=True, answers=30)
    assert len(told) >= 4 * 20 and len(answered) >= 4 * 20
    assert most_in_a_window(answered, 1.0) <= 6
    assert most_in_a_window(sorted([*told, *answered]), 1.0) <= 10


def test_answers_alone_leave_room_for_an_alert() -> None:
    budget = Budget(Rates(overall=(10, 1.0), chat=(1, 1.0)))
    _, answered = _lived(budget, 5.0, posts=False, answers=30)
    assert most_in_a_window(answered, 1.0) == 6
    assert budget.wait("an alert", 1_005.0) == 0.0


def test_an_answer_to_a_chat_goes_before_the_posts_it_is_owed_and_only_there() -> None:
    budget = Budget(Rates(overall=(100, 1.0), chat=(1, 1.0), group=(10, 60.0)))
    budget.take("one", 0.0)
    with budget.asking("one"):
        assert budget.wait("one", 1.0, Use.ANSWER) == 0.0
        assert budget.wait("one", 1.0) > 0
        assert budget.wait("two", 1.0) == 0.0
        budget.take("one", 1.0, Use.ANSWER)
    assert budget.wait("one", 2.0) == 0.0


def test_an_answer_that_may_not_go_yet_keeps_no_post_from_its_chat() -> None:
    budget = Budget(Rates(overall=(100, 1.0), chat=(1, 1.0), group=(10, 60.0)))
    for number in range(6):
        budget.take("one", float(number), Use.ANSWER)
    with budget.asking("one"):  # of ten a minute, six are what answers may have
        assert budget.wait("one", 7.0, Use.ANSWER) > 0
        assert budget.wait("one", 7.0) == 0.0


def _taken(budget: Budget, chat: str, use: Use) -> int:
    """How many of this use go at once."""
    count = 0
    while budget.wait(chat, 0.0, use) <= 0:
        budget.take(chat, 0.0, use)
        count += 1
    return count


@pytest.mark.parametrize(("greedy", "most"), [(Use.POST, 16), (Use.EDIT, 10), (Use.ANSWER, 12)])
def test_in_a_group_each_leaves_a_part_of_its_minute_to_the_others(greedy: Use, most: int) -> None:
    budget = Budget(Rates(overall=(100, 1.0), chat=(100, 1.0), group=(20, 60.0)))
    assert _taken(budget, "one", greedy) == most
    other = Use.POST if greedy is Use.ANSWER else Use.ANSWER
    assert _taken(budget, "one", other) == min(20 - most, 12)


def test_posts_use_all_a_chat_may_be_told_within_seconds() -> None:
    budget = Budget(Rates(overall=(100, 1.0), chat=(5, 5.0)))
    assert _taken(budget, "one", Use.POST) == 5


def test_a_window_of_one_goes_to_whoever_comes_first() -> None:
    for use in Use:
        budget = Budget(Rates(overall=(100, 1.0), chat=(1, 1.0)))
        assert _taken(budget, "one", use) == 1
        assert [budget.wait("one", 0.0, other) for other in Use] == [1.0, 1.0, 1.0]
