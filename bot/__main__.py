"""`tocsin`, also `python -m bot`: the commands, and what becomes of their errors."""

import logging
import sys
from collections.abc import Iterator, Sequence
from io import TextIOWrapper

import click

from bot import __version__, logs
from bot.cli.analyse import analyse
from bot.cli.check import check
from bot.cli.config import config
from bot.cli.db import db
from bot.cli.demo import demo
from bot.cli.discover import discover
from bot.cli.doctor import doctor
from bot.cli.export import export
from bot.cli.import_ import import_articles
from bot.cli.run import run
from bot.cli.search import search
from bot.cli.sources import sources
from bot.cli.sources_import import export_sources, import_sources
from bot.errors import BotError, ConfigError

DONE, FAILED, WRONG_USE = 0, 1, 2

log = logging.getLogger("tocsin")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tocsin")
def tocsin() -> None:
    """The bell of French hospital IT: alerts, deadlines and news, on Telegram and Discord."""


for command in (run, demo, sources, search, import_articles, export, analyse, config, doctor, db):
    tocsin.add_command(command)
for command in (check, discover, import_sources, export_sources):
    sources.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal without UTF-8, a file's name that is no text
            stream.reconfigure(errors="backslashreplace")
    logs.configure("WARNING")  # until the settings say better: nothing is printed that was not redacted
    sys.exit(code_of(arguments))


def code_of(arguments: Sequence[str] | None) -> int:
    try:
        code = tocsin.main(None if arguments is None else list(arguments), prog_name="tocsin", standalone_mode=False)
        return code if isinstance(code, int) else DONE
    except click.ClickException as error:  # a usage error: click shows the command's usage too
        error.show()
        return error.exit_code
    except click.Abort:
        return FAILED
    except BrokenPipeError:  # `tocsin sources list | head`
        sys.stdout = None  # the interpreter would try to flush it again
        return FAILED
    except (Exception, BaseExceptionGroup) as error:
        return told(error)


def told(error: BaseException) -> int:
    """One sentence for what we raise on purpose; the log, redacted, for anything else."""
    leaves = list(_leaves(error))
    for leaf in leaves:
        if not isinstance(leaf, BotError):
            log.critical("stopped by an unexpected error", exc_info=leaf)
    for sentence in dict.fromkeys(str(leaf) for leaf in leaves if isinstance(leaf, BotError)):
        click.echo(logs.redact(sentence), err=True)
    return WRONG_USE if all(isinstance(leaf, ConfigError) for leaf in leaves) else FAILED


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


if __name__ == "__main__":
    main()
