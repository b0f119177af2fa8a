"""What the bot makes of texts it is shown: no rows are read, none written."""

from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from bot.domain.article import Article, Understanding
from bot.domain.source import Source, Trust
from bot.domain.words import words
from bot.errors import ParseError, UserError
from bot.pipeline.archive import Numbered, Refused, chunks, understand_each
from bot.pipeline.ingest import BATCH, Understand
from bot.pipeline.lines import ExternalId, Line, read_line
from bot.pipeline.stories import MOST_CVES, MOST_NEAR, most_alike
from bot.ports import Cpu
from bot.text.boilerplate import BARE, Lines
from bot.text.story import JOIN, Telling, heaviest, telling

NEWEST = 500  # texts with a term, looked at for one that tells the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyse:
    """A flow. `listed` is the catalogue: whose word a text is, is known from its source's name."""

    cpu: Cpu
    understand: Understand
    listed: Sequence[Source]
    zone: tzinfo
    now: datetime
    workers: int

    async def read(
        self, lines: Iterable[bytes], refused: Refused, done: Callable[[int, int], None]
    ) -> AsyncIterator[Mapping[str, Any]]:
        """One answer a line, in their order."""
        groups, known = Groups(), defaultdict[str, Lines](Lines)
        for chunk in chunks(lines, BATCH * self.workers):
            shown = self._read(chunk, refused)
            articles = [self._cleaned(line, known) for _, line in shown]
            understood = await understand_each(self.cpu, self.understand, articles)
            for (number, line), article, found in zip(shown, articles, understood, strict=True):
                if isinstance(found, ParseError):
                    refused(number, UserError("cli.import.too_hard"))
                else:
                    yield answer(line.id, found, groups.of(line.id, article, found))
            done(len(chunk), sum(len(raw) for _, raw in chunk))

    def _cleaned(self, line: Line, known: dict[str, Lines]) -> Article:
        """Without what the texts before it have shown to be its source's own."""
        source = source_of(line.source_slug, self.listed)
        article = line.article(source, self.now)
        if source.kind in BARE:
            return article
        known[source.slug] = known[source.slug].learned([article])
        return known[source.slug].cleaned(article)

    def _read(self, chunk: Numbered, refused: Refused) -> list[tuple[int, Line]]:
        found = []
        for number, raw in chunk:
            try:
                found.append((number, read_line(raw, self.zone)))
            except UserError as error:
                refused(number, error)
        return found


def source_of(slug: str, listed: Sequence[Source]) -> Source:
    """How far it is trusted is the catalogue's word, also for a family of sources (`certfr` of `certfr-alertes`).

    What the catalogue says they write about is not used: the question here is what the text itself says.
    """
    named = (source for source in listed if source.slug == slug or source.slug.startswith(f"{slug}-"))
    found = next(named, None)
    trust, kind = (found.trust, found.kind) if found else (Trust.OTHER, None)
    return Source(slug=slug, title=slug, url="", trust=trust, kind=kind)


@dataclass(slots=True)
class Groups:
    """Which of the texts before it a text tells again: called by the first that told it."""

    same: dict[str, ExternalId] = field(default_factory=dict)  # by page or by words
    told: dict[ExternalId, list[Telling]] = field(default_factory=lambda: defaultdict(list))
    near: dict[str, deque[tuple[ExternalId, float]]] = field(default_factory=lambda: defaultdict(_newest))

    def of(self, external: ExternalId, article: Article, found: Understanding) -> ExternalId:
        new = telling(article, found)
        keys = [f"words {' '.join(words(f'{article.title} {article.body}'))}"]
        if new.page:
            keys.append(f"page {new.page}")
        group = next((self.same[key] for key in keys if key in self.same), None)
        if group is None:
            group = self._alike(new, external)
        self.same |= {key: group for key in keys if key not in self.same}
        self.told[group].append(new)
        for term, weight in self._terms(new).items():
            self.near[term].append((group, weight))
        return group

    def _alike(self, new: Telling, own: ExternalId) -> ExternalId:
        shared = Counter[ExternalId]()
        for term, weight in self._terms(new).items():
            for group, other in self.near.get(term, ()):
                shared[group] += weight * other  # type: ignore[assignment]  # a counter of weights
        alike = {group: most_alike(new, self.told[group]) for group, _ in shared.most_common(MOST_NEAR)}
        best = max(alike, key=alike.__getitem__, default=own)
        return best if alike.get(best, 0.0) >= JOIN else own

    def _terms(self, of: Telling) -> Mapping[str, float]:
        return {**heaviest(of.terms), **dict.fromkeys(sorted(of.cves)[:MOST_CVES], 1.0)}


def _newest() -> deque[tuple[ExternalId, float]]:
    return deque(maxlen=NEWEST)


def answer(external: ExternalId, found: Understanding, group: ExternalId) -> Mapping[str, Any]:
    return {
        "id": external,
        "is_alert": found.alert is not None,
        "alert_type": found.alert.type.value if found.alert else None,
        "severity": found.alert.severity.name.lower() if found.alert else None,
        "topics": list(found.topics),
        "deadlines": [
            {"date": claim.date.isoformat(), "edge": claim.edge.value, "what": claim.what, "phrase": claim.phrase}
            for claim in found.deadlines
        ],
        "cves": list(found.cves),
        "cvss": found.cvss,
        "group": group,
        "summary": found.summary,
    }
