"""The first minute: greeted once, three questions, a rehearsal on the real archive, saved once, taken back."""

from bot.domain.article import Product
from bot.domain.command import Form, Joined, Left
from bot.domain.source import Trust
from bot.ports import Database
from bot.text.watched import MOST_ENTRIES
from tests.commands.desk import ADMIN, MEMBER, Chat, actions, button, plain, said
from tests.fakes import START, World, entry, where
from tests.fakes import words as words_of

SECOND_ADMIN = type(ADMIN)(platform="telegram", id="9", name="Dominique", language="fr", rights=ADMIN.rights)
FLAW = "Une vulnérabilité critique de FortiOS est activement exploitée (CVE-2026-11111)"
FLAW_TEXT = (
    "L’éditeur confirme que la faille CVE-2026-11111 de FortiOS est activement exploitée et permet d’exécuter du code "
    "à distance sans authentification. Le score CVSS est de 9,8. Le correctif doit être appliqué sans attendre."
)


async def _rows(database: Database) -> tuple[list[tuple[str, int]], int]:
    """(what is wanted and how, entries of watchlists)."""
    wanted = await database.fetch(
        "SELECT r.canonical, s.how FROM subscriptions s JOIN rules r ON r.id = s.rule ORDER BY s.how, r.canonical"
    )
    (watched,) = await database.fetch("SELECT COUNT(*) AS n FROM watchlists")
    kinds = [next(k for k in ("alerts", "everything", "watchlist") if f'"{k}"' in row["canonical"]) for row in wanted]
    return [(kind, row["how"]) for kind, row in zip(kinds, wanted, strict=True)], watched["n"]


async def _archive(database: Database) -> World:
    """An alert on FortiOS, and an ordinary article on each of three days."""
    world = World.on(database)
    cert = await world.source("cert", trust=Trust.OFFICIAL)
    press = await world.source("presse")
    world.site.publish(cert, entry("faille", FLAW, text=FLAW_TEXT))
    for day in range(3):
        at = START.replace(day=START.day + day) if START.day < 26 else START.replace(day=START.day - day)
        world.site.publish(press, entry(f"p{day}", f"Un portrait fictif, numéro {day}", published=at))
    await world.read("cert")
    await world.read("presse")
    return world


async def test_six_taps_make_a_useful_rehearsed_set_of_rules(database: Database) -> None:
    chat = Chat(await _archive(database))
    reply = await chat.say("/installer")
    for label in ("Un GHT", "La liste d’un GHT (16)", "+ un résumé chaque matin"):
        reply = await chat.press(button(reply, label))
    text = plain(said(reply))
    assert "1 alerte," in text and "1 alerte touche votre parc" in text
    assert "matin" in text and FLAW in text
    assert await _rows(database) == ([], 0)  # nothing is saved before the rehearsal was seen
    reply = await chat.press(button(reply, "Enregistrer"))
    wanted, watched = await _rows(database)
    assert wanted == [("alerts", 0), ("watchlist", 0), ("everything", 1)] and watched >= 16
    await chat.press(button(reply, "Annuler"))
    assert await _rows(database) == ([], 0)


async def test_what_was_there_before_stays_when_it_is_taken_back(database: Database) -> None:
    chat = Chat(await _archive(database))
    await chat.say("/abonner alertes hebdo")
    reply = await chat.say("/installer")
    for label in ("Autre", "Plus tard", "Les alertes seules", "Enregistrer"):
        reply = await chat.press(button(reply, label))
    assert await _rows(database) == ([("alerts", 0)], 0)
    await chat.press(button(reply, "Annuler"))
    assert await _rows(database) == ([("alerts", 2)], 0)


