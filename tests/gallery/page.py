"""docs/gallery.md, drawn by the renderers the bot uses."""

from collections.abc import Iterator
from pathlib import Path

from adapters.platforms.discord.render import render as as_discord
from adapters.platforms.telegram.render import render as as_telegram
from bot.view import View
from tests.gallery import drawing
from tests.gallery.answers import answers
from tests.gallery.posts import posts

PAGE = Path(__file__).parents[2] / "docs" / "gallery.md"
HEAD = """\
# What Tocsin says

Drawn by `make gallery` from the renderers themselves; a test fails when a word has changed and this page has not. Every
article is invented. Telegram's formatting is shown as tags, a Discord embed behind a bar, buttons in brackets.
"""


async def page() -> str:
    french, english = await answers("fr"), await answers("en")
    parts = [HEAD, "## Posts\n", *_posts(), "## Answers\n"]
    for (typed, told), (_, in_english) in zip(french, english, strict=True):
        parts += (f"### `{typed}`\n", _on_telegram(told), _on_discord(told), _in_english(in_english))
    return "\n".join(parts)


def _posts() -> Iterator[str]:
    shown = zip(posts("telegram", "fr"), posts("discord", "fr"), posts("telegram", "en"), strict=True)
    for (heading, telegram), (_, discord), (_, english) in shown:
        yield f"### {heading}\n"
        yield _on_telegram(telegram)
        yield _on_discord(discord)
        yield _in_english(english)


def _on_telegram(view: View) -> str:
    return f"Telegram:\n\n{_block(drawing.telegram(as_telegram(view, 'fr')))}"


def _on_discord(view: View) -> str:
    return f"Discord:\n\n{_block(drawing.discord(as_discord(view, 'fr')))}"


def _in_english(view: View) -> str:
    """Folded away: whoever reads this page to see what a message is like needs it once."""
    drawn = _block(drawing.telegram(as_telegram(view, "en")))
    return f"<details><summary>In English</summary>\n\n{drawn}\n</details>\n"


def _block(drawn: str) -> str:
    return f"```html\n{drawn}\n```\n"
