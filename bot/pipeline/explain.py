"""Why one text of a file is understood as it is: no rows are read, none written."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.domain.article import Article
from bot.domain.source import Source
from bot.errors import UserError
from bot.pipeline.analyse import source_of
from bot.pipeline.ingest import UNDERSTAND
from bot.pipeline.lines import Line, read_line
from bot.ports import Cpu
from bot.text.explain import Explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """A flow. `listed` is the catalogue: whose word a text is, is known from its source's name."""

    cpu: Cpu
    explain: Callable[[Article], Explained]
    listed: Sequence[Source]
    zone: tzinfo
    now: datetime

    async def of(self, lines: Iterable[bytes], wanted: str) -> tuple[Line, Explained] | None:
        """The first line of that id; None: no line has it. What cannot be read is passed over. Raises ParseError."""
        for raw in lines:
            if raw.strip() and (line := self._read(raw)) is not None and str(line.id) == wanted:
                article = line.article(source_of(line.source_slug, self.listed), self.now)
                return line, await self.cpu.run(self.explain, article, deadline=UNDERSTAND)
        return None

    def _read(self, raw: bytes) -> Line | None:
        try:
            return read_line(raw, self.zone)
        except UserError:
            return None
