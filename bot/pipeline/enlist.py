"""What a file of addresses adds to what is watched, line by line. Pure: nothing is read, nothing is written here."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from bot.domain.entry import canonical
from bot.domain.source import Origin, Source
from bot.domain.words import fold
from bot.errors import FetchError
from bot.locale.say import LANGUAGES, Say
from bot.ports import Outline
from bot.text.clean import one_line
from bot.text.vocabulary import TOPICS

LONGEST_SLUG = 64  # characters, as in a sources file
LONGEST_TITLE = 200  # the same
LONGEST_HASH = 6  # of 36^6 spellings: for the few addresses whose letters are another's
NO_XML = re.compile("[\ufffe\uffff]")  # no characters, and the only ones `one_line` leaves that no XML can hold

CheckAddress = Callable[[str], object]  # raises FetchError for an address that will never be read


class Fate(StrEnum):
    ADDED = "added"
    KNOWN = "known"
    DOUBLE = "double"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlisted:
    """One line of the file, and what becomes of it."""

    place: int  # its line, or its number
    fate: Fate
    source: Source  # as it is, or would be, kept
    error: FetchError | None = None  # why it is refused


def wanted(outline: Outline) -> Source:
    """The place an outline names; its slug is still to be made."""
    url, topics = outline.xml_url.strip(), topics_of(outline.folder)
    title = "" if outline.title == outline.xml_url else named(outline.title)
    return Source(slug="", title=title, url=url, topics=topics, origin=Origin.COMMAND_LINE)


def enlist(lines: Iterable[tuple[int, Source]], kept: Sequence[Source], check: CheckAddress) -> Iterator[Enlisted]:
    """`kept`: all sources, disabled ones too: a place that comes back keeps its name."""
    slugs = {source.slug for source in kept}
    watched = {canonical(source.url) for source in kept if source.enabled}
    asleep = {source.url: source.slug for source in kept if not source.enabled}
    seen: set[str] = set()
    for place, source in lines:
        try:
            check(source.url)
        except FetchError as error:
            yield Enlisted(place=place, fate=Fate.REFUSED, source=source, error=error)
            continue
        spelling = canonical(source.url)
        fate = Fate.DOUBLE if spelling in seen else Fate.KNOWN if spelling in watched else Fate.ADDED
        seen.add(spelling)
        if fate is Fate.ADDED:
            slug = asleep.get(source.url) or free_slug(source.slug, source.url, slugs)
            slugs.add(slug)
            title = source.title or urlsplit(source.url).hostname or slug
            source = replace(source, slug=slug, title=title, origin=Origin.COMMAND_LINE)
        yield Enlisted(place=place, fate=fate, source=source)


def free_slug(wish: str, url: str, taken: set[str]) -> str:
    """The wish, else host and path; followed by a few letters of the address's hash where that is another's name."""
    own = wish or slug_of(url)
    if own not in taken:
        return own
    letters = hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()
    longer = (f"{own[: LONGEST_SLUG - size - 1]}-{letters[:size]}" for size in range(LONGEST_HASH, len(letters)))
    return next(slug for slug in longer if slug not in taken)


def slug_of(url: str) -> str:
    """`https://www.exemple.fr/blog/flux.xml` → `exemple-fr-blog-flux-xml`."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        text = f"{(parts.hostname or '').removeprefix('www.')} {parts.path} {parts.query}"
    except ValueError:
        text = url
    plain = unicodedata.normalize("NFKD", text[:500].lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-") or "source"


def named(title: str) -> str:
    """A title as it can be kept, shown and written down: one line, nothing unseen, 200 characters at most."""
    return one_line(NO_XML.sub("", title))[:LONGEST_TITLE].strip()


def topics_of(folder: str) -> tuple[str, ...]:
    """The known topics among the names of its folders ("Veille / CaRE"), by id or as people read them."""
    names = {fold(part).strip() for part in folder.split("/")}
    return tuple(topic for topic in TOPICS if names & _spellings(topic))


def _spellings(topic: str) -> set[str]:
    return {topic, *(fold(Say(language)(f"topic.{topic}")) for language in LANGUAGES)}
