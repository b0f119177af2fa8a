"""`tocsin run`: the bot."""

import asyncio

import click

from bot import wiring
from bot.cli.start import start
from bot.roles import ROLES


def _roles(context: click.Context, parameter: click.Parameter, value: str) -> frozenset[str]:
    wanted = frozenset(part.strip() for part in value.split(",") if part.strip())
    if wanted == {"all"}:
        return frozenset(ROLES)
    if unknown := sorted(wanted - set(ROLES)):
        raise click.BadParameter(f"no role is called {', '.join(unknown)}; give all, or some of {', '.join(ROLES)}")
    return wanted


@click.command()
@click.option("--roles", default="all", callback=_roles, help="all, or some of watch,plan,deliver,talk,web.")
@click.option("--dry-run", is_flag=True, help="Real sources, but nothing leaves: posts appear in the web console.")
def run(roles: frozenset[str], dry_run: bool) -> None:
    """Watch the sources and ring in the chats, until stopped."""
    settings = start(service=True)
    asyncio.run(wiring.run(settings, dry_run=dry_run, roles=roles))
