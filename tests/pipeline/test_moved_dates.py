"""What moves a date and what does not: revisions, relays, disputes, regions, editions, living pages."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.domain.channel import Quiet
from bot.domain.deadline import Deadline
from bot.domain.source import Trust
from bot.ports import Database
from tests.fakes import FakeSite, World, entry, title
from tests.pipeline.dated import CALL, EVERYTHING, call, tells, wants, world_of
from tests.pipeline.test_milestones import LivingPage


def _moves(world: World) -> list[str]:
    """The titles of "date changed" posts, in their order."""
    return [title(view) for _, view in world.platform.sent if title(view).startswith("Date modifiée")]


async def _ahead(world: World) -> list[Deadline]:
    return [*await world.store.deadlines.coming(world.db, world.clock.now(), 50)]


async def _days(world: World) -> list[str]:
    """Of each deadline the days that stand, disputed ones with a stroke."""
    found = []
    for one in await _ahead(world):
        newest = {claim.source: claim.date for claim in reversed(one.heard)}
        found.append("/".join(sorted({f"{day:%d/%m}" for day in newest.values()})))
    return sorted(found)


async def test_a_day_added_before_another_moves_nothing(database: Database) -> None:
    world = await world_of(database)
    await tells(world, "ans", "appel", call("30 avril"))
    world.clock.forward(timedelta(days=1))
    await tells(
        world,
        "ans",
        "appel",
        f"Les inscriptions au programme CaRE sont ouvertes jusqu’au 2 avril 2026. {call('30 avril')}",
    )
    assert _moves(world) == []
    assert await _days(world) == ["02/04", "30/04"]


async def test_of_two_days_of_one_kind_only_the_one_that_moved_is_told(database: Database) -> None:
    world = await world_of(database)
    first, second = call("30 avril"), "La date limite de dépôt des dossiers est fixée au {} 2026."
    await tells(world, "ans", "appel", f"{first}\n\n{second.format('15 mai')}")
    assert await _days(world) == ["15/05", "30/04"]
    world.clock.forward(timedelta(days=1))
    await tells(world, "ans", "appel", f"{second.format('15 mai')}\n\n{call('30 mai')}")
    assert len(_moves(world)) == 1
    assert await _days(world) == ["15/05", "30/05"]


async def test_the_newest_word_withdrawn_the_older_date_is_told_again(database: Database) -> None:
    world = await world_of(database)
    await tells(world, "ans", "appel", call("30 avril"))
    world.clock.forward(timedelta(days=1))
    await tells(world, "ans", "report", call("15 mai"), title="CaRE domaine 2, une nouvelle")
    (moved,) = await _ahead(world)
    world.clock.forward(timedelta(days=1))
    await tells(
        world, "ans", "report", "Cet article fictif, paru par erreur, est retiré.", title="CaRE domaine 2, une nouvelle"
    )
    assert len(_moves(world)) == 2
    (back,) = await _ahead(world)
    assert back.date() == date(2026, 4, 30) and back.changes > moved.changes
    assert back.changed_at == world.clock.now()


async def test_an_agency_that_repeated_the_old_day_does_not_dispute_the_new_one(database: Database) -> None:
    world = await world_of(database)
    await world.source("ars", title="ARS", trust=Trust.OFFICIAL)
    await tells(world, "ans", "appel", call("30 avril"))
    world.clock.forward(timedelta(days=1))
    await tells(world, "ars", "relais", call("30 avril"), title="CaRE domaine 2, rappel de l’agence")
    world.clock.forward(timedelta(days=1))
    await tells(world, "ans", "appel", call("15 mai"))
    assert len(_moves(world)) == 1 and await _days(world) == ["15/05"]
    world.clock.forward(timedelta(days=1))
    await tells(world, "ars", "encore", call("30 avril"), title="CaRE domaine 2, l’agence insiste")
    assert await _days(world) == ["15/05/30/04"]


async def test_a_dispute_that_ends_on_another_day_than_was_told_is_a_move(database: Database) -> None:
    world = await world_of(database)
    await world.source("ars", title="ARS", trust=Trust.OFFICIAL)
    await tells(world, "ans", "appel", call("15 mai"))
    world.clock.forward(timedelta(days=1))
    await tells(world, "ars", "autre", call("30 avril"), title="CaRE domaine 2 vu de l’agence")
    (disputed,) = await _ahead(world)
    assert disputed.is_disputed() and _moves(world) == []
    world.clock.forward(timedelta(days=1))
    await tells(world, "ans", "appel", call("30 avril"))
    assert len(_moves(world)) == 1 and await _days(world) == ["30/04"]


async def test_a_dispute_that_ends_on_the_day_that_was_told_moves_nothing(database: Database) -> None:
    world = await world_of(database)
    await world.source("ars", title="ARS", trust=Trust.OFFICIAL)
    await tells(world, "ans", "appel", call("15 mai"))
    await tells(world, "ars", "autre", call("30 avril"), title="CaRE domaine 2 vu de l’agence")
    world.clock.forward(timedelta(days=1))
    await tells(world, "ars", "autre", call("15 mai"), title="CaRE domaine 2 vu de l’agence")
    assert _moves(world) == [] and await _days(world) == ["15/05"]


async def test_two_regions_have_a_day_each_and_repeat_that_of_the_country(database: Database) -> None:
    world = await world_of(database)
    for region in ("Bretagne", "Normandie"):
        await world.source(region.lower(), title=f"ARS {region}", trust=Trust.OFFICIAL)
    await tells(world, "ans", "appel", call("30 avril"))
    await tells(world, "bretagne", "relais", call("30 avril"), title="CaRE domaine 2, le calendrier national")
    await tells(world, "bretagne", "guichet", call("20 mai"), title="CaRE domaine 2, un guichet de plus")
    await tells(world, "normandie", "guichet-normand", call("12 juin"), title="CaRE domaine 2, un guichet de plus")
    assert _moves(world) == []
    assert [(one.region, one.is_disputed()) for one in await _ahead(world)] == [
        *(("", False), ("Bretagne", False), ("Normandie", False))
    ]


async def test_two_calls_of_a_programme_without_a_stage_stay_apart(database: Database) -> None:
    world = await world_of(database)
    of = "du programme Ségur"
    await tells(world, "ans", "imagerie", call("30 avril", of), title="Ségur, l’imagerie")
    await tells(world, "ans", "biologie", call("12 juin", of), title="Ségur, la biologie")
    assert _moves(world) == [] and await _days(world) == ["12/06", "30/04"]


async def test_next_years_call_is_another_one(database: Database) -> None:
    world = await world_of(database)
    await tells(world, "ans", "appel", call("30 avril"))
    world.clock.moment = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
    await tells(
        world, "ans", "appel-2027", call("30 avril").replace("2026", "2027"), title="CaRE domaine 2, deuxième année"
    )
    assert _moves(world) == [] and len(await _ahead(world)) == 1


async def test_what_is_over_when_we_learn_of_it_disputes_nothing(database: Database) -> None:
    world = await world_of(database)
    await tells(world, "ans", "appel", call("30 avril"))
    old = await world.new_source("ars", title="ARS", trust=Trust.OFFICIAL)
    told = entry("vieux", CALL, text=call("12 mai").replace("2026", "2024"), published=datetime(2024, 2, 1, tzinfo=UTC))
    world.site.publish(old, told)
    await world.read("ars")
    (deadline,) = await _ahead(world)
    assert not deadline.is_disputed() and len(deadline.claims) == 1


async def test_a_reminder_that_was_held_for_a_day_that_moved_is_not_said(database: Database) -> None:
    world = await world_of(database)
    night = replace(
        await world.channel("salon"), quiet=Quiet(start=datetime.min.time(), end=datetime(1, 1, 1, 23).time())
    )
    async with world.db.tx() as tx:
        await world.store.channels.save(tx, night, world.clock.now())
    await tells(world, "ans", "appel", call("30 avril"))
    world.clock.moment = datetime(2026, 4, 23, 9, 0, tzinfo=UTC)  # seven days before, and quiet until eleven at night
    await world.plan.sweep(world.clock.now())
    held = [key for (key, _), state in (await world.states()).items() if key.startswith("r:") and state == "held"]
    assert len(held) == 1
    await tells(world, "ans", "appel", call("15 mai"))
    assert not [key for key, _ in await world.states() if key.startswith("r:") and "04-30" in key]


async def test_each_clock_is_reminded_at_half_past_eight(database: Database) -> None:
    world = await world_of(database)
    for chat, zone in (("antilles", "America/Martinique"), ("noumea", "Pacific/Noumea")):
        await wants(world, chat, EVERYTHING)
        channel = replace(await world.channel(chat), timezone=zone)
        async with world.db.tx() as tx:
            await world.store.channels.save(tx, channel, world.clock.now())
    await tells(world, "ans", "appel", call("30 avril"))
    world.clock.moment = datetime(2026, 4, 22, 12, 0, tzinfo=UTC)
    plan = world.plan
    await plan.sweep(world.clock.now())
    await world.deliver_all()
    world.platform.sent.clear()
    said: list[tuple[str, str]] = []
    while world.clock.now() < datetime(2026, 4, 24, tzinfo=UTC):
        world.clock.forward(timedelta(minutes=30))
        await plan.sweep(world.clock.now())
        await world.deliver_all()
        said += [(chat, f"{world.clock.now():%d %H:%M}") for chat in world.platform.chats()]
        world.platform.sent.clear()
    assert said == [("noumea", "22 21:30"), ("salon", "23 06:30"), ("antilles", "23 12:30")]


async def test_a_channel_is_reminded_on_the_days_it_chose(database: Database) -> None:
    world = await world_of(database)
    for chat, days in (("peu", (10, 1)), ("jamais", ())):
        await wants(world, chat, EVERYTHING)
        channel = replace(await world.channel(chat), reminders=days)
        async with world.db.tx() as tx:
            await world.store.channels.save(tx, channel, world.clock.now())
    await tells(world, "ans", "appel", call("30 avril"))
    world.platform.sent.clear()
    plan = world.plan
    while world.clock.now() < datetime(2026, 5, 2, tzinfo=UTC):
        world.clock.forward(timedelta(hours=12))
        await plan.sweep(world.clock.now())
        await world.deliver_all()
    told = [(chat, title(view).partition("\u00a0:")[0].replace("\u00a0", " ")) for chat, view in world.platform.sent]
    assert [said for chat, said in told if chat == "peu"] == ["Dans 10 jours", "Demain"]
    assert [said for chat, said in told if chat == "salon"] == [
        *("Dans 30 jours", "Dans 14 jours", "Dans 7 jours", "Dans 2 jours", "Demain")
    ]
    assert "jamais" not in dict(told)


# -- living pages -----------------------------------------------------------------------------------------------------


def _line(day: str, label: str = "Clôture des candidatures CaRE domaine 2") -> str:
    return f"<main><h3>{label}</h3><p>{day} 2026</p></main>"


async def _page(database: Database) -> tuple[World, LivingPage]:
    site = LivingPage()
    world = replace(World.on(database), site=site)
    source = await world.new_source("page", title="Agence", kind="milestones", trust=Trust.OFFICIAL)
    await wants(world, "salon", EVERYTHING)
    site.html[source.url] = _line("30 avril")
    await world.read("page")
    return world, site


async def test_the_line_of_a_living_page_is_a_deadline_and_its_move_is_one_post(database: Database) -> None:
    world, site = await _page(database)
    (deadline,) = await _ahead(world)
    assert (deadline.programme, deadline.stage, deadline.date()) == ("care", "domaine 2", date(2026, 4, 30))
    ((url, _),) = site.html.items()
    for day in ("15 mai", "30 avril"):
        world.clock.forward(timedelta(days=1))
        site.html[url] = _line(day)
        await world.read("page")
        await world.deliver_all()
    assert len(_moves(world)) == 2
    (back,) = await _ahead(world)
    assert back.id == deadline.id and back.changes > deadline.changes and back.date() == date(2026, 4, 30)


async def test_a_move_that_was_told_is_not_told_again_by_the_page(database: Database) -> None:
    world, site = await _page(database)
    ((url, _),) = site.html.items()
    await world.new_source("ans", title="ANS", trust=Trust.OFFICIAL)
    ans = replace(world, site=FakeSite())
    await ans.read("ans")
    world.clock.forward(timedelta(days=1))
    await tells(ans, "ans", "relais", call("30 avril"))
    world.clock.forward(timedelta(days=1))
    await tells(ans, "ans", "relais", call("15 mai"))
    assert len(_moves(world)) == 1
    site.html[url] = _line("15 mai")
    await world.read("page")
    await world.deliver_all()
    assert len(_moves(world)) == 1 and await _days(world) == ["15/05"]


async def test_a_line_that_is_gone_claims_nothing(database: Database) -> None:
    world, site = await _page(database)
    ((url, _),) = site.html.items()
    site.html[url] = (
        f"{_line('30 avril')}{_line('12 mai', 'Ouverture de la plateforme')}{_line('3 juin', 'Fin du programme')}"
    )
    await world.read("page")
    assert len(await _ahead(world)) == 3
    site.html[url] = f"{_line('12 mai', 'Ouverture de la plateforme')}{_line('3 juin', 'Fin du programme')}"
    await world.read("page")
    assert await _days(world) == ["03/06", "12/05"]
