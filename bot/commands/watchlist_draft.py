"""A list that was pasted, or a preset: what was understood of it, what it would have brought, and only then saved."""

from collections.abc import Sequence

from bot.commands import drafts
from bot.commands.call import Asked, Pressed
from bot.commands.watchlist_change import add, rehearsal
from bot.commands.watchlist_view import by_vendor, changed_view
from bot.domain.article import Product
from bot.domain.command import Reply
from bot.domain.token import Purpose
from bot.text.watched import MOST_ENTRIES, Listed
from bot.view import Actions, Block, Headline, Items, Text, View

PASSED = 6  # of what was passed over, named


async def preview(asked: Asked, listed: Listed) -> View:
    """What was understood, what was not, and what it changes."""
    say, lists = asked.in_chat, asked.desk.subscriptions
    has = await lists.watchlist(asked.desk.db, asked.channel.community)
    new = [one for one in listed.entries if one not in has]
    fitting = new[: max(0, MOST_ENTRIES - len(has))]
    blocks: list[Block] = [Headline(text=say("watchlist.understood", count=len(listed.entries)))]
    if fitting:
        blocks.append(Items(items=by_vendor(say, fitting)))
    blocks += [Text(text=text) for text in _said(asked, listed, new, fitting)]
    blocks += await rehearsal(asked, has, has | {*fitting})
    code = await drafts.begin(asked, {"add": [[one.vendor, one.name] for one in fitting]})
    save = asked.button("watchdraft", f"{code}.save", say("wizard.button.save"), main=True)
    cancel = asked.button("watchdraft", f"{code}.cancel", say("wizard.button.cancel"))
    return View(blocks=(*blocks, Actions(actions=(save, cancel) if fitting else (cancel,))), silent=True)


def _said(asked: Asked, listed: Listed, new: Sequence[Product], fitting: Sequence[Product]) -> list[str]:
    """What the list of entries does not say by itself."""
    say = asked.in_chat
    kept = sum(1 for one in fitting if not one.vendor)
    known = len(listed.entries) - len(new)
    left_out = len(new) - len(fitting) + listed.left_out
    said = [say("watchlist.kept_words", count=kept)] if kept else []
    said += [say("watchlist.known", count=known)] if known else []
    if listed.passed:
        names = ", ".join(listed.passed[:PASSED])
        more = len(listed.passed) - PASSED
        said.append(say("watchlist.passed", names=names + (say("post.more", count=more) if more > 0 else "")))
    return [*said, *([say("watchlist.left_out", count=left_out)] if left_out else [])]


async def pressed(press: Pressed) -> Reply:
    """Once: the draft is used up in the transaction that writes the entries."""
    desk = press.desk
    code, choice, token = await drafts.opened(press, "watchlist.error.theirs")
    if token.used_at is not None:
        return press.notice("wizard.over")
    async with desk.db.tx() as tx:
        if await desk.tokens.use(tx, Purpose.DRAFT, code, press.now) is None:
            return press.notice("wizard.over")
        if choice != "save":
            return press.in_place(Text(text=press.in_chat("wizard.cancelled")))
        change = await add(press, tx, [Product(vendor=v, name=n) for v, n in token.payload["add"]])
    return Reply(view=await changed_view(press, change), replaces=True)
