"""A silence: what it keeps away and what rings all the same, who asked for it, and how it ends."""

from datetime import timedelta

import pytest

from bot.domain.command import Reply
from bot.ports import Database
from tests.commands.desk import ADMIN, MEMBER, Chat, actions, button, said
from tests.fakes import World, entry

WIFI = "Le wifi du site nord est coupé pour travaux pendant la nuit, sans effet sur les soins."
GRAVE = "La faille CVE-2026-4321 d’un point d’accès wifi est activement exploitée, score CVSS 9,8. Correctif urgent."
HOUR = timedelta(hours=1)


async def listening(database: Database) -> World:
    world = World.on(database)
    await world.source("a")
    for chat in ("g1", "g2"):
        await Chat(world, chat).say("/abonner tout")
    return world


async def publish(world: World, title: str, text: str) -> None:
    (source,) = await world.store.sources.all()
    world.site.publish(source, entry(title.replace(" ", "-"), title, summary=text, published=world.clock.now()))
    await world.read("a")
    await world.deliver_all()


def told(world: World, chat: str = "g1") -> list[str]:
    return world.platform.titles(chat)


async def test_what_a_silence_names_is_not_told_here_and_is_told_elsewhere(database: Database) -> None:
    world = await listening(database)
    reply = await Chat(world).say("/silence wifi 2h")
    assert "Silence jusqu’au 10 mars 2026, 12:00" in said(reply) and "wifi" in said(reply)
    await publish(world, "Travaux", WIFI)
    await publish(world, "La cantine change", "Un nouveau prestataire sert les repas du personnel dès lundi.")
    assert (told(world), told(world, "g2")) == (["La cantine change"], ["Travaux", "La cantine change"])


async def test_a_critical_alert_rings_through_a_silence_and_the_answer_says_so(database: Database) -> None:
    world = await listening(database)
    assert "Sonnent quand même : les alertes critiques" in said(await Chat(world).say("/silence wifi 2h"))
    await publish(world, "Faille exploitée du wifi", GRAVE)
    assert told(world) == ["Faille exploitée du wifi"]


async def test_a_silence_ends_by_itself_and_what_it_kept_is_not_caught_up(database: Database) -> None:
    world = await listening(database)
    await Chat(world).say("/silence wifi 1h")
    await publish(world, "Travaux", WIFI)
    world.clock.forward(HOUR)
    await world.plan.sweep(world.clock.now())
    await publish(world, "Le wifi revient", "Le wifi du site nord est rétabli ce matin, plus tôt que prévu.")
    assert told(world) == ["Le wifi revient"]
    assert "Aucun silence" in said(await Chat(world).say("/silence"))


async def test_why_says_which_silence_kept_an_article_and_whose_even_after_it_ended(database: Database) -> None:
    world = await listening(database)
    await Chat(world).say("/silence wifi 1h")
    await publish(world, "Travaux", WIFI)
    world.clock.forward(timedelta(days=2))
    await world.plan.sweep(world.clock.now())
    text = said(await Chat(world).say("/pourquoi #1"))
    assert "un silence de Alix" in text and "10 mars 2026, 11:00" in text
    assert "silence" not in said(await Chat(world, "g2").say("/pourquoi #1"))


async def test_an_ended_silence_is_forgotten_after_a_month(database: Database) -> None:
    world = await listening(database)
    await Chat(world).say("/silence wifi 1h")
    world.clock.forward(timedelta(days=32))
    await world.plan.sweep(world.clock.now())
    assert await database.fetch("SELECT * FROM mutes") == []


async def test_the_rehearsal_counts_what_was_received_here_and_what_it_would_have_kept(database: Database) -> None:
    world = await listening(database)
    await publish(world, "Travaux", WIFI)
    await publish(world, "Faille exploitée du wifi", GRAVE)
    text = said(await Chat(world).say("/silence wifi 2h"))
    assert "1 article reçu ici aurait été tu" in text and "Travaux" in text and "Faille" not in text
    assert "0 article reçu ici" in said(await Chat(world, "g3").say("/silence wifi 2h"))


