"""One story, told on every platform: it leaves the same rows and says the same words, in French and in English.

The core, the store and the lane that delivers are the real ones, each platform is its adapter against its stand-in.
Where platforms may differ is written down once, in `MAY_DIFFER`.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from adapters.platforms.console.rooms import PEOPLE
from bot.commands import SPECS
from bot.commands.talk import Talk
from bot.domain.budget import Rates
from bot.domain.command import Joined
from bot.domain.source import Source
from bot.locale.say import Say
from bot.people import People
from bot.pipeline.deliver import Deliver
from bot.pipeline.discover import Found
from bot.ports import Database
from storage.database import open_database
from tests.commands.desk import desk_on, plain
from tests.commands.test_share import page
from tests.contracts.stand import Answered, Language, Shown, Stand, Window
from tests.contracts.talking import Patience, until
from tests.fakes import KEY, FakeClock, NoMeter, World, entry
from tests.stands import telegram_world

TELLINGS = (("telegram", 0), ("discord", 0), ("console", 0), ("console", 1))  # (platform, number of its room)
AT_ONCE = Rates(overall=(1000, 1.0), chat=(1000, 1.0), width=4)  # how fast one may speak is tested elsewhere
SETTLES = 10.0  # seconds
WORD = re.compile(r"[\w#/]+")
ALERT = "La faille CVE-2026-4321 d’un pare-feu est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."
SHARED = "https://exemple.test/retour-messagerie"
PARC = "Éditeur\tProduit\tVersion\nFortinet\tFortiGate 100F\t7.2\nNordexa\tPacsView\t3.1\n"
WANTED, TYPED = "chantier valmont", "pharmacie -exercice"

# Who plays the administrator and the member, as each platform names them.
CAST: Mapping[str, tuple[str, str]] = {
    "telegram": (telegram_world.NAMES[telegram_world.ADMIN], telegram_world.NAMES[telegram_world.MEMBER]),
    "discord": ("Camille", "Dominique"),
    "console": (PEOPLE["admin"], PEOPLE["member"]),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A difference that product.md names: what that platform alone says, and only in a text that says `beside`."""

    platform: str
    keys: tuple[str, ...]  # of sentences, or of a label
    beside: str
    because: str


