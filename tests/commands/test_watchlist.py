"""A watchlist through the chat: typed, pasted, from a preset; what it brings, where it rings, how it is taken back."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.domain.article import Product
from bot.domain.channel import Quiet
from bot.domain.command import Complete, Form, Moved
from bot.domain.source import Source, Trust
from bot.ports import Database
from bot.text.watched import MOST_ENTRIES
from bot.view import Facts as Rows
from tests.commands.desk import ADMIN, MEMBER, Chat, actions, button, said
from tests.fakes import START, World, entry, where

NIGHT = Quiet(start=time(9), end=time(12))  # in which START lies
FORTIOS = Product(vendor="fortinet", name="fortios")
VEEAM = Product(vendor="veeam", name="")
LABONET = Product(vendor="", name="labonet")
FLAW = "Une faille de FortiOS, CVE-2026-11111, permet de contourner l’authentification. Son score CVSS est de 9,1."
PASTED = """Éditeur\tProduit\tVersion\tPostes
Fortinet\tFortiGate 100F\t7.2.5\t2
Veeam\tBackup & Replication\t12.1\t1
Fortinet\tFortiGate 60F\t7.0\t4
Nordexa\tLaboNet\tv3.2\t40
"""


async def listed(world: World, chat: str = "g1") -> frozenset[Product]:
    return await world.store.subscriptions.watchlist(world.db, f"telegram:{chat}")


async def published(world: World, title: str, text: str, *, key: str = "1") -> None:
    known = [one for one in await world.store.sources.all() if one.slug == "a"]
    source: Source = known[0] if known else await world.source("a", trust=Trust.OFFICIAL)
    world.site.publish(source, entry(key, title, summary=text, published=world.clock.now()))
    await world.read("a")


async def at_night(world: World, chat: str) -> None:
    channel = await world.channel(chat)
    async with world.db.tx() as tx:
        await world.store.channels.save(tx, replace(channel, quiet=NIGHT), START)


# -- what it is for ---------------------------------------------------------------------------------------------------


async def test_an_advisory_rings_at_night_where_the_command_put_its_product_and_nowhere_else(
    database: Database,
) -> None:
    world = World.on(database)
    for chat in ("forti", "citrix", "alerts"):
        await at_night(world, chat)
    await Chat(world, "forti").say("/parc ajouter fortinet, veeam")
    await Chat(world, "citrix").say("/parc ajouter citrix")
    await Chat(world, "alerts").say("/abonner alertes")
    await published(world, "Vulnérabilité dans FortiOS", FLAW)
    await world.deliver_all()
    ((chat, view),) = world.platform.sent
    rows = {label: value for block in view.blocks if isinstance(block, Rows) for label, value in block.rows}
    assert (chat, rows["Nous concerne"], view.silent) == ("forti", "FortiOS (votre liste)", False)


async def test_the_first_entries_bring_a_subscription_and_undo_takes_both_back(database: Database) -> None:
    world = World.on(database)
    reply = await Chat(world).say("/parc ajouter fortinet fortios, veeam, LaboNet v3")
    assert await listed(world) == {FORTIOS, VEEAM, LABONET}
    assert "Fortinet FortiOS, Veeam (toute la gamme)" in said(reply) and "labonet" in said(reply)
    assert "Ce canal recevra" in said(reply)
    assert "parc" in said(await Chat(world).say("/abonnements"))
    await Chat(world).press(button(reply, "Annuler"))
    assert await listed(world) == frozenset()
    assert "ne reçoit rien" in said(await Chat(world).say("/abonnements"))


async def test_who_no_longer_wants_to_hear_of_a_list_is_not_subscribed_again(database: Database) -> None:
    world = World.on(database)
    chat = Chat(world)
    await chat.say("/parc ajouter veeam")
    await chat.say("/desabonner parc")
    await chat.say("/parc ajouter fortios")
    assert "ne reçoit rien" in said(await chat.say("/abonnements"))
    assert "/abonner parc" in said(await chat.say("/parc"))


async def test_all_channels_of_a_community_share_a_list(database: Database) -> None:
    world = World.on(database)
    await Chat(world).say("/parc ajouter veeam")
    thread = replace(where("g1"), address=replace(where("g1").address, thread="7"))
    channel = await world.channel("g1", thread="7")
    assert channel.community == thread.community
    assert await world.store.subscriptions.watchlist(world.db, channel.community) == {VEEAM}


@pytest.mark.parametrize("there_before", [False, True])
async def test_a_chat_that_moves_takes_its_list_and_its_silences_along(database: Database, there_before: bool) -> None:
    """Telegram gives a group another number when it becomes a supergroup."""
    world = World.on(database)
    await Chat(world, "old").say("/parc ajouter fortios, veeam")
    await Chat(world, "old").say("/silence cantine 2h")
    if there_before:  # the new one already talked to us
        await Chat(world, "new").say("/parc ajouter labonet")
    await Chat(world, "new").talk.handle(Moved(old=where("old").address, new=where("new").address))
    moved = await listed(world, "new")
    assert {FORTIOS, VEEAM} <= moved and (LABONET in moved) is there_before
    assert await listed(world, "old") == frozenset()
    assert "1 silence en cours" in said(await Chat(world, "new").say("/silence"))
    await published(world, "Vulnérabilité dans FortiOS", FLAW)
    await world.deliver_all()
    assert world.platform.chats() == ["new"]


# -- rehearsal --------------------------------------------------------------------------------------------------------


async def test_a_change_says_what_it_would_have_brought_and_what_it_brought_before(database: Database) -> None:
    world = World.on(database)
    await published(world, "Vulnérabilité dans FortiOS", FLAW)
    await published(world, "Panne de Veeam", "Veeam annonce une panne de son service.", key="2")
    chat = Chat(world)
    assert "1 article vous aurait concernés" in said(await chat.say("/parc ajouter veeam"))
    text = said(await chat.say("/parc ajouter fortios"))
    assert "2 articles vous auraient concernés" in text and "Avant ce changement : 1." in text
    assert "Vulnérabilité dans FortiOS" in text and "Panne de Veeam" in text


async def test_what_the_rehearsal_counts_is_what_would_be_delivered(database: Database) -> None:
    """An interview that names a vendor of one's own words, and no product or alert, is neither."""
    world = World.on(database)
    await published(world, "Portrait", "Rencontre avec les fondateurs de LaboNet, dans leurs locaux.")
    chat = Chat(world)
    assert "0 article vous aurait concernés" in said(await chat.say("/parc ajouter labonet"))
    await published(world, "Portrait encore", "Une autre rencontre avec les fondateurs de LaboNet.", key="2")
    await world.deliver_all()
    assert world.platform.sent == []


