"""What articles claim of deadlines: joined where they speak of one, moved once, reminded of, never twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.channel import REMINDED, Rhythm
from bot.domain.deadline import Claim, Edge
from bot.domain.reminder import Habit
from bot.domain.rule import Rule, What
from bot.domain.source import Trust
from bot.ports import Database
from storage.database import open_database
from tests.fakes import START, World, entry, words

CALL = "L’appel à financement CaRE domaine 2 est ouvert"
EVERYTHING = Rule(what=What.EVERYTHING)


def text(day: str, of: str = "du domaine 2 du programme CaRE") -> str:
    return f"Le dépôt des candidatures {of} est ouvert. La date limite de dépôt des dossiers est fixée au {day} 2026."


async def _world(database: Database, **about: object) -> World:
    world = World.on(database)
    await world.source("ans", title="ANS", trust=Trust.OFFICIAL, **about)
    await _wants(world, "salon", EVERYTHING)
    return world


async def _wants(world: World, chat: str, rule: Rule) -> None:
    channel = await world.channel(chat)
    async with world.db.tx() as tx:
        add = world.store.subscriptions.add
        await add(tx, channel.id, rule, Rhythm.NOW, silent=False, now=world.clock.now())


async def _tells(world: World, slug: str, key: str, day: str, title: str = CALL, **about: object) -> None:
    """The same entry again is a revision of it."""
    source = next(one for one in await world.store.sources.all() if one.slug == slug)
    pages = world.site.pages.setdefault(source.url, [])
    pages[:] = [one for one in pages if one.key != key]
    world.site.publish(source, entry(key, title, text=str(about.pop("text", text(day))), published=world.clock.now()))
    await world.read(slug)
    await world.deliver_all()


async def _deadlines(world: World) -> list[tuple[str, tuple[str, ...]]]:
    """(programme, the day of each claim, newest first)."""
    found = await world.store.deadlines.coming(world.db, START, 50)
    return [(one.programme, tuple(f"{claim.date}" for claim in one.claims)) for one in found]


def _said(world: World) -> list[str]:
    """Rows and quotes included."""
    return [f"{words(view)}\n{view.blocks}" for _, view in world.platform.sent]


async def test_a_date_that_moves_on_a_page_is_told_once_with_old_and_new(database: Database) -> None:
    world = await _world(database)
    await _tells(world, "ans", "appel", "30 avril")
    assert await _deadlines(world) == [("care", ("2026-04-30",))]
    world.clock.forward(timedelta(days=1))
    await _tells(world, "ans", "appel", "15 mai")
    await _tells(world, "ans", "appel", "15 mai")
    moved = [one for one in _said(world) if "Date modifiée" in one]
    assert len(moved) == 1 and "30 avr. 2026" in moved[0] and "15 mai 2026" in moved[0]
    assert await _deadlines(world) == [("care", ("2026-05-15",))]


async def test_a_date_that_moves_back_is_told_again(database: Database) -> None:
    world = await _world(database)
    for day in ("30 avril", "15 mai", "30 avril", "15 mai"):
        world.clock.forward(timedelta(hours=2))
        await _tells(world, "ans", "appel", day)
    assert len([one for one in _said(world) if "Date modifiée" in one]) == 3


async def test_a_date_told_in_new_articles_of_one_source_moves_once(database: Database) -> None:
    world = await _world(database)
    await _tells(world, "ans", "appel", "30 avril")
    for key in ("report", "rappel"):
        world.clock.forward(timedelta(days=1))
        await _tells(world, "ans", key, "15 mai", title=f"CaRE domaine 2, {key}")
    assert len([one for one in _said(world) if "Date modifiée" in one]) == 1
    assert len(await _deadlines(world)) == 1


async def test_the_press_moves_no_date_of_an_authority(database: Database) -> None:
    world = await _world(database)
    await world.source("presse", title="Presse", trust=Trust.PRESS)
    await _tells(world, "ans", "appel", "15 mai")
    world.clock.forward(timedelta(days=1))
    await _tells(world, "presse", "vieux", "30 avril", title="CaRE, le domaine 2 vu d’un hôpital")
    assert not [one for one in _said(world) if "Date modifiée" in one]
    (deadline,) = await world.store.deadlines.coming(world.db, START, 50)
    assert deadline.date() == date(2026, 5, 15) and not deadline.is_disputed()


async def test_two_authorities_that_disagree_are_both_heard_and_move_nothing(database: Database) -> None:
    world = await _world(database)
    await world.source("ars", title="ARS", trust=Trust.OFFICIAL)
    await _tells(world, "ans", "appel", "15 mai")
    world.clock.forward(timedelta(days=1))
    await _tells(world, "ars", "appel-ars", "30 avril", title="CaRE domaine 2 en région")
    (deadline,) = await world.store.deadlines.coming(world.db, START, 50)
    assert deadline.is_disputed() and deadline.date() is None
    assert not [one for one in _said(world) if "Date modifiée" in one]


async def test_two_stages_and_two_unnamed_calls_stay_apart(database: Database) -> None:
    world = await _world(database)
    await _tells(world, "ans", "d2", "15 mai")
    await _tells(
        world, "ans", "d3", "30 juin", title="CaRE, domaine 3", text=text("30 juin", "du domaine 3 du programme CaRE")
    )
    for key, town in (("x", "Valmont"), ("y", "Bellerive")):
        told = f"L’ARS fictive de {town} lance un appel. La date limite de dépôt des dossiers est fixée au 20 mai 2026."
        await _tells(world, "ans", key, "", title=f"Appel à projets à {town}", text=told)
    assert len(await _deadlines(world)) == 4
    assert not [one for one in _said(world) if "Date modifiée" in one]


async def test_a_first_reading_tells_no_move_and_a_date_no_longer_said_is_withdrawn(database: Database) -> None:
    world = World.on(database)
    await _wants(world, "salon", EVERYTHING)
    source = await world.new_source("ans", trust=Trust.OFFICIAL)
    world.site.publish(source, entry("b", "CaRE domaine 2, report", text=text("15 mai")))
    world.site.publish(source, entry("a", CALL, text=text("30 avril")))
    await world.read("ans")
    await world.deliver_all()
    assert world.platform.sent == []
    (deadline,) = await world.store.deadlines.coming(world.db, START, 50)
    assert len(deadline.claims) == 2
    await _tells(world, "ans", "a", "", text="Le calendrier de l’appel sera publié plus tard par l’agence fictive.")
    (deadline,) = await world.store.deadlines.coming(world.db, START, 50)
    assert len(deadline.claims) == 1


# -- reminders --------------------------------------------------------------------------------------------------------


async def _pass(world: World, until: datetime, step: timedelta = timedelta(hours=6)) -> None:
    plan = world.plan
    while world.clock.now() < until:
        world.clock.forward(step)
        await plan.sweep(world.clock.now())
        await world.deliver_all()


async def test_it_is_reminded_of_five_times_and_only_the_last_rings(database: Database) -> None:
    world = await _world(database)
    await _tells(world, "ans", "appel", "30 avril")
    world.platform.sent.clear()
    await _pass(world, datetime(2026, 5, 3, tzinfo=UTC))
    said = _said(world)
    assert [one.partition(" :")[0].replace("\u00a0", "") for one in said] == [
        f"Dans {days} jours" for days in (30, 14, 7, 2)
    ] + ["Demain"]
    assert [view.silent for _, view in world.platform.sent] == [True] * 4 + [False]
    assert all("30 avr. 2026" in one and "CaRE domaine 2" in one for one in said)


async def test_a_moved_date_is_reminded_of_anew(database: Database) -> None:
    world = await _world(database)
    await _tells(world, "ans", "appel", "30 avril")
    await _pass(world, datetime(2026, 4, 24, tzinfo=UTC))
    await _tells(world, "ans", "appel", "15 mai")
    world.platform.sent.clear()
    await _pass(world, datetime(2026, 5, 18, tzinfo=UTC))
    assert [one.partition(" :")[0].replace("\u00a0", "") for one in _said(world)] == [
        "Dans 14 jours",
        "Dans 7 jours",
        "Dans 2 jours",
        "Demain",
    ]


async def test_nobody_who_wants_something_else_is_reminded(database: Database) -> None:
    world = World.on(database)
    await world.source("ans", title="ANS", trust=Trust.OFFICIAL)
    await _wants(world, "ailleurs", Rule(what=What.SOURCE, value="autre"))
    await _tells(world, "ans", "appel", "30 avril")
    await _pass(world, datetime(2026, 5, 2, tzinfo=UTC))
    assert world.platform.sent == []


async def test_a_date_in_an_ordinary_article_is_not_reminded_of(database: Database) -> None:
    world = await _world(database)
    told = "Les inscriptions au colloque fictif sont ouvertes jusqu’au 30 avril 2026, dans la limite des places."
    await _tells(world, "ans", "colloque", "", title="Un colloque au printemps", text=told)
    world.platform.sent.clear()
    await _pass(world, datetime(2026, 5, 2, tzinfo=UTC))
    assert world.platform.sent == []


@pytest.mark.parametrize(
    ("known", "now", "offset"),
    [
        ("2026-03-01", "2026-03-31T06:00", 30),  # half past eight in Paris is half past six
        ("2026-03-31", "2026-03-31T06:00", 30),
        ("2026-04-02", "2026-04-03T12:00", 14),  # known since: the next one is in a fortnight
        ("2026-03-01", "2026-04-22T12:00", 14),  # late, after a stop, and it alone
        ("2026-03-01", "2026-04-29T12:00", 1),
    ],
)
def test_what_is_ahead_and_the_nearest_that_was_missed_are_owed_if_the_day_was_known(
    known: str, now: str, offset: int
) -> None:
    claim = Claim(date=date(2026, 4, 30), edge=Edge.CLOSE, what="dépôt", phrase="")
    paris = Habit(zone="Europe/Paris", offsets=REMINDED)
    since, at = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (known, now))
    owed = {one for one in REMINDED if paris.owed_at(claim, one, since, at)}
    assert max(owed) == offset and owed == {one for one in REMINDED if one <= offset}


def test_each_is_reminded_in_the_morning_of_their_own_clock() -> None:
    claim = Claim(date=date(2026, 4, 30), edge=Edge.CLOSE, what="dépôt", phrase="")
    hours = {
        zone: Habit(zone=zone, offsets=REMINDED).due_at(claim, 7).isoformat()
        for zone in ("Europe/Paris", "America/Martinique", "Pacific/Noumea")
    }
    assert hours == {
        "Europe/Paris": "2026-04-23T06:30:00+00:00",
        "America/Martinique": "2026-04-23T12:30:00+00:00",
        "Pacific/Noumea": "2026-04-22T21:30:00+00:00",
    }


DAYS = st.lists(st.tuples(st.sampled_from(["4 avril", "8 avril", "10 mai"]), st.integers(1, 6)), min_size=1, max_size=4)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=DAYS)
async def test_each_reminder_of_each_day_comes_at_most_once_through_moves_and_restarts(
    steps: list[tuple[str, int]],
) -> None:
    database = await open_database("sqlite:///:memory:")
    try:
        world = await _world(database)
        moves, known = 0, ""
        for day, days in steps:
            await _tells(world, "ans", "appel", day)
            moves += known not in ("", day)
            known = day
            await _pass(replace(world), world.clock.now() + timedelta(days=days), timedelta(hours=12))  # a restart
        rows = await database.fetch("SELECT post_key FROM posts WHERE kind = 'reminder'")
        sent = [one for one in _said(world) if " jours" in one.partition("CaRE")[0] or one.startswith("Demain")]
        assert len(sent) == len(rows)
        assert len([one for one in _said(world) if "Date modifiée" in one]) == moves
    finally:
        await database.close()
