"""What is said after an alert, made from what the alert itself says in that channel. Pure."""

from dataclasses import replace

from bot.domain.delivery import PostKind
from bot.locale.say import Say
from bot.stores import Owed
from bot.view import Action, Actions, Block, Headline, Text, View


def following(owed: Owed, alert: Owed, view: View, *, is_free: bool, link: str) -> View:
    """`view`: the alert as it stands now; `is_free`: nobody took it; `link` leads to its message, "" for none."""
    say, silent = Say(owed.channel.language), owed.delivery.silent
    if owed.post.kind is PostKind.NUDGE:
        since = say.date(alert.delivery.sent_at or alert.post.created_at, owed.channel.zone)
        again = [Text(text=say("post.nudge.text", date=since))] if is_free else []
        ref = alert.delivery.message_ref or ""
        return replace(view, blocks=_under_the_headline(view, *again), silent=silent, answers=ref)
    if owed.post.kind is PostKind.CARD and link:
        *said, last = view.blocks
        way = Actions(actions=(Action(label=say("post.card.link"), url=link),))
        return replace(view, blocks=(*said, way, last), silent=silent, mention="")
    return replace(view, silent=silent, mention="")


def _under_the_headline(view: View, *blocks: Block) -> tuple[Block, ...]:
    place = next((n for n, block in enumerate(view.blocks, 1) if isinstance(block, Headline)), 0)
    return (*view.blocks[:place], *blocks, *view.blocks[place:])
