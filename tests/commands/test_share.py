"""A page somebody shares: read, shown under their name, found again; no markup, no news elsewhere, not twice."""

import json
from datetime import timedelta

import pytest

from adapters.platforms.discord.render import render as on_discord
from adapters.platforms.telegram.render import render as on_telegram
from bot.domain.command import Audience, Complete, Person, Reply, Rights
from bot.domain.share import A_DAY, LONGEST_NOTE
from bot.domain.source import Trust
from bot.errors import FetchError
from bot.ports import Database
from bot.view import Headline, Quote, View
from tests.commands.desk import ADMIN, MEMBER, OTHER, Chat, actions, button, plain, said
from tests.fakes import World, entry, title, where

LINK = "https://exemple.test/retour-messagerie"
TITLE = "Valmont raconte sa bascule de messagerie"
PARAGRAPH = (
    "Le centre hospitalier fictif de Valmont a changé de messagerie en une nuit, sans couper les services de garde."
    " Son équipe raconte ce qui a tenu, ce qui a cédé, et ce qu’elle ferait autrement la prochaine fois."
)


def page(headline: str = TITLE, text: str = PARAGRAPH) -> str:
    paragraphs = "".join(f"<p>{text}</p>" for _ in range(3))
    return (
        f"<html><head><title>{headline}</title></head><body><article><h1>{headline}</h1>"
        f"<p>Le 9 mars 2026</p>{paragraphs}</article></body></html>"
    )


def world_on(database: Database) -> World:
    world = World.on(database)
    world.web.pages[LINK] = page()
    return world


async def _posted(world: World) -> View:
    await world.deliver_all()
    return world.platform.sent[-1][1]


def _headline(view: View) -> Headline:
    return next(block for block in view.blocks if isinstance(block, Headline))


def _quotes(view: View) -> list[Quote]:
    return [block for block in view.blocks if isinstance(block, Quote)]


async def _menu(world: World, view: View, person: Person = ADMIN) -> Reply:
    return await Chat(world).press(button(Reply(view=view), "⋯"), person)


# -- shared -----------------------------------------------------------------------------------------------------------


async def test_a_page_is_shown_under_the_members_name_with_their_note_and_found_again(database: Database) -> None:
    world = world_on(database)
    reply = await Chat(world).say(f"/partager {LINK} À lire avant la réunion", MEMBER)
    assert reply.audience is Audience.ASKER and f"« {TITLE} » arrive" in said(reply)
    view = await _posted(world)
    assert _headline(view) == Headline(text=TITLE, url=LINK, badge="Partagé par Sacha")
    assert _quotes(view) == [Quote(text="À lire avant la réunion", source="Sacha")]
    assert view.silent and "a changé de messagerie en une nuit" in said(Reply(view=view))
    assert [plain(one.label) for one in actions(Reply(view=view))] == ["👍 0", "👎 0", "⋯"]
    found = said(await Chat(world).say("/chercher bascule messagerie", OTHER))
    assert TITLE in found and "Partagé par les membres" in found


async def test_a_note_is_words_and_never_more(database: Database) -> None:
    world = world_on(database)
    note = "@everyone <@&13> **gras** [clic](https://mal.test) /stop"
    await Chat(world).say(f"/partager {LINK} {note}", MEMBER)
    view = await _posted(world)
    assert _quotes(view)[0].text == note
    embed = on_discord(view, "fr")["embeds"][0]["description"]
    assert "@everyone" not in embed and "](https://mal.test)" not in embed and "**gras**" not in embed
    text = on_telegram(view, "fr")["text"]
    assert "@everyone" not in text and " /stop" not in text


@pytest.mark.parametrize("typed", ["", "exemple.test/une-page", LINK])
async def test_what_cannot_be_shared_says_why_and_leaves_nothing(database: Database, typed: str) -> None:
    world = world_on(database)
    world.web.errors = {
        "https://exemple.test/une-page": FetchError("blocked-address", "private"),
        LINK: FetchError("timeout", "too slow"),
    }
    reply = await Chat(world).say(f"/partager {typed}", MEMBER)
    expected = {"": "Quelle page partager ?", "exemple.test/une-page": "réseau privé", LINK: "trop lent à répondre"}
    assert expected[typed] in said(reply) and reply.audience is Audience.ASKER
    assert await world.states() == {} and await world.store.articles.newest(5) == []