# -- pasting ----------------------------------------------------------------------------------------------------------


async def test_a_pasted_table_is_shown_as_understood_and_saved_once(database: Database) -> None:
    world = World.on(database)
    opened = await Chat(world).press(button(await Chat(world).say("/parc coller"), "Coller une liste…"))
    assert isinstance(opened.form, Form) and opened.form.most == 4_000
    preview = await Chat(world).press(opened.form.press, text=PASTED)
    assert preview.replaces and "J’ai compris 3 entrées" in said(preview)
    assert "Fortinet FortiOS" in said(preview) and "Cherchés mot pour mot labonet" in said(preview)
    assert "1 nom que je ne connais pas" in said(preview)
    assert await listed(world) == frozenset()  # nothing is saved before it was seen
    save = button(preview, "Enregistrer")
    saved = await Chat(world).press(save)
    assert saved.replaces and await listed(world) == {FORTIOS, VEEAM, LABONET}
    assert "déjà fait" in said(await Chat(world).press(save))
    await Chat(world).press(button(saved, "Annuler"))
    assert await listed(world) == frozenset()


async def test_a_list_may_be_typed_behind_the_command(database: Database) -> None:
    world = World.on(database)
    preview = await Chat(world).say(f"/parc coller\n{PASTED}")
    await Chat(world).press(button(preview, "Enregistrer"))
    assert await listed(world) == {FORTIOS, VEEAM, LABONET}


async def test_a_preset_is_seen_before_it_is_saved_and_adds_to_what_is_there(database: Database) -> None:
    world = World.on(database)
    chat = Chat(world)
    await chat.say("/parc ajouter veeam, labonet")
    preview = await chat.press(button(await chat.press(button(await chat.say("/parc"), "Modèles")), "GHT type"))
    assert "Stormshield" in said(preview) and "1 entrée y était déjà" in said(preview)
    before = await listed(world)
    await chat.press(button(preview, "Abandonner"))
    assert await listed(world) == before == {VEEAM, LABONET}
    await chat.press(button(await chat.say("/parc modèle ght"), "Enregistrer"))
    assert {LABONET, VEEAM, Product(vendor="stormshield", name="")} < await listed(world)


