"""Every button of every answer and of the posts themselves, found by following them: after a restart it does what it
says, a forged one and one of a demoted administrator change nothing, and pressed again it changes nothing more."""

from collections import Counter, deque
from collections.abc import Sequence
from datetime import timedelta

from bot.commands import BY_VERB, COMMANDS
from bot.domain.command import Reply
from bot.ports import Database
from bot.view import Action, View
from storage.database import database
from tests.commands.desk import ADMIN, MEMBER, Chat, actions, plain, said
from tests.commands.test_share import page
from tests.contracts.test_same_story import place
from tests.fakes import World, entry

SHARED = "https://exemple.test/retour-messagerie"
ALERT = "La faille CVE-2026-{n} d’un pare-feu est activement exploitée, score CVSS 9,8. Correctif urgent à appliquer."
CALL = "Un appel à projets fictif est ouvert aux hôpitaux. Les dossiers sont à déposer avant le {day} avril 2026."
TYPED = {
    "search": "chantier",
    "article": "1",
    "why": "1",
    "share": SHARED,
    "subscribe": "alerts",
    "settings": "quiet 22:00-07:00",
    "watchlist": "add Fortinet FortiGate",
    "mute": "wifi 2h",
    "pause": "2h",
    "addsource": "exemple.test",
}
ENOUGH = 4  # buttons of a kind: menus of menus never end
# A press again is meant to take back, to go on, or to answer anew
AGAIN = {"up", "down", "save", "take", "seize", "release", "renew", "watch", "draft", "setup", "set", "edit", "place"}
ELSEWHERE = {"approve", "refuse", "hold", "letter"}  # of the operator, of a burst, of a long letter: they have tests
UNTOLD = {"tokens", "sqlite_sequence"}  # a link is kept for each press that a person may follow


async def test_every_button_survives_a_restart_and_obeys_nobody_else() -> None:
    seen = Counter[str]()
    for line in (f"/share {SHARED}", "", *_lines()):
        async with database("sqlite:///:memory:") as db:
            world = await _world(db)
            before = len(world.platform.sent) if line else 0
            offered = _buttons(await Chat(world).say(line)) if line else []
            await world.deliver_all()
            posts = [action for _, view in world.platform.sent[before:] for action in _in(view)]
            await _follow(world, [*offered, *posts], seen)
    missing = set(BY_VERB) - set(seen)
    assert missing == ELSEWHERE


def _lines() -> Sequence[str]:
    return [f"/{one.spec.name} {TYPED.get(one.spec.name, '')}".strip() for one in COMMANDS] + [
        f"/{name}" for name in TYPED
    ]


async def _world(db: Database) -> World:
    """A group that received articles, alerts and calls, more than a page of each; and a page that can be shared."""
    world = World.on(db)
    world.web_url = "https://tocsin.test"
    world.web.pages[SHARED] = page()
    world.places.found = [place("https://a.test/flux", "Gazette de Valmont"), place("https://b.test/", "Suivi")]
    source = await world.source("journal", title="Le Journal de Valmont")
    for number in range(11):
        await world.new_source(f"autre-{number}")
    await Chat(world).say("/subscribe everything")
    for number in range(1, 8):
        world.clock.forward(timedelta(minutes=1))
        world.site.publish(
            source,
            entry(f"n{number}", f"Le chantier {number} de Valmont avance"),
            entry(f"a{number}", f"Vulnérabilité critique du pare-feu {number}", text=ALERT.format(n=4320 + number)),
            entry(f"c{number}", f"Appel à projets inventé numéro {number}", text=CALL.format(day=20 + number)),
        )
        await world.read("journal")
    await world.deliver_all()
    return world


async def _follow(world: World, start: Sequence[Action], seen: Counter[str]) -> None:
    waiting = deque(start)
    known = {one.press for one in waiting}
    while waiting:
        action = waiting.popleft()
        verb = action.press.partition(":")[0]
        if seen[verb] >= ENOUGH:
            continue
        seen[verb] += 1
        await _is_obeyed_rightly(world, verb, action.press)
        shown = len(world.platform.sent), len(world.platform.edited)
        offered = await _press(world, verb, action.press)
        await world.deliver_all()
        views = [view for _, view in world.platform.sent[shown[0] :]]
        views += [view for _, _, view in world.platform.edited[shown[1] :]]
        for found in (*offered, *(one for view in views for one in _in(view))):
            if found.press not in known:
                known.add(found.press)
                waiting.append(found)


async def _is_obeyed_rightly(world: World, verb: str, data: str) -> None:
    before = await _rows(world)
    forged = data[:-1] + ("0" if data[-1] != "0" else "1")
    reply = await Chat(world).press(forged, ADMIN)
    assert "n’a plus de sens" in plain(reply.notice or said(reply)), data
    if BY_VERB[verb].admin:
        reply = await Chat(world).press(data, MEMBER)
        assert "administrateurs" in plain(reply.notice or said(reply)), data
    assert await _rows(world) == before, data


async def _press(world: World, verb: str, data: str) -> Sequence[Action]:
    """Twice, each time by a bot that has just started; what it offers."""
    reply = await Chat(world).press(data, ADMIN)
    assert "mal passé" not in plain(reply.notice or said(reply)), data
    after = await _rows(world)
    again = await Chat(world).press(data, ADMIN)
    assert "mal passé" not in plain(again.notice or said(again)), data
    if verb not in AGAIN:
        assert await _rows(world) == after, data
    return _buttons(reply)


def _buttons(reply: Reply) -> list[Action]:
    found = [one for one in actions(reply) if one.press]
    return found + ([Action(label="", press=reply.form.press)] if reply.form is not None else [])


def _in(view: View) -> list[Action]:
    return [one for one in actions(Reply(view=view)) if one.press]


async def _rows(world: World) -> dict[str, list[str]]:
    tables = await world.db.fetch("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
    names = [row["name"] for row in tables if row["name"] not in UNTOLD]
    return {name: [str(dict(row)) for row in await world.db.fetch(f"SELECT * FROM {name}")] for name in names}
