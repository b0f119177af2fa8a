"""`tocsin demo`: the real core on a temporary database, invented papers, and a page with two rooms."""

import asyncio
import random

import click

from bot import logs, wiring

SEEDS = 10_000


@click.command()
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65_535), help="0: any free one.")
@click.option("--seed", type=int, help="Plays the same story again; a new one each time if not given.")
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=0, max=1_000),
    help="How fast the story goes; 0: nothing appears but by the page's buttons.",
)
def demo(port: int, seed: int | None, speed: float) -> None:
    """Try Tocsin: no token, no network, nothing left behind. Prints one address; stop it with Ctrl-C."""
    logs.configure("WARNING")
    chosen = random.randrange(SEEDS) if seed is None else seed  # noqa: S311  # a story, not a secret
    asyncio.run(wiring.play_demo(port=port, seed=chosen, speed=speed, announce=click.echo))
