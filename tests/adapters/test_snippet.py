"""The short way to the text of simple HTML says what the long way says, or nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.html import joined, outline
from adapters.snippet import text_of


def by_parser(html: str) -> str:
    return joined([line for line in outline(html).lines if line.text])


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Un <strong>mot</strong>&nbsp;: deux.</p>\n<p>Trois</p>", "Un mot\u00a0: deux.\n\nTrois"),
        ("Une ligne<br/>une autre<br><br>un alinéa", "Une ligne\nune autre\n\nun alinéa"),
        ('<ul><li>un</li><li>deux</li></ul><p><a href="https://a.test/">Lire</a></p>', "un\n\ndeux\n\nLire"),
        ("AT&amp;T &lt;b&gt; l&rsquo;h&ocirc;pital", "AT&T <b> l’hôpital"),
        ("&amp;nbsp; et &amp;#8217;", "&nbsp; et &#8217;"),
        ("un<br> <br>deux", "un\n\ndeux"),
        (
            '<figure class="wp-block-image"><img src="a.png" alt="l&rsquo;h&ocirc;pital"/>'
            "<figcaption>Le\n  hall</figcaption></figure><p>Un</p>",
            "Le hall\n\nUn",
        ),
    ],
)
def test_flat_markup_is_read_without_a_parser(html: str, text: str) -> None:
    assert text_of(html) == text == by_parser(html)


@pytest.mark.parametrize(
    "html",
    [
        "<p>un<p>deux",
        "<b>un</i>",
        '<p hidden="">non</p>',
        '<span style="display: none">non</span>',
        "<table><tr><td>un</td></tr></table>",
        "<script>alert(1)</script>",
        "<!-- rien -->",
        "a < b",
        "&inconnue; &#150;",
        "&&#35;65;",
        "&#\u0663\u0669;",
        '<img alt="a > b">',
        "<p><div>un</div></p>",
        "<b>" * 301,
    ],
)
def test_what_it_takes_a_parser_to_read_is_left_to_it(html: str) -> None:
    assert text_of(html) is None


WORDS = (
    "mot",
    "&#35;",
    "#65;",
    "&amp;nbsp;",
    " ",
    "\n ",
    "é",
    "&nbsp;",
    "&amp;",
    "&#8217;",
    "&copy",
    "&",
    "\u00ad",
    "\u200b",
    "\u0085",
    "a > b",
)
TAGS = (
    "p",
    "div",
    "ul",
    "li",
    "h2",
    "blockquote",
    "figure",
    "figcaption",
    "b",
    "em",
    "span",
    "a",
    "code",
    "q",
    "table",
    "P",
)
ATTRIBUTES = (
    "",
    "",
    ' href="https://a.test/"',
    " href=''",
    ' class="x"',
    " hidden",
    ' style="display:none"',
    " href='b'",
)
TEXT = st.sampled_from((*WORDS, "<br>", "<br/>", "<br />", '<img src="https://a.test/i.png">', "<hr>", "</p>"))


def _inside(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    tagged = st.tuples(st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES), children)
    return st.one_of(
        st.lists(children, max_size=4).map("".join),
        tagged.map(lambda one: f"<{one[0]}{one[1]}>{one[2]}</{one[0]}>"),
    )


HTML = st.lists(st.recursive(TEXT, _inside, max_leaves=12), max_size=6).map("".join)


@settings(max_examples=400)
@given(HTML)
def test_both_ways_agree(html: str) -> None:
    assert text_of(html) in (None, by_parser(html))
