"""Feeds as hospitals' papers write them, all invented, and an origin of them in a process of its own.

`async with served(feeds, items) as site: await site.show(Face.MOVED)`. What two readers are compared on must be the
same bytes, and what it costs to serve them must be neither's.
"""

import argparse
import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum

from tests.stands.origin import Reply, origin

START = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
SINCE = format_datetime(START, usegmt=True)
WHO = (
    *("Le centre hospitalier imaginaire de Valmont", "Le groupement fictif des Trois-Rivières", "L’agence inventée"),
    *("La clinique fictive du Parc", "L’éditeur imaginaire Médilys", "Le laboratoire fictif d’Ormeval"),
)
DOES = (
    *("ouvre le chantier de", "renouvelle le marché de", "met en service", "suspend pour une semaine", "évalue"),
    *("publie le bilan de", "confie à un prestataire", "généralise à tous ses services", "prépare le remplacement de"),
)
WHAT = (
    *("son dossier patient informatisé", "la messagerie sécurisée de santé", "ses sauvegardes hors ligne"),
    *("l’annuaire des professionnels", "son réseau de télésurveillance", "la prescription connectée"),
    *("sa plateforme d’imagerie", "l’identité nationale de santé", "la gestion des lits", "son plan de reprise"),
)
THEN = (
    *("les équipes soignantes ont été associées dès la conception", "le calendrier court jusqu’à l’été prochain"),
    *("aucune donnée n’a quitté l’établissement", "le budget est partagé entre les cinq sites"),
    *("la direction des systèmes d’information recrute deux architectes", "les usagers en verront peu de chose"),
    *("un premier retour d’expérience est attendu à l’automne", "le comité de suivi se réunit chaque mois"),
)
RSS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Écho fictif n° {feed}</title>'
    "<link>https://echo-{feed}.test/</link><description>Un journal inventé</description><language>fr-FR</language>"
    "<lastBuildDate>{built}</lastBuildDate>{items}</channel></rss>"
)
ITEM = (
    "\n<item><title>{title}</title><link>https://echo-{feed}.test/articles/{number}/</link>"
    '<guid isPermaLink="false">https://echo-{feed}.test/?p={number}</guid><pubDate>{date}</pubDate>'
    "<dc:creator><![CDATA[Rédaction fictive]]></dc:creator><category><![CDATA[Actualités]]></category>"
    "<description><![CDATA[{text}]]></description></item>"
)


class Face(StrEnum):
    """What every feed shows."""

    FIRST = "first"  # with an ETag and a Last-Modified
    BARE = "bare"  # the same body without them, so that it is sent again and again
    MOVED = "moved"  # the same items under another lastBuildDate
    NEWER = "newer"  # one more item before them


def feed(number: int, items: int, face: Face) -> bytes:
    """`items` of them, newest first; NEWER has one more."""
    newest = items + (face is Face.NEWER)
    built = START + timedelta(days=items + (face in (Face.MOVED, Face.NEWER)))
    text = "".join(_item(number, item) for item in range(newest, 0, -1))
    return RSS.format(feed=number, built=format_datetime(built, usegmt=True), items=text).encode()


def _item(feed: int, number: int) -> str:
    chance = random.Random(f"{feed}/{number}")  # an item is the same in every face
    title = f"{chance.choice(WHO)} {chance.choice(DOES)} {chance.choice(WHAT)} (n° {number})"
    date = format_datetime(START + timedelta(days=number, minutes=feed % 60), usegmt=True)
    text = _html(chance, feed, number)
    return ITEM.format(feed=feed, number=number, title=title, date=date, text=text)


def _html(chance: random.Random, feed: int, number: int) -> str:
    """600 to 1,500 characters: two to four paragraphs, a link, a stressed word, now and then a list."""
    parts = []
    for _ in range(chance.randint(2, 4)):
        sentences = [
            f"{chance.choice(WHO)} {chance.choice(DOES)} <strong>{chance.choice(WHAT)}</strong>&nbsp;: "
            f"{chance.choice(THEN)}. De son côté, {chance.choice(WHO).lower()} {chance.choice(DOES)} "
            f"{chance.choice(WHAT)}."
        ]
        parts.append(f"<p>{' '.join(sentences)}</p>")
    if chance.random() < 0.3:
        parts.append(f"<ul><li>{chance.choice(THEN)}</li><li>{chance.choice(THEN)}</li></ul>")
    parts.append(f'<p><a href="https://echo-{feed}.test/articles/{number}/" rel="nofollow">Lire la suite</a></p>')
    return "\n".join(parts)


# -- serving them -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Site:
    """Our end of the origin."""

    port: int
    process: asyncio.subprocess.Process

    def url(self, feed: int) -> str:
        return f"http://127.0.0.1:{self.port}/{feed}"

    async def show(self, face: Face, newer: range | None = None) -> None:
        """Every feed from now on; `newer`: the numbers of those that show NEWER in its place."""
        some = f" {newer.start} {newer.stop} {newer.step}" if newer is not None else ""
        await self._say(f"{face}{some}")

    async def _say(self, line: str) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\n".encode())
        assert await self.process.stdout.readline() == b"shown\n"


@asynccontextmanager
async def served(feeds: int, items: int) -> AsyncIterator[Site]:
    command = [sys.executable, "-m", "benchmarks.feeds", "--feeds", str(feeds), "--items", str(items)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Site(port=int(await process.stdout.readline()), process=process)
    finally:
        process.stdin.close()
        await process.wait()


def _replies(feeds: int, items: int, face: Face, newer: range) -> dict[str, Reply]:
    return {f"/{n}": _reply(feed(n, items, shown := Face.NEWER if n in newer else face), shown) for n in range(feeds)}


def _reply(body: bytes, face: Face) -> Reply:
    if face is Face.BARE:
        return Reply(body=body)
    return Reply(
        body=body, etag=f'"{face}"', last_modified=format_datetime(START, usegmt=True) if face is Face.FIRST else ""
    )


async def _serve(feeds: int, items: int) -> None:
    """Prints its port, then shows the faces its input asks for until that ends."""
    async with origin(_replies(feeds, items, Face.FIRST, range(0))) as site:
        print(site.port, flush=True)
        while line := (await asyncio.to_thread(sys.stdin.readline)).split():
            site.replies = _replies(feeds, items, Face(line[0]), range(*map(int, line[1:])) if line[1:] else range(0))
            site.asked.clear()
            print("shown", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--items", type=int, default=30)
    chosen = parser.parse_args()
    asyncio.run(_serve(chosen.feeds, chosen.items))
