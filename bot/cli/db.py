"""`tocsin db`: the database itself."""

import asyncio

import click

from bot import wiring
from bot.cli.start import Screen, start
from bot.locale.say import Say


@click.group()
def db() -> None:
    """The database itself."""


@db.command()
def upgrade() -> None:
    """Bring the tables to this version of Tocsin; a copy of a SQLite file is made first."""
    settings = start()
    say = Say(settings.language)
    version = asyncio.run(wiring.upgrade(settings))
    Screen(say).line(say("cli.db.upgraded", version=version))
