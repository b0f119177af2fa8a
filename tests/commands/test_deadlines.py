"""/deadlines and /calendar, as people use them."""

from collections.abc import Sequence
from datetime import date, timedelta

from ical.calendar_stream import IcsCalendarStream
from ical.event import Event

from bot.domain.command import Audience, Choice, Complete, Reply
from bot.ports import Database
from bot.view import Item, Items
from tests.commands.desk import ADMIN, MEMBER, OTHER, Chat, actions, button, plain, said
from tests.deadlines import Row, claim, deadline, told
from tests.fakes import World, entry, where


def items(reply: Reply) -> Sequence[Item]:
    assert reply.view is not None
    return [item for block in reply.view.blocks if isinstance(block, Items) for item in block.items]


def lines(reply: Reply) -> list[str]:
    return [plain(item.text) for item in items(reply)]


def labels(reply: Reply) -> list[str]:
    return [plain(action.label) for action in actions(reply)]


def events(reply: Reply) -> list[Event]:
    (file,) = reply.files
    assert file.name.endswith(".ics") and file.media_type == "text/calendar"
    return IcsCalendarStream.calendar_from_ics(file.content.decode()).events


async def test_the_next_deadlines_come_soonest_first_with_quote_source_and_link(database: Database) -> None:
    world = World.on(database)
    await told(world, "ans", "Agence fictive", "Un appel")
    await deadline(world, 1, Row(at="2026-03-30", what="dépôt des dossiers CaRE étape 1"))
    await deadline(world, 2, Row(at="2026-03-10T16:00", what="inscription CaRE étape 2", phrase="ce soir à 17 h"))
    await deadline(world, 3, Row(at="2026-03-11", what="guichet"), edge="open", region="Bretagne")
    await deadline(world, 4, Row(at="2026-03-09"))
    reply = await Chat(world).say("/echeances", MEMBER)
    assert lines(reply) == [
        "1 · Aujourd’hui à 17 h : inscription CaRE étape 2",
        "2 · Demain : guichet CaRE étape 3 Bretagne",
        "3 · Dans 20 jours : dépôt des dossiers CaRE étape 1",
    ]
    last = items(reply)[-1]
    assert plain(last.note) == "Clôture : lundi 30 mars 2026 · Agence fictive · #1"
    assert plain(last.extract[0][0]) == "« avant le 30 mars »"
    assert last.url == "https://exemple.test/ans"
    assert reply.audience is Audience.EVERYONE


async def test_the_quote_is_the_sentence_that_says_it(database: Database) -> None:
    world = World.on(database)
    source = await world.source("ans", title="Agence fictive")
    sentence = "Les dossiers sont reçus avant le 30 mars, à midi."
    world.site.publish(source, entry("ans", "Un appel", text=f"Le guichet est ouvert. {sentence} Les avis suivront."))
    await world.read("ans")
    (item,) = items(await Chat(world).say("/echeances", MEMBER))
    assert plain(item.extract[0][0]) == f"« {sentence} »"


async def test_in_english_too(database: Database) -> None:
    world = World.on(database)
    await deadline(world, 1, Row(at="2026-03-22T16:00", what="CaRE étape 1"))
    reply = await Chat(world, is_group=False).say("/deadlines", OTHER)
    assert lines(reply) == ["1 · In 12 days: CaRE étape 1"]
    assert items(reply)[0].note == "Closes: Sunday 22 Mar 2026 at 17:00"


async def test_sources_that_disagree_are_both_shown_and_it_is_to_confirm(database: Database) -> None:
    world = World.on(database)
    await told(world, "ans", "Agence fictive", "Un appel")
    second = await told(world, "journal", "Journal fictif", "Le même appel")
    await deadline(
        world,
        1,
        Row(at="2026-03-30", what="dépôt CaRE étape 1", phrase="le 30 mars"),
        Row(at="2026-04-12", what="dépôt CaRE étape 1", phrase="le 12 avril", source=2, article=second),
    )
    reply = await Chat(world).say("/echeances")
    assert lines(reply) == ["1 · Dans 20 jours : dépôt CaRE étape 1", "… ou dans 33 jours, selon une autre source"]
    first, other = (plain(item.note) for item in items(reply))
    assert first == "Clôture : lundi 30 mars 2026 · à confirmer, les sources divergent · Agence fictive · #1"
    assert other.startswith("Clôture : dimanche 12 avr. 2026 · ") and "Journal fictif" in other
    assert labels(reply) == ["📅 1"]


