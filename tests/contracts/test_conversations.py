"""What every platform makes of choices, questions, menus and files: the shapes of an answer beyond words."""

from collections.abc import Mapping

import pytest

from bot.domain.command import Answer, Audience, Event, Form, Press, Reply
from bot.view import Action, Actions, Attachment, Headline, Options, Text, View
from tests.contracts.stand import Answered, Stand
from tests.contracts.talking import Core, only, send, talking, until

MAC = "0123456789abcdef"
ASK, FILLED, MORE, SAVE = f"ask:1:{MAC}", f"note:1:{MAC}", f"more:1:{MAC}", f"save:1:{MAC}"
LANGUAGES = tuple(
    Action(label=label, press=f"lang:{code}:{MAC}") for label, code in (("Français", "fr"), ("English", "en"))
)
SOURCES = tuple(Action(label=f"Source numéro {n}, au nom assez long", press=f"source:{n}:{MAC}") for n in range(25))
SETTINGS = View(
    blocks=(
        Headline(text="Réglages"),
        Options(hint="Choisir la langue", options=LANGUAGES),
        Options(hint="Choisir une source", options=SOURCES),
        Actions(actions=(Action(label="Ajouter une note", press=ASK, asks=True), Action(label="⋯", press=MORE))),
    )
)
QUESTION = Form(
    title="Une note", label="Ce qu’il faut retenir", press=FILLED, hint="Une phrase", value="Avant", most=300
)
ICS = Attachment(name="échéances.ics", media_type="text/calendar", content=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
JSON = Attachment(name="mes-donnees.json", media_type="application/json", content=b"{}")
DONE = View(blocks=(Text(text="C’est changé."),))


class Script(Core):
    """Answers each meaning as it is told, and everything else with nothing."""

    def __init__(self, answers: Mapping[str, Reply]) -> None:
        super().__init__()
        self.answers = answers

    async def handle(self, event: Event) -> Answer:
        self.events.append(event)
        return self.answers.get(event.data) if isinstance(event, Press) else None

    def presses(self) -> list[Press]:
        return [event for event in self.events if isinstance(event, Press)]


# -- choices ----------------------------------------------------------------------------------------------------------


async def test_every_option_of_a_menu_can_be_chosen_and_means_what_it_says(stand: Stand) -> None:
    core = Script({LANGUAGES[1].press: Reply(notice="English, then.", audience=Audience.ASKER)})
    async with talking(stand, core):
        ref = await send(stand, SETTINGS)
        (shown,) = stand.messages()
        offered = [(button.label, button.data) for button in shown.buttons]
        assert offered == [(one.label, one.press) for one in (*LANGUAGES, *SOURCES, *SETTINGS.blocks[-1].actions)]  # type: ignore[union-attr]  # Actions
        answered = await stand.choose(ref, LANGUAGES[1].press)
    assert "English, then." in answered.private and answered.public == ()
    assert [(one.data, one.text, one.message_ref) for one in core.presses()] == [(LANGUAGES[1].press, "", ref)]


async def test_a_choice_may_change_its_message(stand: Stand) -> None:
    async with talking(stand, Script({SOURCES[24].press: Reply(view=DONE, replaces=True)})):
        ref = await send(stand, SETTINGS)
        await stand.choose(ref, SOURCES[24].press)
        await until(lambda: "C’est changé." in stand.messages()[0].text)
    assert [(one.ref, one.buttons) for one in stand.messages()] == [(ref, ())]


# -- questions --------------------------------------------------------------------------------------------------------


async def asked(stand: Stand, ref: str, **who: bool) -> Answered:
    answered = await stand.press(ref, ASK, **who)  # type: ignore[arg-type]  # admin is the one switch
    assert answered.window is not None
    return answered


async def test_a_question_is_asked_of_the_presser_and_its_answer_comes_back(stand: Stand) -> None:
    replaced = Reply(view=DONE, replaces=True)
    core = Script({ASK: Reply(form=QUESTION), FILLED: replaced})
    async with talking(stand, core):
        ref = await send(stand, SETTINGS)
        window = (await asked(stand, ref)).window
        assert window is not None
        assert (window.title, window.label, window.hint, window.value) == (
            QUESTION.title,
            QUESTION.label,
            QUESTION.hint,
            QUESTION.value,
        )
        await stand.fill(window, "Prévenir l’astreinte & <tous>")
        await until(lambda: "C’est changé." in stand.messages()[0].text)
    opened, filled = core.presses()
    assert (opened.data, opened.text) == (ASK, "")
    assert (filled.data, filled.text, filled.message_ref) == (FILLED, "Prévenir l’astreinte & <tous>", ref)
    assert filled.where.address.chat == stand.where().address.chat
    assert filled.person.id == opened.person.id
    assert [one.ref for one in stand.messages()] == [ref]  # no trace of the question


async def test_a_question_can_be_answered_after_a_restart(stand: Stand) -> None:
    core = Script({ASK: Reply(form=QUESTION), FILLED: Reply(view=DONE)})
    async with talking(stand, core):
        ref = await send(stand, SETTINGS)
        window = (await asked(stand, ref)).window
        assert window is not None
    async with talking(stand, core):
        answered = await stand.fill(window, "Toujours là")
    assert [one.text for one in answered.public] == ["C’est changé."]
    assert core.presses()[-1].text == "Toujours là"


async def test_what_is_said_after_a_question_can_be_for_one_person(stand: Stand) -> None:
    alone = Reply(view=View(blocks=(Text(text="Pour vous seulement."),)), audience=Audience.ASKER)
    async with talking(stand, Script({ASK: Reply(form=QUESTION), FILLED: alone})):
        ref = await send(stand, SETTINGS)
        window = (await asked(stand, ref)).window
        assert window is not None
        answered = await stand.fill(window, "Une note")
    assert answered.public == ()
    assert "Pour vous seulement." in answered.private


async def test_a_press_that_asks_nothing_after_all_is_answered_as_any_other(stand: Stand) -> None:
    expired = Reply(notice="Ce bouton a expiré.", audience=Audience.ASKER)
    async with talking(stand, Script({ASK: expired})):
        ref = await send(stand, SETTINGS)
        answered = await stand.press(ref, ASK)
    assert answered.window is None and answered.public == ()
    assert "Ce bouton a expiré." in answered.private


# -- menus ------------------------------------------------------------------------------------------------------------


async def test_further_buttons_are_for_the_presser_or_stand_in_place_of_the_first(stand: Stand) -> None:
    menu = (Action(label="Garder", press=SAVE), Action(label="Une note", press=ASK, asks=True))
    core = Script({MORE: Reply(menu=menu), SAVE: Reply(notice="Gardé.", audience=Audience.ASKER)})
    async with talking(stand, core):
        ref = await send(stand, SETTINGS)
        answered = await stand.press(ref, MORE)
        place = answered.whispered[-1] if stand.platform.whispers else stand.messages()[0]
        assert [(one.label, one.data) for one in place.buttons] == [(one.label, one.press) for one in menu]
        assert "Réglages" in stand.messages()[0].text
        saved = await stand.press(place.ref, SAVE)
    assert answered.public == saved.public == ()
    assert "Gardé." in saved.private


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [True, False])
async def test_files_go_where_their_answer_goes(stand: Stand, typed: bool) -> None:
    core = Core(Reply(view=DONE, files=(ICS, JSON)))
    async with talking(stand, core):
        ref = await send(stand, SETTINGS)
        answered = await (stand.say("/derniers") if typed else stand.press(ref, SAVE, within=10))
    assert answered.public[0].text == "C’est changé."
    assert [file for one in answered.public for file in one.files] == [ICS, JSON]


@pytest.mark.parametrize("typed", [True, False])
async def test_files_for_one_person_never_enter_the_group(stand: Stand, typed: bool) -> None:
    core = Core(Reply(view=DONE, files=(JSON,), audience=Audience.ASKER))
    async with talking(stand, core):
        ref = await send(stand, SETTINGS)
        answered = await (stand.say("/aide") if typed else stand.press(ref, SAVE, within=10))
    assert answered.public == ()
    assert [file for one in answered.whispered for file in one.files] == [JSON]


# -- promises ---------------------------------------------------------------------------------------------------------


@only("telegram", "discord")
async def test_a_press_is_acknowledged_in_time(stand: Stand) -> None:
    async with talking(stand, Core(Reply(view=DONE))):
        ref = await send(stand, SETTINGS)
        answered = await stand.press(ref, SAVE, within=10)
    assert 0 < answered.acknowledged_after < 2.5
