"""What the bot makes of texts it is shown: no rows are read, none written."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from bot.domain.article import Article, Understanding
from bot.domain.entry import canonical
from bot.domain.source import Source, Trust
from bot.domain.words import words
from bot.errors import ParseError, UserError
from bot.pipeline.archive import Numbered, Refused, chunks, understand_each
from bot.pipeline.ingest import BATCH, Understand
from bot.pipeline.lines import ExternalId, Line, read_line
from bot.ports import Cpu


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
        groups = Groups()
        for chunk in chunks(lines, BATCH * self.workers):
            shown = self._read(chunk, refused)
            articles = [line.article(self.source_of(line.source_slug), self.now) for _, line in shown]
            understood = await understand_each(self.cpu, self.understand, articles)
            for (number, line), article, found in zip(shown, articles, understood, strict=True):
                if isinstance(found, ParseError):
                    refused(number, UserError("cli.import.too_hard"))
                else:
                    yield answer(line.id, found, groups.of(line.id, article))
            done(len(chunk), sum(len(raw) for _, raw in chunk))

    def _read(self, chunk: Numbered, refused: Refused) -> list[tuple[int, Line]]:
        found = []
        for number, raw in chunk:
            try:
                found.append((number, read_line(raw, self.zone)))
            except UserError as error:
                refused(number, error)
        return found

    def source_of(self, slug: str) -> Source:
        """How far it is trusted is the catalogue's word, also for a family of sources (`certfr` of `certfr-alertes`).

        What the catalogue says they write about is not used: the question here is what the text itself says.
        """
        named = (source for source in self.listed if source.slug == slug or source.slug.startswith(f"{slug}-"))
        trust = next((source.trust for source in named), Trust.OTHER)
        return Source(slug=slug, title=slug, url="", trust=trust)


@dataclass(slots=True)
class Groups:
    """The same page, or the same words, seen before: called by the first that had them."""

    seen: dict[str, ExternalId] = field(default_factory=dict)

    def of(self, external: ExternalId, article: Article) -> ExternalId:
        keys = [f"words {' '.join(words(f'{article.title} {article.body}'))}"]
        if article.url:
            keys.append(f"page {canonical(article.url)}")
        group = next((self.seen[key] for key in keys if key in self.seen), external)
        self.seen |= {key: group for key in keys if key not in self.seen}
        return group


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
