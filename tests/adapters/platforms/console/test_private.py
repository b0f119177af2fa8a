"""What the page shows one person alone: messages with buttons, questions, files; with and without scripts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from lxml import html

from adapters.platforms.console.files import MOST, Files
from bot.domain.command import Answer, Audience, CommandSpec, Event, Form, Press, Reply
from bot.view import Action, Actions, Attachment, Options, Text, View
from tests.stands.console import ConsoleStand, stand, until

SPECS = (CommandSpec(name="latest", fr="derniers", public=True),)
ASK, FILLED, MORE = "ask:1:abc", "note:1:abc", "more:1:abc"
CHOICES = tuple(Action(label=f"Choix {n}", press=f"set:{n}:abc") for n in range(3))
POST = View(
    blocks=(
        Text(text="Réglages"),
        Options(hint="Choisir", options=CHOICES),
        Actions(actions=(Action(label="Ajouter", press=ASK, asks=True), Action(label="⋯", press=MORE))),
    )
)
FORM = Form(title="Une <note>", label="La note", press=FILLED, hint='Une "phrase"', value="<avant>", most=300)
DONE = View(blocks=(Text(text="C’est changé."),))
TELEGRAM, DISCORD = 0, 1  # the numbers of the two rooms


class Core:
    def __init__(self, answer: Callable[[Press], Answer]) -> None:
        self.presses: list[Press] = []
        self._answer = answer

    async def handle(self, event: Event) -> Answer:
        if not isinstance(event, Press):
            return None
        self.presses.append(event)
        return self._answer(event)


class Browser:
    """Without scripts: it sends what a form holds, to where the pressed button says."""

    def __init__(self, found: ConsoleStand, session: aiohttp.ClientSession) -> None:
        self._found, self._session = found, session
        self.page: Any = None

    async def open(self) -> None:
        async with self._session.get("/") as response:
            self.page = html.document_fromstring(await response.text())

    def room(self, number: int) -> Any:
        name = self._found.channel(number).address.chat
        (section,) = self.page.xpath(f"//section[@data-room='{name}']")
        return section

    async def submit(self, button: Any, **typed: str) -> None:
        (form,) = button.xpath("ancestor::form[1]")
        fields = {one.get("name"): one.get("value", "") for one in form.xpath(".//input[@name]")}
        fields |= {one.get("name"): one.xpath("string(option[1]/@value)") for one in form.xpath(".//select")}
        fields |= {button.get("name"): button.get("value")} if button.get("name") else {}
        path = button.get("formaction") or form.get("action")
        async with self._session.post(path, data=fields | typed) as response:
            assert response.status == 200
            self.page = html.document_fromstring(await response.text())


@asynccontextmanager
async def browsing(core: Core) -> AsyncIterator[tuple[ConsoleStand, Browser]]:
    async with stand() as found:
        task = asyncio.create_task(found.platform.run(core.handle, SPECS))
        try:
            await until(lambda: found.platform.is_ready() or task.done())
            async with aiohttp.ClientSession(found.url) as session:
                yield found, Browser(found, session)
        finally:
            task.cancel()
            await asyncio.wait([task])


async def post(found: ConsoleStand, number: int) -> str:
    return await found.platform.send(found.channel(number), POST, nonce=f"1-{number}")


# -- without scripts --------------------------------------------------------------------------------------------------


async def test_a_menu_is_a_real_one_and_chosen_from_without_scripts() -> None:
    core = Core(lambda press: Reply(view=DONE, replaces=True))
    async with browsing(core) as (found, browser):
        ref = await post(found, DISCORD)
        await browser.open()
        (menu,) = browser.room(DISCORD).xpath(".//select")
        assert menu.get("aria-label") == "Choisir"
        assert menu.xpath("option/@value") == ["", *(one.press for one in CHOICES)]
        (button,) = browser.room(DISCORD).xpath(".//button[@data-menu]")
        await browser.submit(button)
        assert core.presses == []  # nothing was chosen
        (button,) = browser.room(DISCORD).xpath(".//button[@data-menu]")
        await browser.submit(button, **{menu.get("name"): CHOICES[1].press})
        assert "C’est changé." in browser.room(DISCORD).text_content()
    assert [(one.data, one.message_ref) for one in core.presses] == [(CHOICES[1].press, ref)]


@pytest.mark.parametrize("number", [TELEGRAM, DISCORD])
async def test_a_question_is_filled_in_without_scripts(number: int) -> None:
    core = Core(lambda press: Reply(view=DONE, replaces=True) if press.text else Reply(form=FORM))
    async with browsing(core) as (found, browser):
        ref = await post(found, number)
        await browser.open()
        (button,) = browser.room(number).xpath(f".//button[@value='{ASK}']")
        assert button.get("aria-haspopup") == ("dialog" if number == DISCORD else None)
        await browser.submit(button)
        (question,) = browser.room(number).find_class("question")
        (field,) = question.xpath(".//input[@name='text']")
        assert (field.get("placeholder"), field.get("value"), field.get("maxlength")) == (FORM.hint, FORM.value, "300")
        assert question.xpath(f".//label[@for='{field.get('id')}']/text()") == [FORM.label]
        (send,) = question.xpath(".//button")
        await browser.submit(send, text="  Prévenir <tous>  ")
        assert "C’est changé." in browser.room(number).text_content()
        assert not browser.room(number).find_class("question")
    assert [(one.data, one.text, one.message_ref) for one in core.presses] == [
        (ASK, "", ref),
        (FILLED, "Prévenir <tous>", ref),
    ]


async def test_a_long_answer_gets_several_lines() -> None:
    form = Form(title="Parc", label="Un produit par ligne", press=FILLED, value="<a>\nb", most=4000)
    async with browsing(Core(lambda press: Reply(form=form))) as (found, browser):
        await post(found, TELEGRAM)
        await browser.open()
        (button,) = browser.room(TELEGRAM).xpath(f".//button[@value='{ASK}']")
        await browser.submit(button)
        (field,) = browser.room(TELEGRAM).xpath(".//textarea")
        assert field.text.lstrip("\n") == "<a>\nb"


# -- for one person ---------------------------------------------------------------------------------------------------


def pages(press: Press) -> Answer:
    if press.data == MORE:
        return Reply(menu=CHOICES, audience=Audience.ASKER)
    return Reply(view=DONE, replaces=True)


async def test_a_private_message_of_discords_kind_changes_where_it_stands() -> None:
    async with browsing(Core(pages)) as (found, _):
        ref = await post(found, DISCORD)
        answered = await found.press(ref, MORE, number=DISCORD)
        (menu,) = answered.whispered
        assert [one.data for one in menu.buttons] == [one.press for one in CHOICES]
        after = await found.press(menu.ref, CHOICES[0].press, number=DISCORD)
        assert after.private == "C’est changé."
        assert "Réglages" in found.messages(DISCORD)[0].text


async def test_what_a_menu_of_telegrams_kind_replaces_is_the_message_it_came_from() -> None:
    async with browsing(Core(pages)) as (found, _):
        ref = await post(found, TELEGRAM)
        (menu,) = (await found.press(ref, MORE)).whispered
        assert (menu.ref, menu.text) == (ref, "")
        after = await found.press(menu.ref, CHOICES[0].press)
        assert after.private == ""
        assert [one.text for one in found.messages()] == ["C’est changé."]


# -- files ------------------------------------------------------------------------------------------------------------


async def test_a_file_is_saved_never_shown_and_found_by_nobody_who_guesses() -> None:
    hostile = Attachment(name='a"; x=é.html', media_type="text/html", content=b"<script>alert(1)</script>")
    core = Core(lambda press: Reply(view=DONE, files=(hostile,), audience=Audience.ASKER))
    async with browsing(core) as (found, browser):
        ref = await post(found, TELEGRAM)
        await browser.open()
        (shown,) = (await found.press(ref, MORE)).whispered
        assert shown.files == (hostile,)
        async with aiohttp.ClientSession(found.url) as session:
            async with session.get("/file/guessed") as response:
                assert response.status == 404
            kept = found.platform.files.offer(hostile)
            async with session.get(kept) as response:
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert "default-src 'self'" in response.headers["Content-Security-Policy"]
            async with session.get(kept, headers={"Host": "evil.example"}) as response:
                assert response.status == 403


def test_only_so_many_files_are_kept_and_the_oldest_goes_first() -> None:
    files, one = Files(), Attachment(name="a", media_type="text/plain", content=b"")
    codes = [files.offer(one).rpartition("/")[2] for _ in range(MOST + 1)]
    assert files.find(codes[0]) is None
    assert files.find(codes[-1]) is one
