"""What was typed after a command's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import SPECS
from bot.commands.latest import SPEC as LATEST
from bot.commands.status import SPEC as STATUS
from bot.commands.subscribe import SPEC as SUBSCRIBE
from bot.domain.command import Argument, CommandSpec

TWO = CommandSpec(name="two", fr="deux", arguments=(Argument(name="first"), Argument(name="rest")))
CHOICE = CommandSpec(
    name="choice",
    fr="choix",
    arguments=(Argument(name="what"), Argument(name="how", choices=("now", "daily"), also=("quotidien",))),
)


@pytest.mark.parametrize("typed", ["care daily", "daily care", "  care \n\tdaily ", "care DAILY"])
def test_a_choice_is_taken_wherever_it_stands(typed: str) -> None:
    assert SUBSCRIBE.read(typed) == {"what": "care", "how": "daily"}


def test_words_around_a_choice_stay_together_in_their_order() -> None:
    assert SUBSCRIBE.read("panne quotidien de silencieux Messagerie") == {
        "what": "panne de Messagerie",
        "how": "quotidien silencieux",
    }


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", {}),
        ("one", {"first": "one"}),
        ("one two", {"first": "one", "rest": "two"}),
        ("one two three", {"first": "one", "rest": "two three"}),
    ],
)
def test_each_argument_takes_a_word_and_the_last_one_the_rest(typed: str, read: dict[str, str]) -> None:
    assert TWO.read(typed) == read


def test_a_command_without_arguments_takes_nothing() -> None:
    assert STATUS.read("please, now") == {}


def test_a_number_after_the_words_is_told_apart_by_the_command_itself() -> None:
    assert LATEST.read("care 3") == {"what": "care", "n": "3"}


@pytest.mark.parametrize("typed", ["“”0", '"panne"s', "«»x«»", '-"deux mots"x', '"ouvert'])
def test_a_word_is_not_split_where_a_quote_ends(typed: str) -> None:
    assert LATEST.read(f"{typed} 3") == {"what": typed, "n": "3"}


def test_a_choice_inside_quotes_is_part_of_the_phrase() -> None:
    assert SUBSCRIBE.read('"panne maintenant réparée" daily') == {"what": '"panne maintenant réparée"', "how": "daily"}


@given(text=st.text(), spec=st.sampled_from([*SPECS, TWO, CHOICE]))
def test_nothing_that_is_typed_raises_and_no_word_is_made_up(text: str, spec: CommandSpec) -> None:
    read = spec.read(text)
    assert set(read) <= {argument.name for argument in spec.arguments}
    assert all(value == value.strip() != "" for value in read.values())
    typed = [word.lower() for word in text.split()]
    for word in " ".join(read.values()).split():
        assert word.lower() in typed


@given(
    data=st.data(),
    loose=st.lists(st.sampled_from(["care", "panne", "Été"]), max_size=4),
    chosen=st.lists(st.sampled_from(["now", "daily", "quotidien"]), max_size=3),
)
def test_words_and_choices_are_read_alike_in_any_order(
    data: st.DataObject, loose: list[str], chosen: list[str]
) -> None:
    places = data.draw(st.lists(st.integers(0, len(loose)), min_size=len(chosen), max_size=len(chosen)).map(sorted))
    mixed = list(loose)
    for place, word in reversed(list(zip(places, chosen, strict=True))):
        mixed.insert(place, word)
    assert CHOICE.read(" ".join(mixed)) == CHOICE.read(" ".join([*loose, *chosen]))


def test_every_spelling_of_every_command_is_its_own() -> None:
    spellings = [name for spec in SPECS for name in {spec.name, spec.fr, *spec.also}]
    assert len(spellings) == len(set(spellings))
    assert all(spelling.isascii() and spelling.isalpha() and spelling.islower() for spelling in spellings)