MAY_DIFFER = (
    Licence(
        platform="discord",
        keys=("settings.role", "settings.off"),
        beside="settings.title",
        because="§4: a role to mention is Discord's",
    ),
    Licence(
        platform="telegram",
        keys=("telegram.whispered",),
        beside="telegram.whispered",
        because="§4: a long private answer stands in the bot's own chat, and the notice says so",
    ),
    Licence(
        platform="telegram",
        keys=("post.menu.less",),
        beside="post.menu.less",
        because="§4: nothing private can be shown in a group, so the ⋯ stands on the message, with a way back",
    ),
)
MENU_OPEN = ("⋯", "kept")  # scenes in which the message itself has other buttons on Telegram, for the same reason
# Besides, by nature: names of chats and people, ids, hashes and times, the rows behind a link of Telegram, those
# of presses that a platform may tell twice (a console never does), and the reaction on a typed command. Layout
# differs too: the same words may stand in another order.


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What could be read after one action, in words without order."""

    name: str
    standing: tuple[str, ...]  # each message everybody sees
    labels: tuple[str, ...]  # of all their buttons
    private: str
    offered: tuple[str, ...]  # buttons for one person
    window: tuple[str, str, str, str] | None


@dataclass(kw_only=True)
class Telling:
    """One platform on which the story is told."""

    stand: Stand
    number: int
    language: Language
    world: World
    lane: Deliver
    talk: Talk
    pace: timedelta = timedelta(seconds=1)  # between two actions; the lane's lease lasts 70 s of this clock
    scenes: list[Scene] = field(default_factory=list)

    @property
    def say_in(self) -> Say:
        return Say(self.language)

    # -- what people do -----------------------------------------------------------------------------------------------

    async def say(self, name: str, text: str, *, admin: bool = False) -> Answered:
        self._tick()
        who: dict[str, Any] = {"admin": admin, "language": self.language, "number": self.number}
        return await self._seen(name, await self.stand.say(text, **who))

    async def press(self, name: str, label: str, *, admin: bool = True, on: Shown | None = None) -> Answered:
        self._tick()
        ref, data = self._button(label, on)
        who: dict[str, Any] = {"admin": admin, "language": self.language, "number": self.number}
        return await self._seen(name, await self.stand.press(ref, data, **who))

    async def choose(self, name: str, label: str) -> Answered:
        """An option."""
        self._tick()
        ref, data = self._button(label, None)
        who: dict[str, Any] = {"admin": True, "language": self.language, "number": self.number}
        return await self._seen(name, await self.stand.choose(ref, data, **who))

    async def fill(self, name: str, window: Window | None, text: str) -> Answered:
        assert window is not None, f"{self.stand.name}: nothing was asked"
        who: dict[str, Any] = {"admin": True, "language": self.language, "number": self.number}
        return await self._seen(name, await self.stand.fill(window, text, **who))

    async def join(self) -> None:
        """As the platform tells of it; a Discord server is joined as a whole, a console's room was always there."""
        channel = self.stand.channel(self.number)
        if self.stand.name == "telegram":
            self.stand.api.let_in(self.number)  # type: ignore[attr-defined]  # its stand has a server
        else:
            await self.talk.handle(Joined(where=self.stand.where(self.number), is_new=True))
        async with asyncio.timeout(SETTLES):
            while await self.world.store.channels.at(channel.address) is None:
                await asyncio.sleep(0.005)
        await self._seen("join", Answered())

    async def publish(self, source: Source, number: str, title: str, **about: object) -> None:
        self._tick()
        self.world.site.publish(source, entry(number, title, **about))
        await self.world.read(source.slug)
        await self._seen(f"{title} arrives", Answered())

    def _tick(self) -> None:
        self.world.clock.forward(self.pace)

    # -- what they see ------------------------------------------------------------------------------------------------

    def standing(self) -> Sequence[Shown]:
        """Without questions, which Telegram asks by a message: they are a scene's window."""
        shown = self.stand.messages(self.number)
        return [one for one in shown if not (one.payload.get("reply_markup") or {}).get("force_reply")]

    def _button(self, label: str, on: Shown | None) -> tuple[str, str]:
        """(message, meaning): the newest message that has it."""
        for shown in [on] if on is not None else reversed(self.standing()):
            if found := [one.data for one in shown.buttons if plain(one.label) == plain(label)]:
                return shown.ref, found[0]
        raise AssertionError(f"{self.stand.name}: no button says {label!r}")

    async def _seen(self, name: str, answered: Answered) -> Answered:
        await self._settled()
        standing = self.standing()
        window = answered.window
        offered = self._offered(answered) if name == "⋯" else ()
        labels = [plain(button.label) for one in standing for button in one.buttons] if name not in MENU_OPEN else []
        self.scenes.append(
            Scene(
                name=name,
                standing=tuple(self._words(one.text) for one in standing),
                labels=tuple(sorted(labels)),
                private=self._words(answered.private),
                offered=offered,
                window=(window.title, window.label, window.hint, window.value) if window is not None else None,
            )
        )
        return answered

    def _offered(self, answered: Answered) -> tuple[str, ...]:
        """The ⋯: in private, or in place of the message's own buttons."""
        return tuple(
            self._words(plain(button.label)) for button in self.menu(answered).buttons if self._words(button.label)
        )

    def menu(self, answered: Answered) -> Shown:
        return answered.whispered[-1] if self.stand.platform.whispers else self.story()

    def story(self) -> Shown:
        """The ordinary article's message."""
        return next(one for one in self.standing() if "Valmont ouvre" in one.text)

    def _words(self, text: str) -> str:
        """Sorted: layouts differ. People go by their parts."""
        admin, member = CAST[self.stand.name]
        text = plain(text).replace(admin, "ADMIN").replace(member, "MEMBER")
        words = Counter(WORD.findall(text))
        for licence in (one for one in MAY_DIFFER if one.platform == self.stand.name):
            for say in (Say("fr"), Say("en")):
                if plain(say(licence.beside)) in text:
                    words -= Counter(word for key in licence.keys for word in WORD.findall(say(key)))
        return " ".join(sorted(words.elements()))

    async def _settled(self) -> None:
        """Nothing that may be sent or edited is left."""
        outbox, lane, now = self.world.store.outbox, self.stand.platform.lane, self.world.clock.now()
        self.lane.stir()
        async with asyncio.timeout(SETTLES):
            while (
                self.lane.is_busy() or await outbox.next(lane, now, [], 1) or await outbox.next_edits(lane, now, [], 1)
            ):
                await asyncio.sleep(0.005)


