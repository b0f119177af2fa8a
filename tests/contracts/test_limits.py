"""No answer of the real commands is ever more than a platform takes, whatever sources write and however much is wanted.

The two renderers draw what the core answers; the rules that judge it are the stand-ins', written apart from our code.
"""

from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from adapters.platforms.discord import components
from adapters.platforms.discord import render as on_discord
from adapters.platforms.telegram import forms
from adapters.platforms.telegram import render as on_telegram
from bot.commands import BY_NAME, COMMANDS
from bot.commands.save import MOST
from bot.commands.talk import Talk
from bot.domain.channel import Rhythm
from bot.domain.command import Audience, Choice, Command, Complete, Form, Person, Press, Reply, Rights, Where
from bot.domain.rule import Rule, Term, What
from bot.text.analyse import read_words
from bot.text.vocabulary import TOPICS
from bot.view import Action, Actions, Options, View
from storage.database import database
from tests.commands.desk import desk_on
from tests.contracts.talking import Patience
from tests.deadlines import Row, deadline
from tests.fakes import NoMeter, World, entry, where
from tests.stands import discord_rules, discord_world, telegram_rules, telegram_world

Language = Literal["fr", "en"]
PRESSED = 120  # buttons tried for each example, the nearest first
KEYWORD = "Valmont"  # in every title, so that all are found
CVES = " ".join(f"CVE-2026-{number:05}" for number in range(1, 40))
ALERT = f"La faille {CVES} d’un pare-feu est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."

LETTERS = st.characters(exclude_categories=("Cs", "Cc"))
NASTY = st.sampled_from(
    [
        "x" * 300,
        "é" * 400,
        "👩‍👩‍👧‍👦" * 60,
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 " * 40,
        "<@&1300000000000000000> @everyone `*_~|[x](https://x.test)" * 6,
        "\u202eà l’envers\u2069 " * 20,
        "@sacha /stop #mot " * 25,
        "mot " * 120,
        "日本語" * 90,
    ]
)
TITLES = st.one_of(st.text(LETTERS, min_size=1, max_size=80), NASTY)
CALLS: Mapping[str, Sequence[Mapping[str, str]]] = {
    "help": ({}, {"command": "search"}, {"command": "z" * 400}),
    "search": ({"query": KEYWORD}, {"query": "z" * 3000}, {"query": KEYWORD, "source": "s0", "since": "30d"}),
    "latest": ({}, {"what": "alerts", "n": "10"}, {"what": "everything", "n": "10"}, {"what": "w" * 500}),
    "deadlines": ({}, {"topic": "care"}, {"topic": "z" * 400}),
    "article": ({"number": "#1"}, {"number": "999999"}, {"number": "9" * 300}),
    "why": ({"number": "#1"}, {"number": "w" * 300}),
    "subscribe": ({"what": KEYWORD}, {}, {"what": "z" * 500, "how": "weekly silent"}),
    "unsubscribe": ({"what": "1"}, {"what": "u" * 500}, {}),
    "alerts": ({}, {"what": "open"}, {"what": "o" * 300}),
    "sources": ({},),
    "trends": ({}, {"since": "90d"}, {"since": "t" * 300}),
    "share": (
        {"link": "exemple.test/1", "note": "@everyone " * 29},
        {"link": "z" * 400},
        {"link": "a.fr", "note": "n" * 400},
    ),
    "settings": ({}, {"name": "quiet", "value": "22:00-07:00"}, {"name": "s" * 400}, {"name": "quiet " + "q" * 400}),
}