@pytest.mark.parametrize(
    "body",
    [
        "<?xml version='1.0'?><rss version='2.0'><channel><item><title>Un</title></item></channel></rss>",
        "<html><body><p>Bonjour.</p></body></html>",
        "",
    ],
)
async def test_what_is_no_article_is_refused_in_a_sentence(database: Database, body: str) -> None:
    world = world_on(database)
    world.web.pages[LINK] = body
    reply = await Chat(world).say(f"/partager {LINK}", MEMBER)
    assert "Je ne vois pas d’article" in said(reply) or "Je n’arrive pas à lire" in said(reply)
    assert await world.states() == {}


async def test_sharing_is_for_groups(database: Database) -> None:
    world = world_on(database)
    reply = await Chat(world, MEMBER.id, is_group=False).say(f"/partager {LINK}", MEMBER)
    assert "dans un groupe" in said(reply) and world.web.asked == []


async def test_a_note_has_its_length(database: Database) -> None:
    world = world_on(database)
    reply = await Chat(world).say(f"/partager {LINK} {'x' * (LONGEST_NOTE + 1)}", MEMBER)
    assert f"{LONGEST_NOTE} caractères" in said(reply) and world.web.asked == []


async def test_one_person_shares_five_pages_a_day_wherever(database: Database) -> None:
    world = world_on(database)
    for number in range(A_DAY + 1):
        world.web.pages[f"{LINK}/{number}"] = page(f"Article numéro {number} de la série")
    for number in range(A_DAY):
        reply = await Chat(world, f"g{number % 2}").say(f"/partager {LINK}/{number}", MEMBER)
        assert "C’est partagé" in said(reply)
    asked = len(world.web.asked)
    refused = await Chat(world, "g7").say(f"/partager {LINK}/{A_DAY}", MEMBER)
    assert "déjà partagé 5 pages" in said(refused) and len(world.web.asked) == asked
    assert "Shared" in said(await Chat(world).say(f"/share {LINK}/{A_DAY}", OTHER))
    world.clock.forward(timedelta(days=1, seconds=1))
    assert "C’est partagé" in said(await Chat(world, "g7").say(f"/partager {LINK}/{A_DAY}", MEMBER))


# -- once -------------------------------------------------------------------------------------------------------------


async def test_what_this_channel_had_is_shown_to_the_asker_and_not_posted_again(database: Database) -> None:
    world = world_on(database)
    source = await world.source("dsih", title="DSIH")
    await Chat(world).say("/abonner dsih")
    world.site.publish(source, entry("1", TITLE, url=LINK))
    await world.read("dsih")
    await world.deliver_all()
    reply = await Chat(world).say(f"/partager {LINK}?utm_source=lettre", MEMBER)
    assert "l’a déjà reçu" in plain(said(reply)) and "#1" in said(reply) and reply.audience is Audience.ASKER
    await world.deliver_all()
    assert len(world.platform.sent) == 1 and world.web.asked == []


async def test_what_the_archive_has_is_shared_without_being_read_or_doubled(database: Database) -> None:
    world = world_on(database)
    source = await world.source("dsih", title="DSIH")
    world.site.publish(source, entry("1", TITLE, url=LINK))
    await world.read("dsih")
    await Chat(world).say(f"/partager {LINK}", MEMBER)
    view = await _posted(world)
    assert _headline(view).badge == "Partagé par Sacha" and "DSIH" in said(Reply(view=view))
    assert world.web.asked == [] and len(await world.store.articles.newest(5)) == 1


