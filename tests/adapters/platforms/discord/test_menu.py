"""The published commands: what Discord takes, and when they are the same."""

from adapters.platforms.discord.events import complete_words, typed
from adapters.platforms.discord.menu import menu, same
from bot.commands import SPECS
from bot.domain.command import Argument, CommandSpec
from tests.stands.discord_rules import command_problems

HELP = CommandSpec(name="help", fr="aide", arguments=(Argument(name="command", completes=True),))
STATUS = CommandSpec(name="status", fr="etat", admin=True)


def test_discord_takes_every_command_of_the_core() -> None:
    assert list(command_problems(menu(SPECS))) == []


def test_an_administrators_command_stands_under_one_that_managers_see() -> None:
    help_command, group, _ = menu((HELP, STATUS))
    assert help_command["name"] == "help"
    assert help_command["name_localizations"] == {"fr": "aide"}
    assert "default_member_permissions" not in help_command
    assert (group["name"], group["default_member_permissions"]) == ("tocsin", str(0x20))
    assert [(one["name"], one["type"]) for one in group["options"]] == [("status", 1)]


def test_a_message_has_one_command_of_its_own_named_as_people_read_it() -> None:
    *_, follow = menu((HELP, STATUS))
    assert follow == {
        "name": "Follow this alert",
        "name_localizations": {"fr": "Suivre cette alerte"},
        "type": 3,
        "contexts": [0, 1],
        "integration_types": [0],
    }


def test_what_discord_gives_back_is_the_same_list() -> None:
    ours = menu((HELP, STATUS))
    theirs = [one | {"id": "1", "version": "2", "nsfw": False, "dm_permission": True} for one in reversed(ours)]
    for one in theirs:
        one.pop("options", None) if not one.get("options") else None
        one.setdefault("description", "")
    assert same(ours, theirs)


def test_a_changed_sentence_or_right_is_another_list() -> None:
    ours = menu((HELP, STATUS))
    assert not same(ours, menu((HELP,)))
    assert not same(ours, [ours[0] | {"description": "Other"}, *ours[1:]])
    assert not same(ours, [ours[0], ours[1] | {"default_member_permissions": None}, ours[2]])
    assert not same(ours, [ours[0] | {"options": []}, *ours[1:]])
    assert not same(ours, [*ours[:2], ours[2] | {"name_localizations": {"fr": "Autre"}}])
    assert not same(ours, None)


def test_a_subcommand_is_read_as_the_command_it_is() -> None:
    options = [
        {"name": "what", "type": 3, "value": "care", "focused": True},
        {"name": "how", "type": 3, "value": "now"},
    ]
    call = typed({"name": "tocsin", "options": [{"name": "subscribe", "type": 1, "options": options}]})
    assert (call.name, dict(call.arguments), call.focused) == ("subscribe", {"what": "care", "how": "now"}, "what")


def test_fixed_words_are_proposed_until_each_is_used() -> None:
    how = Argument(name="how", choices=("now", "daily", "silent"))
    assert [choice.value for choice in complete_words(how, "")] == ["now", "daily", "silent"]
    assert [choice.value for choice in complete_words(how, "Daily ")] == ["daily now", "daily silent"]
    assert [choice.value for choice in complete_words(how, "daily s")] == ["daily silent"]
    assert complete_words(how, "x") == ()
