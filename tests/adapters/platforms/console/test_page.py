"""The page and what it answers, over HTTP."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from lxml import html

from adapters.platforms.console.client import build
from bot.commands import SPECS
from bot.domain.channel import Address, Channel
from bot.domain.command import Answer, Audience, Choice, Command, Complete, Event, Person, Press, Reply, Rights
from bot.errors import ConfigError, Rejected
from bot.locale.say import Say
from bot.view import Action, Actions, Headline, Note, Text, View
from tests.stands.console import RENDERERS, ConsoleStand, stand, until

PRESSED = "take:12:0123456789abcdef"
POST = View(
    blocks=(
        Headline(text="Panne fictive <script>", url="https://exemple.fr/1", badge="Critique"),
        Actions(actions=(Action(label="Je m’en occupe", press=PRESSED),)),
        Note(text="Source fictive · #7"),
    )
)


class Core:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.answer: Answer = Reply(view=View(blocks=(Text(text="C’est noté."),)))

    async def handle(self, event: Event) -> Answer:
        self.events.append(event)
        return (Choice(label="le sujet CaRE", value="care"),) if isinstance(event, Complete) else self.answer


@pytest.fixture
async def served() -> AsyncIterator[tuple[ConsoleStand, Core, aiohttp.ClientSession]]:
    core = Core()
    async with stand() as found, running(found, core), aiohttp.ClientSession(found.url) as session:
        yield found, core, session


@asynccontextmanager
async def running(found: ConsoleStand, core: Core) -> AsyncIterator[None]:

    task = asyncio.create_task(found.platform.run(core.handle, SPECS))
    try:
        await until(lambda: found.platform.is_ready() or task.done())
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


Served = tuple[ConsoleStand, Core, aiohttp.ClientSession]


async def test_the_page_asks_nothing_outside_its_own_origin(served: Served) -> None:
    _, _, session = served
    async with session.get("/") as response:
        page = await response.text()
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    asked = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert asked and all(url.startswith(("/", "?")) for url in asked)
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|<style", page)
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        async with session.get(path) as response:
            assert response.status == 200
            body = await response.text()
        assert not re.search(r"(?:url\(|fetch\(|import).{0,3}(?:https?:)?//", body)


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_page_speaks_the_readers_language(served: Served, language: str) -> None:
    _, _, session = served
    async with session.get("/", params={"lang": language}) as response:
        page = await response.text()
    assert f'<html lang="{language}">' in page
    assert Say(language)("console.tagline") in page
    assert Say(language)("console.room.telegram.box") in page


async def test_every_control_has_a_name(served: Served) -> None:

    _, _, session = served
    async with session.get("/") as response:
        page = html.document_fromstring(await response.text())
    for control in page.xpath("//input[not(@type='hidden')] | //button"):
        labels = page.xpath(f"//label[@for='{control.get('id')}']") if control.get("id") else []
        name = control.get("aria-label") or control.text_content().strip() or "".join(x.text_content() for x in labels)
        assert name.strip() or control.getparent().text_content().strip(), html.tostring(control)
    assert len(page.xpath("//*[@role='log'][@aria-live='polite']")) == 2


async def test_a_message_stands_on_the_page_harmless(served: Served) -> None:
    found, _, session = served
    for number in (0, 1):
        await found.platform.send(found.channel(number), POST, nonce=f"7-{number}")
    async with session.get("/") as response:
        page = await response.text()
    assert page.count("Panne fictive &lt;script&gt;") == 2
    assert page.count(f'value="{PRESSED}"') == 2


async def test_a_browser_that_comes_back_misses_nothing(served: Served) -> None:
    found, _, session = served
    ref = await found.platform.send(found.channel(), POST, nonce="7-1")
    before = found.book.number
    await found.platform.edit(found.channel(), ref, View(blocks=(Headline(text="Panne terminée"),)))
    async with session.get("/events", headers={"Last-Event-ID": str(before)}) as stream:
        assert stream.content_type == "text/event-stream"
        hello, line = [await _event(stream) for _ in range(2)]
    assert hello["reload"] is False
    assert line["ref"] == ref and "Panne terminée" in str(line["html"])


async def test_a_browser_that_knows_more_than_we_do_starts_again(served: Served) -> None:
    _, _, session = served
    async with session.get("/events", params={"after": "999"}) as stream:
        assert (await _event(stream))["reload"] is True


async def _event(stream: aiohttp.ClientResponse) -> dict[str, object]:
    while True:
        row = (await stream.content.readline()).decode()
        assert row, "the stream ended"
        if row.startswith("data: "):
            found: dict[str, object] = json.loads(row.removeprefix("data: "))
            return found


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", ""])
async def test_a_name_that_leads_here_is_not_answered(served: Served, host: str) -> None:
    _, core, session = served
    for method, path in (("GET", "/"), ("GET", "/events"), ("POST", "/say")):
        async with session.request(method, path, headers={"Host": host}) as response:
            assert response.status in (400, 403)
    assert core.events == []


async def test_a_form_of_another_site_does_nothing(served: Served) -> None:
    found, core, session = served
    form = {"room": "telegram", "text": "/test"}
    async with session.post("/say", data=form, headers={"Origin": "https://evil.example"}) as response:
        assert response.status == 403
    async with session.post("/say", data=form, headers={"Origin": found.url}) as response:
        assert response.status == 200
    assert len(core.events) == 1


async def test_the_switch_says_who_speaks(served: Served) -> None:
    found, core, session = served
    for role, rights in (("admin", Rights.ADMIN), ("member", Rights.MEMBER)):
        await session.post("/say", data={"room": "discord", "text": "/latest", "role": role, "lang": "en"})
        command = core.events[-1]
        assert isinstance(command, Command) and command.person.language == "en"
        assert await found.platform.rights(command.where, command.person) is rights


async def test_a_refused_command_gets_a_reaction_in_the_room_like_telegrams(served: Served) -> None:
    found, core, _ = served
    core.answer = Reply(view=View(blocks=(Text(text="Non."),)), audience=Audience.ASKER, refused=True)
    answered = await found.say("/abonner alertes")
    assert (answered.reaction, answered.public, "Non." in answered.private) == ("🙈", (), True)


async def test_words_that_are_no_command_are_only_said(served: Served) -> None:
    _, core, session = served
    for room in ("telegram", "discord"):
        await session.post("/say", data={"room": room, "text": "bonjour <b>à tous</b>"})
    assert core.events == []
    async with session.get("/") as response:
        assert (await response.text()).count("bonjour &lt;b&gt;à tous&lt;/b&gt;") == 2


async def test_without_scripts_a_form_answers_with_the_page(served: Served) -> None:
    found, core, session = served
    core.answer = Reply(notice="C’est noté, vous vous en occupez.", audience=Audience.ASKER)
    ref = await found.platform.send(found.channel(), POST, nonce="7-1")
    async with session.post("/press", data={"room": "telegram", "ref": ref, "data": PRESSED}) as response:
        page = await response.text()
    assert response.content_type == "text/html" and "C’est noté, vous vous en occupez." in page
    assert isinstance(core.events[-1], Press)


async def test_the_box_is_completed_as_each_platform_would(served: Served) -> None:
    _, core, session = served

    async def offered(room: str, text: str, role: str = "admin") -> list[str]:
        query = {"room": room, "text": text, "role": role, "lang": "fr"}
        async with session.get("/complete", params=query) as response:
            return [one["insert"] for one in await response.json()]

    assert "/abonner " in await offered("telegram", "/")
    assert "/abonner " not in await offered("telegram", "/", "member")
    assert await offered("discord", "/tocsin ab") == ["/tocsin abonner ", "/tocsin abonnements"]
    assert await offered("discord", "/tocsin abonner ") == ["/tocsin abonner what:", "/tocsin abonner how:"]
    assert await offered("discord", "/tocsin abonner what:c") == ["/tocsin abonner what:care "]
    assert isinstance(core.events[-1], Complete)
    assert await offered("telegram", "bonjour") == []


@pytest.mark.parametrize("path", ["/say", "/press"])
async def test_a_room_that_does_not_exist_is_a_bad_request(served: Served, path: str) -> None:
    _, core, session = served
    async with session.post(path, data={"room": "ailleurs", "text": "/help"}) as response:
        assert response.status == 400
    assert core.events == []


async def test_the_story_is_not_there_outside_the_demo(served: Served) -> None:
    _, _, session = served
    async with session.post("/demo/kill") as response:
        assert response.status == 404
    async with session.get("/") as response:
        assert "/demo/" not in await response.text()


async def test_routes_beside_the_page_answer_by_any_name() -> None:
    async def live(request: web.Request) -> web.Response:
        return web.Response(text="oui")

    page = build(renderers=RENDERERS, listen=("127.0.0.1", 0), routes=[web.get("/livez", live)])

    task = asyncio.create_task(page.run(Core().handle, SPECS))
    try:
        await until(page.is_ready)
        async with (
            aiohttp.ClientSession(f"http://127.0.0.1:{page.port}") as session,
            session.get("/livez", headers={"Host": "tocsin"}) as response,
        ):
            assert await response.text() == "oui"
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_port_in_use_is_one_sentence(served: Served) -> None:
    found, core, _ = served
    page = build(renderers=RENDERERS, listen=("127.0.0.1", found.platform.port))
    with pytest.raises(ConfigError, match="TOCSIN_WEB_LISTEN"):
        await page.run(core.handle, SPECS)


async def test_an_unknown_room_is_rejected_not_a_crash() -> None:
    async with stand() as found:
        nowhere = Channel(address=Address(platform="console", chat="ailleurs"), community="x", lane="console")

        with pytest.raises(Rejected):
            await found.platform.send(nowhere, POST, nonce="1-1")
        member = Person(platform="console", id="member")
        assert await found.platform.rights(found.where(), member) is Rights.MEMBER