async def test_every_button_works_after_a_restart_and_saving_twice_saves_once(database: Database) -> None:
    world = await _archive(database)
    reply = await Chat(world).say("/installer")
    for label in (
        "Une clinique",
        "‹ Retour",
        "Un CHU",
        "Plus tard",
        "+ une lettre par semaine",
        "‹ Retour",
        "+ tout, aussitôt",
    ):
        reply = await Chat(world).press(button(reply, label))
    save = button(reply, "Enregistrer")
    first, again = await Chat(world).press(save), await Chat(world).press(save)
    assert "C’est prêt." in said(first) and "C’est prêt." in said(again)
    assert [one.label for one in actions(again)] == []
    assert (await _rows(database))[0] == [("alerts", 0), ("everything", 0)]


async def test_a_pasted_list_is_shown_as_it_was_understood(database: Database) -> None:
    chat = Chat(await _archive(database))
    reply = await chat.press(button(await chat.say("/installer"), "Autre"))
    paste = button(reply, "Coller la nôtre…")
    asked = await chat.press(paste)
    assert isinstance(asked.form, Form)
    assert "Rien à retenir" in said(await chat.press(asked.form.press, text=" ; \n"))
    reply = await chat.press(asked.form.press, text="FortiGate 100F\nVeeam ; Logiciel Maison")
    assert "3 entrées" in said(reply) and "logiciel maison" in said(reply)


async def test_a_full_list_takes_no_more(database: Database) -> None:
    world = World.on(database)
    chat, channel = Chat(world), await world.channel()
    async with database.tx() as tx:
        full = [Product(vendor="", name=f"logiciel {n}") for n in range(MOST_ENTRIES - 1)]
        await world.store.subscriptions.watch(tx, channel.community, full)
    reply = await chat.say("/installer")
    for label in ("Un GHT", "La liste d’un GHT (16)", "Les alertes seules", "Enregistrer"):
        reply = await chat.press(button(reply, label))
    assert "laissées de côté" in said(reply)
    assert (await _rows(database))[1] == MOST_ENTRIES
    await chat.press(button(reply, "Annuler"))
    assert (await _rows(database))[1] == MOST_ENTRIES - 1


async def test_an_empty_archive_says_so_and_still_saves(database: Database) -> None:
    chat = Chat(World.on(database))
    reply = await chat.say("/installer")
    for label in ("Un GHT", "Plus tard", "Les alertes seules"):
        reply = await chat.press(button(reply, label))
    assert "archives sont encore vides" in said(reply)
    await chat.press(button(reply, "Enregistrer"))
    assert await _rows(database) == ([("alerts", 0)], 0)


async def test_giving_up_saves_nothing_and_another_administrator_has_their_own(database: Database) -> None:
    chat = Chat(World.on(database))
    reply = await chat.say("/installer")
    assert "quelqu’un d’autre" in said(await chat.press(button(reply, "Un GHT"), SECOND_ADMIN))
    given_up = await chat.press(button(reply, "Abandonner"))
    assert "rien n’a été enregistré" in said(given_up)
    assert await _rows(database) == ([], 0)


async def test_a_member_is_refused_at_the_command_and_at_the_greeting(database: Database) -> None:
    world = World.on(database)
    chat = Chat(world)
    assert (await chat.say("/installer", MEMBER)).refused
    await chat.talk.handle(Joined(where=where(), is_new=True))
    await world.deliver_all()
    ((_, view),) = world.platform.sent
    begin = next(one for block in view.blocks for one in getattr(block, "actions", ()))
    assert (await chat.press(begin.press, MEMBER)).refused
    assert "Un GHT" in [plain(one.label) for one in actions(await chat.press(begin.press))]


async def test_a_chat_is_greeted_once_in_its_life(database: Database) -> None:
    world = World.on(database)
    talk = Chat(world).talk
    for _ in range(3):
        await talk.handle(Joined(where=where(), is_new=True))
        await world.deliver_all()
        await talk.handle(Left(where=where()))
    ((_, view),) = world.platform.sent
    assert "Bonjour, je suis Tocsin." in words_of(view)


async def test_a_chat_that_only_lets_us_write_again_is_not_greeted(database: Database) -> None:
    world = World.on(database)
    await Chat(world).talk.handle(Joined(where=where()))
    await world.deliver_all()
    assert world.platform.sent == []
