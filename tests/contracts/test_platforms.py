"""What every platform owes the core, tried on the real adapter and its real library against a strict stand-in."""

import asyncio
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot import logs
from bot.domain.command import Audience, Person, Press, Reply, Rights, Where
from bot.errors import (
    ChannelGone,
    PlatformError,
    Rejected,
    Throttled,
    TokenRefused,
    Uncertain,
    Unreachable,
)
from bot.view import Action, Actions, Facts, Headline, Item, Items, Note, Quote, Text, View
from tests.contracts.stand import Stand
from tests.contracts.talking import LATEST, SPECS, WITH_A_TOKEN, Core, only, send, talking, turn, until

PRESSED = "take:12:0123456789abcdef"
TRICKS = "<b>gras</b> @everyone @here <@123> <@&456> @quelquun [clic](https://exemple.fr) *a* _b_ `c` \u202e\u2066rtl"
POST = View(
    blocks=(
        Headline(text="Une faille fictive", url="https://exemple.fr/avis", badge="Critique"),
        Text(text="Appliquez le correctif fictif."),
        Facts(rows=(("CVE", "CVE-2026-0001"),)),
        Actions(actions=(Action(label="Je m’en occupe", press=PRESSED),)),
        Note(text="Source fictive · #123"),
    )
)
PLAIN = View(blocks=(Headline(text="Bonjour"), Note(text="Source fictive · #7")))


async def failure(stand: Stand, number: int = 0) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        await send(stand, PLAIN, number)
    return caught.value


# -- what a message is ------------------------------------------------------------------------------------------------


async def test_a_message_stands_once_with_its_title_number_and_button(stand: Stand) -> None:
    ref = await send(stand, POST)
    (shown,) = stand.messages()
    assert shown.ref == ref
    for words in ("Une faille fictive", "Critique", "Appliquez le correctif fictif.", "CVE-2026-0001", "#123"):
        assert words in shown.text
    assert [(button.label, button.data) for button in shown.buttons] == [("Je m’en occupe", PRESSED)]


async def test_nothing_a_source_writes_is_markup_or_notifies_anybody(stand: Stand) -> None:
    item = Item(text=TRICKS, url="https://exemple.fr/1", note=TRICKS)
    view = View(
        blocks=(
            Headline(text=TRICKS, url="https://exemple.fr/avis", badge=TRICKS),
            Text(text=TRICKS),
            Facts(rows=((TRICKS, TRICKS),)),
            Quote(text=TRICKS, source=TRICKS),
            Items(items=(item,), title=TRICKS),
            Actions(actions=(Action(label=TRICKS, press=PRESSED),)),
            Note(text=TRICKS),
        )
    )
    await send(stand, view)
    (shown,) = stand.messages()
    assert shown.pings == ()
    assert shown.text.count("<b>gras</b>") >= 8
    assert not {"\u202e", "\u2066"} & set(shown.text + "".join(button.label for button in shown.buttons))


@only(*WITH_A_TOKEN)
async def test_what_is_refused_for_its_formatting_stands_once_and_plainly(stand: Stand) -> None:
    ref = await send(stand, POST)
    _dislike_formatting(stand)
    await turn(stand, stand.channel().address.chat)
    plain = await send(stand, POST)
    changed = View(blocks=(Headline(text="Une faille corrigée", url="https://exemple.fr/avis"), Note(text="#123")))
    await turn(stand, stand.channel().address.chat)
    await stand.platform.edit(stand.channel(), ref, changed)
    first, second = stand.messages()
    assert (first.ref, second.ref) == (ref, plain)
    for words in ("Une faille fictive", "Critique", "Appliquez le correctif fictif.", "CVE-2026-0001", "#123"):
        assert words in second.text
    assert [button.data for button in second.buttons] == [PRESSED]
    assert "Une faille corrigée" in first.text and "https://exemple.fr/avis" in first.text