async def test_a_link_that_leads_to_what_is_known_is_that_article(database: Database) -> None:
    world = world_on(database)
    world.web.moved["https://court.test/x"] = LINK
    await Chat(world).say(f"/partager {LINK}", MEMBER)
    reply = await Chat(world).say("/partager https://court.test/x", ADMIN)
    assert "l’a déjà reçu" in plain(said(reply))
    assert len(await world.store.articles.newest(5)) == 1


async def test_each_channel_has_its_own_share_of_one_article(database: Database) -> None:
    world = world_on(database)
    await Chat(world, "g1").say(f"/partager {LINK} ici", MEMBER)
    await Chat(world, "g2").say(f"/partager {LINK} là", ADMIN)
    await world.deliver_all()
    shown = {chat: (_headline(view).badge, _quotes(view)[0].text) for chat, view in world.platform.sent}
    assert shown == {"g1": ("Partagé par Sacha", "ici"), "g2": ("Partagé par Alix", "là")}
    assert len(await world.store.articles.newest(5)) == 1


# -- not elsewhere ----------------------------------------------------------------------------------------------------


async def test_a_share_is_nobody_elses_news(database: Database) -> None:
    world = world_on(database)
    await Chat(world, "g2").say("/abonner tout")
    await Chat(world, "g1").say(f"/partager {LINK}", MEMBER)
    await world.deliver_all()
    assert world.platform.chats() == ["g1"]
    why = said(await Chat(world, "g2").say("/pourquoi #1", ADMIN))
    assert "n’est qu’un partage de membres" in why


async def test_when_its_source_tells_it_others_hear_of_it_and_who_was_shown_it_does_not_twice(
    database: Database,
) -> None:
    """Shared before it is read: neither lost for those who subscribed, nor doubled, nor left in a member's name."""
    world = world_on(database)
    source = await world.source("dsih", title="DSIH", trust=Trust.PRESS)
    for chat in ("g1", "g2"):
        await Chat(world, chat).say("/abonner dsih")
    await Chat(world, "g1").say(f"/partager {LINK} vu hier", MEMBER)
    await world.deliver_all()
    world.site.publish(source, entry("77", TITLE, url=LINK, summary="Le résumé que DSIH en donne, dans ses mots."))
    await world.read("dsih")
    await world.deliver_all()
    assert world.platform.chats() == ["g1", "g2"]
    (facts,) = await world.store.articles.newest(5)
    assert facts.article.source_slug == "dsih" and facts.sources == {"dsih"}
    assert facts.article.trust is Trust.PRESS
    _, told = world.platform.sent[-1]
    assert title(told) == TITLE and "Partagé" not in said(Reply(view=told))
    assert "Le résumé que DSIH" in said(Reply(view=world.platform.edited[-1][2]))  # the share follows


async def test_an_alert_rings_also_where_somebody_shared_it_first(database: Database) -> None:
    world = world_on(database)
    text = (
        "La faille CVE-2026-4321 d’un pare-feu est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."
    )
    world.web.pages[LINK] = page("Vulnérabilité critique dans un pare-feu", text)
    source = await world.source("dsih", title="DSIH")
    await Chat(world).say("/abonner dsih")
    await Chat(world).say(f"/partager {LINK}", MEMBER)
    await world.deliver_all()
    world.site.publish(source, entry("1", "Vulnérabilité critique dans un pare-feu", url=LINK, text=text))
    await world.read("dsih")
    await world.deliver_all()
    assert len(world.platform.sent) == 2
    assert not world.platform.sent[-1][1].silent and world.platform.sent[0][1].silent


# -- withdrawn, forgotten ---------------------------------------------------------------------------------------------


