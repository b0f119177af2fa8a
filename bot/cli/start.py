"""What every command begins with: the settings, the logs, and where its words go."""

import logging
from dataclasses import dataclass, field

import click
from rich.console import Console
from rich.table import Table

from bot import logs, wiring
from bot import settings as variables
from bot.locale.say import Say
from bot.settings import Settings

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


@dataclass(frozen=True, slots=True)
class Screen:
    """Tables on a terminal; elsewhere plain lines, one a row, so that other programs can read them."""

    say: Say
    console: Console = field(default_factory=lambda: Console(highlight=False))

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
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*row)
        self.console.print(table, markup=False)