def place(url: str, title: str) -> Found:
    articles = (entry("p1", "Premier article"), entry("p2", "Deuxième article", published=None))
    return Found(url=url, kind="feed", title=title, entries=articles, count=2, dates=(), how="link")


OTHER: Mapping[Language, Language] = {"fr": "en", "en": "fr"}


async def tell(telling: Telling) -> None:
    """The story. What is said in the second part is in the other language: the channel's was changed."""
    here = telling.say_in
    there = Say(OTHER[telling.language])
    french = telling.language == "fr"

    def command(french_name: str, english_name: str, rest: str = "") -> str:
        return f"/{french_name if french else english_name} {rest}".strip()

    source = await telling.world.source("journal", title="Le Journal de Valmont")
    await telling.join()
    await telling.say("help of a member", command("aide", "help"))
    await telling.say("help of an administrator", command("aide", "help"), admin=True)
    await telling.say("refused", command("abonner", "subscribe", "alertes"))

    await telling.say("subscribed by words", command("abonner", "subscribe", WANTED), admin=True)
    await telling.say("wizard", command("abonner", "subscribe"), admin=True)
    await telling.press("topics", here("wizard.button.topics"))
    await telling.choose("a topic", here("topic.vulnerabilite"))
    await telling.press("silently", here("wizard.button.hush"))
    await telling.press("and with sound after all", here("wizard.button.ring"))
    await telling.press("rehearsed", here("wizard.button.now"))
    await telling.press("saved", here("wizard.button.save"))

    await telling.say("wizard again", command("abonner", "subscribe"), admin=True)
    asked = await telling.press("words asked", here("wizard.button.words"))
    await telling.fill("words typed", asked.window, TYPED)
    await telling.press("rehearsed again", here("wizard.button.weekly"))
    await telling.press("saved again", here("wizard.button.save"))

    await telling.publish(source, "1", "Valmont ouvre un chantier")
    await telling.publish(source, "2", "Vulnérabilité critique d’un pare-feu", text=ALERT)
    await telling.press("voted", here("post.menu.up", votes=0), admin=False, on=telling.story())
    opened = await telling.press("⋯", here("post.menu.more"), admin=False, on=telling.story())
    await telling.press("kept", here("post.menu.save"), admin=False, on=telling.menu(opened))
    if not telling.stand.platform.whispers:  # the way back, see MAY_DIFFER
        ref, data = telling._button(here("post.menu.less"), telling.story())
        await telling.stand.press(ref, data, language=telling.language, number=telling.number)
    await telling.say("what was kept", command("favoris", "saved"))
    await telling.press("why, in private", here("post.menu.why"), admin=False)
    await telling.press("taken", here("post.take"))
    await telling.press("done", here("post.done"))

    await telling.say("settings", command("reglages", "settings"), admin=True)
    await telling.press("quiet hours offered", here("settings.button.quiet"))
    await telling.press("quiet hours set", "22:00-07:00")
    language = f"language {OTHER[telling.language]}"
    await telling.say("the other language", command("reglages", "settings", language), admin=True)

    telling.world.places.found = [place("https://a.test/flux", "Gazette de Valmont"), place("https://b.test/", "Suivi")]
    await telling.say("a place found", command("ajoutersource", "addsource", "exemple.test"), admin=True)
    await telling.press("another place", there("addsource.button.another"))
    await telling.press("added", there("addsource.button.add"))
    await telling.press("taken back", there("undo.button"))

    await telling.say("why", command("pourquoi", "why", "#1"))
    await telling.say("found", command("chercher", "search", "chantier"))
    await telling.say("not found", command("chercher", "search", "licorne"))
    await telling.say("subscriptions", command("abonnements", "subscriptions"), admin=True)
    remove = there("subscriptions.remove_one", place=1, what="")
    first = next(b.label for b in telling.standing()[-1].buttons if b.label.startswith(remove))
    await telling.choose("unsubscribed", first)
    ref, data = telling._button(there("undo.button"), telling.standing()[-1])
    await telling.press("undone", there("undo.button"))
    who: dict[str, Any] = {"admin": True, "language": telling.language, "number": telling.number}
    await telling._seen("undone twice", await telling.stand.press(ref, data, **who))

    await telling.say("what we run", command("parc", "watchlist"), admin=True)
    asked = await telling.press("a list asked", there("watchlist.button.paste"))
    await telling.fill("a list pasted", asked.window, PARC)
    await telling.press("a list saved", there("wizard.button.save"))
    await telling.press("the list", there("watchlist.button.list"))
    await telling.press("presets", there("watchlist.button.preset"))
    await telling.press("a preset", there("watchlist.preset.ght"))
    await telling.press("no preset", there("wizard.button.cancel"))
    await telling.say("removal", command("parc retirer", "watchlist remove"), admin=True)
    await telling.choose("removed", "pacsview")
    await telling.say("silence", command("silence", "mute", "wifi 2h"), admin=True)
    await telling.press("silences", there("mute.button.list"))
    await telling.press("lifted", there("mute.button.lift"))
    await telling.say("paused", command("pause", "pause", "3 jours"), admin=True)
    await telling.press("resumed", there("pause.button"))
    await telling.say("no pause for a member", "/pause 2h")

    await telling.say("alerts", command("alertes", "alerts"))
    await telling.say("what is open", command("alertes ouvertes", "alerts open"))
    await telling.say("the letter", command("lettre", "letter"))
    await telling.say("trends", command("tendances", "trends"))
    await telling.press("trends of a week", there("trends.period", count=7), admin=False)
    telling.world.web.pages[SHARED] = page()
    await telling.say("shared", command("partager", "share", f"{SHARED} À lire avant la réunion"))
    await telling.say("shared twice", command("partager", "share", SHARED))
    await telling.say("nothing to share", command("partager", "share", "exemple.test/rien"))


