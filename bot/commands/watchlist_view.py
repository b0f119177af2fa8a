"""A watchlist as people read it: a line a vendor, and what a change has made of it."""

from collections.abc import Iterable, Sequence

from bot.commands.call import Asked
from bot.commands.watchlist_change import Change, Watchlist, rehearsal
from bot.domain.article import Product
from bot.locale.say import Say
from bot.text.watched import name_of, shown
from bot.view import Action, Actions, Block, Headline, Item, Text, View

NAMED = 12  # of what has changed


async def changed_view(asked: Asked, change: Change) -> View:
    """What has changed, what it changes, and a way back."""
    say = asked.in_chat
    if change.undo is None:
        return View(blocks=(Text(text=say("watchlist.had")), tools(asked, change.after)), silent=True)
    blocks: list[Block] = [Headline(text=say("watchlist.changed", count=len(change.after)))]
    known = [one for one in change.added if one.vendor]
    kept = [one for one in change.added if not one.vendor]
    told = (("added", known), ("kept", kept), ("removed", change.removed))
    blocks += [Text(text=say(f"watchlist.{key}", names=listing(say, some))) for key, some in told if some]
    if change.left_out:
        blocks.append(Text(text=say("watchlist.left_out", count=change.left_out)))
    blocks += await rehearsal(asked, change.before, change.after)
    if change.subscribed:
        blocks.append(Text(text=say("watchlist.subscribed")))
    return View(blocks=(*blocks, Actions(actions=(change.undo, tool_button(asked, "list")))), silent=True)


def listing(say: Say, some: Sequence[Product]) -> str:
    """Names in a sentence; what would be a wall of them is counted."""
    names = [full_name(say, one) for one in some[:NAMED]]
    more = len(some) - len(names)
    return ", ".join(names) + (say("post.more", count=more) if more > 0 else "")


def full_name(say: Say, product: Product) -> str:
    is_range = product.vendor and not product.name
    return say("watchlist.range", vendor=name_of(product.vendor)) if is_range else shown(product)


def by_vendor(say: Say, products: Iterable[Product]) -> tuple[Item, ...]:
    """The vendors that are watched whole in one line, a line for each of the others, the words in a last one."""
    whole, named, kept = list[str](), dict[str, list[str]](), list[str]()
    for one in sorted(products):
        if not one.vendor:
            kept.append(one.name)
        elif one.name:
            named.setdefault(name_of(one.vendor), []).append(name_of(one.name))
        else:
            whole.append(name_of(one.vendor))
    lines = [(say("watchlist.all"), whole), *named.items(), (say("watchlist.words"), kept)]
    return tuple(Item(text=text, note=", ".join(names)) for text, names in lines if names)


def tools(asked: Asked, has: Watchlist) -> Actions:
    removing = (asked.button("watch", "removal.0", asked.in_chat("watchlist.button.remove")),) if has else ()
    return Actions(actions=(paste_button(asked), tool_button(asked, "preset"), *removing))


def paste_button(asked: Asked) -> Action:
    return asked.button("watch", "paste", asked.in_chat("watchlist.button.paste"), asks=True)


def tool_button(asked: Asked, name: str) -> Action:
    return asked.button("watch", name, asked.in_chat(f"watchlist.button.{name}"))
