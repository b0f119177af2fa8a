"""Every change leaves a line in the audit and a button that takes it back, once, for ten minutes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.commands.call import Asked, Pressed
from bot.domain.article import Product
from bot.domain.channel import Channel, Rhythm, with_settings
from bot.domain.command import Reply
from bot.domain.ids import RuleId
from bot.domain.rule import Rule
from bot.domain.token import Purpose, Token
from bot.pipeline.withdraw import NOTHING, Withdrawn
from bot.ports import Tx
from bot.view import Action, Text

UNDO_FOR = timedelta(minutes=10)

Before = Mapping[str, Any]  # Any: JSON
Inverse = Callable[[Pressed, Tx, Before], Awaitable[None]]


async def changed(asked: Asked, tx: Tx, channel: Channel, verb: str, undo: Before, **values: str) -> Action:
    """In the transaction of the change itself. `undo` is what `INVERSES` needs: {"do": …, what was before}."""
    desk, code = asked.desk, asked.desk.code()
    await desk.audit.note(tx, asked.now, channel.id, asked.hash, verb, **values)
    token = Token(purpose=Purpose.UNDO, channel=channel.id, payload=undo, expires_at=asked.now + UNDO_FOR)
    await desk.tokens.add(tx, code, token)
    return asked.button("undo", code, asked.in_chat("undo.button"))


async def undo(pressed: Pressed) -> Reply:
    """An administrator's, of this channel; the message says that it was taken back."""
    desk = pressed.desk
    async with desk.db.tx() as tx:
        token = await desk.tokens.use(tx, Purpose.UNDO, pressed.reference, pressed.now)
        if token is None or token.channel != pressed.channel.id:
            return pressed.notice("error.expired")
        await INVERSES[token.payload["do"]](pressed, tx, token.payload)
        await desk.audit.note(tx, pressed.now, pressed.channel.id, pressed.hash, "undo", of=token.payload["do"])
    return pressed.in_place(Text(text=pressed.in_chat("undo.done")))


# -- what was before --------------------------------------------------------------------------------------------------


def subscription_before(rule: Rule, known: tuple[Rhythm, bool] | None) -> Before:
    """`known`: how the channel had this rule already, if it did."""
    how = None if known is None else {"how": known[0].value, "silent": known[1]}
    return {"do": "subscription", "rule": rule.canonical(), "before": how}


def source_before(slug: str, subscription: Before) -> Before:
    """A source that was added together with a subscription to it."""
    return {**subscription, "do": "source", "slug": slug}


def setup_before(subscriptions: Sequence[Before], watched: Sequence[Product]) -> Before:
    """Several rules and the entries of a watchlist that were written together."""
    return {"do": "setup", "each": [*subscriptions], "watched": [[one.vendor, one.name] for one in watched]}


def settings_before(settings: Mapping[str, str]) -> Before:
    return {"do": "settings", "before": dict(settings)}


def watchlist_before(added: Sequence[Product], removed: Sequence[Product], subscription: Before | None) -> Before:
    """`subscription`: what takes back the one that came with the first entries."""
    pairs = {name: [[one.vendor, one.name] for one in some] for name, some in (("added", added), ("removed", removed))}
    return {"do": "watchlist", **pairs, "subscription": subscription}


def pause_before(until: datetime | None) -> Before:
    return {"do": "pause", "before": None if until is None else until.isoformat()}


def mute_before(rule: Rule, until: datetime | None, withdrawn: Withdrawn = NOTHING) -> Before:
    """`until`: when the same silence was to end; None: there was none. `withdrawn`: what it took back."""
    before = None if until is None else until.isoformat()
    return {"do": "mute", "rule": rule.canonical(), "before": before, "withdrawn": withdrawn.payload()}


async def _subscription(pressed: Pressed, tx: Tx, undo: Before) -> None:
    desk, rule, before = pressed.desk, Rule.parse(undo["rule"]), undo["before"]
    if before is None:
        for one in await desk.subscriptions.of(tx, pressed.channel.id):
            if one.rule.canonical() == undo["rule"]:
                await desk.subscriptions.remove(tx, pressed.channel.id, RuleId(one.rule_id))
        return
    how, silent = Rhythm(before["how"]), bool(before["silent"])
    await desk.subscriptions.add(tx, pressed.channel.id, rule, how, silent=silent, now=pressed.now)


async def _source(pressed: Pressed, tx: Tx, undo: Before) -> None:
    await pressed.desk.sources.disable(tx, undo["slug"])
    await _subscription(pressed, tx, undo)


async def _setup(pressed: Pressed, tx: Tx, undo: Before) -> None:
    for one in undo["each"]:
        await _subscription(pressed, tx, one)
    watched = [Product(vendor=vendor, name=name) for vendor, name in undo["watched"]]
    await pressed.desk.subscriptions.unwatch(tx, pressed.channel.community, watched)


async def _settings(pressed: Pressed, tx: Tx, undo: Before) -> None:
    await pressed.desk.channels.save(tx, with_settings(pressed.channel, undo["before"]), pressed.now)


async def _watchlist(pressed: Pressed, tx: Tx, undo: Before) -> None:
    lists, community = pressed.desk.subscriptions, pressed.channel.community
    added, removed = ([Product(vendor=v, name=n) for v, n in undo[name]] for name in ("added", "removed"))
    await lists.unwatch(tx, community, added)
    await lists.watch(tx, community, removed)
    if undo["subscription"] is not None:
        await _subscription(pressed, tx, undo["subscription"])


async def _pause(pressed: Pressed, tx: Tx, undo: Before) -> None:
    before = pressed.now if undo["before"] is None else datetime.fromisoformat(undo["before"])
    await pressed.desk.channels.pause(tx, pressed.channel, max(before, pressed.now), pressed.now)


async def _mute(pressed: Pressed, tx: Tx, undo: Before) -> None:
    mutes, here, rule = pressed.desk.mutes, pressed.channel.id, Rule.parse(undo["rule"])
    if undo["before"] is None:
        await mutes.remove(tx, here, rule)
    else:
        await mutes.end(tx, here, rule, datetime.fromisoformat(undo["before"]))
    # A button from before this was written knows of none.
    await pressed.desk.withdrawing.take_back(tx, here, Withdrawn.parse(undo.get("withdrawn", NOTHING.payload())))
    for running in await mutes.of(tx, here, pressed.now):
        await pressed.desk.withdrawing.by(tx, running)


INVERSES: Mapping[str, Inverse] = {
    "subscription": _subscription,
    "source": _source,
    "setup": _setup,
    "settings": _settings,
    "watchlist": _watchlist,
    "pause": _pause,
    "mute": _mute,
}
