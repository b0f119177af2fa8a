"""The main answers of the gallery, from a real desk on a database in memory. Every article in it is invented."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.pipeline.learn import Learn
from bot.view import View
from storage.database import database
from tests.commands.desk import ADMIN, Chat
from tests.fakes import START, World, entry

SUMMARY = "Après deux jours de panne, la messagerie de cet hôpital fictif fonctionne. Les journaux sont relus."
CALL = "Un appel à projets fictif est ouvert aux hôpitaux. Les dossiers sont à déposer avant le 30 avril 2026."
TYPED = {
    "fr": (
        *("/aide", "/derniers", "/chercher mesagerie", "/article 2", "/installer", "/abonner alertes", "/abonnements"),
        *("/pourquoi 2", "/parc", "/parc modele chu", "/silence wifi 2h", "/pause 2h", "/reprendre", "/alertes"),
        *("/echeances", "/calendrier", "/lettre", "/tendances 7j", "/reglages", "/sources", "/panneau", "/etat"),
    ),
    "en": (
        *("/help", "/latest", "/search mesagerie", "/article 2", "/setup", "/subscribe alerts", "/subscriptions"),
        *("/why 2", "/watchlist", "/watchlist preset chu", "/mute wifi 2h", "/pause 2h", "/resume", "/alerts"),
        *("/deadlines", "/calendar", "/letter", "/trends 7d", "/settings", "/sources", "/panel", "/status"),
    ),
}


async def answers(language: str) -> Sequence[tuple[str, View]]:
    """(what was typed, the answer), in a group of that language, one after the other."""
    async with database("sqlite:///:memory:") as db:
        world = World.on(db)
        source = await world.source("gazette", title="La Gazette fictive", language="fr")
        world.site.publish(
            source,
            entry("1", "Un hôpital inventé ouvre son dossier partagé", published=START - timedelta(days=2)),
            entry("2", "La messagerie sécurisée d’un hôpital inventé est rétablie", summary=SUMMARY),
            entry("3", "Un appel à projets inventé finance la résilience des hôpitaux", text=CALL),
        )
        await world.read("gazette")
        await Learn(terms=world.store.terms).all()
        channel = await world.channel()
        async with db.tx() as tx:
            await world.store.channels.save(tx, replace(channel, language=language), START)
        chat, person = Chat(world), replace(ADMIN, language=language)
        found = []
        for typed in TYPED[language]:
            reply = await chat.say(typed, person)
            if reply.view is not None:
                found.append((typed, reply.view))
        return found
