"""What a source says on every page, learned from its own articles line by line, and taken out of them.

`bot/text/clean.py` knows the lines that every site has; those of one site (its club, its fair, its letter) only its
articles can tell. A line that several of them hold word for word is none of theirs.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import pairwise
from typing import Self

from bot.domain.article import Article
from bot.domain.words import words
from bot.text.reading import READ, RECOGNISED, folded
from bot.text.signals import SIGNALS
from bot.text.vocabulary import ADVISORY_ACTION, EXPLOITED, PRODUCTS
from bot.text.vulnerabilities import cves

FEW = 3  # articles of a source that hold a line before it is taken for the page's own; two may quote each other
MANY = 8  # of a line that would mean something if it were the article's: a date, a product, a demand. Counts end here
SAME_CHAPEAU = 2  # articles: a chapeau is written for one
LONGEST = 400  # characters of a line; a longer one is a paragraph somebody wrote
REMEMBERED = 400  # lines of one source, the newest
HEAD, TAIL = 60, 40  # lines of one article that are learned: no long one drives out what the others taught
LONGEST_LABEL = 60  # characters, as of the date under it
BARE = frozenset({"certfr", "milestones"})  # kinds of sources whose documents hold nothing around what they say
# What an alert demands or reports, by the names of `signals.toml`: such a line is rather the article's own.
DEMANDS = (
    *("call", "money", "opens", "closes", "flaw", "authority-alert", "attack", "cut-off", "systems-cut", "data-out"),
    *("told-to", "act-against", "down", "planned-stop", "must", "end-of-life", "sanction"),
)
_DEMANDS = tuple({one.name: one.words for one in SIGNALS}[name] for name in DEMANDS)
KEY = 10  # hexadecimal digits of a hash: two of a source's lines meet once in ten million sources

_MONTH = (
    r"(?:janv|f[ée]vr|mars|avr|mai|juin|juil|ao[ûu]t|sept|oct|nov|d[ée]c"
    r"|january|february|march|april|may|june|july|august)"
)
_DATED = re.compile(
    rf"\b[0-3]?[0-9](?:er)?[ \u00a0\u202f]{_MONTH}|\b{_MONTH}[a-z]* [0-3]?[0-9]\b"
    r"|\b[0-3]?[0-9][/.][01]?[0-9](?:[/.][0-9]{2,4})?\b|\b[0-9]{4}-[01][0-9]-",
    re.IGNORECASE,
)
_MONEY = re.compile(r"[0-9][ \u00a0\u202f]?(?:€|k€|m€|euros?\b|millions?\b|milliers?\b)", re.IGNORECASE)
_SENTENCE = re.compile(r"^.{24,}[.!?…»”\")]$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Lines:
    """Of one source: hashes of lines, titles and chapeaux → how many of its articles hold them, the newest last."""

    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def unpacked(cls, text: str) -> Self:
        size = KEY + 1
        return cls({text[at : at + KEY]: int(text[at + KEY]) for at in range(0, len(text) - KEY, size)})

    def packed(self) -> str:
        """Without separators: it is read and written at every article."""
        return "".join(f"{key}{count}" for key, count in self.counts.items())

    def learned(self, articles: Iterable[Article]) -> "Lines":
        """New articles, each once. One whose title is known is listed again, under another name or corrected: counted
        a few times, its own words would be taken for the page's."""
        counts = dict(self.counts)
        for article in articles:
            title = _key("title", article.title)
            if title in counts:
                continue
            for key in (title, *_keys(article)):
                counts[key] = min(counts.pop(key, 0) + 1, MANY)
        kept = list(counts.items())[-REMEMBERED:]
        return Lines(dict(kept))

    def cleaned(self, article: Article) -> Article:
        """Without what is the source's own. The title stays, and a text that holds a sentence keeps one."""
        body = self._without(article.body)
        chapeau = self._without(article.chapeau)
        if chapeau and self.counts.get(_key("chapeau", article.chapeau), 0) >= SAME_CHAPEAU:
            # Said again it is no chapeau; a text that means something stays one.
            body, chapeau = body or (chapeau if _means_something(chapeau) else ""), ""
        if body == article.body and chapeau == article.chapeau:
            return article
        return replace(article, body=body, chapeau=chapeau)

    def _without(self, text: str) -> str:
        """Of a longer text, what understanding reads of it."""
        if len(text) > READ:
            end = text.rfind("\n", 0, READ) + 1
            return f"{self._without(text[: max(end - 1, 0)])}{text[max(end - 1, 0) :]}"
        lines = text.split("\n")
        gone = {line for line in set(lines) if self._is_boilerplate(line)}
        if not gone:
            return text
        # What stands over a date names it: "Date limite de dépôt".
        gone -= {
            line
            for line, following in pairwise(filter(None, lines))
            if max(len(line), len(following)) <= LONGEST_LABEL and _DATED.search(following) and following not in gone
        }
        # Where hardly anything is left, what means something is the article; where that is nothing, all of it is.
        for some in (gone, {line for line in gone if not _means_something(line)}):
            left = _paragraphs_without(some, text)
            if left and (_SENTENCE.search(left) or not _SENTENCE.search(text)):
                return left
        return text

    def _is_boilerplate(self, line: str) -> bool:
        if len(line) > LONGEST:
            return False
        count = self.counts.get(_key("line", line), 0)
        return count >= FEW and not cves(line) and (count >= MANY or not _means_something(line))


def _paragraphs_without(gone: Collection[str], text: str) -> str:
    parts = ("\n".join(line for line in part.split("\n") if line not in gone) for part in text.split("\n\n"))
    return "\n\n".join(filter(None, parts))


def _keys(article: Article) -> Iterable[str]:
    """Of the chapeau as a whole and of the lines, each once."""
    said = f"{article.chapeau[:READ]}\n{article.body[:READ]}"
    lines = [line for line in said.split("\n") if line and len(line) <= LONGEST]
    if len(lines) > HEAD + TAIL:
        lines = [*lines[:HEAD], *lines[-TAIL:]]
    found = [_key("line", line) for line in lines]
    if article.chapeau:
        found.append(_key("chapeau", article.chapeau))
    return dict.fromkeys(found)


def _key(what: str, text: str) -> str:
    """Word for word: another figure is another line."""
    if what == "title":
        text = " ".join(words(text))
    data = text.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=KEY // 2, person=what.encode()).hexdigest()


def _means_something(text: str) -> bool:
    """Understanding would make something of it."""
    text = text[:RECOGNISED]
    if _DATED.search(text) or _MONEY.search(text) or cves(text):
        return True
    said = folded([text])
    patterns = (
        EXPLOITED,
        ADVISORY_ACTION,
        *PRODUCTS.values(),
        *_DEMANDS,
    )
    return any(pattern.search(said) for pattern in patterns)
