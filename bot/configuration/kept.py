"""The configuration in the rows: read, and written."""

from collections.abc import Sequence
from datetime import datetime

from bot.configuration import Configuration, Place, Wanted
from bot.configuration.difference import Difference, PlaceChange, difference
from bot.configuration.read import LONGEST, ordered
from bot.domain.channel import Channel, settings_of, with_settings
from bot.domain.command import Where
from bot.foundation import Store
from bot.ports import Reader, Tx
from bot.text.clean import one_line

VERB = "config"  # of the audit


async def read_kept(store: Store, reader: Reader, now: datetime) -> Configuration:
    """Raises StoreError."""
    channels = await store.channels.groups(reader)
    places = [_place(channel, await _wanted(store, reader, channel), now) for channel in channels]
    communities = sorted({channel.community for channel in channels})
    watchlists = {community: await store.subscriptions.watchlist(reader, community) for community in communities}
    return Configuration(
        places=tuple(sorted(places, key=lambda place: place.address)),
        watchlists={community: products for community, products in watchlists.items() if products},
    )


async def _wanted(store: Store, reader: Reader, channel: Channel) -> Sequence[Wanted]:
    of_channel = await store.subscriptions.of(reader, channel.id)
    return ordered(Wanted(rule=one.rule, how=one.how, silent=one.silent) for one in of_channel)


def _place(channel: Channel, wanted: Sequence[Wanted], now: datetime) -> Place:
    title = one_line(channel.title)[:LONGEST].strip()
    paused = channel.paused_until
    return Place(
        where=Where(address=channel.address, community=channel.community, title=title),
        settings=settings_of(channel),
        paused_until=paused if paused is not None and paused > now else None,
        wanted=wanted,
    )


async def take_over(store: Store, wanted: Configuration, now: datetime) -> Difference:
    """What the file says becomes true, in one transaction; what has changed by that. Raises StoreError."""
    async with store.db.tx() as tx:
        found = difference(await read_kept(store, tx, now), wanted)
        for change in found.places:
            await _write(store, tx, change, now)
        for watchlist in found.watchlists:
            await store.subscriptions.unwatch(tx, watchlist.community, sorted(watchlist.removed))
            await store.subscriptions.watch(tx, watchlist.community, sorted(watchlist.added))
        if found:
            tx.wake("outbox")
    return found


async def _write(store: Store, tx: Tx, change: PlaceChange, now: datetime) -> None:
    place = change.place
    channel = await _channel(store, tx, change)
    chosen = with_settings(channel, place.settings)
    await store.channels.save(tx, chosen, now)
    if place.paused_until != channel.pause(now):  # what it holds goes along, or is let go
        await store.channels.pause(tx, chosen, place.paused_until or now, now)
    gone = {one.key for one in change.removed}
    for kept in await store.subscriptions.of(tx, channel.id):
        if Wanted(rule=kept.rule).key in gone:
            await store.subscriptions.remove(tx, channel.id, kept.rule_id)
    for one in change.added:
        await store.subscriptions.add(tx, channel.id, one.rule, one.how, silent=one.silent, now=now)
    for was, one in change.otherwise:  # the rule as it was kept: the same words, whatever the stems
        await store.subscriptions.add(tx, channel.id, was.rule, one.how, silent=one.silent, now=now)
    await store.audit.note(tx, now, channel.id, "", VERB)


async def _channel(store: Store, tx: Tx, change: PlaceChange) -> Channel:
    """A chat nobody spoke in yet is kept as it will be found: the bot owes there as soon as something is wanted.

    One that is known stays as it is otherwise: gone if we were put out, with the title the platform gave it.
    """
    where, settings = change.place.where, change.place.settings
    known = None if change.is_new else await store.channels.at(where.address)
    if known is not None:
        return known
    language, timezone = settings["language"], settings["timezone"]
    return await store.channels.ensure(tx, where, where.address.platform, language, timezone)
