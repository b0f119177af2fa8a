"""A configuration from its file. All that is wrong with the file is told at once, each with its line."""

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from bot.commands.save import MOST
from bot.commands.settings import read_setting
from bot.configuration import Configuration, Place, Wanted
from bot.configuration.lines import Lines
from bot.configuration.written import FLAGS, FORMAT, own_community
from bot.domain.alert import Severity
from bot.domain.article import Product
from bot.domain.channel import Address, Channel, Rhythm, settings_of
from bot.domain.command import Where
from bot.domain.rule import Rule, Term, What, name_key
from bot.domain.words import words
from bot.errors import ConfigError, UserError
from bot.locale.say import Say
from bot.text.analyse import LONGEST_TYPED, MOST_TERMS, term
from bot.text.clean import one_line
from bot.text.vocabulary import TOPICS

LONGEST = 300  # characters of a name, an id, a value
PLATFORMS = ("telegram", "discord", "console")
NEVER_EMPTY = ("language", "timezone", "daily", "weekly")
NAMED = (What.SOURCE, What.TOPIC, What.AUTHOR, What.GENRE)  # these need a value
BARE = (What.EVERYTHING, What.ALERTS, What.WORDS)  # these bear none
OF_FILE = ("format", "channel", "watchlist")
OF_PLACE = ("platform", "chat", "thread", "title", "community", "paused_until", "subscription")
OF_SUBSCRIPTION = ("what", "value", "from", "all", "any", "none", "how", "silent")
OF_WATCHLIST = ("community", "products")

Table = Mapping[str, Any]  # Any: what TOML gives
E = TypeVar("E", bound=str)


