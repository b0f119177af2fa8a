"""addsource / ajoutersource: looks around an address, shows the best of what is found, and watches it once it is said.

Nothing is kept before the button is pressed. What a press means: `place:<code>.<choice>`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.commands import approve, drafts, what, wizard
from bot.commands.call import Asked, Call, Pressed
from bot.commands.how import say_how
from bot.commands.save import write
from bot.commands.undo import changed, source_before
from bot.domain.channel import Rhythm
from bot.domain.command import Argument, CommandSpec, Reply, Rights
from bot.domain.draft import Draft
from bot.domain.entry import canonical
from bot.domain.offer import Offer, Offers
from bot.domain.rule import Rule, What
from bot.domain.source import MOST_OF_A_COMMUNITY, Origin, Source
from bot.domain.token import Purpose
from bot.errors import SourceError, UserError
from bot.locale.trouble import plain
from bot.pipeline.discover import Found
from bot.pipeline.enlist import free_slug, named
from bot.ports import Tx
from bot.view import Action, Actions, Block, Headline, Item, Items, Note, Text, View

OFFERED = 4  # places one can leaf through
MONTH = timedelta(days=30)
NO_ARTICLES = ("opml", "kev")  # what is found there is no news
WITHOUT_TITLE = "–"

SPEC = CommandSpec(
    name="addsource", fr="ajoutersource", arguments=(Argument(name="url", required=True),), admin=True, public=True
)


async def answer(call: Call) -> Reply:
    typed = call.argument("url")
    if not typed:
        raise UserError("addsource.missing")
    kept = await call.desk.sources.all()
    if (known := _watched(kept, typed)) is not None:
        return await _known(call, known)
    _check_quota(kept, call.channel.community)
    found = await _around(call, typed)
    if (known := _watched(kept, found[0].url)) is not None:
        return await _known(call, known)
    new = [one for one in found if _watched(kept, one.url) is None][:OFFERED]
    offers = Offers(offers=tuple(_offer(one, call.now) for one in new))
    code = await drafts.begin(call, offers.payload())
    return Reply(view=_page(call, code, offers), audience=call.audience)


async def _around(call: Call, typed: str) -> Sequence[Found]:
    """At least one place with articles. Raises UserError."""
    try:
        found = await call.desk.places.around(typed)
    except SourceError as error:
        if error.code == "no-items":
            raise UserError("addsource.nothing") from None
        raise UserError("addsource.unreadable", reason=plain(call.in_private, error.trouble)) from None
    found = [one for one in found if one.kind not in NO_ARTICLES]
    if not found:
        raise UserError("addsource.nothing")
    return found


async def _known(call: Call, source: Source) -> Reply:
    """It is watched already: a subscription is what is left to offer."""
    rule = Rule(what=What.SOURCE, value=source.slug)
    for one in await call.desk.subscriptions.of(call.desk.db, call.channel.id):
        if one.rule.canonical() == rule.canonical():
            return call.text("addsource.had", title=source.title)
    view = await wizard.start(call, Draft().wanting(rule))
    return call.answer(Text(text=call.say("addsource.known", title=source.title)), *view.blocks)


def _watched(kept: Sequence[Source], url: str) -> Source | None:
    spelling = canonical(url if "://" in url else f"https://{url}")
    return next((one for one in kept if one.enabled and canonical(one.url) == spelling), None)


def _check_quota(kept: Sequence[Source], community: str) -> None:
    if sum(one.enabled and one.community == community for one in kept) >= MOST_OF_A_COMMUNITY:
        raise UserError("addsource.quota", most=MOST_OF_A_COMMUNITY)


def _offer(found: Found, now: datetime) -> Offer:
    return Offer(
        url=found.url,
        kind=found.kind,
        title=named(found.title) or what.fitting(found.url),
        count=found.count,
        recent=sum(date >= now - MONTH for date in found.dates) if found.dates else None,
        latest=tuple((named(one.title) or WITHOUT_TITLE, one.published) for one in found.entries),
    )


# -- the buttons ------------------------------------------------------------------------------------------------------


async def pressed(press: Pressed) -> Reply:
    code, choice, token = await drafts.opened(press, "addsource.theirs")
    offers = Offers.parse(token.payload)
    if token.used_at is not None:
        # The answer to a press that added it may have been lost: the message still shows the button.
        known = _watched(await press.desk.sources.all(), offers.shown.url) if choice == "add" else None
        return press.notice("addsource.over") if known is None else press.in_place(*_added(press, known, offers.shown))
    if choice == "add":
        return await _add(press, code, offers.shown)
    async with press.desk.db.tx() as tx:
        if choice == "cancel":
            await press.desk.tokens.use(tx, Purpose.DRAFT, code, press.now)
            return press.in_place(Text(text=press.in_chat("addsource.cancelled")))
        offers = offers.next()
        await press.desk.tokens.change(tx, code, offers.payload())
    return Reply(view=_page(press, code, offers), replaces=True)


async def _add(press: Pressed, code: str, offer: Offer) -> Reply:
    """Once: the draft is used up in the transaction that adds the source and the subscription."""
    desk = press.desk
    kept = await desk.sources.all()
    source = _watched(kept, offer.url)
    async with desk.db.tx() as tx:
        if await desk.tokens.use(tx, Purpose.DRAFT, code, press.now) is None:
            return press.notice("addsource.over")
        is_new = source is None
        source = source or await _kept(press, tx, kept, offer)
        rule = Rule(what=What.SOURCE, value=source.slug)
        channel, before = await write(press, tx, rule, Rhythm.NOW, silent=False)
        undo = source_before(source.slug, before) if is_new else before
        button = await changed(press, tx, channel, "addsource", undo, source=source.slug, url=offer.url)
    return press.in_place(*_added(press, source, offer, button))


async def _kept(press: Pressed, tx: Tx, kept: Sequence[Source], offer: Offer) -> Source:
    """Raises UserError: the draft stays open then."""
    _check_quota(kept, press.channel.community)
    asleep = next((one.slug for one in kept if one.url == offer.url), "")  # a place that comes back keeps its name
    source = Source(
        slug=asleep or free_slug("", offer.url, {one.slug for one in kept}),
        title=offer.title,
        url=offer.url,
        kind=offer.kind,
        origin=Origin.CHAT,
        community=press.channel.community,
        pending=press.desk.approval and press.rights < Rights.OPERATOR,
    )
    number = await press.desk.sources.add(tx, source)
    if number is None:
        raise UserError("addsource.taken")
    if source.pending:
        await approve.ask(press, tx, replace(source, id=number))
    return source


# -- what is shown ----------------------------------------------------------------------------------------------------


def _page(asked: Asked, code: str, offers: Offers) -> View:
    say, offer = asked.in_chat, offers.shown
    blocks: list[Block] = [
        Headline(text=say("addsource.found", title=offer.title)),
        Text(text=say("addsource.place", count=offer.count, url=offer.url, kind=offer.kind)),
        Items(items=tuple(_latest(asked, title, at) for title, at in offer.latest)),
        *_rehearsal(asked, offer),
        Actions(actions=tuple(_buttons(asked, code, offers))),
    ]
    return View(blocks=tuple(blocks), silent=True)


def _buttons(asked: Asked, code: str, offers: Offers) -> Sequence[Action]:
    say = asked.in_chat
    add = asked.button("place", f"{code}.add", say("addsource.button.add"), main=True)
    cancel = asked.button("place", f"{code}.cancel", say("addsource.button.cancel"))
    if len(offers.offers) == 1:
        return [add, cancel]
    return [add, asked.button("place", f"{code}.other", say("addsource.button.another")), cancel]


def _latest(asked: Asked, title: str, at: datetime | None) -> Item:
    date = "" if at is None else asked.in_chat.date(at, asked.channel.zone)
    return Item(text=title, note=date)


def _rehearsal(asked: Asked, offer: Offer) -> Sequence[Block]:
    if offer.recent is None:
        return ()
    return (Text(text=asked.in_chat("subscribe.rehearsal", count=offer.recent)),)


def _added(press: Pressed, source: Source, offer: Offer, *undo: Action) -> Sequence[Block]:
    say = press.in_chat
    rule = Rule(what=What.SOURCE, value=source.slug)
    said = what.said(rule, {source.slug: source.title}, say)
    return (
        Headline(text=say("addsource.done", title=source.title)),
        Text(text=f"{said} · {say_how(say, Rhythm.NOW, silent=False)}"),
        *_rehearsal(press, offer),
        *([Text(text=say("addsource.pending"))] if source.pending else []),
        Note(text=say("subscribe.note")),
        *([Actions(actions=undo)] if undo else []),
    )
