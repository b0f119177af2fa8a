"""An entry as we keep it, and what we understood of it."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from bot.domain.alert import Alert, Severity
from bot.domain.deadline import Claim
from bot.domain.ids import ArticleId, SourceId, StoryId
from bot.domain.share import is_shelf
from bot.domain.source import Trust
from bot.domain.words import words


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Product:
    vendor: str  # folded
    name: str  # folded; "": the whole range


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What an entry says, cleaned, before anything is made of it."""

    source: SourceId = SourceId(0)
    source_slug: str = ""
    source_title: str = ""
    source_topics: tuple[str, ...] = ()  # what the catalogue says the source is about
    trust: Trust = Trust.OTHER
    url: str
    title: str
    chapeau: str = ""  # the publisher's own summary
    body: str = ""  # plain, paragraphs separated by "\n\n"
    authors: tuple[str, ...] = ()
    genre: str = ""
    image: str = ""  # address of its picture
    language: str | None = None  # what the source claims; understanding may disagree
    published: datetime | None = None  # None: the page gives no date
    first_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What `bot.text.understand` makes of an article. `analyser` tells which version of it."""

    analyser: int
    language: str
    summary: str  # ≤ 280 characters
    long_summary: str = ""  # ≤ 600 characters
    topics: tuple[str, ...] = ()  # of the closed list, sorted
    alert: Alert | None = None
    cves: tuple[str, ...] = ()  # "CVE-2024-21762", sorted
    cvss: float | None = None
    exploited: bool = False
    products: tuple[Product, ...] = ()
    deadlines: tuple[Claim, ...] = ()
    stems: str = ""  # stems of the title, "\n", stems of chapeau and body; separated by spaces


@dataclass(frozen=True, kw_only=True)
class Facts:
    """An article as rules see it: what it says, what was understood, and every source that lists it."""

    number: ArticleId = ArticleId(0)
    story: StoryId = StoryId(0)
    revision: int = 1
    article: Article
    understanding: Understanding
    sources: frozenset[str] = field(default_factory=frozenset)  # slugs

    @property
    def severity(self) -> Severity | None:
        return self.understanding.alert.severity if self.understanding.alert else None

    @property
    def is_only_shared(self) -> bool:
        """By members, in a chat: no source that is watched tells it."""
        return bool(self.sources) and all(map(is_shelf, self.sources))

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(self.understanding.stems.split())

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """A phrase stands in one of them: none goes over from a title into what follows."""
        return self.article.title, self.article.chapeau, self.article.body

    @cached_property
    def folded_texts(self) -> tuple[str, ...]:
        """Their words with a space before and after each: a list of hundreds of names is held against them."""
        return tuple(f" {' '.join(words(text))} " for text in self.texts)

    @cached_property
    def folded_words(self) -> frozenset[str]:
        return frozenset(word for text in self.folded_texts for word in text.split())
