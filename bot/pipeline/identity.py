"""Which entries of a reading are new, changed, or known under another name. Pure.

An entry has two names: the key its kind gives it (a guid, a reference), and its own address. Either is enough to know
it again, because publishers change both: guids move with a new site, addresses with a corrected title, http becomes
https. Neither is trusted blindly: all entries of a status page share one address, and some feeds number their guids
anew.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.domain.entry import Entry, canonical
from bot.domain.ids import ArticleId
from bot.domain.sighting import Sighting
from bot.domain.words import words

ALIKE = 0.5  # of the words of the shorter title: the same one, corrected
# Last pieces of an address under which one thing after another is told
CHANGING = re.compile(
    r"(?:|index\.\w+|accueil|home|actu(?:alite)?s?|news|alertes?|avis|agenda|blog|bulletins?|communiques?|etat|feed|flux|"
    r"incidents?|info(?:s|rmations?)?|lettre|maintenances?|newsletter|presse|rss|statu[st]?|travaux)",
    re.IGNORECASE,
)


PLACE = re.compile(r"\d{1,3}")  # a guid that may be no more than a place in the list


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An entry of this reading that we know."""

    article: ArticleId
    entry: Entry
    names: tuple[str, ...]  # those it had not been seen under


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reading says, oldest first: the order in which it is told."""

    new: Sequence[Entry] = ()
    changed: Sequence[Found] = ()
    renamed: Sequence[Found] = ()  # the same words under a further name


def names_of(entries: Sequence[Entry], shared: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Key of an entry → its names. `shared`: canonical addresses that are no entry's own, as the feed's is."""
    addresses = {entry.key: canonical(entry.url) for entry in entries}
    often = Counter(addresses.values())
    return {
        key: tuple(
            dict.fromkeys((*_spellings(key), *((address,) if address not in shared and often[address] == 1 else ())))
        )
        for key, address in addresses.items()
    }


def _spellings(key: str) -> Iterator[str]:
    """A guid that is an address counts as one, beside the form in which earlier versions kept it."""
    yield key
    if key.startswith(("http://", "https://")):
        yield canonical(key)


def apart(entries: Sequence[Entry], shared: Collection[str]) -> Sequence[Entry]:
    """Each key once, as it is first listed. Where several entries claim one key and have addresses of their own, the
    key says nothing: each goes by its address. Without guids the events of a status page have its address for a key:
    each goes by its words and its date."""
    claims: dict[str, set[str]] = {}
    titles: dict[str, set[str]] = {}
    for entry in entries:
        titles.setdefault(entry.key, set()).add(entry.title)
        claims.setdefault(entry.key, set()).add(canonical(entry.url))
    once: dict[str, Entry] = {}
    for entry in reversed(entries):
        address = canonical(entry.url)
        is_broken = len(claims[entry.key] - set(shared)) > 1 and address not in shared
        one = replace(entry, key=address) if is_broken else entry
        if entry.key == address and len(titles[address]) > 1 and is_changing(address):
            one = replace(entry, key=_event(entry))
        once[one.key] = one
    return list(once.values())


def _event(entry: Entry) -> str:
    return hashlib.sha256(f"{entry.title}\0{entry.published}".encode("utf-8", "replace")).hexdigest()


def sort_out(
    entries: Sequence[Entry],
    names: Mapping[str, tuple[str, ...]],
    hashes: Mapping[str, str],
    known: Mapping[str, Sighting],
    listed: Collection[str],
) -> Reading:
    """`entries` and `names` as `apart` and `names_of` give them, `hashes` of their contents by key; `known`: what was
    seen under any of the names; `listed`: canonical addresses of this reading, of what else it lists too."""
    new: list[Entry] = []
    changed: list[Found] = []
    renamed: list[Found] = []
    for entry in entries:
        its = [name for name in reversed(names[entry.key]) if name in known]  # its address first
        said = hashes[entry.key]
        seen = next((known[name] for name in its if _is(known[name], name, entry, said, listed)), None)
        if seen is None:
            new.append(entry)
            continue
        fresh = tuple(name for name in names[entry.key] if name not in known)
        found = Found(article=seen.article, entry=entry, names=fresh)
        if seen.is_told and seen.content_hash != said:
            changed.append(found)
        elif fresh:
            renamed.append(found)
    return Reading(new=new, changed=changed, renamed=renamed)


def _is(seen: Sighting, name: str, entry: Entry, said: str, listed: Collection[str]) -> bool:
    """Whether what was seen under one of its names is this entry, told again in other words perhaps. `said`: the hash
    of its content; `listed`: the addresses of this reading."""
    if seen.url_key is None or seen.content_hash == said:  # its text is purged: the name alone is left
        return True
    address, alike = canonical(entry.url), likeness(seen.title, entry.title)
    dates = (entry.published, seen.published)
    is_later = None if None in dates else entry.published > seen.published  # type: ignore[operator]  # neither is None
    if name in _spellings(entry.key):
        if name == address and is_changing(address):  # it gives no guids
            return alike == 1 or not is_later
        # Guids that are numbered anew at each reading are others' by now.
        if address == seen.url_key:
            return True
        return alike >= (1 if PLACE.fullmatch(name) else ALIKE) and seen.url_key not in listed
    if is_changing(address):
        return alike == 1 and seen.published == entry.published
    return alike >= ALIKE or is_later is False  # without dates, other words are another thing: rather twice than never


def likeness(one: str, other: str) -> float:
    """Which part of the words of the shorter text stands in the other; 0 to 1."""
    a, b = set(words(one)), set(words(other))
    return len(a & b) / min(len(a), len(b)) if a and b else float(a == b)


def is_changing(address: str) -> bool:
    """A canonical address under which one thing after another is told, as a status page or a home page."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return True
    last = parts.path.rpartition("/")[2]
    return not parts.query and (not last or CHANGING.fullmatch(last) is not None)


def content_hash(entry: Entry) -> str:
    """Of what the source's list says. Not of the date: a touched date alone changes nothing."""
    return hashlib.sha256("\x00".join((entry.title, entry.summary, entry.text)).encode("utf-8", "replace")).hexdigest()