@only(*WITH_A_TOKEN)
async def test_an_answer_that_is_refused_for_its_formatting_is_given_plainly(stand: Stand) -> None:
    _dislike_formatting(stand)
    async with talking(stand, Core(Reply(view=POST))):
        answered = await stand.say("/derniers")
    assert len(answered.public) == 1 and "Une faille fictive" in answered.public[0].text


def _dislike_formatting(stand: Stand) -> None:
    api = stand.api  # type: ignore[attr-defined]  # the stands that have a token have a server
    getattr(api, "book", api).dislikes_formatting = True


async def test_only_what_shall_be_silent_is(stand: Stand) -> None:
    await send(stand, View(blocks=POST.blocks, silent=True), 0)
    await send(stand, POST, 1)
    assert [one.silent for one in (*stand.messages(0), *stand.messages(1))] == [True, False]


async def test_a_message_goes_to_its_thread(stand: Stand) -> None:
    await send(stand, POST, thread="77")
    assert [one.thread for one in stand.messages(thread="77")] == ["77"]
    assert list(stand.messages()) == []


async def test_an_edit_changes_the_message_where_it_stands(stand: Stand) -> None:
    ref = await send(stand, POST)
    after = View(blocks=(Headline(text="Une faille corrigée"), Note(text="Source fictive · #123")))
    for _ in range(2):  # the same again is no error
        await turn(stand, stand.channel().address.chat)
        await stand.platform.edit(stand.channel(), ref, after)
    (shown,) = stand.messages()
    assert "Une faille corrigée" in shown.text and "fictif" not in shown.text
    assert (shown.ref, shown.buttons) == (ref, ())


async def test_what_is_too_long_loses_whole_items_and_says_how_many(stand: Stand) -> None:
    items = tuple(
        Item(text=f"Article {n} " + "au titre long " * 12, url=f"https://exemple.fr/{n}", note=f"Exemple · #{n}")
        for n in range(100, 300)
    )
    button = Actions(actions=(Action(label="Suite", press=PRESSED),))
    view = View(blocks=(Headline(text="La lettre"), Items(items=items), button, Note(text="200 articles · #9999")))
    await send(stand, view)
    (shown,) = stand.messages()
    assert "La lettre" in shown.text and "#9999" in shown.text
    assert [one.label for one in shown.buttons] == ["Suite"]
    kept = [n for n in range(100, 300) if f"Article {n} " in shown.text]
    assert kept == list(range(100, 100 + len(kept))) and len(kept) >= 5
    assert len(kept) == 200 or f"{200 - len(kept)} autres" in shown.text


# -- what an answer means ---------------------------------------------------------------------------------------------


async def test_one_chat_refused_waits_alone_as_long_as_asked(stand: Stand) -> None:
    stand.throttle(timedelta(seconds=37), number=0)
    error = await failure(stand, 0)
    assert isinstance(error, Throttled)
    assert (error.scope, error.after >= timedelta(seconds=37)) == ("chat", True)
    await send(stand, PLAIN, 1)
    assert (len(stand.messages(0)), len(stand.messages(1)), stand.refusals()) == (0, 1, 1)


async def test_when_every_chat_is_refused_the_lane_stops(stand: Stand) -> None:
    stand.throttle(timedelta(seconds=7), calls=2)
    errors = [error for number in range(2) if isinstance(error := await failure_or_none(stand, number), Throttled)]
    assert errors and errors[-1].scope == "lane"


async def failure_or_none(stand: Stand, number: int) -> PlatformError | None:
    """Nothing is sent while the budget was told to wait: that is the lane's stop."""
    if stand.platform.budget.overall_wait(time.monotonic()) > 0:
        return None
    return await failure(stand, number)


@pytest.mark.parametrize("how", ["lose_answers", "garble_answers"])
async def test_an_answer_that_is_lost_or_odd_leaves_it_uncertain(stand: Stand, how: str) -> None:
    getattr(stand, how)()
    assert isinstance(await failure(stand), Uncertain)
    assert len(stand.messages()) == 1