def read(text: str, name: str, say: Say, *, language: str, timezone: str, now: datetime) -> Configuration:
    """`name`: how problems call the file. `language`, `timezone`: of a channel that names none. Raises ConfigError."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(say("cli.config.not_toml", file=name, detail=_short(str(error)))) from None
    reader = _Reader(name=name, say=say, lines=Lines.of(text), new=settings_of(_new(language, timezone)), now=now)
    found = reader.document(document)
    if reader.problems:
        raise ConfigError(*(sentence for _, sentence in sorted(reader.problems, key=lambda one: one[0])))
    return found


def _new(language: str, timezone: str) -> Channel:
    nowhere = Address(platform="", chat="")
    return Channel(address=nowhere, community="", lane="", language=language, timezone=timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class _At:
    """A table of the file: its path, its number, and the line of its heading if that can be told."""

    path: str
    number: int
    line: int | None


@dataclass(slots=True, kw_only=True)
class _Reader:
    name: str
    say: Say
    lines: Lines
    new: Mapping[str, str]
    now: datetime
    problems: list[tuple[int, str]] = field(default_factory=list)

    # -- tables -------------------------------------------------------------------------------------------------------

    def document(self, document: Table) -> Configuration:
        top = _At(path="", number=0, line=None)
        self._only(top, document, OF_FILE)
        if document.get("format") != FORMAT:
            self._wrong(top, "format", "cli.config.format", format=FORMAT)
        channels, lists = self._tables(document, "channel", top), self._tables(document, "watchlist", top)
        subscriptions = sum(len(_list(table.get("subscription"))) for table in channels)
        counts = {"channel": len(channels), "channel.subscription": subscriptions, "watchlist": len(lists)}
        known = self.lines.headings(counts)
        inner = iter(known["channel.subscription"])
        places = []
        for number, (table, line) in enumerate(zip(channels, known["channel"], strict=True), 1):
            own = [next(inner) for _ in _list(table.get("subscription"))]
            places.append((at := _At(path="channel", number=number, line=line), self._place(table, at, own)))
        self._no_doubles([(at, place.address) for at, place in places if place], "cli.config.channel_twice")
        kept = tuple(sorted((place for _, place in places if place), key=lambda place: place.address))
        watched = [
            (at := _At(path="watchlist", number=number, line=line), self._watchlist(table, at, kept))
            for number, (table, line) in enumerate(zip(lists, known["watchlist"], strict=True), 1)
        ]
        self._no_doubles([(at, one[0]) for at, one in watched], "cli.config.watchlist_twice")
        return Configuration(places=kept, watchlists={name: products for _, (name, products) in watched if products})

    def _place(self, table: Table, at: _At, lines: Sequence[int | None]) -> Place | None:
        self._only(at, table, (*OF_PLACE, *self.new))
        platform = self._one_of(table, at, "platform", PLATFORMS, default="")
        chat = self._text(table, at, "chat", needed=True)
        thread = self._text(table, at, "thread")
        if platform in ("telegram", "discord"):
            for key, value in (("chat", chat), ("thread", thread)):
                if value and not re.fullmatch(r"-?\d{1,20}", value, re.ASCII):
                    self._wrong(at, key, "cli.config.number")
        if platform == "telegram" and chat and not chat.startswith("-"):
            self._wrong(at, "chat", "cli.config.person")
        community = self._text(table, at, "community") or own_community(platform, chat)
        if not community.startswith(f"{platform}:"):
            self._wrong(at, "community", "cli.config.community", platform=platform)
        wanted = self._subscriptions(table, at, community, lines)
        settings = {**self.new, **self._settings(table, at)}
        where = Where(
            address=Address(platform=platform, chat=chat, thread=thread),
            community=community,
            title=one_line(self._text(table, at, "title")),
        )
        paused = self._moment(table, at, "paused_until")
        return Place(where=where, settings=settings, paused_until=paused, wanted=wanted) if platform and chat else None

    def _subscriptions(self, table: Table, at: _At, community: str, lines: Sequence[int | None]) -> Sequence[Wanted]:
        found = []
        for number, (one, line) in enumerate(zip(self._tables(table, "subscription", at), lines, strict=False), 1):
            where = _At(path="channel.subscription", number=number, line=line or at.line)
            found.append((where, self._subscription(one, where, community)))
        self._no_doubles([(where, wanted.key) for where, wanted in found if wanted], "cli.config.subscription_twice")
        if len(found) > MOST:
            self._wrong(at, "", "error.too_many_subscriptions", most=MOST)
        return ordered(wanted for _, wanted in found if wanted)

    def _subscription(self, table: Table, at: _At, community: str) -> Wanted | None:
        self._only(at, table, OF_SUBSCRIPTION)
        what = self._one_of(table, at, "what", tuple(What), default="")
        how = self._one_of(table, at, "how", tuple(Rhythm), default=Rhythm.NOW)
        severities = tuple(severity.name.lower() for severity in Severity)
        least = self._one_of(table, at, "from", severities, default="") if "from" in table else ""
        terms = {name: self._terms(table, at, name) for name in ("all", "any", "none")}
        if sum(map(len, terms.values())) > MOST_TERMS:
            self._wrong(at, "all", "cli.config.many_words", most=MOST_TERMS)
        if what == What.WORDS and not terms["all"] and not terms["any"]:
            self._wrong(at, "all", "cli.config.no_words")
        value = self._value(table, at, What(what), community) if what else ""
        silent = self._flag(table, at, "silent")
        if not what or not how:
            return None
        rule = Rule(
            what=What(what),
            value=value,
            all_of=terms["all"],
            any_of=terms["any"],
            none_of=terms["none"],
            from_severity=Severity[least.upper()] if least else None,
        )
        return Wanted(rule=rule, how=Rhythm(how), silent=silent)

    def _watchlist(self, table: Table, at: _At, places: Sequence[Place]) -> tuple[str, frozenset[Product]]:
        self._only(at, table, OF_WATCHLIST)
        community = self._text(table, at, "community", needed=True)
        if community and community not in {place.where.community for place in places}:
            self._wrong(at, "community", "cli.config.nobodys", community=community)
        products = set()
        for one in self._tables(table, "products", at):
            self._only(at, one, ("vendor", "product"))
            vendor, product = self._text(one, at, "vendor"), self._text(one, at, "product")
            if not vendor and not product:
                self._wrong(at, "products", "cli.config.product")
            products.add(Product(vendor=vendor, name=product))
        return community, frozenset(products)

    # -- values -------------------------------------------------------------------------------------------------------

    def _settings(self, table: Table, at: _At) -> Mapping[str, str]:
        """What is said of them, as `settings_of` says it: read as the command `settings` reads what is typed.

        An empty text switches off what can be: quiet hours, reminders.
        """
        found: dict[str, str] = {}
        for name in [name for name in self.new if name in table]:
            if name in FLAGS:
                found[name] = "yes" if self._flag(table, at, name) else ""
            elif text := self._text(table, at, name):
                try:
                    typed = ("letter", f"{name} {text}") if name in ("daily", "weekly") else (name, text)
                    key, found[key] = read_setting(*typed)
                except UserError as error:
                    self._wrong(at, name, error.key, **error.values)
            elif name in NEVER_EMPTY:
                self._wrong(at, name, "cli.config.missing")
            else:
                found[name] = ""
        return found

    def _value(self, table: Table, at: _At, what: What, community: str) -> str:
        value = self._text(table, at, "value", needed=what in NAMED)
        match what:
            case What.WATCHLIST:
                return value or community
            case What.TOPIC if value and value not in TOPICS:
                self._wrong(at, "value", "cli.config.one_of", value=value, known=", ".join(TOPICS))
            case What.AUTHOR | What.GENRE:
                return name_key(value)
            case _ if value and what in BARE:
                self._wrong(at, "value", "cli.config.no_value", what=what)
        return value

    def _terms(self, table: Table, at: _At, key: str) -> tuple[Term, ...]:
        texts = table.get(key, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            self._wrong(at, key, "cli.config.words")
            return ()
        if not all(words(text) and _is_plain(text) and len(text) <= LONGEST_TYPED for text in texts):
            self._wrong(at, key, "cli.config.words")
            return ()
        return tuple(dict.fromkeys(term(text) for text in texts))

    def _text(self, table: Table, at: _At, key: str, *, needed: bool = False) -> str:
        value: object = table.get(key, "")
        if not isinstance(value, str) or len(value) > LONGEST or not _is_plain(value):
            self._wrong(at, key, "cli.config.text", most=LONGEST)
            return ""
        if needed and not value:
            self._wrong(at, key, "cli.config.missing")
        return value

    def _one_of(self, table: Table, at: _At, key: str, known: Sequence[E], *, default: str) -> str:
        if key not in table:
            if not default:
                self._wrong(at, key, "cli.config.missing")
            return default
        value = self._text(table, at, key)
        if value not in known:
            self._wrong(at, key, "cli.config.one_of", value=value, known=", ".join(known))
            return ""
        return value

    def _flag(self, table: Table, at: _At, key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            self._wrong(at, key, "cli.config.flag")
        return value is True

    def _moment(self, table: Table, at: _At, key: str) -> datetime | None:
        value = table.get(key)
        if value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            self._wrong(at, key, "cli.config.moment")
            return None
        moment = value.astimezone(UTC) if value.year > 1 else value  # year 1 east of Greenwich has no UTC
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000) if moment > self.now else None

    def _tables(self, table: Table, key: str, at: _At) -> list[Table]:
        tables = table.get(key, [])
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            self._wrong(at, key, "cli.config.tables", name=f"{at.path}.{key}".strip("."))
            return []
        return tables

    # -- what is wrong ------------------------------------------------------------------------------------------------

    def _only(self, at: _At, table: Table, known: Sequence[str]) -> None:
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                if near:
                    self._wrong(at, key, "cli.config.unknown_near", near=near[0])
                else:
                    self._wrong(at, key, "cli.config.unknown")

    def _no_doubles(self, found: Sequence[tuple[_At, object]], key: str) -> None:
        seen: dict[object, _At] = {}
        for at, one in found:
            if one in seen:
                self._wrong(at, "", key)
            seen[one] = at

    def _wrong(self, at: _At, key: str, sentence: str, **values: str | int) -> None:
        line = self.lines.of_key(key, at.line)
        place = f"{at.path} {at.number}" if at.path else _short(key)
        where = self.say("cli.config.line", line=line) if line else place
        reason = self.say(sentence, **values)
        if key and where != _short(key):
            reason = self.say("cli.config.about", key=_short(key), reason=reason)
        self.problems.append((line or 0, self.say("cli.config.problem", file=self.name, where=where, reason=reason)))


def ordered(wanted: Iterable[Wanted]) -> Sequence[Wanted]:
    """One a rule, in the order of the file: by what the rules say, and their words in one order too."""
    same = {one.key: replace(one, rule=Rule.parse(one.rule.canonical())) for one in wanted}
    return tuple(same[key] for key in sorted(same, key=repr))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_plain(text: str) -> bool:
    """No control character: a database or a terminal would stumble over it."""
    return not any(unicodedata.category(c) in ("Cc", "Cs") for c in text)


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"
