"""What the demo's invented papers publish, and in which order. Pure: the seed decides, `now` is an argument."""

import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import cycle
from zoneinfo import ZoneInfo

from bot.domain.words import words

ZONE = ZoneInfo("Europe/Paris")
FLOOD = 1_000  # entries; also the most one reading takes
ARCHIVE = "archive"
# What is published by itself, over and over until every article was told once.
STORY = ("article", "critical", "article", "care", "article", "alert")

_MONTHS = {
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
_SUBJECTS = (
    "le standard change de musique",
    "les chariots de soins retrouvent leur roue",
    "un tableau blanc remplace un tableur",
    "la salle des serveurs gagne deux degrés",
    "l’imprimante du deuxième est réparée",
    "la photocopieuse parle enfin au réseau",
)
_PLACES = ("Valmont", "Brumeval", "Sainte-Aubierge", "Castelrive", "Port-Grimaud-le-Vieux", "Ardente")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A place the demo publishes in. `feed` is its path on the origin."""

    name: str
    title: str
    feed: str
    kind: str
    trust: str
    topics: tuple[str, ...] = ()


PAPERS = (
    Paper(name="gazette", title="La Gazette du SIH (fictif)", feed="/gazette/articles", kind="list", trust="press"),
    Paper(
        name="cert",
        title="CERT-Démo (fictif)",
        feed="/cert/atom.xml",
        kind="feed",
        trust="official",
        topics=("vulnerabilite",),
    ),
    Paper(name="agence", title="Agence du numérique (fictif)", feed="/agence/rss.xml", kind="feed", trust="official"),
    Paper(name="carnet", title="Carnet d’un RSSI (fictif)", feed="/carnet/feed.json", kind="feed", trust="other"),
    Paper(name="depeches", title="Dépêches (fictif)", feed="/depeches/rss.xml", kind="feed", trust="press"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One table of `articles.toml`."""

    source: str
    title: str
    chapeau: str
    text: str
    genre: str = ""
    authors: tuple[str, ...] = ()
    lang: str = "fr"
    kind: str = ARCHIVE
    hours_ago: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    number: int
    at: datetime  # aware
    sample: Sample  # nothing left to fill in

    @property
    def path(self) -> str:
        return f"/{self.sample.source}/articles/{self.number}/{_slug(self.sample.title)}"


class Newsroom:
    """`listed` is what each paper's page shows now."""

    def __init__(self, *, seed: int, now: datetime) -> None:
        self._chance = random.Random(seed)  # noqa: S311  # a story to replay, nothing to hide
        self._number = 4_100
        self._cve = 90_000 + self._chance.randrange(9_000)
        self._published: dict[str, list[Published]] = {paper.name: [] for paper in PAPERS}
        self._waiting = {kind: self._endlessly(kind) for kind in ("article", "care", "critical", "alert")}
        for sample in sorted(_of_kind(ARCHIVE), key=lambda sample: -sample.hours_ago):
            self._add(sample, now - timedelta(hours=sample.hours_ago))
        for hours in (49, 28, 7):
            self._add(self._dispatch(), now - timedelta(hours=hours))

    def listed(self, paper: str) -> Sequence[Published]:
        """Newest first, as many as one reading takes."""
        return self._published[paper][: -FLOOD - 1 : -1]

    def find(self, number: int) -> Published | None:
        return next((one for many in self._published.values() for one in many if one.number == number), None)

    def publish(self, kind: str, now: datetime) -> Published:
        return self._add(next(self._waiting[kind]), now)

    def flood(self, now: datetime) -> int:
        for _ in range(FLOOD):
            self._add(self._dispatch(), now)
        return FLOOD

    def story(self) -> Iterator[str]:
        """The kinds to publish one after another, each article once."""
        left = {kind: len(_of_kind(kind)) for kind in self._waiting}
        for kind in cycle(STORY):
            if not any(left.values()):
                return
            if left[kind]:
                left[kind] -= 1
                yield kind

    def _add(self, sample: Sample, at: datetime) -> Published:
        self._number += self._chance.randrange(1, 4)
        self._cve += 1
        filled = _filled(sample, at, f"CVE-{at.year}-{self._cve}")
        published = Published(number=self._number, at=at, sample=filled)
        self._published[sample.source].append(published)
        return published

    def _endlessly(self, kind: str) -> Iterator[Sample]:
        """Shuffled; told again, an article says so in its title."""
        samples = list(_of_kind(kind))
        self._chance.shuffle(samples)
        yield from samples
        for round_number, sample in ((n, sample) for n in range(2, 10_000) for sample in samples):
            yield replace(sample, title=f"{sample.title} ({round_number})")

    def _dispatch(self) -> Sample:
        subject, place = self._chance.choice(_SUBJECTS), self._chance.choice(_PLACES)
        told = f"À {place}, {subject}"
        return Sample(
            source="depeches",
            title=f"{told} (dépêche n° {self._number})",
            chapeau=f"{told} : c’est une dépêche inventée pour faire nombre.",
            text=f"{told}. Cette dépêche est inventée, comme les autres ; elle ne sert qu’à faire nombre.",
            genre="Brève",
        )


@cache
def samples() -> tuple[Sample, ...]:
    tables = tomllib.loads((files("adapters.demo") / "articles.toml").read_text("utf-8"))["article"]
    return tuple(Sample(**{**table, "authors": tuple(table.get("authors", ()))}) for table in tables)


def _of_kind(kind: str) -> Sequence[Sample]:
    return [sample for sample in samples() if sample.kind == kind]


def _filled(sample: Sample, at: datetime, cve: str) -> Sample:
    def fill(text: str) -> str:
        dated = re.sub(r"\{in (\d+)\}", lambda m: _day(at + timedelta(days=int(m[1])), sample.lang), text)
        return dated.replace("{cve}", cve).strip()

    return replace(sample, title=fill(sample.title), chapeau=fill(sample.chapeau), text=fill(sample.text))


def _day(moment: datetime, lang: str) -> str:
    local = moment.astimezone(ZONE)
    day = "1er" if lang == "fr" and local.day == 1 else str(local.day)
    return f"{day} {_MONTHS[lang][local.month - 1]} {local.year}"


def _slug(title: str) -> str:
    return "-".join(words(title))[:60].strip("-") or "article"
