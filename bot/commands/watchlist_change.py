"""A change of a watchlist: written once for the typed command, the preview of a list, the first minute in a chat, and
the buttons that remove."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.commands.call import Asked
from bot.commands.save import write
from bot.commands.undo import Before, changed, watchlist_before
from bot.domain.article import Facts, Product
from bot.domain.channel import Rhythm
from bot.domain.rule import Rule, What
from bot.errors import UserError
from bot.pipeline.compose import item
from bot.ports import Tx
from bot.text.watched import MOST_ENTRIES, shown
from bot.view import Action, Block, Items, Text

REHEARSED = timedelta(days=30)
EXAMPLES = 2
AUDITED = 1_000  # characters of names

Watchlist = frozenset[Product]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of a wish. `subscription`: nobody received what concerns the list yet, so this channel does from now
    on; what takes that back."""

    before: Watchlist
    after: Watchlist
    added: tuple[Product, ...] = ()
    removed: tuple[Product, ...] = ()
    left_out: int = 0
    subscription: Before | None = None
    undo: Action | None = None  # None: nothing changed

    @property
    def subscribed(self) -> bool:
        return self.subscription is not None


def rule_of(asked: Asked) -> Rule:
    return Rule(what=What.WATCHLIST, value=asked.channel.community)


async def add(asked: Asked, tx: Tx, wanted: Sequence[Product]) -> Change:
    """A change of its own, with its undo. Raises UserError when there is no room at all."""
    change = await enter(asked, tx, wanted)
    if change.left_out and not change.added:
        raise UserError("watchlist.error.full", most=MOST_ENTRIES)
    if not change.added:
        return change
    return replace(change, undo=await _noted(asked, tx, change.added, (), change.subscription))


async def enter(asked: Asked, tx: Tx, wanted: Sequence[Product]) -> Change:
    """Part of a change that is noted as a whole: what is not there yet, as far as there is room."""
    lists, community = asked.desk.subscriptions, asked.channel.community
    before = await lists.watchlist(tx, community)
    new = [one for one in dict.fromkeys(wanted) if one not in before]
    added = tuple(new[: max(0, MOST_ENTRIES - len(before))])
    left_out = len(new) - len(added)
    if not added:
        return Change(before=before, after=before, left_out=left_out)
    await lists.watch(tx, community, added)
    # A list that nobody hears of is none. Once it is there, who is told of it is for them to say.
    subscription: Before | None = None
    if not before and not await lists.channels(tx, rule_of(asked)):
        _, subscription = await write(asked, tx, rule_of(asked), Rhythm.NOW, silent=False)
    return Change(
        before=before,
        after=before | {*added},
        added=added,
        left_out=left_out,
        subscription=subscription,
    )


async def remove(asked: Asked, tx: Tx, unwanted: Sequence[Product]) -> Change:
    lists, community = asked.desk.subscriptions, asked.channel.community
    before = await lists.watchlist(tx, community)
    removed = tuple(sorted(before.intersection(unwanted)))
    if not removed:
        return Change(before=before, after=before)
    await lists.unwatch(tx, community, removed)
    undo = await _noted(asked, tx, (), removed, None)
    return Change(before=before, after=before - {*removed}, removed=removed, undo=undo)


async def _noted(
    asked: Asked, tx: Tx, added: Sequence[Product], removed: Sequence[Product], subscription: Before | None
) -> Action:
    channel = await asked.desk.ensure(tx, asked.where)
    names = {"added": added, "removed": removed}
    said = {name: ", ".join(map(shown, some))[:AUDITED] for name, some in names.items() if some}
    return await changed(asked, tx, channel, "watchlist", watchlist_before(added, removed, subscription), **said)


async def rehearsal(asked: Asked, before: Watchlist | None, after: Watchlist) -> list[Block]:
    """What the list would have brought in 30 days, and what it brought before; `before` None: it is as it was."""
    say = asked.in_chat
    had, has = await asked.desk.matching.concerned(asked.now - REHEARSED, before or frozenset(), after)
    alerts = sum(1 for one in has.taken if one.severity is not None)
    said = say("watchlist.rehearsal", count=len(has.taken), alerts=alerts)
    if before is not None and before != after:
        said += " " + say("watchlist.before", number=len(had.taken))
    examples = tuple(item(one, asked.channel, say) for one in gravest(has.taken)[:EXAMPLES])
    return [Text(text=said), *([Items(items=examples)] if examples else [])]


def gravest(taken: Sequence[Facts]) -> Sequence[Facts]:
    """Alerts first, the gravest before the others; else the newest first, as they came."""
    return sorted(taken, key=lambda one: -(one.severity or 0))