async def test_silences_are_listed_with_their_author_and_a_button_to_lift_each(database: Database) -> None:
    world = await listening(database)
    await Chat(world).say("/silence wifi 2h")
    alone = await Chat(world).say("/silence")
    assert "jusqu’au 10 mars 2026, 12:00, par Alix" in said(alone)
    assert [one.label for one in actions(alone)] == ["Lever"]
    await Chat(world).say('/silence "salle blanche" jusqu’au 15/12')
    both = await Chat(world).say("/silence")
    lift = button(both, "Lever : ce qui parle de : « salle blanche »")
    lifted = await Chat(world).press(lift)
    assert lifted.replaces and "Silence levé" in said(lifted)
    assert "déjà fini" in (await Chat(world).press(lift)).notice
    assert "1 silence en cours" in said(await Chat(world).say("/silence"))
    await Chat(world).press(button(lifted, "Annuler"))
    assert "2 silences en cours" in said(await Chat(world).say("/silence"))


async def test_undo_brings_back_what_was(database: Database) -> None:
    world = await listening(database)
    first = await Chat(world).say("/silence wifi 2h")
    longer = await Chat(world).say("/silence wifi 3 jours")
    await Chat(world).press(button(longer, "Annuler"))
    assert "10 mars 2026, 12:00" in said(await Chat(world).say("/silence"))
    await Chat(world).press(button(first, "Annuler"))
    assert "Aucun silence" in said(await Chat(world).say("/silence"))
    verbs = [row["verb"] for row in await database.fetch("SELECT verb FROM audit ORDER BY id")]
    assert verbs[2:] == ["mute", "mute", "undo", "undo"]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/silence wifi", "Pour combien de temps"),
        ("/silence 2h", "Sur quoi faire silence"),
        ("/silence wifi 1 min", "entre 5 minutes et un an"),
        ("/silence wifi du site nord 3 jours", "13 mars 2026"),
        ("/silence wifi 15/12", "16 déc. 2026, 00:00"),
    ],
)
async def test_words_and_a_duration_are_read_as_they_are_typed(database: Database, typed: str, answer: str) -> None:
    assert answer in said(await Chat(World.on(database)).say(typed))


async def test_no_more_silences_than_a_menu_can_lift(database: Database) -> None:
    chat = Chat(World.on(database))
    replies: list[Reply] = []
    for number in range(21):
        chat = Chat(chat.world)  # a restart: nobody types so fast
        replies.append(await chat.say(f"/silence chantier{number:02} 1 jour"))
    assert "c’est le maximum" in said(replies[-1])
    listed = await Chat(chat.world).say("/silence")
    assert len(actions(listed)) == 20 and all(len(one.press.encode()) <= 64 for one in actions(listed))


async def test_a_member_silences_and_lifts_nothing(database: Database) -> None:
    world = await listening(database)
    await Chat(world).say("/silence wifi 2h")
    data = button(await Chat(world).say("/silence"), "Lever")
    for reply in (await Chat(world).say("/silence panne 2h", MEMBER), await Chat(world).press(data, MEMBER)):
        assert reply.refused
    assert "1 silence en cours" in said(await Chat(world).say("/silence"))


async def test_the_rows_name_nobody_and_forgetme_takes_the_silence_along(database: Database) -> None:
    world = await listening(database)
    await Chat(world).say("/silence wifi 2h")
    (row,) = await database.fetch("SELECT * FROM mutes")
    assert ADMIN.name not in row["name"] and row["person"] != ADMIN.id
    (file,) = (await Chat(world).say("/mesdonnees")).files
    assert '"name": "Alix"' in file.content.decode()
    async with world.db.tx() as tx:
        await world.store.persons.forget(tx, row["person"])
    assert await database.fetch("SELECT * FROM mutes") == []


# -- what is owed already ---------------------------------------------------------------------------------------------

CANTEEN = "Un nouveau prestataire sert les repas du personnel dès lundi."


async def owed_in_the_night(database: Database) -> World:
    """Two articles wait for the morning in two chats, one of them about the wifi."""
    world = World.on(database)
    await world.source("a")
    for chat in ("g1", "g2"):
        await Chat(world, chat).say("/abonner tout")
        await Chat(world, chat).say("/reglages quiet 08:00-14:00")  # it is ten
    await publish(world, "Travaux", WIFI)
    await publish(world, "La cantine change", CANTEEN)
    assert told(world) == []
    return world


async def morning(world: World) -> None:
    world.clock.forward(4 * HOUR)
    await world.plan.sweep(world.clock.now())
    await world.deliver_all()


