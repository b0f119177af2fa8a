"""Whatever a source writes, Telegram takes the message, nobody is notified, and it is read as it was written."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.plain import cut, line, plain, size
from adapters.platforms.telegram.forms import question
from adapters.platforms.telegram.render import Payload, attachments, notice, render
from adapters.platforms.telegram.text import ours, theirs, web_address
from bot.domain.alert import Severity
from bot.domain.command import Form, Person
from bot.view import (
    Action,
    Actions,
    Attachment,
    Bars,
    Facts,
    Headline,
    Item,
    Items,
    Note,
    Options,
    Quote,
    Style,
    Text,
    View,
)
from tests.stands import telegram_rules as rules

WORDS = [
    *("@everyone", "@quelquun", "@", "/oubliezmoi", "/start@autre_bot", "/", "dsi@chu.fr", "et/ou", "#sujet", "$ABC"),
    *("<b>", "</a>", "&lt;", "**", "__", "`", "[clic](tg://user?id=1)", "tg://user?id=1", "https://exemple.fr/a_b"),
    *(
        "mot",
        "😀",
        "👨\u200d💻",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u2060",
        "\x00",
        "\ud83d",
        "é",
        ".",
        " ",
        "\n",
        "\n\n\n",
    ),
]
HOSTILE = st.lists(st.sampled_from(WORDS), max_size=12).map("".join)
TEXTS = st.one_of(HOSTILE, st.text(max_size=60), st.text("😀a. \n", min_size=200, max_size=9000))
URLS = st.one_of(st.just(""), st.just("https://exemple.fr/é(a)?b=[c]"), TEXTS, TEXTS.map("https://h/".__add__))
EXTRACTS = st.lists(st.tuples(TEXTS, st.booleans()), max_size=6).map(tuple)
ITEM = st.builds(Item, text=TEXTS, url=URLS, note=TEXTS, extract=EXTRACTS)
ACTION = st.builds(Action, label=TEXTS, press=st.text("abc:", max_size=64), url=URLS, style=st.sampled_from(Style))
BLOCK = st.one_of(
    st.builds(Headline, text=TEXTS, url=URLS, badge=TEXTS),
    st.builds(Text, text=TEXTS),
    st.builds(Facts, rows=st.lists(st.tuples(TEXTS, TEXTS), max_size=40).map(tuple)),
    st.builds(Bars, rows=st.lists(st.tuples(TEXTS, st.integers(0, 10**6)), max_size=30).map(tuple)),
    st.builds(Quote, text=TEXTS, source=TEXTS),
    st.builds(Items, items=st.lists(ITEM, max_size=60).map(tuple), title=TEXTS),
    st.builds(Note, text=TEXTS),
    st.builds(Actions, actions=st.lists(ACTION, max_size=12).map(tuple)),
    st.builds(Options, hint=TEXTS, options=st.lists(ACTION, max_size=25).map(tuple)),
)
FORMS = st.builds(Form, title=TEXTS, label=TEXTS, press=st.just("note:1:x"), hint=TEXTS, value=TEXTS)
FILE = Attachment(name="dates.ics", media_type="text/calendar", content=b"BEGIN:VCALENDAR")
UNHURRIED = settings(deadline=None)  # the longest views take a busy machine more than the usual 200 ms
VIEWS = st.builds(
    View,
    blocks=st.lists(st.one_of(BLOCK, BLOCK, BLOCK, st.just(FILE)), max_size=8).map(tuple),
    severity=st.sampled_from([None, *Severity]),
    silent=st.booleans(),
    mention=st.sampled_from(["", "@everyone"]),
)
SHORT = st.text("abc é😀<>&*_", min_size=1, max_size=12)


def shown(payload: Payload) -> str:
    return str(payload["caption" if "caption" in payload else "text"])


def problems(payload: Payload) -> list[str]:
    """As the stand-in, strict about lengths, entities, buttons and parameters, sees it."""
    method, more = ("sendDocument", {"document": "f"}) if "caption" in payload else ("sendMessage", {})
    return list(rules.message_problems(method, {"chat_id": "1", **payload, **more}))


@UNHURRIED
@given(view=VIEWS, language=st.sampled_from(["fr", "en"]))
@example(view=View(blocks=(Headline(text=""),), severity=Severity.INFO), language="fr")
def test_telegram_accepts_whatever_is_rendered(view: View, language: str) -> None:
    assert problems(render(view, language)) == []


@UNHURRIED
@given(view=VIEWS)
def test_nobody_is_ever_notified(view: View) -> None:
    payload = render(view, "fr")
    text = shown(payload)
    assert rules.mentions(text, payload.get("entities", [])) == ()


@given(text=TEXTS)
def test_a_source_writes_no_command(text: str) -> None:
    view = View(blocks=(Headline(text=text, url="https://exemple.fr"), Text(text=text), Quote(text=text)))
    assert rules.commands(render(view, "fr")["text"]) == ()
    listed = View(blocks=(Headline(text="Liste"), Items(items=(Item(text=text, url="https://exemple.fr", note=text),))))
    assert rules.commands(render(listed, "fr")["text"]) == ()


def test_our_own_commands_can_be_touched() -> None:
    view = View(blocks=(Headline(text="Aide"), Items(items=(Item(text="/aide", note="Ce que je sais faire"),))))
    assert rules.commands(render(view, "fr")["text"]) == ("aide",)


@given(text=TEXTS)
@example(text="et/ou, 24/7, dsi@chu.fr, https://exemple.fr/a/b")
def test_text_is_read_as_it_was_written(text: str) -> None:
    assert rules.read(theirs(plain(text))) == plain(text)
    assert rules.read(ours(plain(text))) == plain(text)


@pytest.mark.parametrize("text", ["et/ou, 24/7 et km/h", "dsi@chu.fr", "https://exemple.fr/a/b", "#123 #sujet"])
def test_what_is_harmless_is_left_alone(text: str) -> None:
    assert theirs(text) == text


@given(text=TEXTS)
def test_hidden_and_turning_characters_are_gone(text: str) -> None:
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff\x00-\x09\x0b-\x1f\u2028]", plain(text))
    plain(text).encode()  # no lone surrogate either


@given(text=TEXTS, limit=st.integers(0, 400))
def test_a_cut_text_is_a_beginning_of_it(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= limit
    assert text.startswith(short.removesuffix("…"))


@given(listed=st.lists(st.tuples(SHORT, SHORT), max_size=12), text=SHORT)
def test_no_word_is_lost_when_there_is_room(listed: list[tuple[str, str]], text: str) -> None:
    items = tuple(Item(text=title, url="https://exemple.fr", note=note) for title, note in listed)
    blocks = (Headline(text=text, badge=text), Items(items=items), Facts(rows=((text, text),)), Note(text=text))
    said = rules.read(render(View(blocks=blocks), "fr")["text"])
    for item in items:
        assert line(item.text) in said and line(item.note) in said
    assert said.count(line(text)) >= 5 or not line(text)


@UNHURRIED
@given(view=VIEWS)
def test_headline_number_and_buttons_survive_any_length(view: View) -> None:
    kept = (Headline(text="Faille critique"), *view.blocks, Actions(actions=(Action(label="Pris", press="take:1:x"),)))
    payload = render(View(blocks=(*kept, Note(text="Exemple · #123"))), "fr")
    text = shown(payload)
    assert text.startswith("Faille critique") and text.endswith("Exemple · #123")
    labels = [button["text"] for row in payload["reply_markup"]["inline_keyboard"] for button in row]
    assert labels[-1] == "Pris"
    assert all(len(row) <= 3 for row in payload["reply_markup"]["inline_keyboard"])


@UNHURRIED
@given(count=st.integers(1, 300), width=st.integers(1, 400))
def test_items_that_do_not_fit_are_counted(count: int, width: int) -> None:
    items = tuple(Item(text=f"{n:03} {'x' * width}", url="https://exemple.fr") for n in range(count))
    text = render(View(blocks=(Headline(text="Liste"), Items(items=items))), "fr")["text"]
    shown = len(re.findall(r"^• \d{3} ", text, re.MULTILINE))
    left = re.search(r"… et (\d+) autres?$", text)
    assert shown + (int(left[1]) if left else 0) == count
    assert shown > 0


def test_a_post_says_its_parts_in_order() -> None:
    view = View(
        blocks=(
            Headline(text="Faille dans un pare-feu", url="https://exemple.fr/avis", badge="Critique · vulnérabilité"),
            Text(text="Appliquer le correctif."),
            Facts(rows=(("CVE", "CVE-2026-1234"),)),
            Quote(text="Exploitée.", source="Avis fictif"),
            Actions(actions=(Action(label="Je m’en occupe", press="take:1:abc", style=Style.PRIMARY),)),
            Note(text="Source fictive · #12"),
        ),
        severity=Severity.CRITICAL,
        silent=True,
    )
    badge, title = "🔴 Critique · vulnérabilité", "Faille dans un pare-feu"
    text = (
        f"{badge}\n{title}\n\nAppliquer le correctif.\n\nCVE\u00a0: CVE-2026-1234\n\nExploitée.\n— Avis fictif\n\n"
        "Source fictive · #12"
    )
    at = size(badge) + 1
    facts, quote, note = (size(text[: text.index(words)]) for words in ("CVE\u00a0", "Exploitée", "Source fictive"))
    assert render(view, "fr") == {
        "text": text,
        "entities": [
            {"type": "bold", "offset": 0, "length": size(badge)},
            {"type": "bold", "offset": at, "length": len(title)},
            {"type": "text_link", "url": "https://exemple.fr/avis", "offset": at, "length": len(title)},
            {"type": "bold", "offset": facts, "length": 3},
            {"type": "blockquote", "offset": quote, "length": len("Exploitée.\n— Avis fictif")},
            {"type": "italic", "offset": note, "length": len("Source fictive · #12")},
        ],
        "link_preview_options": {"is_disabled": True},
        "reply_markup": {"inline_keyboard": [[{"text": "Je m’en occupe", "callback_data": "take:1:abc"}]]},
        "disable_notification": True,
    }


@given(pieces=EXTRACTS)
def test_an_extract_notifies_nobody_and_is_read_as_it_was_written(pieces: tuple[tuple[str, bool], ...]) -> None:
    short = tuple((text[:20], is_found) for text, is_found in pieces if line(text[:20]))
    payload = render(View(blocks=(Items(items=(Item(text="Titre", url="https://exemple.fr", extract=short),)),)), "fr")
    assert problems(payload) == []
    assert rules.mentions(payload["text"], payload["entities"]) == rules.commands(payload["text"]) == ()
    for text, _ in short:
        assert line(text) in rules.read(payload["text"])


def test_the_words_that_were_looked_for_are_bold() -> None:
    pieces = (("la panne d’", False), ("établissements", True), (" de santé ", False))
    payload = render(View(blocks=(Items(items=(Item(text="Titre", extract=pieces),)),)), "fr")
    assert payload["text"] == "• Titre\nla panne d’établissements de santé"
    assert payload["entities"] == [{"type": "bold", "offset": 19, "length": 14}]


@pytest.mark.parametrize(
    ("labels", "width"), [(("Français", "English", "Autre"), 2), (("Un libellé bien long", "B"), 1)]
)
def test_one_of_many_are_buttons_two_a_row_or_one_when_they_are_long(labels: tuple[str, ...], width: int) -> None:
    options = tuple(Action(label=label, press=f"set:{n}:x") for n, label in enumerate(labels))
    rows = render(View(blocks=(Options(hint="Choisir", options=options),)), "fr")["reply_markup"]["inline_keyboard"]
    assert [button["text"] for row in rows for button in row] == list(labels)
    assert max(map(len, rows)) == width


@given(form=FORMS, said=TEXTS, name=TEXTS, in_group=st.booleans())
def test_telegram_takes_whatever_question_is_asked(form: Form, said: str, name: str, in_group: bool) -> None:
    asked = Person(platform="telegram", id="7", name=name) if in_group else None
    payload = question(form, "12", "tocsin_essai_bot", said=said, asked=asked)
    assert problems(payload) == []
    shown = " ".join(payload["text"].split("\n")[:2])
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069]", shown)


def test_a_view_with_a_file_is_its_caption() -> None:
    view = View(blocks=(Headline(text="Échéances"), FILE))
    assert render(view, "fr") == {
        "caption": "Échéances",
        "caption_entities": [{"type": "bold", "offset": 0, "length": 9}],
    }
    assert attachments(view) == [FILE]


def test_a_view_without_words_is_no_empty_message() -> None:
    assert render(View(blocks=(Text(text="\u202e \x00"),)), "fr")["text"] == "…"


def test_a_press_that_telegram_would_refuse_is_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError, match="64 bytes"):
        render(View(blocks=(Actions(actions=(Action(label="Trop long", press="x" * 65),)),)), "fr")


@given(sentence=TEXTS)
def test_a_notice_holds_200_characters(sentence: str) -> None:
    assert size(notice(sentence)) <= 200


@pytest.mark.parametrize(
    "url", ["tg://user?id=1", "javascript:alert(1)", "http://a@exemple.fr", "exemple.fr", "http://"]
)
def test_only_addresses_of_the_web_are_linked(url: str) -> None:
    assert web_address(url) == ""


def test_a_chart_stands_in_letters_of_one_width() -> None:
    view = View(blocks=(Headline(text="Tendances"), Bars(rows=(("RGPD", 4), ("IA", 2)))))
    payload = render(view, "fr")
    assert payload["text"] == "Tendances\n\nRGPD 4 █████████\nIA   2 ████"
    assert {"type": "pre", "offset": 11, "length": len("RGPD 4 █████████\nIA   2 ████")} in payload["entities"]