# -- the rows ---------------------------------------------------------------------------------------------------------

CHANNEL = (
    "language, timezone, quiet, daily_at, weekly_at, weekly_on, long_posts, role, is_group, paused_until, state,"
    " nudge, threads"
)
TABLES: Mapping[str, str] = {
    "channels": f"SELECT {CHANNEL} FROM channels WHERE is_group = 1",
    "rules": "SELECT canonical FROM rules ORDER BY id",
    "subscriptions": """SELECT r.canonical, s.how, s.silent FROM subscriptions s
        JOIN rules r ON r.id = s.rule ORDER BY r.canonical""",
    "deliveries": """SELECT p.post_key, p.kind, p.prio, p.payload, d.state, d.silent, d.attempts, d.doubts, d.reason,
        d.revision, d.shown, d.error, d.message_ref IS NOT NULL AS arrived
        FROM deliveries d JOIN posts p ON p.id = d.post ORDER BY p.id""",
    "votes": "SELECT p.post_key, v.value FROM votes v JOIN posts p ON p.id = v.post ORDER BY 1",
    "acks": "SELECT p.post_key, a.done_at IS NOT NULL AS is_done FROM acks a JOIN posts p ON p.id = a.post",
    "watchlists": "SELECT vendor, product FROM watchlists ORDER BY 1, 2",
    "mutes": "SELECT canonical, until_at > since_at AS lasted FROM mutes ORDER BY 1",
    "saved": "SELECT a.title FROM saved s JOIN articles a ON a.id = s.article ORDER BY 1",
    "audit": "SELECT verb, payload FROM audit ORDER BY id",
    # Behind a link of Telegram something waits: see MAY_DIFFER
    "tokens": """SELECT purpose, used_at IS NOT NULL AS is_used, COUNT(*) AS how_many FROM tokens
        WHERE purpose NOT IN ('link', 'press') GROUP BY 1, 2 ORDER BY 1, 2""",
}


async def rows(db: Database) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for name, sql in TABLES.items():
        found[name] = [{key: _anywhere(value) for key, value in dict(row).items()} for row in await db.fetch(sql)]
    return found


