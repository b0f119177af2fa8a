"""docs/gallery.md shows what people get today."""

from tests.gallery import drawing
from tests.gallery.page import PAGE, page


async def test_the_gallery_is_what_the_renderers_draw_now() -> None:
    assert PAGE.read_text("utf-8") == await page(), "what is said has changed: run `make gallery`"


def test_formatting_is_shown_where_it_stands_and_what_looks_like_it_is_not() -> None:
    text = "🔴 a <b> lien"
    entities = [
        {"type": "bold", "offset": 0, "length": 2},
        {"type": "text_link", "offset": 9, "length": 4, "url": "https://exemple.test/?a=1&b"},
        {"type": "bold", "offset": 9, "length": 4},
    ]
    assert drawing.telegram({"text": text, "entities": entities}) == (
        '<b>🔴</b> a &lt;b&gt; <a href="https://exemple.test/?a=1&amp;b"><b>lien</b></a>'
    )


def test_an_embed_is_drawn_behind_a_bar_with_its_buttons_below() -> None:
    payload = {
        "content": "",
        "embeds": [{"title": "Un titre", "description": "deux\nlignes", "footer": {"text": "#1"}}],
        "components": [{"components": [{"label": "Oui"}, {"label": "Non"}]}],
    }
    assert drawing.discord(payload).splitlines() == ["│ Un titre", "│ deux", "│ lignes", "│ -# #1", "[Oui] [Non]"]