@dataclass(kw_only=True)
class Place:
    """A chat on one platform, and all that was answered there."""

    talk: Talk
    where: Where
    person: Person
    seen: set[str] = field(default_factory=set)  # meanings already pressed
    waiting: deque[Action] = field(default_factory=deque)
    forms: int = 0

    async def call(self, name: str, arguments: Mapping[str, str]) -> None:
        reply = await self.talk.handle(Command(name=name, arguments=arguments, where=self.where, person=self.person))
        self._look(reply)

    async def press_all(self, typed: str) -> None:
        """Every button there is, and those they lead to."""
        while self.waiting and len(self.seen) < PRESSED:
            data = self.waiting.popleft().press
            reply = await self._press(data)
            if reply.form is not None:
                self.forms += 1
                self._look(await self._press(reply.form.press, typed))

    async def _press(self, data: str, text: str = "") -> Reply:
        event = Press(data=data, text=text, where=self.where, person=self.person, message_ref="1234567890")
        reply = await self.talk.handle(event)
        self._look(reply)
        assert isinstance(reply, Reply)
        return reply

    def _look(self, reply: object) -> None:
        assert isinstance(reply, Reply)
        assert [*problems(reply)] == []
        self.offer([*reply.menu, *(actions(reply.view) if reply.view is not None else ())])

    def offer(self, offered: Sequence[Action]) -> None:
        for action in offered:
            if action.press and action.press not in self.seen:
                self.seen.add(action.press)
                self.waiting.append(action)

    async def complete(self, text: str) -> None:
        for one in COMMANDS:
            for argument in (a.name for a in one.spec.arguments if a.completes):
                event = Complete(name=one.spec.name, argument=argument, text=text, where=self.where, person=self.person)
                choices = await self.talk.handle(event)
                assert isinstance(choices, tuple)
                assert [*choice_problems(choices)] == []


# -- what would be refused --------------------------------------------------------------------------------------------


def problems(reply: Reply) -> Iterator[str]:
    for language in ("fr", "en"):
        if reply.view is not None:
            yield from view_problems(reply.view, language)
    yield from menu_problems(reply.menu)
    if reply.notice and telegram_rules.units(on_telegram.notice(reply.notice)) > telegram_rules.NOTICE:
        yield f"notice: {reply.notice}"
    yield from discord_rules.message_problems(on_discord.notice(reply.notice), ephemeral_allowed=True)
    if reply.form is not None:
        yield from form_problems(reply.form)


def view_problems(view: View, language: str) -> Iterator[str]:
    pressed = [action.press for action in actions(view) if action.press]
    yield from meaning_problems(actions(view))
    if any(len(block.options) > 25 for block in view.blocks if isinstance(block, Options)):
        yield "options: more than 25"

    body = on_discord.render(view, language)
    files = len(on_discord.attachments(view))
    yield from discord_rules.message_problems(body, ephemeral_allowed=True, files=files)
    yield from (f"lost on Discord: {one}" for one in set(pressed) - {*discord_meanings(body["components"])})

    payload = on_telegram.render(view, language)
    method, document = ("sendDocument", {"document": "f"}) if on_telegram.attachments(view) else ("sendMessage", {})
    yield from telegram_rules.message_problems(method, {"chat_id": 1, **document, **payload})
    rows = (payload.get("reply_markup") or {}).get("inline_keyboard", [])
    lost = set(pressed) - {*telegram_meanings(rows)}
    yield from (f"lost on Telegram: {one}" for one in lost)


def menu_problems(menu: Sequence[Action]) -> Iterator[str]:
    if not menu:
        return
    yield from meaning_problems(menu)
    body = on_discord.buttons("", menu)
    yield from discord_rules.message_problems(body, ephemeral_allowed=True)
    rows = on_telegram.keyboard([Actions(actions=tuple(menu))])
    asked = {"chat_id": 1, "message_id": 1, "reply_markup": {"inline_keyboard": rows}}
    yield from telegram_rules.message_problems("editMessageReplyMarkup", asked)
    for found in (discord_meanings(body["components"]), telegram_meanings(rows)):
        yield from (f"lost: {one}" for one in {action.press for action in menu} - {*found})


def meaning_problems(offered: Sequence[Action]) -> Iterator[str]:
    """Asked of the core: a renderer leaves out what is too long, which would hide it."""
    for action in offered:
        if len(action.press.encode()) > telegram_rules.PRESS or len(components.meaning(action)) > 100:
            yield f"too long: {action.press}"
        if not action.press and not action.url:
            yield f"a button without a meaning: {action.label}"


