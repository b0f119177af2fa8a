"""settings: typed or by buttons, the same rows; what cannot be read gets one sentence and changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.settings import read_setting
from bot.domain.channel import Address, Channel, settings_of, with_settings
from bot.domain.command import Reply
from bot.errors import UserError
from bot.ports import Database
from bot.view import Facts as Rows
from tests.commands.desk import ADMIN, Chat, button, plain, said
from tests.fakes import World


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("quiet", "22:00-07:00", ("quiet", "22:00-07:00")),
        ("quiet", "22h - 7h30", ("quiet", "22:00-07:30")),
        ("silence", "21h30 à 6h", ("quiet", "21:30-06:00")),
        ("quiet", "off", ("quiet", "")),
        ("letter", "daily 07:30", ("daily", "07:30")),
        ("lettre", "quotidienne 7h45", ("daily", "07:45")),
        ("letter", "weekly mon 08:30", ("weekly", "0 08:30")),
        ("lettre", "hebdo mardi 9h", ("weekly", "1 09:00")),
        ("language", "English", ("language", "en")),
        ("langue", "français", ("language", "fr")),
        ("timezone", "Indian/Reunion", ("timezone", "Indian/Reunion")),
        ("long", "oui", ("long", "yes")),
        ("short", "oui", ("long", "")),
        ("role", "<@&123>", ("role", "123")),
        ("role", "off", ("role", "")),
        ("reminders", "30 7 1", ("reminders", "30 7 1")),
        ("rappels", "1, 7 et 30 jours", ("reminders", "30 7 1")),
        ("rappels", "non", ("reminders", "")),
        ("nudge", "45", ("nudge", "45")),
        ("relance", "45 min", ("nudge", "45")),
        ("relance", "1 h 30", ("nudge", "90")),
        ("relance", "2 heures", ("nudge", "120")),
        ("nudge", "15", ("nudge", "15")),
        ("nudge", "12h", ("nudge", "720")),
        ("relance", "off", ("nudge", "")),
        ("threads", "on", ("threads", "yes")),
        ("fils", "oui", ("threads", "yes")),
        ("fils", "off", ("threads", "")),
        ("holidays", "on", ("holidays", "yes")),
        ("fériés", "oui", ("holidays", "yes")),
        ("feries", "", ("holidays", "yes")),
        ("feries", "non", ("holidays", "")),
    ],
)
def test_a_setting_is_read_as_people_write_it(name: str, value: str, expected: tuple[str, str]) -> None:
    assert read_setting(name, value) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[
            ("quiet", "22:00"),
            ("quiet", "22:00-22:00"),
            ("quiet", "22:00:30-22:00"),
            ("role", "9" * 19),
            ("quiet", "25:00-07:00"),
            ("quiet", "-"),
        ],
        *[("letter", "weekly m 08:30"), ("letter", "weekly"), ("letter", "monthly 1"), ("letter", "daily 24:01")],
        *[("language", "de"), ("timezone", "Paris"), ("role", "@everyone"), ("colour", "red"), ("", "")],
        *[("reminders", "8"), ("rappels", "jamais de la vie"), ("rappels", "-1 000")],
        *[("quiet", "22:00:30-22:00"), ("role", "9" * 19)],
        *[("nudge", "14"), ("nudge", "721"), ("relance", "vite"), ("relance", ""), ("nudge", "-30"), ("nudge", "1d")],
        *[("threads", "maybe"), ("fils", "3")],
        *[("holidays", "maybe"), ("feries", "11")],
    ],
)
async def test_what_cannot_be_read_gets_a_sentence_and_changes_nothing(
    database: Database, name: str, value: str
) -> None:
    chat = Chat(World.on(database))
    await chat.say("/reglages quiet off")
    before = await database.fetch("SELECT * FROM channels")
    reply = await chat.say(f"/reglages {name} {value}")
    assert said(reply) and "mal passé" not in said(reply)
    assert await database.fetch("SELECT * FROM channels") == before


@given(
    name=st.text(max_size=20) | st.sampled_from(["quiet", "letter", "language", "timezone"]), value=st.text(max_size=40)
)
def test_whatever_is_typed_is_a_setting_or_one_sentence(name: str, value: str) -> None:
    channel = Channel(address=Address(platform="telegram", chat="1"), community="telegram:1", lane="telegram")
    try:
        key, text = read_setting(name, value)
    except UserError:
        return
    assert settings_of(with_settings(channel, {key: text}))[key] == text


async def test_by_buttons_and_typed_leave_the_same_rows(database: Database) -> None:
    world = World.on(database)
    typed, pressed = Chat(world, "typed"), Chat(world, "pressed")
    await typed.say("/reglages quiet 22:00-07:00")
    await typed.say("/reglages timezone Indian/Reunion")
    await typed.say("/reglages letter daily 06:15")
    reply = await pressed.press(button(await pressed.say("/reglages"), "Heures calmes"))
    reply = await pressed.press(button(reply, "22:00-07:00"))
    reply = await pressed.press(button(reply, "Fuseau horaire"))
    reply = await pressed.press(button(reply, "Indian/Reunion"))
    reply = await pressed.press(button(reply, "Point du jour…"))
    assert reply.form is not None
    reply = await pressed.press(reply.form.press, text="6h15")
    assert "06:15" in str(reply.view) and "Indian/Reunion" in str(reply.view)
    first, second = await database.fetch(
        "SELECT language, timezone, quiet, daily_at, weekly_at, quiet_from_at, quiet_until_at FROM channels ORDER BY id"
    )
    assert first == second


async def test_what_follows_an_alert_is_chosen_by_buttons_too_and_taken_back(database: Database) -> None:
    chat = Chat(World.on(database))
    reply = await chat.press(button(await chat.say("/reglages"), "Relance"))
    reply = await chat.press(button(reply, "60 minutes"))
    assert ("Relance d’une alerte critique", "après 60 minutes sans réponse") in _rows(reply)
    reply = await chat.press(button(reply, "Un fil par alerte"))
    assert ("Un fil par alerte", "oui") in _rows(reply)
    taken_back = button(reply, "Annuler")
    reply = await chat.press(button(reply, "Plus de fils"))
    assert ("Un fil par alerte", "non") in _rows(reply)
    await chat.press(taken_back)
    reply = await chat.press(button(await chat.say("/reglages"), "Relance"))
    reply = await chat.press(button(reply, "Autre…"))
    assert reply.form is not None
    reply = await chat.press(reply.form.press, text="1 h 30")
    assert ("Relance d’une alerte critique", "après 90 minutes sans réponse") in _rows(reply)
    reply = await chat.press(button(await chat.press(button(reply, "Relance")), "aucune"))
    assert ("Relance d’une alerte critique", "aucune") in _rows(reply)


def _rows(reply: Reply) -> list[tuple[str, str]]:
    assert reply.view is not None
    return [
        (plain(label), plain(value))
        for block in reply.view.blocks
        if isinstance(block, Rows)
        for label, value in block.rows
    ]


async def test_quiet_holidays_are_explained_where_they_are_chosen_and_can_be_taken_back(database: Database) -> None:
    chat = Chat(World.on(database))
    reply = await chat.press(button(await chat.say("/reglages"), "Heures calmes"))
    assert "les onze jours nationaux, sans ceux d’Alsace-Moselle et d’outre-mer" in said(reply)
    reply = await chat.press(button(reply, "Jours fériés calmes"))
    assert "calmes toute la journée" in str(reply.view)
    again = await chat.press(button(reply, "Heures calmes"))
    assert "Jours fériés comme les autres" in str(again.view)
    await chat.press(button(reply, "Annuler"))
    assert "comme les autres jours" in str((await chat.say("/settings")).view)
    for typed in ("/reglages jours fériés oui", "/settings public holidays", "/reglages Feries on"):
        assert "calmes toute la journée" in str((await chat.say(typed)).view)
        await chat.say("/reglages jours fériés non")
    assert "21:00 – 06:30" in str((await chat.say("/reglages heures calmes 21h - 6h30")).view)


async def test_a_channel_that_changes_its_language_answers_in_it(database: Database) -> None:
    chat = Chat(World.on(database))
    reply = await chat.say("/reglages language en")
    assert "The settings of this channel" in said(reply)
    assert "Les réglages" in said(await Chat(chat.world, "other").say("/reglages", ADMIN))