async def test_a_silence_takes_back_what_waits_and_speaks_of_it_only_here(database: Database) -> None:
    world = await owed_in_the_night(database)
    reply = await Chat(world).say("/silence wifi 2h")
    assert "1 message qui en parle attendait d’être envoyé" in said(reply)
    assert "retiré avant d’être envoyé" in said(await Chat(world).say("/pourquoi #1"))
    assert "wifi" in said(await Chat(world).say("/pourquoi #1"))
    assert "Retenu" in said(await Chat(world, "g2").say("/pourquoi #1"))
    await morning(world)
    assert told(world) == ["La cantine change"]
    assert len(told(world, "g2")) == 1 and told(world, "g2") != told(world)  # both in one post


async def test_undo_gives_it_back_as_it_was(database: Database) -> None:
    world = await owed_in_the_night(database)
    before = await database.fetch("SELECT post, channel, state, due_at, error FROM deliveries ORDER BY post, channel")
    reply = await Chat(world).say("/silence wifi 2h")
    await Chat(world).press(button(reply, "Annuler"))
    after = await database.fetch("SELECT post, channel, state, due_at, error FROM deliveries ORDER BY post, channel")
    assert [*after] == [*before]
    assert "Retenu" in said(await Chat(world).say("/pourquoi #1"))


async def test_what_was_on_its_way_to_be_sent_at_once_is_taken_back_and_given_back_too(database: Database) -> None:
    world = await listening(database)
    (source,) = await world.store.sources.all()
    world.site.publish(source, entry("1", "Travaux", summary=WIFI, published=world.clock.now()))
    await world.read("a")
    reply = await Chat(world).say("/silence wifi 2h")
    await world.deliver_all()
    assert (told(world), told(world, "g2")) == ([], ["Travaux"])
    await Chat(world).press(button(reply, "Annuler"))
    await world.deliver_all()
    assert told(world) == ["Travaux"]


async def test_what_was_told_stays_told_and_is_not_told_again(database: Database) -> None:
    world = await listening(database)
    await publish(world, "Travaux", WIFI)
    reply = await Chat(world).say("/silence wifi 2h")
    assert "retiré" not in said(reply)
    await Chat(world).press(button(reply, "Annuler"))
    await world.deliver_all()
    assert told(world) == ["Travaux"]


async def test_given_back_it_stays_away_while_another_silence_wants_it_so(database: Database) -> None:
    world = await owed_in_the_night(database)
    first = await Chat(world).say("/silence wifi 6h")
    await Chat(world).say('/silence "site nord" 6h')
    await Chat(world).press(button(first, "Annuler"))
    assert "site nord" in said(await Chat(world).say("/pourquoi #1"))
    await morning(world)
    assert told(world) == ["La cantine change"]


async def test_a_critical_alert_that_waits_is_not_taken_back(database: Database) -> None:
    world = await listening(database)
    (source,) = await world.store.sources.all()
    world.site.publish(source, entry("1", "Faille exploitée du wifi", summary=GRAVE, published=world.clock.now()))
    await world.read("a")
    assert "retiré" not in said(await Chat(world).say("/silence wifi 2h"))
    await world.deliver_all()
    assert told(world) == ["Faille exploitée du wifi"]


async def test_a_story_of_which_something_else_is_wanted_stays_owed(database: Database) -> None:
    world = await owed_in_the_night(database)
    await world.source("b")
    await _also_told(world)
    reply = await Chat(world).say("/silence wifi 2h")
    assert "retiré" not in said(reply)
    await morning(world)
    assert len(told(world)) == 1


async def test_what_was_taken_back_is_owed_anew_when_its_story_says_something_else(database: Database) -> None:
    world = await owed_in_the_night(database)
    await world.source("b")
    await Chat(world).say("/silence wifi 2h")
    await _also_told(world)
    assert "Retenu" in said(await Chat(world).say("/pourquoi #1"))


async def _also_told(world: World) -> None:
    """Another source tells the story of the first article, in words the silence does not name."""
    (source,) = [one for one in await world.store.sources.all() if one.slug == "b"]
    url = "https://exemple.test/Travaux"
    world.site.publish(source, entry("b1", "Réseau coupé", url=url, summary=CUT, published=world.clock.now()))
    await world.read("b")


CUT = "Le réseau sans fil du site nord est coupé pour travaux pendant la nuit, sans effet sur les soins."
