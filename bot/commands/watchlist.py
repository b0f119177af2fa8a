"""watchlist / parc: the vendors and products of a chat or server, shared by all its channels.

A button says `watch:<what>.<which>`, so it needs no state; what is pasted or proposed is shown before it is saved
(`watchlist_draft`).
"""

import hashlib
from collections.abc import Mapping, Sequence

from bot.commands import watchlist_draft, what
from bot.commands.call import Asked, Call, Pressed
from bot.commands.watchlist_change import add, rehearsal, remove, rule_of
from bot.commands.watchlist_view import by_vendor, changed_view, full_name, paste_button, tool_button, tools
from bot.domain.article import Product
from bot.domain.command import Argument, Choice, CommandSpec, Form, Reply
from bot.domain.words import fold
from bot.errors import UserError
from bot.locale.say import Say
from bot.text.watched import KNOWN_NAMES, PRESETS, Listed, read_list, shown
from bot.view import Actions, Block, Headline, Items, Note, Options, Text, View

# English and French words for what is to be done; the first of each is the one that menus show
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "add": ("add", "ajouter", "ajoute"),
    "remove": ("remove", "retirer", "enlever", "supprimer"),
    "list": ("list", "liste", "voir"),
    "paste": ("paste", "coller"),
    "preset": ("preset", "modele", "modèle"),
}
MEANT: Mapping[str, str] = {word: action for action, words in ACTIONS.items() for word in words}
SHOWN = 24  # entries to remove at once: one more button leads to the next
LONGEST_VALUE = 100  # of a proposal, characters
PASTED = 4_000  # characters, as many as a window of Discord takes

SPEC = CommandSpec(
    name="watchlist",
    fr="parc",
    arguments=(
        Argument(name="action", choices=tuple(ACTIONS), also=tuple(word for word in MEANT if word not in ACTIONS)),
        Argument(name="text", completes=True, lines=True),
    ),
    admin=True,
    public=True,
)


async def answer(call: Call) -> Reply:
    typed = call.argument("text")
    action = MEANT.get(call.argument("action").partition(" ")[0], "add" if typed else "list")
    return Reply(view=await _done(call, action, typed), audience=call.audience)


async def pressed(press: Pressed) -> Reply:
    name, _, which = press.reference.partition(".")
    if name == "paste" and not press.text:
        return Reply(form=_form(press))
    if name == "drop":
        view = await _dropped(press, which)
    elif name == "removal":
        view = await _removal(press, int(which) if which.isdecimal() else 0)
    elif name in ACTIONS:
        view = await _done(press, name, press.text or which)
    else:
        raise UserError("error.expired")
    return Reply(view=view, replaces=True)


async def _done(asked: Asked, action: str, typed: str) -> View:
    match action:
        case "add" if typed:
            return await _added(asked, typed)
        case "remove" if typed:
            return await _removed(asked, typed)
        case "remove":
            return await _removal(asked, 0)
        case "paste" if typed:
            return await watchlist_draft.preview(asked, _read(typed))
        case "preset" if typed:
            return await watchlist_draft.preview(asked, read_list("\n".join(PRESETS[_preset(typed)])))
        case "preset":
            return _presets(asked)
        case "paste" | "add":
            return _asking(asked)
        case _:
            return await overview(asked)


def _read(typed: str) -> Listed:
    """Raises UserError when nothing in it names anything."""
    if not (listed := read_list(typed)).entries:
        raise UserError("watchlist.error.nothing", typed=typed[:60])
    return listed


def _preset(typed: str) -> str:
    """By its name in the file, or as a button calls it. Raises UserError."""
    wanted = fold(typed).strip()
    for name in PRESETS:
        if wanted in (name, *(fold(Say(language)(f"watchlist.preset.{name}")) for language in ("fr", "en"))):
            return name
    raise UserError("watchlist.error.preset", typed=typed[:60], names=", ".join(PRESETS))


# -- changes ----------------------------------------------------------------------------------------------------------


async def _added(asked: Asked, typed: str) -> View:
    listed = _read(typed)
    async with asked.desk.db.tx() as tx:
        change = await add(asked, tx, listed.entries)
    return await changed_view(asked, change)


async def _removed(asked: Asked, typed: str) -> View:
    """A vendor takes all of its products along."""
    lists = asked.desk.subscriptions
    had = await lists.watchlist(asked.desk.db, asked.channel.community)
    unwanted = read_list(typed).entries
    ranges = {one.vendor for one in unwanted if one.vendor and not one.name}
    meant = [one for one in had if one in unwanted or one.vendor in ranges]
    if not meant:
        raise UserError("watchlist.error.absent", typed=typed[:60])
    async with asked.desk.db.tx() as tx:
        change = await remove(asked, tx, meant)
    return await changed_view(asked, change)