async def test_a_date_hardly_read_is_to_confirm_and_a_month_names_no_day(database: Database) -> None:
    world = World.on(database)
    await deadline(world, 1, Row(at="2026-03-30", confidence=0.5))
    await deadline(world, 2, Row(at="2026-06-30", precision="month"))
    unsure, vague = (plain(item.note) for item in items(await Chat(world).say("/echeances")))
    assert unsure == "Clôture : lundi 30 mars 2026 · à confirmer"
    assert vague == "Clôture : juin 2026 · jour non précisé"


async def test_what_belongs_to_no_programme_is_told_by_its_articles_title(database: Database) -> None:
    world = World.on(database)
    await told(world, "ans", "Agence fictive", "Un appel pour la télésanté")
    await deadline(world, 1, Row(at="2026-03-30", what="dépôt des dossiers"), programme="", stage="x")
    assert lines(await Chat(world).say("/echeances")) == [
        "1 · Dans 20 jours : dépôt des dossiers x · Un appel pour la télésanté"
    ]


async def test_a_moved_date_replaces_the_old_one(database: Database) -> None:
    world = World.on(database)
    await deadline(world, 1, Row(at="2026-03-12"))
    later = world.clock.now() + timedelta(hours=1)
    await claim(world, 1, Row(at="2026-04-09", article=2, seen_at=later))
    await deadline(world, 2, Row(at="2026-03-30"))
    assert [line.partition(" :")[0] for line in lines(await Chat(world).say("/echeances"))] == [
        "1 · Dans 20 jours",
        "2 · Dans 30 jours",
    ]


async def test_pages_are_turned_by_buttons_that_outlive_a_restart(database: Database) -> None:
    world = World.on(database)
    for number in range(1, 13):
        await deadline(world, number, Row(at=f"2026-04-{number:02}"))
    first = await Chat(world).say("/echeances care")
    assert len(items(first)) == 5 and labels(first) == [*(f"📅 {n}" for n in range(1, 6)), "Suivants ›"]
    second = await Chat(world).press(button(first, "Suivants ›"), MEMBER)
    assert second.replaces and lines(second)[0].startswith("6 · ")
    third = await Chat(world).press(button(second, "Suivants ›"))
    assert [line[:2] for line in lines(third)] == ["11", "12"]
    assert labels(third) == ["📅 11", "📅 12", "‹ Précédents"]
    assert lines(await Chat(world).press(button(third, "‹ Précédents"))) == lines(second)


async def test_a_press_gives_that_deadline_as_a_file_to_the_presser_alone(database: Database) -> None:
    world = World.on(database)
    await deadline(world, 7, Row(at="2026-03-30"), stage="domaine 2")
    await deadline(world, 8, Row(at="2026-03-28"), stage="domaine 3")
    listed = await Chat(world).say("/echeances")
    reply = await Chat(world).press(button(listed, "📅 2"), MEMBER)  # another chat object: a restart
    (event,) = events(reply)
    assert "domaine 2" in (event.summary or "") and event.dtstart == date(2026, 3, 30)
    assert reply.audience is Audience.ASKER and reply.link, "on Telegram it waits in the bot's own chat"
    world.clock.forward(timedelta(days=40))
    assert len(events(await Chat(world).press(button(listed, "📅 2"), MEMBER))) == 1, "late, it still answers"


async def test_a_topic_or_a_programme_narrows_and_any_other_word_is_told(database: Database) -> None:
    world = World.on(database)
    await deadline(world, 1, Row(at="2026-03-30"))
    await deadline(world, 2, Row(at="2026-03-31"), programme="hopen")
    chat = Chat(world)
    for typed in ("hopen", "HOP'EN"):
        assert [line[:1] for line in lines(await chat.say(f"/echeances {typed}"))] == ["1"]
    assert "HOP'EN" in lines(await chat.say("/echeances hopen"))[0]
    assert "Aucune échéance à venir pour « Ségur »" in said(await chat.say("/echeances ségur"))
    assert "Je ne connais pas le sujet « zzz »" in said(await chat.say("/echeances zzz"))


async def test_the_topic_completes_and_those_with_something_ahead_come_first(database: Database) -> None:
    world = World.on(database)
    await deadline(world, 1, Row(at="2026-03-31"), programme="hopen")

    async def offered(text: str) -> list[Choice]:
        event = Complete(name="deadlines", argument="topic", text=text, where=where(), person=MEMBER)
        answer = await Chat(world).talk.handle(event)
        assert isinstance(answer, tuple)
        return [one for one in answer if isinstance(one, Choice)]

    assert (await offered(""))[0] == Choice(label="HOP'EN", value="hopen")
    assert [one.value for one in await offered("segu")] == ["segur"]


