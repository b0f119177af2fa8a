"""Payloads are shown as their platform would show them, and nothing in them reaches the browser as HTML."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.console import drawing, markup
from adapters.platforms.discord.render import render as discord
from adapters.platforms.telegram.render import render as telegram
from bot.view import Action, Actions, Facts, Headline, Item, Items, Note, Quote, Text, View

OURS = {"a", "b", "blockquote", "br", "button", "code", "div", "em", "pre", "s", "span", "strong", "u"}
ATTRIBUTES = {"class", "data-command", "href", "rel", "target", "type"}
HOSTILE = st.text(alphabet=st.sampled_from("<>&\"'/\\*_~`|[]()@#:!- \nabjs\u202eé😀")) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "[clic](javascript:alert(1))",
        "https://exemple.fr/\"onmouseover='x'",
        "<a href='https://exemple.fr'>x</a>",
        "&lt;b&gt; &amp;#60;",
    ]
)


class Seen(HTMLParser):
    """Every tag and attribute a browser would find."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.said = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.said += data


def assert_harmless(page: str) -> None:
    seen = Seen(page)
    assert seen.tags <= OURS and seen.attributes <= ATTRIBUTES
    assert all(link.startswith(("http://", "https://")) for link in seen.links)


@given(HOSTILE)
def test_no_text_becomes_html_of_its_own(text: str) -> None:
    assert_harmless(markup.discord(text))
    assert_harmless(markup.telegram({"text": text}))


@given(HOSTILE, st.integers(0, 12), st.integers(0, 30), st.sampled_from([*markup.ENTITIES, "text_link", "unheard_of"]))
def test_no_entity_becomes_html_of_its_own(text: str, offset: int, length: int, kind: str) -> None:
    entity = {"type": kind, "offset": offset, "length": length, "url": text}
    nested = {"type": "italic", "offset": offset, "length": max(0, length - 2)}
    assert_harmless(markup.telegram({"text": text, "entities": [entity, nested]}))


@given(HOSTILE, HOSTILE)
def test_what_a_source_writes_is_read_letter_by_letter_in_both_rooms(title: str, text: str) -> None:
    view = View(
        blocks=(
            Headline(text=title, url="https://exemple.fr/1", badge="Critique"),
            Text(text=text),
            Facts(rows=((text, title),)),
            Quote(text=text, source=title),
            Items(items=(Item(text=title, url="https://exemple.fr/2", note=text),)),
            Actions(actions=(Action(label=title, press="take:1:0123456789abcdef"),)),
            Note(text=text),
        )
    )
    for drawn in (drawing.telegram(telegram(view, "fr")), drawing.discord(discord(view, "fr"))):
        pieces = [drawn.text, *(part for embed in drawn.embeds for part in (embed.title, embed.text))]
        assert_harmless("".join(pieces))
        assert not {"script", "img"} & Seen("".join(pieces)).tags
        assert 'class="mention"' not in "".join(pieces)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**gras** et *penché*", "<div><strong>gras</strong> et <em>penché</em></div>"),
        (r"\*pas penché\* \<@12>", "<div>*pas penché* &lt;@12&gt;</div>"),
        ("__souligné__ ~~barré~~", "<div><u>souligné</u> <s>barré</s></div>"),
        ("nom_de_fichier_long", "<div>nom_de_fichier_long</div>"),
        ("`<b>`", "<div><code>&lt;b&gt;</code></div>"),
        ("> cité\nlibre", "<blockquote><div>cité</div></blockquote><div>libre</div>"),
        ("-# petit", '<div class="small">petit</div>'),
        ("[clic](javascript:alert(1))", "<div>[clic](javascript:alert(1))</div>"),
    ],
)
def test_discord_markdown_is_read_as_discord_reads_it(written: str, shown: str) -> None:
    assert markup.discord(written) == shown


def test_a_mention_that_got_through_is_seen() -> None:
    assert markup.discord("@everyone <@&12>", {"@&12": "@rôle"}).count('class="mention"') == 2
    assert 'class="mention"' in markup.telegram({"text": "bonjour @quelquun"})


def test_entities_count_utf_16_units() -> None:
    payload: Mapping[str, Any] = {"text": "😀 gras fin", "entities": [{"type": "bold", "offset": 3, "length": 4}]}
    assert markup.telegram(payload) == "😀 <strong>gras</strong> fin"


def test_nested_entities_nest() -> None:
    bold = {"type": "bold", "offset": 0, "length": 9}
    link = {"type": "text_link", "offset": 5, "length": 4, "url": "https://exemple.fr/"}
    drawn = markup.telegram({"text": "voir cela", "entities": [link, bold]})
    assert drawn.startswith("<strong>voir <a ") and drawn.endswith(">cela</a></strong>")


def test_a_button_leads_to_the_web_or_nowhere() -> None:
    row = [{"text": "x", "url": "javascript:alert(1)"}, {"text": "y", "url": "https://exemple.fr"}]
    drawn = drawing.telegram({"text": "", "reply_markup": {"inline_keyboard": [row]}})
    assert [button.url for button in drawn.buttons] == ["", "https://exemple.fr"]


def test_what_stands_in_a_block_of_code_is_shown_as_it_is() -> None:
    page = markup.discord("avant\n\n```\nIA  40 ████ **x** <b>\nHDS  1 █\n```\n\naprès")
    assert_harmless(page)
    assert "<pre>IA  40 ████ **x** &lt;b&gt;\nHDS  1 █</pre>" in page
    assert page.count("avant") == page.count("après") == 1