def form_problems(form: Form) -> Iterator[str]:
    yield from discord_rules.window_problems(components.window(form))
    asked = Person(platform="telegram", id=str(telegram_world.ADMIN), name="Alix " * 40)
    question = forms.question(form, "1234567890", telegram_world.BOT["username"], asked=asked)
    yield from telegram_rules.message_problems("sendMessage", {"chat_id": 1, **question})


def choice_problems(choices: Sequence[Choice]) -> Iterator[str]:
    """In characters: see `test_a_proposal_fits_however_characters_are_counted`."""
    if len(choices) > 25:
        yield "choices: more than 25"
    for choice in choices:
        if not 1 <= len(choice.value.strip()) <= len(choice.value) <= 100 or not len(choice.label) <= 100:
            yield f"choice: {choice}"


def actions(view: View) -> list[Action]:
    found: list[Action] = []
    for block in view.blocks:
        found += block.actions if isinstance(block, Actions) else block.options if isinstance(block, Options) else ()
    return found


def discord_meanings(rows: Sequence[Any]) -> Iterator[str]:
    for one in (one for row in rows for one in row["components"]):
        inside = [option["value"] for option in one["options"]] if one["type"] == 3 else [one.get("custom_id", "")]
        yield from (written.removeprefix(components.ASKS) for written in inside)


def telegram_meanings(rows: Sequence[Any]) -> Iterator[str]:
    yield from (button.get("callback_data", "") for row in rows for button in row)


# -- the world --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    titles: Sequence[str]
    sources: Sequence[str]


NAMES = st.builds(
    Names,
    titles=st.lists(TITLES, min_size=1, max_size=4),
    sources=st.lists(TITLES.filter(lambda title: bool(title.strip())), min_size=1, max_size=4),
)


@asynccontextmanager
async def full(names: Names, language: Language, platform: str) -> AsyncIterator[tuple[World, Place]]:
    """60 sources, 24 articles of which every third is an alert, 12 deadlines, 100 subscriptions, a held reading."""
    chat = str(telegram_world.chat_id(0)) if platform == "telegram" else discord_world.channel_id(0)
    async with database("sqlite:///:memory:") as db:
        world = World.on(db)
        world.platform.whispers = platform == "discord"
        for number in range(60):
            await world.new_source(f"s{number}", title=names.sources[number % len(names.sources)])
        source = await world.source("busy", title=names.sources[0])
        here = replace(where(chat, platform=platform), title=names.titles[0])
        async with db.tx() as tx:
            channel = await world.store.channels.ensure(tx, here, world.platform.lane, language, "Europe/Paris")
            await world.store.channels.save(tx, channel, world.clock.now())
            for rule in rules(names):
                await world.store.subscriptions.add(
                    tx, channel.id, rule, Rhythm.NOW, silent=False, now=world.clock.now()
                )
        world.clock.forward(timedelta(minutes=1))
        entries = []
        for number in range(24):
            title = f"{KEYWORD} {number} {names.titles[number % len(names.titles)]}"
            text = f"{ALERT} {title}. " * 3 if number % 3 == 0 else f"{title}. " * 20
            entries.append(entry(str(number), title, text=text, authors=tuple(names.titles), genre=names.titles[0]))
        for half in (entries[:12], entries[12:]):
            world.site.publish(source, *half)
            await world.read("busy")
        flood = await world.source("flood", title=names.titles[0])
        world.site.publish(flood, *(entry(f"f{number}", names.titles[0]) for number in range(30)))
        await world.read("flood")
        for number in range(1, 13):
            title, name = (names.titles[n % len(names.titles)] for n in (number, number + 1))
            days = [(f"2026-04-{number + n:02}", n + 1) for n in range(number % 5)]
            rows = [Row(at=day, what=title, phrase=name, source=source) for day, source in days]
            await deadline(world, number, *rows, Row(at="2026-05-01", what=title, phrase=name, source=61), region=name)
        world.platform.administrators[chat] = {"700000002"}
        desk = replace(desk_on(world), language=language, web_url=f"https://{'tocsin.' * 20}exemple.fr/" + "x" * 80)
        talk = Talk(
            desk=desk,
            platforms={platform: world.platform},
            operators=frozenset(),
            meter=NoMeter(),
            flood=Patience(),
        )
        person = Person(platform=platform, id="700000002", name=names.titles[0], language="fr", rights=Rights.ADMIN)
        yield world, Place(talk=talk, where=here, person=person)