async def test_when_nothing_is_ahead_it_says_what_to_do(database: Database) -> None:
    reply = await Chat(World.on(database)).say("/echeances")
    assert "Aucune échéance à venir" in said(reply) and "/abonner alertes" in said(reply)
    assert actions(reply) == []


# -- /calendar --------------------------------------------------------------------------------------------------------


def address(reply: Reply) -> str:
    (item,) = items(reply)
    assert item.note == item.url, "it is shown, and can be touched"
    return item.url


async def test_deadlines_ahead_come_as_a_file_and_past_ones_do_not(database: Database) -> None:
    world = World.on(database)
    assert "Aucune échéance" in said(await Chat(world).say("/calendrier"))
    await deadline(world, 1, Row(at="2026-03-30"))
    await deadline(world, 2, Row(at="2026-02-18"))
    (event,) = events(await Chat(world).say("/calendrier"))
    assert event.dtstart == date(2026, 3, 30) and "avant le 30 mars" in (event.description or "")


async def test_without_pages_there_is_the_file_only(database: Database) -> None:
    world = World.on(database)
    await deadline(world, 1, Row(at="2026-03-30"))
    reply = await Chat(world).say("/calendrier")
    assert len(reply.files) == 1 and items(reply) == [] and actions(reply) == []


async def test_the_address_is_for_the_asker_alone_and_the_same_for_all_of_a_channel(database: Database) -> None:
    world = World.on(database)
    world.web_url = "https://tocsin.exemple.fr"
    mine, theirs = await Chat(world).say("/calendrier", MEMBER), await Chat(world).say("/calendrier", ADMIN)
    assert mine.audience is Audience.ASKER
    assert address(mine) == address(theirs) != address(await Chat(world, name="g2").say("/calendrier"))
    assert address(mine).startswith("https://tocsin.exemple.fr/calendar/") and address(mine).endswith(".ics")
    assert labels(mine) == [] and labels(theirs) == ["Changer l’adresse"]


async def served(world: World, reply: Reply) -> bool:
    secret = address(reply).rpartition("/")[2].removesuffix(".ics")
    return await Chat(world).talk.desk.feeds.read(secret) is not None


async def test_an_administrator_changes_the_address_from_their_own_chat_and_takes_it_back(database: Database) -> None:
    world = World.on(database)
    world.web_url = "https://tocsin.exemple.fr"
    world.platform.administrators["g1"] = {ADMIN.id}
    old = await Chat(world).say("/calendrier")
    own = Chat(world, name=ADMIN.id, is_group=False)  # where the answer to a command in the group is told
    new = await own.press(button(old, "Changer l’adresse"))
    assert new.replaces and address(new) != address(old)
    assert (await served(world, old), await served(world, new)) == (False, True)
    assert address(await own.press(button(old, "Changer l’adresse"))) == address(new), "pressed twice: changed once"
    back = await own.press(button(new, "Annuler"))
    assert address(back) == address(old)
    assert (await served(world, old), await served(world, new)) == (True, False)
    verbs = [row["verb"] for row in await database.fetch("SELECT verb FROM audit ORDER BY id")]
    assert verbs == ["calendar", "undo"]
    third = await own.press(button(await Chat(world).say("/calendrier"), "Changer l’adresse"))
    assert address(third) not in (address(old), address(new)), "an address that was closed is never given again"


async def test_a_change_can_be_taken_back_for_ten_minutes(database: Database) -> None:
    world = World.on(database)
    world.web_url = "https://tocsin.exemple.fr"
    world.platform.administrators["g1"] = {ADMIN.id}
    own = Chat(world, name=ADMIN.id, is_group=False)
    new = await own.press(button(await Chat(world).say("/calendrier"), "Changer l’adresse"))
    world.clock.forward(timedelta(minutes=11))
    assert "n’a plus de sens" in said(await own.press(button(new, "Annuler")))
    assert await served(world, new)


async def test_who_is_no_administrator_of_the_channel_changes_nothing(database: Database) -> None:
    world = World.on(database)
    world.web_url = "https://tocsin.exemple.fr"
    old = await Chat(world).say("/calendrier")
    own = Chat(world, name=ADMIN.id, is_group=False)  # they were one when the button was made
    assert "réservée aux administrateurs" in said(await own.press(button(old, "Changer l’adresse")))
    assert await served(world, old)