def _anywhere(value: Any) -> Any:
    """A rule on a watchlist names the chat or server whose list it is."""
    return re.sub(r'"(?:telegram|discord|console):[^"]*"', '"here"', value) if isinstance(value, str) else value


async def who_did_what(db: Database, person: Callable[[str], str]) -> list[tuple[str, str]]:
    """Votes, acks, saved articles and changes, with the part each person plays."""
    sql = """SELECT 'vote' AS what, person FROM votes UNION ALL SELECT 'ack', person FROM acks
        UNION ALL SELECT 'saved', person FROM saved UNION ALL SELECT verb, person FROM audit"""
    return sorted((row["what"], person(row["person"])) for row in await db.fetch(sql))


# -- the stage --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    scenes: Sequence[Scene]
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    deeds: Sequence[tuple[str, str]]
    names: Sequence[str]  # under which the rows know who took the alert


@asynccontextmanager
async def staged(stand: Stand, number: int, language: Language, world: World) -> AsyncIterator[Telling]:
    """The bot runs: it listens, and delivers."""
    stand.channel(number)
    stand.platform.budget.rates = AT_ONCE
    if stand.name == "telegram":
        stand.api.limits(False)  # type: ignore[attr-defined]  # its stand has a server
    desk = replace(desk_on(world), language=language)
    alone = {stand.name: stand.platform}
    talk = Talk(desk=desk, platforms=alone, operators=frozenset(), meter=NoMeter(), flood=Patience())
    stopping = asyncio.Event()
    lane = replace(world.deliver(stopping), platform=stand.platform)
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(stand.platform.run(talk.handle, SPECS))
        tasks.create_task(lane.run())
        try:
            await until(stand.platform.is_ready)
            yield Telling(stand=stand, number=number, language=language, world=world, lane=lane, talk=talk)
        finally:
            stopping.set()
            lane.stir()
            listening.cancel()


async def told(platform: str, number: int, language: Language, path: Path) -> Told:
    opened: AbstractAsyncContextManager[Stand] = import_module(f"tests.stands.{platform}").stand()
    db = await open_database(f"sqlite:///{path}")
    try:
        async with opened as stand:
            world = World.on(db)
            world.clock = FakeClock()
            async with staged(stand, number, language, world) as telling:
                await tell(telling)
            people = People(KEY)
            sealed = [people.unseal(row["name"]) for row in await db.fetch("SELECT name FROM acks")]
            parts = dict(zip(CAST[platform], ("admin", "member"), strict=True))
            hashes = [row["person"] for row in await db.fetch("SELECT person FROM audit ORDER BY id LIMIT 1")]
            deeds = await who_did_what(db, lambda person: "admin" if person == hashes[0] else "member")
            names = [parts[name] for name in sealed]
            return Told(scenes=telling.scenes, rows=await rows(db), deeds=deeds, names=names)
    finally:
        await db.close()


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_same_actions_leave_equal_rows_and_say_the_same_words_everywhere(
    language: Language, tmp_path: Path
) -> None:
    stories = {
        (platform, number): await told(platform, number, language, tmp_path / f"{platform}-{number}.db")
        for platform, number in TELLINGS
    }
    first, *others = stories
    one = stories[first]
    assert [row["verb"] for row in one.rows["audit"]] == VERBS
    assert [(row["kind"], row["state"]) for row in one.rows["deliveries"]] == [
        ("notice", SENT),
        ("story", SENT),
        ("alert", SENT),
        ("nudge", HELD),  # until half an hour has passed, when it is seen that somebody took the alert
        ("share", SENT),
    ]
    assert one.names == ["admin"] and ("saved", "member") in one.deeds and ("vote", "member") in one.deeds
    for place in others:
        other = stories[place]
        for scene, same in zip(one.scenes, other.scenes, strict=True):
            assert same == scene, f"{place} differs from {first} in the scene {scene.name!r}"
        assert other.rows == one.rows
        assert (other.deeds, other.names) == (one.deeds, one.names)


HELD, SENT = 0, 2
VERBS = [
    "subscribe",
    "subscribe",
    "subscribe",
    "take",
    "done",
    "settings",
    "settings",
    "addsource",
    "undo",
    "unsubscribe",
    "undo",
    *("watchlist", "watchlist", "mute", "unmute", "pause", "resume", "share"),
]