async def _dropped(press: Pressed, mark: str) -> View:
    had = await press.desk.subscriptions.watchlist(press.desk.db, press.channel.community)
    async with press.desk.db.tx() as tx:
        change = await remove(press, tx, [one for one in had if _mark(one) == mark])
    if change.undo is None:
        raise UserError("watchlist.error.gone")
    return await changed_view(press, change)


# -- what is shown ----------------------------------------------------------------------------------------------------


async def overview(asked: Asked) -> View:
    """Vendor → products, and what they would have brought."""
    say, lists = asked.in_chat, asked.desk.subscriptions
    has = await lists.watchlist(asked.desk.db, asked.channel.community)
    if not has:
        blocks: list[Block] = [Headline(text=say("watchlist.empty")), Text(text=say("watchlist.help"))]
        return View(blocks=(*blocks, tools(asked, has)), silent=True)
    blocks = [Headline(text=say("watchlist.title", count=len(has))), Items(items=by_vendor(say, has))]
    blocks += await rehearsal(asked, None, has)
    if not await lists.channels(asked.desk.db, rule_of(asked)):
        blocks.append(Text(text=say("watchlist.unheard")))
    return View(blocks=(*blocks, tools(asked, has), Note(text=say("watchlist.note"))), silent=True)


def _asking(asked: Asked) -> View:
    """Where a window or a reply can hold a list."""
    say = asked.in_chat
    blocks = (Headline(text=say("watchlist.paste")), Text(text=say("watchlist.paste_help")))
    return View(blocks=(*blocks, Actions(actions=(paste_button(asked), tool_button(asked, "list")))), silent=True)


def _presets(asked: Asked) -> View:
    say = asked.in_chat
    buttons = [asked.button("watch", f"preset.{name}", say(f"watchlist.preset.{name}")) for name in PRESETS]
    blocks = (Headline(text=say("watchlist.presets")), Text(text=say("watchlist.presets_help")))
    return View(blocks=(*blocks, Actions(actions=(*buttons, tool_button(asked, "list")))), silent=True)


async def _removal(asked: Asked, page: int) -> View:
    """One of the entries to choose."""
    say = asked.in_chat
    has = await asked.desk.subscriptions.watchlist(asked.desk.db, asked.channel.community)
    if not has:
        return await overview(asked)
    entries = sorted(has, key=lambda one: full_name(say, one).casefold())
    page = min(page, (len(entries) - 1) // SHOWN)
    options = tuple(
        asked.button("watch", f"drop.{_mark(one)}", full_name(say, one)[:80])
        for one in entries[page * SHOWN : (page + 1) * SHOWN]
    )
    turns = [("before", page - 1)] if page else []
    turns += [("after", page + 1)] if (page + 1) * SHOWN < len(entries) else []
    turning = [asked.button("watch", f"removal.{to}", say(f"wizard.button.{label}")) for label, to in turns]
    blocks = (Headline(text=say("watchlist.removal")), Options(hint=say("watchlist.removal_hint"), options=options))
    return View(blocks=(*blocks, Actions(actions=(*turning, tool_button(asked, "list")))), silent=True)


def _form(press: Pressed) -> Form:
    say = press.in_private
    return Form(
        title=say("watchlist.form.title"),
        label=say("watchlist.form.label"),
        hint=say("watchlist.form.hint"),
        press=press.button("watch", "paste", "").press,
        most=PASTED,
    )


def _mark(product: Product) -> str:
    """What a button calls an entry: its name may be longer than a button bears."""
    return hashlib.sha256(f"{product.vendor}\0{product.name}".encode()).hexdigest()[:12]


async def proposals(call: Call, argument: str, text: str) -> Sequence[Choice]:
    """The name that is being typed, behind those that are: what the list has, then all we know."""
    if argument != "text":
        return ()
    done, comma, last = text.rpartition(",")
    before = f"{done.strip()}, " if comma else ""
    has = await call.desk.subscriptions.watchlist(call.desk.db, call.channel.community)
    names = dict.fromkeys((*sorted(map(shown, has)), *KNOWN_NAMES))
    presets = [] if comma else [(call.say(f"watchlist.preset.{name}"), name) for name in PRESETS]
    found = what.matching([*((name, name) for name in names), *presets], fold(last).strip())
    whole = [Choice(label=what.fitting(f"{before}{one.label}"), value=f"{before}{one.value}") for one in found]
    return [one for one in whole if len(one.value) <= LONGEST_VALUE]
