"""What is kept of a person: shown to them, and erased so that nothing of them is left in any table or byte."""

import json
from dataclasses import replace
from pathlib import Path

from bot.domain.command import Audience, Person, Rights
from bot.people import People
from bot.ports import Database
from storage.database import database as opened
from storage.sqlite import SqliteDatabase
from tests.commands.desk import ADMIN, Chat, actions, button, said
from tests.fakes import KEY, World, entry

GONE = Person(platform="telegram", id="8675309", name="Zébulon Quidam", language="fr", rights=Rights.ADMIN)
CRITICAL = (
    "La faille CVE-2026-4321 d’un pare-feu est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."
)


async def _lived(world: World) -> Chat:
    """Somebody votes, saves, takes an alert, changes rules, and talks to the bot alone."""
    source = await world.source("dsih")
    chat = Chat(world)
    await chat.say("/abonner dsih", GONE)
    await chat.say("/abonner", GONE)
    world.site.publish(source, entry("1", "Un article"), entry("2", "Vulnérabilité critique", text=CRITICAL))
    await world.read("dsih")
    await world.deliver_all()
    for _, view in world.platform.sent:
        for one in actions(type(await chat.say("/aide"))(view=view)):
            if one.label.startswith(("👍", "Je m’en occupe")):
                await chat.press(one.press, GONE)
            if one.label == "⋯":
                await chat.press(button(await chat.press(one.press, GONE), "Garder"), GONE)
    alone = Chat(world, GONE.id, is_group=False)
    await alone.say("/abonner care", GONE)
    await world.deliver_all()
    return chat


async def test_my_data_is_a_file_with_all_of_it_and_nobody_else(database: Database) -> None:
    chat = await _lived(World.on(database))
    reply = await chat.say("/mesdonnees", GONE)
    assert reply.audience is Audience.ASKER
    (file,) = reply.files
    data = json.loads(file.content)
    assert len(data["taken"]) == 1 and len(data["votes"]) == 1 and len(data["saved"]) == 2
    assert {"subscribe", "take"} <= {change["verb"] for change in data["changes"]}
    (other,) = (await chat.say("/mesdonnees", replace(ADMIN, id="77"))).files
    assert not any(json.loads(other.content)[name] for name in ("taken", "votes", "saved", "changes"))


async def test_forgetting_is_asked_twice_and_by_that_person_only(database: Database) -> None:
    chat = await _lived(World.on(database))
    alone = Chat(chat.world, GONE.id, is_group=False)
    data = button(await alone.say("/oubliezmoi", GONE), "Oubliez-moi")
    assert await database.fetch("SELECT 1 AS one FROM saved") != []
    assert "n’a plus de sens" in said(await alone.press(data, replace(GONE, id="1")))
    assert await database.fetch("SELECT 1 AS one FROM saved") != []
    assert "plus rien de vous" in said(await alone.press(data, GONE))
    assert await database.fetch("SELECT 1 AS one FROM saved") == []


async def test_a_message_that_named_the_person_names_nobody_afterwards(database: Database) -> None:
    world = World.on(database)
    chat = await _lived(world)
    assert any(GONE.name in str(view) for _, _, view in world.platform.edited)
    world.platform.edited.clear()
    alone = Chat(chat.world, GONE.id, is_group=False)
    await alone.press(button(await alone.say("/oubliezmoi", GONE), "Oubliez-moi"), GONE)
    await world.deliver_all()
    assert world.platform.edited and not any(GONE.name in str(view) for _, _, view in world.platform.edited)


async def test_no_byte_of_the_file_or_of_a_later_copy_tells_of_who_was_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    async with opened(f"sqlite:///{path}") as db:
        assert isinstance(db, SqliteDatabase)
        world = World.on(db)
        await _lived(world)
        person = People(KEY).hash(GONE)
        sealed = [row["name"] for row in await db.fetch("SELECT name FROM acks")]
        assert person.encode() in _bytes(path)  # else this test could not fail
        alone = Chat(world, GONE.id, is_group=False)
        await alone.press(button(await alone.say("/oubliezmoi", GONE), "Oubliez-moi"), GONE)
        await world.deliver_all()
        await db.scrub()
        await db.copy_to(tmp_path / "backup.db")
        for file in (path, tmp_path / "backup.db"):
            held = _bytes(file)
            for trace in (person, GONE.id, GONE.name, *sealed):
                assert trace.encode() not in held, trace


def _bytes(path: Path) -> bytes:
    beside = [path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal")]
    return b"".join(file.read_bytes() for file in beside if file.exists())