async def test_an_error_of_the_server_leaves_it_uncertain(stand: Stand) -> None:
    stand.fail(502)
    assert isinstance(await failure(stand), Uncertain)


async def test_a_repeat_with_the_same_nonce_is_one_message_where_the_platform_knows_nonces(stand: Stand) -> None:
    stand.lose_answers()
    with pytest.raises(Uncertain):
        await send(stand, PLAIN, nonce="12-34")
    await send(stand, PLAIN, nonce="12-34")
    assert len(stand.messages()) == (1 if stand.platform.dedupes_for > timedelta() else 2)


async def test_what_cannot_be_reached_was_surely_not_sent(stand: Stand) -> None:
    stand.refuse_connections(on=True)
    assert isinstance(await failure(stand), Unreachable)
    stand.refuse_connections(on=False)
    await send(stand, PLAIN)
    assert len(stand.messages()) == 1


async def test_a_chat_that_put_the_bot_out_is_gone(stand: Stand) -> None:
    stand.channel()
    stand.kick()
    assert isinstance(await failure(stand), ChannelGone)


async def test_a_message_that_no_longer_exists_cannot_be_edited(stand: Stand) -> None:
    stand.channel()
    with pytest.raises(Rejected):
        await stand.platform.edit(stand.channel(), "999999999999999999", PLAIN)


@only(*WITH_A_TOKEN)
async def test_a_refused_token_concerns_the_whole_lane(stand: Stand) -> None:
    stand.reject_token(on=True)
    assert isinstance(await failure(stand), TokenRefused)
    with pytest.raises(TokenRefused):
        async with asyncio.timeout(10):
            await stand.platform.run(Core().handle, SPECS)
    assert not stand.platform.is_ready()


