"""A letter laid out: sections by topic, in as many messages as they need. Pure.

What a message holds is reckoned here, before anything is sent, by what the stricter platform counts: on Discord an
address is part of the text, and a sign that would be markup takes two characters.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import quote

from bot.domain.article import Facts
from bot.domain.ids import ArticleId
from bot.text.vocabulary import TOPICS
from bot.view import Item

ROOM = 3_500  # of the 4,096 UTF-16 units of either platform; the rest is for headline, notes and titles
MOST = 40  # lines of a message: each has two entities on Telegram, of which 100 count
FEW = 5  # articles that need no sections
LONGEST_TITLE = 200  # characters of a line's
LONGEST_URL = 512  # a longer one is no link on Discord
MARKS = re.compile(r"[\\`*_\[\]<>|~:#+.@)-]")
REST, LIKED, DATES = "rest", "liked", "dates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`name`: a topic, or one of the three above; "": the only one. `articles`: in their order; of DATES, none."""

    name: str
    articles: tuple[ArticleId, ...] = ()
    goes_on: bool = False  # it began in the message before

    def payload(self) -> dict[str, Any]:
        return {"name": self.name, "articles": list(self.articles), "goes_on": self.goes_on}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Self:
        return cls(name=payload["name"], articles=tuple(payload["articles"]), goes_on=payload["goes_on"])


def by_topic(ranked: Sequence[Facts]) -> Sequence[Section]:
    """The section of what ranks first comes first; inside, as ranked. Each article stands in that one of its topics
    which most of them share, and a lone one with the rest unless it ranks first, so that there are few sections."""
    if len(ranked) < FEW:
        return [Section(name="", articles=tuple(facts.number for facts in ranked))] if ranked else []
    shared = Counter(topic for facts in ranked for topic in facts.understanding.topics)
    named = [(facts.number, _topic(facts, shared)) for facts in ranked]
    sizes = Counter(name for _, name in named)
    found: dict[str, list[ArticleId]] = {}
    for place, (number, name) in enumerate(named):
        found.setdefault(REST if sizes[name] == 1 and place else name, []).append(number)
    names = sorted(found, key=lambda name: name == REST)  # stable: the rest comes last
    if len(names) == 1:
        return [Section(name="", articles=tuple(found[names[0]]))]
    return [Section(name=name, articles=tuple(found[name])) for name in names]


def _topic(facts: Facts, shared: Mapping[str, int]) -> str:
    topics = [topic for topic in TOPICS if topic in facts.understanding.topics]
    return max(topics, key=lambda topic: shared[topic], default=REST)


def shortened(item: Item) -> Item:
    long = len(item.text) > LONGEST_TITLE
    return replace(item, text=f"{item.text[: LONGEST_TITLE - 1]}…") if long else item


def room_of(item: Item) -> int:
    """What a line takes at most, on whichever platform."""
    return sum(map(_written, (item.text, item.note))) + min(len(quote(item.url, safe="/:?=&#%")), LONGEST_URL) + 12


def _written(text: str) -> int:
    return len(text.encode("utf-16-le", "replace")) // 2 + len(MARKS.findall(text))


def in_messages(sections: Sequence[Section], room: Mapping[ArticleId, int], dates: int) -> Sequence[Sequence[Section]]:
    """One message or more, split between sections; inside one only where it alone is too long. `dates`: the room that
    the section of DATES takes."""
    messages: list[list[Section]] = [[]]
    free, lines = ROOM, MOST
    for section in sections:
        for piece in _pieces(section, room):
            takes, count = _takes(piece, room, dates), max(len(piece.articles), 1)
            if messages[-1] and (takes > free or count > lines):
                messages.append([])
                free, lines = ROOM, MOST
            messages[-1].append(piece)
            free, lines = free - takes, lines - count
    return messages if messages[0] else []


def _pieces(section: Section, room: Mapping[ArticleId, int]) -> Iterator[Section]:
    """The section itself, unless no message could hold it."""
    kept: list[ArticleId] = []
    begun = False
    for number in section.articles:
        if kept and (sum(room[one] for one in kept) + room[number] > ROOM or len(kept) == MOST):
            yield Section(name=section.name, articles=tuple(kept), goes_on=begun)
            kept, begun = [], True
        kept.append(number)
    yield Section(name=section.name, articles=tuple(kept), goes_on=begun)


def _takes(section: Section, room: Mapping[ArticleId, int], dates: int) -> int:
    return dates if section.name == DATES else sum(room[number] for number in section.articles)
