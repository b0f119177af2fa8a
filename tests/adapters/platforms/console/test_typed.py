"""What is typed is read and completed as each platform would."""

import pytest

from adapters.platforms.console import typed
from bot.domain.command import Argument, Choice, CommandSpec
from bot.locale.say import Say

LATEST = CommandSpec(name="latest", fr="derniers", arguments=(Argument(name="what"), Argument(name="n")), public=True)
SUBSCRIBE = CommandSpec(
    name="subscribe",
    fr="abonner",
    arguments=(Argument(name="what", completes=True), Argument(name="how", choices=("now", "daily", "silent"))),
    admin=True,
)
SPECS = (LATEST, SUBSCRIBE)


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("/derniers care 3", "derniers", {"what": "care", "n": "3"}),
        ("/latest@tocsin", "latest", {}),
        ("/abonner daily panne messagerie", "abonner", {"what": "panne messagerie", "how": "daily"}),
        ("/inconnue x", "inconnue", {}),
    ],
)
def test_a_command_typed_on_telegram(text: str, name: str, arguments: dict[str, str]) -> None:
    read = typed.telegram(text, SPECS)
    assert read is not None and (read.name, read.arguments) == (name, arguments)


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("/latest what:care n:3", "latest", {"what": "care", "n": "3"}),
        (
            "/tocsin abonner what:panne messagerie how:now silent",
            "abonner",
            {"what": "panne messagerie", "how": "now silent"},
        ),
        ("/derniers care 3", "derniers", {"what": "care", "n": "3"}),
        ("/latest what:", "latest", {}),
    ],
)
def test_a_command_filled_in_on_discord(text: str, name: str, arguments: dict[str, str]) -> None:
    read = typed.discord(text, SPECS)
    assert read is not None and (read.name, read.arguments) == (name, arguments)


@pytest.mark.parametrize("text", ["bonjour", "", "et/ou", " / "])
def test_other_words_are_no_command(text: str) -> None:
    assert typed.telegram(text, SPECS) is None and typed.discord(text, SPECS) is None


def test_names_are_offered_in_the_readers_language_and_by_right() -> None:
    member = typed.names("/", "telegram", SPECS, Say("fr"), admin=False)
    assert [one.label for one in member] == ["/derniers"]
    admin = typed.names("/", "discord", SPECS, Say("en"), admin=True)
    assert [one.label for one in admin] == ["/latest", "/tocsin subscribe"]
    assert [one.insert for one in typed.names("/sub", "telegram", SPECS, Say("fr"), admin=True)] == ["/abonner "]


def test_options_left_are_offered_then_their_values() -> None:
    text = "/tocsin abonner what:care "
    given = typed.discord(text, SPECS)
    assert given is not None
    left = typed.options(text, SUBSCRIBE, given.arguments, Say("fr"))
    assert [one.insert for one in left] == ["/tocsin abonner what:care how:"]
    value = typed.discord("/tocsin abonner how:da", SPECS)
    assert value is not None and value.focused is not None
    offered = typed.values(value, typed.fixed(value.focused, "da"))
    assert [one.insert for one in offered] == ["/tocsin abonner how:daily "]


def test_a_word_already_chosen_is_not_offered_again() -> None:
    how = SUBSCRIBE.arguments[1]
    assert typed.fixed(how, "now ") == [
        Choice(label="daily", value="now daily"),
        Choice(label="silent", value="now silent"),
    ]
