"""What a button means: only what we wrote, only where we wrote it."""

import re
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain import press

KEY = b"a key that nobody else has" * 2
verbs = st.text(st.sampled_from(string.ascii_lowercase), min_size=1, max_size=12)
references = st.text(st.sampled_from(string.ascii_letters + string.digits + "._-"), min_size=1, max_size=24)
chats = st.text(min_size=1, max_size=30)


@given(verb=verbs, reference=references, chat=chats)
def test_what_we_wrote_reads_back_where_we_wrote_it(verb: str, reference: str, chat: str) -> None:
    data = press.sign(KEY, verb, reference, chat)
    assert press.read(KEY, data, chat) == (verb, reference)
    assert len(data.encode("ascii")) <= 54 <= 64


@given(verb=verbs, reference=references, chat=chats, other=chats)
def test_a_press_copied_to_another_chat_means_nothing_there(verb: str, reference: str, chat: str, other: str) -> None:
    assume(chat != other)
    assert press.read(KEY, press.sign(KEY, verb, reference, chat), other) is None


@given(verb=verbs, reference=references, other=verbs | references)
def test_an_altered_verb_or_reference_means_nothing(verb: str, reference: str, other: str) -> None:
    data = press.sign(KEY, verb, reference, "g1")
    mac = data.rpartition(":")[2]
    assume(other not in (verb, reference))
    assert press.read(KEY, f"{other}:{reference}:{mac}", "g1") is None
    assert press.read(KEY, f"{verb}:{other}:{mac}", "g1") is None


@given(place=st.integers(0, 15))
def test_an_altered_mac_means_nothing(place: int) -> None:
    head, _, mac = press.sign(KEY, "take", "12", "g1").rpartition(":")
    forged = mac[:place] + ("0" if mac[place] != "0" else "1") + mac[place + 1 :]
    assert press.read(KEY, f"{head}:{forged}", "g1") is None


def test_another_installation_means_nothing_to_us() -> None:
    assert press.read(KEY, press.sign(b"another key", "take", "12", "g1"), "g1") is None


@given(data=st.text() | st.from_regex(press.SHAPE, fullmatch=True))
def test_what_somebody_forged_is_nothing_and_no_error(data: str) -> None:
    assert press.read(KEY, data, "g1") is None


@pytest.mark.parametrize("end", ["\n", " ", ":", "\x00", "0"])
def test_something_after_the_mac_makes_it_another(end: str) -> None:
    assert press.read(KEY, press.sign(KEY, "take", "12", "g1") + end, "g1") is None


def test_the_parts_cannot_be_shifted_into_each_other() -> None:
    """The same characters, cut elsewhere, are another text to the mac."""
    macs = {
        press.sign(KEY, *parts).rpartition(":")[2] for parts in (("ab", "c", "d"), ("a", "bc", "d"), ("ab", "cd", ""))
    }
    assert len(macs) == 3
    assert all(re.fullmatch(r"[0-9a-f]{16}", mac) for mac in macs)
