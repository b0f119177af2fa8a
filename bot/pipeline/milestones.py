"""A living page over two readings: which line is which, which are gone, and "date changed" where a date moved.

A line is known by its label. Equal labels are told apart by their dates, a label that was touched up by its unchanged
date; so a date can move and a label be corrected, each seen for what it is, as long as not both do in one reading.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.article import Facts
from bot.domain.delivery import Breaks, Post, PostKind, Prio, move_key
from bot.domain.entry import Entry
from bot.domain.ids import StoryId
from bot.domain.milestone import KIND, WITHDRAWN, Line, date_in, is_touched_up, label_key
from bot.domain.source import Source
from bot.locale.say import Say
from bot.pipeline.matching import Matching
from bot.ports import Cpu, Reader, Tx
from bot.stores import Articles, Outbox
from bot.text.date_phrases import value_of
from bot.text.dates_fr import PARIS

V = TypeVar("V")

SETTLE = timedelta(seconds=5)  # half a millisecond a line
MOST_OF_A_DAY = 20  # lines of one date among which a label that was touched up is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestones:
    """A flow beside `Ingest`: does nothing for a source of another kind."""

    cpu: Cpu
    articles: Articles
    outbox: Outbox
    matching: Matching

    async def settled(
        self, reader: Reader, kind: str, source: Source, entries: Sequence[Entry], now: datetime, *, whole: bool
    ) -> Sequence[Entry]:
        """Under the keys their lines are known by, and with the lines that are gone. `whole`: nothing was cut off."""
        if kind != KIND:
            return entries
        known = await self.articles.lines(reader, source.id)
        kept, gone = await self.cpu.run(settle, known, entries, deadline=SETTLE)
        say = Say(source.language or "fr")
        since = say("post.milestone.withdrawn", date=say.date(now, PARIS, hour=False))
        return [*kept, *(withdrawn(line, since) for line in gone if whole)]

    async def tell_move(
        self,
        tx: Tx,
        source: Source,
        before: Facts,
        after: Facts,
        now: datetime,
        *,
        told_of: Sequence[StoryId] = (),
        follows: bool = False,
    ) -> bool:
        """In the transaction that revises the article: a post of its own to whoever wants it or was told of it.

        `told_of`: stories besides its own in which its deadline was told; `follows`: others told this move already.
        True for every milestone: nothing but a move of its date makes a new post of it.
        """
        if source.kind != KIND or source.last_success is None:
            return False
        if follows or not has_moved(before, after):
            return True
        matches = await self.matching.match(tx, after)
        await self.outbox.owe(
            tx,
            move_of(before, after, now),
            [match.rule for match in matches],
            now=now,
            breaks_quiet=Breaks.NOBODY,
            hold_until=None,
            told_of=sorted({after.story, *told_of}),
            hushed=await self.matching.hushed(tx, after, now),
        )
        return True


def has_moved(before: Facts, after: Facts) -> bool:
    """Another date, not another spelling of it; against the last one known, for a line that is back."""
    old, new = date_in(before.article.body), date_in(after.article.body)
    return bool(old and new) and value_of(old) != value_of(new)


def move_of(before: Facts, after: Facts, now: datetime) -> Post:
    """Each revision of an article can move its date once: the key says so."""
    return Post(
        key=move_key(after.number, after.revision),
        kind=PostKind.MOVED,
        prio=Prio.REMINDER,
        payload={
            "articles": [after.number],
            "old": date_in(before.article.body),
            "new": date_in(after.article.body),
        },
        created_at=now,
    )


def withdrawn(line: Line, since: str) -> Entry:
    """What is said of a line that is gone. `since`: the sentence."""
    return Entry(key=line.key, url=line.url, title=line.label, text=f"{date_in(line.text)}\n\n{since}", genre=WITHDRAWN)


# -- which line is which ----------------------------------------------------------------------------------------------


def settle(known: Sequence[Line], entries: Sequence[Entry]) -> tuple[list[Entry], list[Line]]:
    """(entries in their order, each under the key of its line or a new one; lines that were listed and no longer are).

    Of a page that lists less than half of what it did, nothing is gone: it is rather another page.
    """
    once = list({(label_key(entry.title), value_of(entry.text)): entry for entry in reversed(entries)}.values())[::-1]
    lines_of = dict(_by_label(known, once))
    left = set(known) - set(lines_of.values())
    rest = [line for line in known if line in left]
    lines_of.update(_by_date(rest, [entry for entry in once if entry not in lines_of]))
    found = {line.key for line in lines_of.values()}
    kept = list(_keyed(once, lines_of, {line.key for line in known}))
    listed = [line for line in known if not line.is_withdrawn]
    gone = [line for line in listed if line.key not in found]
    return kept, gone if 2 * len(gone) <= len(listed) else []


def _by_label(known: Sequence[Line], entries: Sequence[Entry]) -> Iterator[tuple[Entry, Line]]:
    """Among equal labels the same date first; then by order of dates, lines that are listed before lines that were."""
    groups = _grouped((label_key(line.label), line) for line in known)
    for key, found in _grouped((label_key(entry.title), entry) for entry in entries).items():
        lines = sorted(groups.get(key, ()), key=lambda line: (line.is_withdrawn, _value(line)))
        same = {_value(line): line for line in reversed(lines)}
        left = []
        for entry in sorted(found, key=lambda entry: value_of(entry.text)):
            if (line := same.pop(value_of(entry.text), None)) is not None:
                lines.remove(line)
                yield entry, line
            else:
                left.append(entry)
        yield from zip(left, lines, strict=False)


def _by_date(known: Sequence[Line], entries: Sequence[Entry]) -> Iterator[tuple[Entry, Line]]:
    """Labels that were touched up while the date stayed, each line once."""
    groups = _grouped((_value(line), line) for line in known)
    for value, found in _grouped((value_of(entry.text), entry) for entry in entries).items():
        lines = sorted(groups.get(value, ()), key=lambda line: line.is_withdrawn)[:MOST_OF_A_DAY]
        for entry in found[:MOST_OF_A_DAY]:
            line = next((line for line in lines if is_touched_up(line.label, entry.title)), None)
            if line is not None:
                lines.remove(line)
                yield entry, line


def _keyed(entries: Sequence[Entry], lines_of: Mapping[Entry, Line], used: set[str]) -> Iterator[Entry]:
    """A key once given is never given to another line: a new line goes on counting."""
    for entry in entries:
        if entry in lines_of:
            yield replace(entry, key=lines_of[entry].key)
            continue
        stem, place = label_key(entry.title), 1
        while f"{stem}:{place}" in used:
            place += 1
        used.add(f"{stem}:{place}")
        yield replace(entry, key=f"{stem}:{place}")


def _grouped(pairs: Iterable[tuple[str, V]]) -> dict[str, list[V]]:
    groups: defaultdict[str, list[V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


def _value(line: Line) -> str:
    return value_of(date_in(line.text))
