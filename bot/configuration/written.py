"""A configuration as a file people read: TOML in one order, so that two of them can be compared line by line."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bot.catalogue import quoted
from bot.commands.settings import DAYS
from bot.commands.what import said
from bot.configuration import Configuration, Place, Wanted
from bot.domain.article import Product
from bot.domain.channel import Address, Channel, settings_of
from bot.domain.rule import Rule, Term, What
from bot.locale.say import Say

USUAL = settings_of(Channel(address=Address(platform="", chat=""), community="", lane=""))
FLAGS = ("long", "threads", "holidays")  # settings that are on or off
FORMAT = 1  # of the file; goes up when an older Tocsin could no longer read it


def written(configuration: Configuration, say: Say) -> str:
    """Ends with a line's end. The comments are for people: nothing reads them back."""
    head = [*(f"# {line}" for line in say("cli.config.head").splitlines()), f"format = {FORMAT}"]
    places = ("\n".join(_place(place, say)) for place in configuration.places)
    lists = ("\n".join(_watchlist(name, products)) for name, products in sorted(configuration.watchlists.items()))
    return "\n\n".join(["\n".join(head), *places, *lists]) + "\n"


def _place(place: Place, say: Say) -> Iterator[str]:
    where, at = place.where, place.address
    yield "[[channel]]"
    yield f"platform = {quoted(at.platform)}"
    yield f"chat = {quoted(at.chat)}"
    if at.thread:
        yield f"thread = {quoted(at.thread)}"
    if where.title:
        yield f"title = {quoted(where.title)}"
    if where.community != own_community(at.platform, at.chat):
        yield f"community = {quoted(where.community)}"
    for name, text in place.settings.items():
        if text or USUAL.get(name):  # what is usual unless it is switched off must be said to be off
            yield f"{name} = {'true' if name in FLAGS else quoted(as_typed(name, text))}"
    if place.paused_until is not None:
        yield f"paused_until = {_moment(place.paused_until)}"
    for wanted in place.wanted:
        yield ""
        yield from (f"  {line}" for line in _subscription(wanted, where.community, say))


def own_community(platform: str, chat: str) -> str:
    """Of a chat that shares its watchlist with no other. A Discord channel shares its server's."""
    return f"{platform}:{chat}"


def as_typed(name: str, text: str) -> str:
    """One of `settings_of` as people would write it: "monday 08:30"."""
    day, _, hour = text.partition(" ")
    return f"{DAYS[int(day)]} {hour}" if name == "weekly" and text else text


def _subscription(wanted: Wanted, community: str, say: Say) -> Iterator[str]:
    rule = wanted.rule
    yield f"# {_one_line(said(rule, {}, say))}"
    yield "[[channel.subscription]]"
    yield f"what = {quoted(rule.what)}"
    if rule.value and not is_own_watchlist(rule, community):
        yield f"value = {quoted(rule.value)}"
    if rule.from_severity is not None:
        yield f"from = {quoted(rule.from_severity.name.lower())}"
    for name, terms in (("all", rule.all_of), ("any", rule.any_of), ("none", rule.none_of)):
        if terms:
            yield f"{name} = [{', '.join(_terms(terms))}]"
    yield f"how = {quoted(wanted.how)}"
    if wanted.silent:
        yield "silent = true"


def is_own_watchlist(rule: Rule, community: str) -> bool:
    """The usual case, in which naming the list would only repeat the channel's own community."""
    return rule.what is What.WATCHLIST and rule.value == community


def _terms(terms: Sequence[Term]) -> Iterator[str]:
    """As they are typed in a chat: what stands in quotes is an exact phrase."""
    for text, exact in sorted({(term.text, term.exact) for term in terms}):
        opening, closing = ("«", "»") if "»" not in text else ('"', '"') if '"' not in text else ("“", "”")
        yield quoted(f"{opening}{text}{closing}" if exact else text)


def _watchlist(community: str, products: frozenset[Product]) -> Iterator[str]:
    yield "[[watchlist]]"
    yield f"community = {quoted(community)}"
    yield "products = ["
    for product in sorted(products):
        pairs = [("vendor", product.vendor), ("product", product.name)]
        yield f"  {{ {', '.join(f'{name} = {quoted(text)}' for name, text in pairs if text)} }},"
    yield "]"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
