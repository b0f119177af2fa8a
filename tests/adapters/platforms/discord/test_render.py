"""Whatever comes from a source, Discord takes the message, nobody is pinged, and what is read is what was written."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.plain import cut, line, plain, size
from adapters.platforms.discord.components import window
from adapters.platforms.discord.markdown import escape, web_address
from adapters.platforms.discord.render import notice, render
from bot.domain.alert import Severity
from bot.domain.command import Form
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
from tests.stands.discord_rules import message_problems, pings, read, read_message, window_problems

SIGNS = "\\`*_~|#>-+.:/()[]<>@!&1t \n\tabé\u202e\u200b\x00\u2028\ud83d😀"
WORDS = [
    *("@everyone", "@here", "<@123456>", "<@&1300000000000000000>", "<#12>", "</help:123>", "<id:guide>"),
    *("<t:1700000000:R>", "<:a:123456>", "[clic](https://example.org)", "https://example.org/a_b", "](", "mot"),
    *("# ", "## ", "-# ", "> ", ">>> ", "- ", "* ", "1. ", "**", "__", "~~", "||", "```", "`", "_", "\\", " ", "\n"),
]
HOSTILE = st.lists(st.sampled_from(WORDS), max_size=12).map("".join)
TEXTS = st.one_of(HOSTILE, st.text(max_size=60), st.text(SIGNS, max_size=60), st.text(min_size=200, max_size=9000))
URLS = st.one_of(st.just(""), st.just("https://example.org/(a)?b=[c]&d=_e_"), TEXTS, TEXTS.map("https://h/".__add__))
EXTRACTS = st.lists(st.tuples(TEXTS, st.booleans()), max_size=6).map(tuple)
ITEM = st.builds(Item, text=TEXTS, url=URLS, note=TEXTS, extract=EXTRACTS)
ACTION = st.builds(
    Action,
    label=TEXTS,
    press=st.text("abc:=0", max_size=120),
    url=URLS,
    style=st.sampled_from(Style),
    asks=st.booleans(),
)
BLOCK = st.one_of(
    st.builds(Headline, text=TEXTS, url=URLS, badge=TEXTS),
    st.builds(Text, text=TEXTS),
    st.builds(Facts, rows=st.lists(st.tuples(TEXTS, TEXTS), max_size=40).map(tuple)),
    st.builds(Bars, rows=st.lists(st.tuples(TEXTS, st.integers(0, 10**6)), max_size=30).map(tuple)),
    st.builds(Quote, text=TEXTS, source=TEXTS),
    st.builds(Items, items=st.lists(ITEM, max_size=40).map(tuple), title=TEXTS),
    st.builds(Note, text=TEXTS),
    st.builds(Actions, actions=st.lists(ACTION, max_size=12).map(tuple)),
    st.builds(Options, hint=TEXTS, options=st.lists(ACTION, max_size=40).map(tuple)),
)
FORMS = st.builds(
    Form, title=TEXTS, label=TEXTS, press=st.just("note:1:x"), hint=TEXTS, value=TEXTS, most=st.integers(0, 9000)
)
UNHURRIED = settings(deadline=None)  # the longest views take a busy machine more than the usual 200 ms
VIEWS = st.builds(
    View,
    blocks=st.lists(BLOCK, max_size=8).map(tuple),
    severity=st.sampled_from([None, *Severity]),
    silent=st.booleans(),
    mention=st.sampled_from(["", "1300000000000000000", "everyone", "12>@everyone"]),
)
ROLE = "1300000000000000000"


@UNHURRIED
@given(view=VIEWS, language=st.sampled_from(["fr", "en"]))
def test_discord_accepts_whatever_is_rendered(view: View, language: str) -> None:
    assert list(message_problems(render(view, language))) == []


@UNHURRIED
@given(view=VIEWS)
def test_only_the_configured_role_is_ever_mentioned(view: View) -> None:
    payload = render(view, "fr")
    assert pings(payload) == ((ROLE,) if view.mention == ROLE else ())
    assert payload["allowed_mentions"]["parse"] == []
    assert re.fullmatch(r"|…|<@&\d+>", payload["content"])


@given(text=TEXTS)
@example(text="1. un\n- deux\n# trois")
@example(text="||secret|| ~~non~~ https://example.org")
def test_text_is_read_as_it_was_written(text: str) -> None:
    assert read(escape(plain(text))) == plain(text)


@given(text=TEXTS)
def test_hidden_and_turning_characters_are_gone(text: str) -> None:
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff\x00-\x09\x0b-\x1f\u2028]", plain(text))
    plain(text).encode()  # no lone surrogate either


@given(text=TEXTS, limit=st.integers(0, 400))
def test_a_cut_text_is_a_beginning_of_it(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= limit
    assert text.startswith(short.removesuffix("…"))


@UNHURRIED
@given(view=VIEWS)
def test_headline_number_and_buttons_survive_any_length(view: View) -> None:
    kept = (Headline(text="Faille critique"), *view.blocks, Actions(actions=(Action(label="Pris", press="take:1:x"),)))
    buttons_before = sum(len(block.actions) for block in view.blocks if isinstance(block, Actions))
    payload = render(View(blocks=(*kept, Note(text="Exemple · #123"))), "fr")
    assert payload["embeds"][0]["title"] == "Faille critique"
    assert payload["embeds"][0]["footer"]["text"] == "Exemple · #123"
    labels = [one.get("label") for row in payload["components"] for one in row["components"]]
    assert "Pris" in labels or buttons_before >= 20


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
    )
    assert render(view, "fr") == {
        "content": "",
        "embeds": [
            {
                "title": "Critique · vulnérabilité · Faille dans un pare-feu",
                "url": "https://exemple.fr/avis",
                "fields": [{"name": "CVE", "value": "CVE-2026-1234", "inline": True}],
                "footer": {"text": "Source fictive · #12"},
                "description": "Appliquer le correctif.\n\n> Exploitée.\n— Avis fictif",
                "color": 0xDC2626,
            }
        ],
        "components": [
            {
                "type": 1,
                "components": [{"type": 2, "style": 1, "label": "Je m’en occupe", "custom_id": "take:1:abc"}],
            }
        ],
        "allowed_mentions": {"parse": []},
    }


def test_too_many_items_are_dropped_whole_and_counted() -> None:
    items = tuple(Item(text=f"Article numéro {n} " + "mot " * 20, url=f"https://exemple.fr/{n}") for n in range(100))
    description = render(View(blocks=(Items(items=items),)), "fr")["embeds"][0]["description"]
    *shown, left = description.split("\n")
    assert all(line.startswith("• [Article numéro") and line.endswith(")") for line in shown)
    assert left == f"… et {100 - len(shown)} autres"
    assert size(description) > 4096 - 200  # the room is used


def test_a_long_text_ends_at_a_sentence() -> None:
    description = render(View(blocks=(Text(text="Une phrase entière. " * 400),)), "fr")["embeds"][0]["description"]
    assert description.endswith("phrase entière.")


def test_a_silent_view_rings_nowhere() -> None:
    assert render(View(blocks=(Text(text="a"),), silent=True), "fr")["flags"] == 4096
    assert "flags" not in render(View(blocks=(Text(text="a"),)), "fr")


def test_a_headline_without_a_web_address_is_not_a_link() -> None:
    for url in ("javascript:alert(1)", "file:///etc/passwd", "https://", "https://[", "//exemple.fr", "https://a@b.fr"):
        assert "url" not in render(View(blocks=(Headline(text="Titre", url=url),)), "fr")["embeds"][0]


def test_an_address_is_written_so_that_it_cannot_end_its_link() -> None:
    assert web_address("https://hôpital.example/a (b)?c=é") == "https://xn--hpital-ixa.example/a%20%28b%29?c=%C3%A9"


@pytest.mark.parametrize("text", ["<b>gras</b>", "@everyone", "a\u202egro.elpmexe\u202c b", "snake_case *étoile*"])
def test_a_title_arrives_inert_and_whole(text: str) -> None:
    payload = render(View(blocks=(Headline(text=text, url="https://exemple.fr"),)), "fr")
    assert read_message(payload) == plain(text)
    assert pings(payload) == ()


@given(form=FORMS)
def test_discord_opens_whatever_window_is_asked_for(form: Form) -> None:
    assert list(window_problems(window(form))) == []


@given(pieces=EXTRACTS)
def test_an_extract_is_read_as_it_was_written(pieces: tuple[tuple[str, bool], ...]) -> None:
    short = tuple((text[:20], is_found) for text, is_found in pieces if line(text[:20]))
    view = View(blocks=(Items(items=(Item(text="Titre", extract=short),)),))
    said = read_message(render(view, "fr"))
    for text, _ in short:
        assert line(text) in said


def test_the_words_that_were_looked_for_are_bold() -> None:
    pieces = (("la panne d’", False), ("établissements", True), (" de santé", False))
    view = View(blocks=(Items(items=(Item(text="Titre", note="#1", extract=pieces),)),))
    description = render(view, "fr")["embeds"][0]["description"]
    assert description == "• Titre\nla panne d’**établissements** de santé\n-# #1"


def _options(count: int, *, asks: bool = False) -> tuple[Action, ...]:
    return tuple(Action(label=f"Choix {n}", press=f"set:{n}:abc", asks=asks) for n in range(count))


def test_one_of_many_is_a_menu_in_a_row_of_its_own() -> None:
    buttons = Actions(actions=(Action(label="Fermer", press="close:1:abc"),))
    view = View(blocks=(Options(hint="Choisir", options=_options(2)), buttons))
    assert render(view, "fr")["components"] == [
        {
            "type": 1,
            "components": [
                {
                    "type": 3,
                    "custom_id": "=0",
                    "options": [
                        {"label": "Choix 0", "value": "set:0:abc"},
                        {"label": "Choix 1", "value": "set:1:abc"},
                    ],
                    "placeholder": "Choisir",
                }
            ],
        },
        {"type": 1, "components": [{"type": 2, "style": 2, "label": "Fermer", "custom_id": "close:1:abc"}]},
    ]


def test_what_opens_a_window_says_so_before_the_core_is_asked() -> None:
    view = View(blocks=(Actions(actions=_options(1, asks=True)), Options(hint="", options=_options(1, asks=True))))
    (button,), (menu,) = (row["components"] for row in render(view, "fr")["components"])
    assert button["custom_id"] == menu["options"][0]["value"] == "?set:0:abc"


def test_short_of_rows_buttons_stay_before_menus_do() -> None:
    menus = [Options(hint=f"Menu {n}", options=_options(3)) for n in range(5)]
    view = View(blocks=(*menus, Actions(actions=(Action(label="Fermer", press="close:1:abc"),))))
    rows = [row["components"] for row in render(view, "fr")["components"]]
    assert [row[0]["type"] for row in rows] == [3, 3, 3, 3, 2]


def test_a_menu_offers_no_more_than_twenty_five() -> None:
    (row,) = render(View(blocks=(Options(hint="", options=_options(40)),)), "fr")["components"]
    assert len(row["components"][0]["options"]) == 25


def test_a_long_answer_is_typed_on_several_lines() -> None:
    styles = [
        window(Form(title="t", label="l", press="a:1:b", most=most))["components"][0]["component"]["style"]
        for most in (300, 301)
    ]
    assert styles == [1, 2]


def test_an_attachment_leaves_no_trace_in_the_payload() -> None:
    file = Attachment(name="a.ics", media_type="text/calendar", content=b"BEGIN")
    assert render(View(blocks=(file,)), "fr")["embeds"] == []


@given(sentence=TEXTS)
def test_a_notice_is_private_and_fits(sentence: str) -> None:
    body = notice(sentence)
    assert list(message_problems(body, ephemeral_allowed=True)) == []
    assert body["flags"] == 64
    assert pings(body) == ()


def test_a_chart_stands_in_a_block_of_code_which_no_name_can_end() -> None:
    view = View(blocks=(Headline(text="Tendances"), Bars(rows=(("RGPD", 4), ("```@everyone", 2)))))
    (embed,) = render(view, "fr")["embeds"]
    assert embed["description"] == "```\nRGPD         4 █████████\n'''@everyone 2 ████\n```"
