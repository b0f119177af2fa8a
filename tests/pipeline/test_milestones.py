"""A living page, read again and again: what is one post, what is an edit, what is nothing."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters import sources as kinds
from bot.domain.channel import Rhythm
from bot.domain.ids import ChannelId
from bot.domain.rule import Rule, What
from bot.domain.source import Source
from bot.ports import Database, NotModified, Page, SourceKind
from bot.view import Actions, Note, View
from bot.view import Facts as Rows
from tests.commands.desk import Chat, said
from tests.fakes import FakeSite, World, title, words

FERME, OUVRE, WEBINAIRE = "Fermeture du guichet de versement", "Ouverture de la plateforme", "Webinaire des référents"
Lines = Sequence[tuple[str, str]]  # (date, label)


@dataclass
class LivingPage(FakeSite):
    """The site serves HTML, and the kind that reads it is the real one."""

    name: str = "milestones"
    html: dict[str, str] = field(default_factory=dict)
    truncated: bool = False

    async def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | NotModified:
        return Page(url=url, body=self.html[url].encode(), truncated=self.truncated)

    def load(self, name: str) -> SourceKind:
        return kinds.load(name)


@dataclass
class Reader:
    """One source, one channel that follows it."""

    world: World
    site: LivingPage
    source: Source
    channel: ChannelId

    @classmethod
    async def start(
        cls, database: Database, lines: Lines, *, slug: str = "agence", how: Rhythm = Rhythm.NOW
    ) -> "Reader":
        site = LivingPage()
        world = replace(World.on(database), site=site)
        source = await world.new_source(slug, title="Agence", kind="milestones")
        reader = cls(world, site, source, (await world.channel(slug)).id)
        await reader.follow(slug, how)
        await reader.reads(lines)
        return reader

    async def follow(self, chat: str, how: Rhythm = Rhythm.NOW, rule: Rule | None = None) -> ChannelId:
        channel = await self.world.channel(chat)
        wanted = rule or Rule(what=What.SOURCE, value=self.source.slug)
        async with self.world.db.tx() as tx:
            await self.world.store.subscriptions.add(
                tx, channel.id, wanted, how, silent=False, now=self.world.clock.now()
            )
        return channel.id

    async def reads(self, lines: Lines) -> int:
        return await self.reads_html("".join(f"<p>{date}</p><p>{label}</p>" for date, label in lines))

    async def reads_html(self, html: str) -> int:
        self.site.html[self.source.url] = html
        return await self.world.read(self.source.slug)

    async def posts(self, channel: ChannelId | None = None) -> list[tuple[str, Mapping[str, object]]]:
        """(kind, payload) of what the channel is owed, in order; a line told for the first time is "new"."""
        rows = await self.world.db.fetch(
            "SELECT kind, payload FROM posts JOIN deliveries d ON d.post = posts.id WHERE d.channel = $1 ORDER BY id",
            channel or self.channel,
        )
        return [("moved" if row["kind"] == "moved" else "new", json.loads(row["payload"])) for row in rows]

    async def moves(self, channel: ChannelId | None = None) -> list[tuple[object, object]]:
        """(old, new) of the "date changed" posts; there is no other post."""
        found = await self.posts(channel)
        assert {kind for kind, _ in found} <= {"moved"}
        return [(payload["old"], payload["new"]) for _, payload in found]

    async def sent(self) -> list[str]:
        await self.world.deliver_all()
        return self.world.platform.titles(self.source.slug)


def rows(view: View) -> dict[str, str]:
    return {label: value for block in view.blocks if isinstance(block, Rows) for label, value in block.rows}


# -- what a channel sees ----------------------------------------------------------------------------------------------


async def test_a_new_line_is_told_with_its_date(database: Database) -> None:
    reader = await Reader.start(database, [("3 mars 2026", OUVRE)])
    assert await reader.reads([("30 juin 2026", FERME), ("3 mars 2026", OUVRE)]) == 1
    assert await reader.sent() == [FERME]
    ((_, view),) = reader.world.platform.sent
    assert "30 juin 2026" in words(view).splitlines() and "Jalon" in words(view)


async def test_a_moved_date_is_one_silent_post_with_both_dates_and_an_edit_of_the_first(database: Database) -> None:
    reader = await Reader.start(database, [("3 mars 2026", OUVRE)])
    await reader.reads([("30 juin 2026", FERME), ("3 mars 2026", OUVRE)])
    await reader.sent()
    reader.world.clock.forward(timedelta(days=2))
    await reader.reads([("15&nbsp;juillet 2026", FERME), ("3 mars 2026", OUVRE)])
    assert await reader.sent() == [FERME, f"Date modifiée\u00a0: {FERME}"]
    view = reader.world.platform.sent[-1][1]
    assert rows(view) == {"Ancienne date": "30 juin 2026", "Nouvelle date": "15 juillet 2026"}
    assert view.silent
    note = next(block.text for block in view.blocks if isinstance(block, Note))
    assert note.startswith("Agence · Jalon · 12 mars 2026") and note.endswith("#2")
    ((_, ref, edited),) = reader.world.platform.edited
    assert ref == "m1" and "15 juillet 2026" in words(edited)


async def test_there_and_back_are_two_moves_and_a_page_read_again_is_none(database: Database) -> None:
    reader = await Reader.start(database, [("30 juin 2026", FERME)])
    for date in ("15 juillet 2026", "30 juin 2026", "mardi 30&nbsp;juin 2026", "30 juin 2026 (à venir)"):
        await reader.reads([(date, FERME)])
        await reader.reads([(date, FERME)])
    assert await reader.moves() == [("30 juin 2026", "15 juillet 2026"), ("15 juillet 2026", "30 juin 2026")]


async def test_who_was_told_hears_of_the_move_even_if_no_rule_of_theirs_matches_any_more(database: Database) -> None:
    reader = await Reader.start(database, [("3 mars 2026", OUVRE)])
    told = await reader.follow("jalons", rule=Rule(what=What.GENRE, value="jalon"))
    other = await reader.follow("tribunes", rule=Rule(what=What.GENRE, value="tribune"))
    await reader.reads([("30 juin 2026", FERME), ("3 mars 2026", OUVRE)])
    async with reader.world.db.tx() as tx:
        for subscription in await reader.world.store.subscriptions.of(tx, told):
            await reader.world.store.subscriptions.remove(tx, told, subscription.rule_id)
    await reader.reads([("15 juillet 2026", FERME), ("3 mars 2026", OUVRE)])
    assert [kind for kind, _ in await reader.posts(told)] == ["new", "moved"]
    assert [kind for kind, _ in await reader.posts()] == ["new", "moved"]
    assert await reader.posts(other) == []


async def test_a_daily_channel_hears_of_the_move_at_its_hour_and_once(database: Database) -> None:
    reader = await Reader.start(database, [("3 mars 2026", OUVRE)], how=Rhythm.DAILY)
    await reader.reads([("30 juin 2026", FERME), ("3 mars 2026", OUVRE)])
    reader.world.clock.forward(timedelta(hours=22))
    await reader.world.plan.sweep(reader.world.clock.now())
    assert await reader.sent() == [FERME]
    await reader.reads([("15 juillet 2026", FERME), ("3 mars 2026", OUVRE)])
    assert await reader.sent() == [FERME]
    reader.world.clock.forward(timedelta(hours=24))
    for _ in range(2):
        await reader.world.plan.sweep(reader.world.clock.now())
    assert await reader.sent() == [FERME, f"Date modifiée\u00a0: {FERME}"]


async def test_a_line_that_is_gone_edits_its_message_and_no_more(database: Database) -> None:
    reader = await Reader.start(database, [("3 mars 2026", OUVRE)])
    both = [("30 juin 2026", FERME), ("3 mars 2026", OUVRE)]
    await reader.reads(both)
    await reader.sent()
    for line in ("", "<p>Une ligne de plus.</p>"):  # the second time there is nothing more to say
        await reader.reads_html(f"<p>3 mars 2026</p><p>{OUVRE}</p>{line}")
        assert await reader.sent() == [FERME]
    ((_, _, edited),) = reader.world.platform.edited
    assert "30 juin 2026 — Retiré de la page le 10 mars 2026." in words(edited) and "Jalon retiré" in words(edited)
    await reader.reads(both)
    assert await reader.sent() == [FERME]
    assert "Retiré" not in words(reader.world.platform.edited[-1][2])


async def test_a_line_that_comes_back_with_another_date_has_moved(database: Database) -> None:
    reader = await Reader.start(database, [("30 juin 2026", FERME), ("3 mars 2026", OUVRE)])
    await reader.reads([("3 mars 2026", OUVRE)])
    await reader.reads([("15 juillet 2026", FERME), ("3 mars 2026", OUVRE)])
    assert await reader.moves() == [("30 juin 2026", "15 juillet 2026")]


@pytest.mark.parametrize("cut", [True, False])
async def test_nothing_is_gone_from_a_page_that_was_cut_or_lists_less_than_half(database: Database, cut: bool) -> None:
    lines = [(f"{n} juin 2026", f"Étape {name}") for n, name in enumerate(["alpha", "bravo", "charlie", "delta"], 1)]
    reader = await Reader.start(database, lines)
    reader.site.truncated = cut
    await reader.reads(lines[: 3 if cut else 1])
    found = await reader.world.store.articles.newest(10)
    assert {facts.article.genre for facts in found} == {"jalon"}


async def test_a_label_that_is_touched_up_is_an_edit(database: Database) -> None:
    reader = await Reader.start(database, [("3 mars 2026", OUVRE)])
    before = "Fermeture du guichet de versement du domaine D1 pour les établissements"
    after = "Clôture du guichet de versement du domaine D1 pour tous les établissements"
    await reader.reads([("30 juin 2026", before), ("3 mars 2026", OUVRE)])
    await reader.sent()
    for label in (after.replace("Clôture", "Fermeture"), before):
        await reader.reads([("3 mars 2026", OUVRE), ("30 juin 2026", label)])
        assert await reader.sent() == [before]
    assert [title(view) for _, _, view in reader.world.platform.edited] == [
        after.replace("Clôture", "Fermeture"),
        before,
    ]


async def test_lines_that_differ_by_a_figure_are_never_one_touched_up(database: Database) -> None:
    label = "Fermeture du guichet de versement du domaine {} pour les établissements publics"
    reader = await Reader.start(database, [("30 juin 2026", label.format("D1")), ("3 mars 2026", OUVRE)])
    assert await reader.reads([("30 juin 2026", label.format("D2")), ("3 mars 2026", OUVRE)]) == 1
    assert [kind for kind, _ in await reader.posts()] == ["new"]


async def test_equal_labels_are_told_apart_when_one_is_added_between_or_taken_away(database: Database) -> None:
    first, last = ("3 avril 2026", WEBINAIRE), ("3 juin 2026", WEBINAIRE)
    reader = await Reader.start(database, [first, last, ("3 mars 2026", OUVRE)])
    assert await reader.reads([first, ("3 mai 2026", WEBINAIRE), last, ("3 mars 2026", OUVRE)]) == 1
    await reader.reads([("3 mai 2026", WEBINAIRE), last, ("3 mars 2026", OUVRE)])
    assert [kind for kind, _ in await reader.posts()] == ["new"]
    await reader.reads([("4 mai 2026", WEBINAIRE), last, ("3 mars 2026", OUVRE)])
    assert [payload.get("old") for _, payload in await reader.posts()] == [None, "3 mai 2026"]


async def test_a_killed_reading_tells_the_move_once(database: Database) -> None:
    reader = await Reader.start(database, [("30 juin 2026", FERME)])
    ingest = reader.world.ingest

    class Killed(Exception):
        pass

    class Sources:
        async def save(self, tx: object, state: object) -> None:
            raise Killed

    object.__setattr__(ingest.keep.states, "sources", Sources())
    reader.site.html[reader.source.url] = f"<p>15 juillet 2026</p><p>{FERME}</p>"
    with pytest.raises(Killed):
        await ingest.check((await reader.world.store.sources.all())[0])
    assert await reader.moves() == []
    for _ in range(2):
        await reader.world.read(reader.source.slug)
    assert await reader.moves() == [("30 juin 2026", "15 juillet 2026")]


async def test_buttons_and_why_of_a_moved_date_answer(database: Database) -> None:
    reader = await Reader.start(database, [("30 juin 2026", FERME)])
    await reader.reads([("15 juillet 2026", FERME)])
    chat = Chat(reader.world, name=reader.source.slug)
    assert "part dans un instant" in said(await chat.say("/pourquoi 1"))
    await reader.sent()
    text = said(await chat.say("/pourquoi 1"))
    assert "Reçu ici le 10 mars 2026" in text and "Sa date a changé" in text and "✓" in text
    assert "15 juillet 2026" in said(await chat.say("/article 1"))
    assert "15 juillet 2026" in said(await chat.say("/derniers 1"))
    ((_, view),) = reader.world.platform.sent
    (buttons,) = [block for block in view.blocks if isinstance(block, Actions)]
    for button in buttons.actions:
        assert "expiré" not in said(await chat.press(button.press))


# -- any history ------------------------------------------------------------------------------------------------------

# Labels, each with another wording; two are equal, two differ by a figure alone
LABELS = (
    (f"{FERME} du domaine D1 du programme", f"{FERME}s, domaine D1, programme Vigie"),
    (f"{FERME} du domaine D2 du programme", f"{FERME}s, domaine D2, programme Vigie"),
    (WEBINAIRE, WEBINAIRE.replace("référents", "référent")),
    (WEBINAIRE, WEBINAIRE.upper()),
    (OUVRE, "Ouverture de la  plateforme"),
)
# How a page writes a date, and what is kept of it
SPELLINGS = (
    ("{0} {1} {2}", "{0} {1} {2}"),
    ("le {0}&nbsp;{1} {2}", "{0} {1} {2}"),
    ("<b>{0}</b> {1}&#8239;{2}", "{0} {1} {2}"),
    ("mardi {0} {1} {2}", "mardi {0} {1} {2}"),
    ("au plus tard le {0} {1} {2}", "au plus tard le {0} {1} {2}"),
)
SHAPES = (
    "<p>{0}</p><p>{1}</p>",
    "<div><h3>{1}</h3><p>{0}</p></div>",
    "<tr><td>{1}</td><td>{0}</td></tr>",
    "<li>{1} : {0}</li>",
)
MONTHS = ("juin", "juillet", "septembre")
Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["move", "mark", "spell", "touch up", "shuffle", "reshape"]),
        st.integers(0, len(LABELS) - 1),
        st.integers(0, 10**6),
    ),
    max_size=4,
)
_examples = itertools.count()


@dataclass
class Drawn:
    """A line as the page shows it. Each date is given once, so no two lines are ever one."""

    wording: int = 0
    date: int = 0
    spelling: int = 0
    marked: bool = False

    def parts(self) -> tuple[int, str, int]:
        return self.date % 28 + 1, MONTHS[self.date // 28 % 3], 2026 + self.date // 84

    def kept(self) -> str:
        return SPELLINGS[self.spelling][1].format(*self.parts())

    def written(self) -> str:
        date = SPELLINGS[self.spelling][0].format(*self.parts())
        return f"{date} (à venir)" if self.marked else date


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(readings=st.lists(STEPS, min_size=1, max_size=5))
async def test_every_move_is_one_post_and_nothing_else_is(database: Database, readings: list[list[Step]]) -> None:
    lines = [Drawn(date=n) for n in range(len(LABELS))]
    dates, order, shape = itertools.count(len(LABELS)), list(range(len(LABELS))), 0

    def drawn() -> str:
        shown = [SHAPES[shape].format(lines[n].written(), LABELS[n][lines[n].wording]) for n in order]
        return f"<table>{''.join(shown)}</table>" if "<tr>" in shown[0] else f"<main>{''.join(shown)}</main>"

    slug = f"axe{next(_examples)}"
    reader = await Reader.start(database, [("3 mars 2026", "Une ligne qui s’en va")], slug=slug)
    await reader.reads_html(drawn())
    told = len(await reader.posts())
    assert told == len(LABELS)
    expected: list[tuple[str, str]] = []
    for steps in readings:
        untouched = {label for label, _ in LABELS}
        befores = {n: line.kept() for n, line in enumerate(lines)}
        moved_now: list[int] = []
        for what, n, seed in steps:
            line = lines[n]
            if what in ("move", "touch up") and LABELS[n][0] not in untouched:
                continue  # what can be told apart: a label or its date, once a reading
            match what:
                case "move":
                    line.date = next(dates)
                    moved_now.append(n)
                case "mark":
                    line.marked = not line.marked
                case "spell":
                    line.spelling = seed % len(SPELLINGS)
                case "touch up":
                    line.wording = 1 - line.wording
                case "shuffle":
                    Random(seed).shuffle(order)
                case "reshape":
                    shape = seed % len(SHAPES)
            if what in ("move", "touch up"):
                untouched.discard(LABELS[n][0])
        expected += [(befores[n], lines[n].kept()) for n in moved_now]
        assert await reader.reads_html(drawn()) == 0
    found = await reader.posts()
    moved = [(payload["old"], payload["new"]) for kind, payload in found if kind == "moved"]
    assert sorted(moved) == sorted(expected)
    assert len(found) == told + len(expected)