async def test_three_hundred_lines_are_read_and_what_is_too_much_is_said(database: Database) -> None:
    world = World.on(database)
    chat = Chat(world)
    preview = await chat.say("/parc coller\n" + "\n".join(f"Logiciel fictif numéro {n}" for n in range(320)))
    assert "20 entrées de trop" in said(preview)
    await chat.press(button(preview, "Enregistrer"))
    assert len(await listed(world)) == MOST_ENTRIES
    assert "c’est le maximum" in said(await chat.say("/parc ajouter veeam"))
    assert "c’est le maximum" not in said(await chat.say("/parc retirer logiciel fictif numéro 7"))


# -- removing ---------------------------------------------------------------------------------------------------------


async def test_an_entry_is_removed_by_name_or_by_its_button_and_comes_back(database: Database) -> None:
    world = World.on(database)
    chat = Chat(world)
    await chat.say("/parc ajouter fortios, fortiweb, veeam, labonet")
    removed = await chat.say("/parc retirer fortinet")  # a vendor takes its products along
    assert await listed(world) == {VEEAM, LABONET}
    await chat.press(button(removed, "Annuler"))
    assert len(await listed(world)) == 4
    choices = await chat.press(button(await chat.say("/parc"), "Retirer…"))
    drop = button(choices, "labonet")
    await Chat(world).press(drop)
    assert LABONET not in await listed(world)
    assert "déjà retiré" in said(await Chat(world).press(drop))


async def test_every_entry_of_a_long_list_has_a_button(database: Database) -> None:
    world = World.on(database)
    chat = Chat(world)
    await chat.say("/parc ajouter " + ", ".join(f"Logiciel fictif {n:02}" for n in range(60)))
    reply = await chat.press(button(await chat.say("/parc"), "Retirer…"))
    seen = set[str]()
    while True:
        labels = [one.label for one in actions(reply)]
        seen |= {label for label in labels if label.startswith("logiciel")}
        if "Suivantes ›" not in labels:
            break
        reply = await chat.press(button(reply, "Suivantes ›"))
    assert len(seen) == 60
    assert all(len(one.press.encode()) <= 64 for one in actions(reply))


# -- words, rights, traces --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/parc ajouter serveurs", "aucun produit"),
        ("/parc retirer veeam", "n’est pas dans votre parc"),
        ("/parc modele hôtel", "ght, chu, clinic"),
        ("/parc coller ---", "aucun produit"),
    ],
)
async def test_what_cannot_be_done_is_said_with_an_example(database: Database, typed: str, told: str) -> None:
    assert told in said(await Chat(World.on(database)).say(typed))


async def test_an_empty_list_says_what_it_is_for(database: Database) -> None:
    reply = await Chat(World.on(database)).say("/parc")
    assert "votre parc est vide" in said(reply).lower()
    assert [one.label for one in actions(reply)] == ["Coller une liste…", "Modèles"]


async def test_a_member_neither_reads_nor_changes_a_list(database: Database) -> None:
    world = World.on(database)
    data = button(await Chat(world).say("/parc"), "Modèles")
    for reply in (await Chat(world).say("/parc ajouter veeam", MEMBER), await Chat(world).press(data, MEMBER)):
        assert reply.refused and "administrateurs" in reply.notice
    assert await listed(world) == frozenset()


async def test_each_change_is_in_the_audit_with_its_names(database: Database) -> None:
    chat = Chat(World.on(database))
    await chat.press(button(await chat.say("/parc ajouter fortios"), "Annuler"))
    rows = await database.fetch("SELECT verb, payload, person FROM audit ORDER BY id")
    assert [row["verb"] for row in rows] == ["watchlist", "undo"]
    assert "Fortinet FortiOS" in rows[0]["payload"] and rows[0]["person"] != ADMIN.id


async def test_names_are_completed_behind_those_that_are_typed(database: Database) -> None:
    world = World.on(database)
    chat = Chat(world)
    await chat.say("/parc ajouter labonet")

    async def proposed(text: str) -> list[str]:
        asked = Complete(name="parc", argument="text", text=text, where=where("g1"), person=ADMIN)
        answer = await chat.talk.handle(asked)
        assert isinstance(answer, tuple)
        return [one.value for one in answer]

    assert "Fortinet FortiOS" in await proposed("forti")
    assert await proposed("Veeam, fortios") == ["Veeam, Fortinet FortiOS"]
    assert await proposed("labo") == ["labonet"]
    assert await proposed("ght") == ["ght"]
    assert await proposed("x" * 99 + ", fortios") == []
    assert all(len(value) <= 100 for value in await proposed(""))


async def test_an_old_draft_says_so(database: Database) -> None:
    world = World.on(database)
    save = button(await Chat(world).say("/parc modele chu"), "Enregistrer")
    world.clock.forward(timedelta(hours=2))
    assert "n’a plus de sens" in said(await Chat(world).press(save))
