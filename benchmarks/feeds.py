"""Feeds as hospitals' papers write them, all invented, and an origin of them in a process of its own.

Their shape is that of WordPress, which serves more feeds than any other program: an excerpt in `description`, the whole
article as its block editor writes it in `content:encoded`, the elements around them in its order.

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
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"\n'
    '\txmlns:content="http://purl.org/rss/1.0/modules/content/"\n\txmlns:wfw="http://wellformedweb.org/CommentAPI/"\n'
    '\txmlns:dc="http://purl.org/dc/elements/1.1/"\n\txmlns:atom="http://www.w3.org/2005/Atom"\n'
    '\txmlns:sy="http://purl.org/rss/1.0/modules/syndication/"\n'
    '\txmlns:slash="http://purl.org/rss/1.0/modules/slash/"\n\t>\n\n<channel>\n\t<title>Écho fictif n° {feed}</title>\n'
    '\t<atom:link href="https://echo-{feed}.test/feed/" rel="self" type="application/rss+xml" />\n'
    "\t<link>https://echo-{feed}.test/</link>\n\t<description>Un journal inventé</description>\n"
    "\t<lastBuildDate>{built}</lastBuildDate>\n\t<language>fr-FR</language>\n"
    "\t<sy:updatePeriod>\n\thourly\t</sy:updatePeriod>\n\t<sy:updateFrequency>\n\t1\t</sy:updateFrequency>\n"
    "\t<generator>https://wordpress.org/?v=6.8</generator>\n{items}\n\t</channel>\n</rss>\n"
)
ITEM = """
\t<item>
\t\t<title>{title}</title>
\t\t<link>https://echo-{feed}.test/articles/{number}/</link>
\t\t\t\t\t<comments>https://echo-{feed}.test/articles/{number}/#respond</comments>
\t\t
\t\t<dc:creator><![CDATA[Rédaction fictive]]></dc:creator>
\t\t<pubDate>{date}</pubDate>
\t\t\t\t{categories}
\t\t<guid isPermaLink="false">https://echo-{feed}.test/?p={number}</guid>

\t\t\t\t\t<description><![CDATA[<p>{excerpt} [&#8230;]</p>
<p>L’article <a href="{link}">{title}</a> est apparu en premier sur <a href="https://echo-{feed}.test">Écho</a>.</p>
]]></description>
\t\t\t\t\t\t\t\t\t\t<content:encoded><![CDATA[{text}]]></content:encoded>
\t\t\t\t\t
\t\t\t\t\t<wfw:commentRss>{link}feed/</wfw:commentRss>
\t\t\t<slash:comments>0</slash:comments>
\t\t
\t\t\t</item>"""
CATEGORIES = ("Actualités", "Numérique", "Cybersécurité", "Établissements", "Vie de l’établissement", "Ressources")
PICTURE = (
    '<figure class="wp-block-image size-large"><img fetchpriority="high" decoding="async" width="1024" height="683"'
    ' src="https://echo-{feed}.test/wp-content/uploads/2026/09/vue-{number}-1024x683.jpg" alt="Vue inventée"'
    ' class="wp-image-{number}" srcset="https://echo-{feed}.test/wp-content/uploads/2026/09/vue-{number}-1024x683.jpg'
    ' 1024w, https://echo-{feed}.test/wp-content/uploads/2026/09/vue-{number}-300x200.jpg 300w"'
    ' sizes="(max-width: 1024px) 100vw, 1024px" /><figcaption class="wp-element-caption">Une vue inventée.</figcaption>'
    "</figure>\n\n\n\n"
)


class Face(StrEnum):
    """What every feed shows."""

    FIRST = "first"  # with an ETag and a Last-Modified
    BARE = "bare"  # the same body without them, so that it is sent again and again
    MOVED = "moved"  # the same items under another lastBuildDate
    NEWER = "newer"  # one more item before them
    STILL_NEWER = "still newer"  # two
    NEWEST = "newest"  # three


MORE = {Face.NEWER: 1, Face.STILL_NEWER: 2, Face.NEWEST: 3}  # items


def feed(number: int, items: int, face: Face) -> bytes:
    """`items` of them, newest first, with what is newer before them."""
    newest = items + MORE.get(face, 0)
    built = START + timedelta(days=newest + (face is Face.MOVED))
    text = "".join(_item(number, item) for item in range(newest, 0, -1))
    return RSS.format(feed=number, built=format_datetime(built, usegmt=True), items=text).encode()


def _item(feed: int, number: int) -> str:
    chance = random.Random(f"{feed}/{number}")  # an item is the same in every face
    return ITEM.format(
        feed=feed,
        number=number,
        title=f"{chance.choice(WHO)} {chance.choice(DOES)} {chance.choice(WHAT)} (n° {number})",
        link=f"https://echo-{feed}.test/articles/{number}/",
        date=format_datetime(START + timedelta(days=number, minutes=feed % 60), usegmt=True),
        categories="\n\t\t".join(
            f"<category><![CDATA[{one}]]></category>" for one in chance.sample(CATEGORIES, chance.randint(2, 4))
        ),
        excerpt=" ".join(_sentence(chance) for _ in range(2)),
        text=_html(chance, feed, number),
    )


def _html(chance: random.Random, feed: int, number: int) -> str:
    """3 to 6 kB as the block editor writes them: paragraphs, a title, a picture, links, stressed words, a list."""
    parts = [PICTURE.format(feed=feed, number=number)] if chance.random() < 0.6 else []
    parts += [_paragraph(chance, feed) for _ in range(chance.randint(2, 3))]
    parts.append(f'<h2 class="wp-block-heading">{chance.choice(WHAT).capitalize()}</h2>\n\n\n\n')
    parts += [_paragraph(chance, feed) for _ in range(chance.randint(2, 4))]
    points = "\n\n\n\n".join(f"<li>{chance.choice(THEN)}&nbsp;;</li>" for _ in range(3))
    parts.append(f'<ul class="wp-block-list">\n{points}\n</ul>\n\n\n\n')
    link = f'<a href="https://echo-{feed}.test/articles/{number}/">cet article</a>'
    parts.append(f'<p>{link} est apparu en premier sur <a href="https://echo-{feed}.test">Écho fictif</a>.</p>\n')
    return "\n".join(parts)


def _paragraph(chance: random.Random, feed: int) -> str:
    link = f'<a href="https://voisin-{feed}.test/dossier" target="_blank" rel="noreferrer noopener">un dossier</a>'
    said = [_sentence(chance), f"Lire à ce sujet {link}.", *(_sentence(chance) for _ in range(chance.randint(1, 2)))]
    return f"<p>{' '.join(said)}</p>\n\n\n\n"


def _sentence(chance: random.Random) -> str:
    return (
        f"{chance.choice(WHO)} {chance.choice(DOES)} <strong>{chance.choice(WHAT)}</strong>&nbsp;: "
        f"{chance.choice(THEN)}, l&#8217;annonce l&rsquo;affirme."
    )


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