async def test_an_administrator_withdraws_a_share_and_puts_it_back_each_audited(database: Database) -> None:
    world = world_on(database)
    await Chat(world).say(f"/partager {LINK} un mot", MEMBER)
    view = await _posted(world)
    menu = await _menu(world, view)
    refused = await Chat(world).press(button(menu, "Retirer (admin)"), MEMBER)
    assert refused.refused
    done = await Chat(world).press(button(menu, "Retirer (admin)"), ADMIN)
    assert "C’est retiré" in done.notice
    await world.deliver_all()
    withdrawn = world.platform.edited[-1][2]
    assert "a été retiré par un administrateur" in said(Reply(view=withdrawn))
    assert TITLE not in said(Reply(view=withdrawn)) and _quotes(withdrawn) == []
    assert "Rien dans les archives" in plain(said(await Chat(world).say("/chercher bascule messagerie", OTHER)))
    again = await Chat(world).press(button(menu, "Retirer (admin)"), ADMIN)
    assert "déjà retiré" in again.notice
    assert (await Chat(world).press(button(Reply(view=withdrawn), "Remettre"), MEMBER)).refused
    await Chat(world).press(button(Reply(view=withdrawn), "Remettre"), ADMIN)
    await world.deliver_all()
    assert _headline(world.platform.edited[-1][2]).badge == "Partagé par Sacha"
    assert TITLE in said(await Chat(world).say("/chercher bascule messagerie", OTHER))
    verbs = [row["verb"] for row in await world.db.fetch("SELECT verb FROM audit ORDER BY id")]
    assert verbs == ["share", "withdraw", "restore"]


async def test_a_withdrawn_share_takes_nothing_from_what_a_source_tells(database: Database) -> None:
    world = world_on(database)
    source = await world.source("dsih", title="DSIH")
    world.site.publish(source, entry("1", TITLE, url=LINK))
    await world.read("dsih")
    await Chat(world).say(f"/partager {LINK}", MEMBER)
    menu = await _menu(world, await _posted(world))
    await Chat(world).press(button(menu, "Retirer (admin)"), ADMIN)
    assert TITLE in said(await Chat(world).say("/chercher bascule messagerie", OTHER))


async def test_who_is_forgotten_leaves_neither_name_nor_note_and_the_article_stays(database: Database) -> None:
    world = world_on(database)
    await Chat(world).say(f"/partager {LINK} un mot de Sacha", MEMBER)
    await _posted(world)
    data = (await Chat(world).say("/mesdonnees", MEMBER)).files[0].content
    assert [(one["name"], one["note"]) for one in json.loads(data)["shares"]] == [("Sacha", "un mot de Sacha")]
    own = Chat(world, MEMBER.id, is_group=False)
    await own.press(button(await own.say("/oubliezmoi", MEMBER), "Oubliez-moi"), MEMBER)
    await world.deliver_all()
    left = world.platform.edited[-1][2]
    assert _headline(left) == Headline(text=TITLE, url=LINK, badge="Partagé par un membre")
    assert _quotes(left) == [] and "Sacha" not in said(Reply(view=left))
    assert [dict(row) for row in await world.db.fetch("SELECT person, name, note FROM shares")] == [
        {"person": "", "name": "", "note": ""}
    ]


async def test_a_name_fades_30_days_after_a_share_was_withdrawn(database: Database) -> None:
    world = world_on(database)
    await Chat(world).say(f"/partager {LINK} un mot", MEMBER)
    menu = await _menu(world, await _posted(world))
    await Chat(world).press(button(menu, "Retirer (admin)"), ADMIN)
    world.clock.forward(timedelta(days=30, minutes=1))
    await world.plan.sweep(world.clock.now())
    assert [dict(row) for row in await world.db.fetch("SELECT name, note FROM shares")] == [{"name": "", "note": ""}]


async def test_completion_offers_ones_own_shares_and_nobody_elses(database: Database) -> None:
    world = world_on(database)
    await Chat(world, "g1").say(f"/partager {LINK}", MEMBER)
    offered = {}
    for chat in ("g1", "g2"):
        person = Person(platform="telegram", id="2", language="fr", rights=Rights.MEMBER)
        event = Complete(name="search", argument="source", text="partag", where=where(chat), person=person)
        choices = await Chat(world, chat).talk.handle(event)
        assert isinstance(choices, tuple)
        offered[chat] = [choice.label for choice in choices]
    assert offered == {"g1": ["Partagé par les membres"], "g2": []}
