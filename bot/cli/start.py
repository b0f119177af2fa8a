"""What every command begins with: the settings, the logs, and where its words go."""

import logging
from dataclasses import dataclass, field

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot import logs, wiring
from bot import settings as variables
from bot.errors import BotError
from bot.locale.say import Say
from bot.settings import Settings

NOTHING = "–"  # of a cell
WIDEST = 1_000  # columns: what a table would like, whatever the terminal has

log = logging.getLogger(__name__)


def start(*, service: bool = False) -> Settings:
    """Raises ConfigError. A service tells what it does; a command for a moment only what goes wrong."""
    env = variables.environment()
    also = wiring.platform_variables()
    settings = variables.read(env, also)
    logs.keep_secret(*settings.secrets())
    quiet = not service and settings.log_level == "INFO"
    logs.configure("WARNING" if quiet else settings.log_level, settings.log_format)
    for sentence in variables.unknown(env, also):
        log.warning("%s", sentence)
    return settings


def archive_exists(settings: Settings, say: Say) -> None:
    """Before a command that only reads: a mistyped path must not become a new, empty database. Raises BotError."""
    file = settings.database_file
    if file is not None and not file.exists():
        raise BotError(say("cli.start.no_database", path=str(file)))


@dataclass(frozen=True, slots=True)
class Screen:
    """Tables on a terminal; elsewhere plain lines, one a row, so that other programs can read them."""

    say: Say
    console: Console = field(default_factory=lambda: Console(highlight=False))
    errors: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))  # progress, beside results

    def line(self, text: str = "", *, style: str = "") -> None:
        if self.console.is_terminal:
            self.console.print(text, style=style or None, markup=False)
        else:
            click.echo(logs.redact(text))

    def table(self, headings: list[str], rows: list[list[str]]) -> None:
        if not self.console.is_terminal:
            for row in rows:
                click.echo(logs.redact("\t".join(" ".join(cell.split()) for cell in row)))
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in headings:
            table.add_column(heading, no_wrap=True)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        roomy = self.console.options.update_width(WIDEST)
        if self.console.measure(table, options=roomy).maximum <= self.console.width:
            self.console.print(table)
        else:
            self._stacked(headings, rows)

    def _stacked(self, headings: list[str], rows: list[list[str]]) -> None:
        """Where a table has no room: each row as a paragraph, under its first cell; what says nothing is left out."""
        for row in rows:
            self.console.print(Text(row[0], style="bold", overflow="fold"))
            pairs = [pair for pair in zip(headings[1:], row[1:], strict=True) if pair[1] != NOTHING]
            said = Text(" · ").join(Text.assemble((heading, "dim"), " ", cell) for heading, cell in pairs)
            said.overflow = "fold"
            self.console.print(Padding(said, (0, 0, 0, 2)))