def rules(names: Names) -> list[Rule]:
    """As many as a channel may have, one of them everything."""
    terms: Sequence[Term] = [term for title in names.titles for term in read_words(title)[0]]
    found = [Rule(what=What.EVERYTHING), Rule(what=What.ALERTS)]
    found += [Rule(what=What.TOPIC, value=topic) for topic in TOPICS]
    found += [Rule(what=What.SOURCE, value=f"s{number}") for number in range(60)]
    words = [Term(text=f"mot{number}", stems=(f"mot{number}",), exact=False) for number in range(100)]
    found += [Rule(what=What.WORDS, all_of=(*terms[:20], word)) for word in words]
    return found[:MOST]


@pytest.mark.parametrize("platform", ["telegram", "discord"])
@pytest.mark.parametrize("language", ["fr", "en"])
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # an example takes a second: it is read as it was found
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(names=NAMES, typed=TITLES)
async def test_no_answer_of_any_command_is_more_than_a_platform_takes(
    platform: str, language: Language, names: Names, typed: str
) -> None:
    async with full(names, language, platform) as (world, place):
        await world.deliver_all()
        for _, view in world.platform.sent:
            assert [*view_problems(view, language)] == []
            place.offer(actions(view))
        for one in COMMANDS:
            for arguments in CALLS.get(one.spec.name, ({},)):
                await place.call(one.spec.name, arguments)
            await place.call(one.spec.name, {argument.name: typed for argument in one.spec.arguments})
        await place.press_all(typed)
        for text in ("", typed, "s", KEYWORD.lower()):
            await place.complete(text)


async def test_the_world_of_this_suite_is_full() -> None:
    """Else the property says nothing: every command is called, menus are full, posts have arrived, forms opened."""
    names = Names(titles=("Un chantier",), sources=("Le Journal",))
    assert set(CALLS) <= set(BY_NAME)
    async with full(names, "fr", "telegram") as (world, place):
        await world.deliver_all()
        kinds = {view.severity is not None for _, view in world.platform.sent}
        assert len(world.platform.sent) > 8 and kinds == {True, False}
        channel = await world.store.channels.at(place.where.address)
        assert channel is not None
        assert len(await world.store.subscriptions.of(world.db, channel.id)) == MOST
        reply = await place.talk.handle(Command(name="subscriptions", where=place.where, person=place.person))
        assert isinstance(reply, Reply) and reply.view is not None and reply.audience is Audience.EVERYONE
        assert [len(block.options) for block in reply.view.blocks if isinstance(block, Options)] == [25, 25]
        await place.call("subscribe", {})
        await place.call("settings", {})
        await place.press_all("22:00-07:00")
        assert place.forms > 1
        listed = await place.talk.handle(Command(name="deadlines", where=place.where, person=place.person))
        assert isinstance(listed, Reply) and listed.view is not None and len(actions(listed.view)) == 6


async def test_each_of_25_subscriptions_can_be_removed_by_a_button_on_telegram() -> None:
    names = Names(titles=("Un chantier",), sources=("Le Journal",))
    async with full(names, "fr", "telegram") as (_, place):
        reply = await place.talk.handle(Command(name="subscriptions", where=place.where, person=place.person))
    assert isinstance(reply, Reply) and reply.view is not None
    rows = on_telegram.render(reply.view, "fr")["reply_markup"]["inline_keyboard"]
    assert {*telegram_meanings(rows)} == {action.press for action in actions(reply.view)}


async def test_a_proposal_fits_however_characters_are_counted() -> None:
    names = Names(titles=("Un chantier",), sources=("🏥" * 90,))
    async with full(names, "fr", "discord") as (_, place):
        event = Complete(name="subscribe", argument="what", text="s", where=place.where, person=place.person)
        choices = await place.talk.handle(event)
    assert isinstance(choices, tuple) and choices
    said = [{"name": choice.label, "value": choice.value} for choice in choices]
    assert [*discord_rules.choices_problems(said)] == []