@only(*WITH_A_TOKEN)
@pytest.mark.parametrize("how", ["401", "404", "409", "429", "500", "lost", "garbled", "unreachable"])
async def test_the_token_is_in_no_log_and_no_traceback(
    stand: Stand, how: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    misbehave: dict[str, Callable[[], Any]] = {
        "401": lambda: stand.reject_token(on=True),
        "429": lambda: stand.throttle(timedelta(seconds=1)),
        "lost": stand.lose_answers,
        "garbled": stand.garble_answers,
        "unreachable": lambda: stand.refuse_connections(on=True),
    }
    misbehave.get(how, lambda: stand.fail(int(how)))()
    for name, level in logs.QUIET.items():
        caplog.set_level(level, name)
    caplog.set_level("DEBUG")
    error = await failure(stand)
    said = "".join(traceback.format_exception(error)) + caplog.text + repr(stand.platform) + "".join(capfd.readouterr())
    token = stand.api.token  # type: ignore[attr-defined]  # every stand with a token has a server that knows it
    assert token not in said
    assert token.rpartition(":")[2] not in said


# -- people -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "language"), [("/derniers care 3", "fr"), ("/latest care 3", "en")])
async def test_a_command_is_understood_in_both_languages(stand: Stand, typed: str, language: Any) -> None:
    core = Core()
    async with talking(stand, core):
        answered = await stand.say(typed, language=language)
    (command,) = core.commands()
    assert command.name in (LATEST.name, LATEST.fr)
    assert dict(command.arguments) == {"what": "care", "n": "3"}
    assert command.person.language == language
    assert command.where.address.chat == stand.where().address.chat
    assert command.where.community == stand.where().community
    assert [one.text for one in answered.public] == ["C’est noté."]


async def test_who_administers_the_chat_is_told_from_who_does_not(stand: Stand) -> None:
    core = Core()
    async with talking(stand, core):
        await stand.say("/abonner alertes", admin=True)
        await stand.say("/derniers", number=1)
        asked = [(command.where, command.person) for command in core.commands()]
        assert [await stand.platform.rights(where, person) for where, person in asked] == [Rights.ADMIN, Rights.MEMBER]


async def test_rights_can_be_asked_for_when_the_event_does_not_prove_them(stand: Stand) -> None:
    core = Core()
    async with talking(stand, core):
        await stand.say("/abonner alertes", admin=True)
        await stand.say("/derniers", number=1)
        found = [await rights(stand, command.where, command.person) for command in core.commands()]
    assert found == [Rights.ADMIN, Rights.MEMBER]


async def rights(stand: Stand, where: Where, person: Person) -> Rights:
    anew = Person(platform=person.platform, id=person.id)
    return await stand.platform.rights(where, anew)


async def test_a_private_answer_never_enters_the_group(stand: Stand) -> None:
    secret = View(blocks=(Text(text="Pour vous seulement."),))
    async with talking(stand, Core(Reply(view=secret, audience=Audience.ASKER))):
        answered = await stand.say("/aide")
    assert answered.public == ()
    assert list(stand.messages()) == []
    assert "Pour vous seulement." in answered.private


async def test_a_refusal_is_told_to_the_asker_alone(stand: Stand) -> None:
    sentence = "Cette commande est réservée aux administrateurs."
    refusal = Reply(view=View(blocks=(Text(text=sentence),)), audience=Audience.ASKER, refused=True, notice=sentence)
    async with talking(stand, Core(refusal)):
        answered = await stand.say("/abonner alertes")
    assert answered.public == () and list(stand.messages()) == []
    assert sentence in answered.private or answered.reaction == "🙈"


async def test_a_button_comes_back_as_it_was_written(stand: Stand) -> None:
    core = Core(Reply(notice="C’est noté, merci.", audience=Audience.ASKER))
    async with talking(stand, core):
        ref = await send(stand, POST)
        answered = await stand.press(ref, PRESSED)
    (press,) = [event for event in core.events if isinstance(event, Press)]
    assert (press.data, press.message_ref) == (PRESSED, ref)
    assert press.where.address.chat == stand.where().address.chat
    assert answered.public == ()
    assert "C’est noté, merci." in answered.private


async def test_a_press_may_change_its_message(stand: Stand) -> None:
    after = View(blocks=(Headline(text="Une faille fictive"), Text(text="Sacha s’en occupe.")))
    async with talking(stand, Core(Reply(view=after, replaces=True))):
        ref = await send(stand, POST)
        await stand.press(ref, PRESSED)
        await until(lambda: "Sacha s’en occupe." in stand.messages()[0].text)
    assert [one.ref for one in stand.messages()] == [ref]


# -- a lane -----------------------------------------------------------------------------------------------------------


async def test_forty_chats_at_once_are_all_served_with_at_most_one_refusal(stand: Stand) -> None:
    numbers = list(range(40))

    async def serve() -> None:
        while numbers:
            number = numbers.pop(0)
            try:
                await send(stand, PLAIN, number)
            except Throttled as error:
                stand.platform.budget.obey("", error.after.total_seconds(), time.monotonic())
                numbers.append(number)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(stand.platform.budget.rates.width):
            tasks.create_task(serve())
    assert [len(stand.messages(number)) for number in range(40)] == [1] * 40
    assert stand.refusals() <= 1


@only(*WITH_A_TOKEN)
async def test_menus_are_published_once_and_not_again(stand: Stand) -> None:
    api: Any = stand.api  # type: ignore[attr-defined]  # of the stands, those with menus have a server
    async with talking(stand, Core()):
        await until(lambda: api.publications > 0)
        await stand.say("/derniers")
        await settled(api)
    published = api.publications
    async with talking(stand, Core()):
        await stand.say("/derniers", number=1)
        await settled(api)
    assert api.publications == published


async def settled(api: Any) -> None:
    """The server has not been asked anything new for a while of turns of the loop."""
    async with asyncio.timeout(10):
        before = -1
        while before != len(api.requests):
            before = len(api.requests)
            for _ in range(40):
                await asyncio.sleep(0.005)
