"""Which of a page's pictures an article is shown with."""

import pytest

from adapters.sources import load
from bot.domain.entry import Entry
from bot.ports import Page, ReadsArticle

URL = "https://journal-fictif.test/articles/6135/le-titre"
TEXT = (
    "<p>Le centre hospitalier imaginaire de Valmont a rouvert son annuaire, et chacun y retrouve enfin son voisin.</p>"
)
KIND = load("list")
assert isinstance(KIND, ReadsArticle)
READ = KIND.read


def image(above: str = "", header: str = "", body: str = "", below: str = "", meta: str = "") -> str:
    html = (
        f"<html><head>{meta}</head><body>{above}<h1>Un titre inventé pour Valmont</h1><p>24 sept. 2021 - 17:34,</p>"
        f"<p>Actualité - DSIH</p>{header}{TEXT}{body}{TEXT}<p>A lire également.</p>{below}</body></html>"
    )
    return READ(Page(url=URL, body=html.encode()), Entry(key="articles/6135", url=URL, title="x")).image


def test_what_the_page_declares_comes_first() -> None:
    meta = "<meta property='og:image' content='//images.test/partage.jpg'>"
    assert (
        image(meta=meta, header="<img src='/grande.jpg' width=2000 height=1000>") == "https://images.test/partage.jpg"
    )


def test_a_declared_logo_is_no_picture_of_the_article() -> None:
    meta = "<meta property='og:image' content='/static/logo.png'>"
    assert image(meta=meta, body="<img src='/i/une.jpg'>") == "https://journal-fictif.test/i/une.jpg"


@pytest.mark.parametrize("place", ["above", "header", "body"])
def test_a_picture_of_its_part_of_the_page_is_its_own(place: str) -> None:
    assert image(**{place: "<img src='../../i/une.jpg#x'>"}) == "https://journal-fictif.test/i/une.jpg"


def test_the_largest_is_taken_and_the_first_among_equals() -> None:
    small, large = "<img src='/a.jpg' width=120 height=120>", "<img src='/b.jpg' width='800px' height='600.0'>"
    assert image(header=small, body=large).endswith("/b.jpg")
    assert image(header="<img src='/a.jpg'>", body="<img src='/b.jpg'>").endswith("/a.jpg")


@pytest.mark.parametrize(
    "img",
    [
        "<img src='/pixel.gif'>",
        "<img src='/i/1.jpg' width=1 height=1>",
        "<img src='/i/1.jpg' height=40>",
        "<img src='/theme/icons/plume.png'>",
        "<img src='/avatars/ada.jpg'>",
        "<img src='/dessin.svg'>",
        "<img src='/i/1.jpg' alt='Logo de Valmont'>",
        "<img src='data:image/png;base64,AAAA'>",
        "<img src='javascript:alert(1)'>",
        "<img src='http://['>",
        "<img src=''>",
        "<img>",
        "<a href='https://annonceur.test/'><img src='/i/1.jpg'></a>",
        "<a href='/articles/7000/voisin'><img src='/i/1.jpg'></a>",
        "<aside><img src='/i/1.jpg'></aside>",
        "<noscript><img src='/i/1.jpg'></noscript>",
        f"<img src='/{'x' * 3000}.jpg'>",
    ],
)
@pytest.mark.parametrize("place", ["above", "header", "body"])
def test_decoration_adverts_and_neighbours_are_none(img: str, place: str) -> None:
    assert image(**{place: img}) == ""


def test_what_stands_below_the_article_or_in_the_sites_header_is_none_of_it() -> None:
    assert image(above="<header><img src='/bandeau.jpg'></header>", below="<img src='/i/voisin.jpg'>") == ""


def test_a_picture_loaded_late_or_linked_to_itself_is_found() -> None:
    late = "<img src='data:image/gif;base64,R0' data-src='/i/tard.jpg'>"
    assert image(header=late).endswith("/i/tard.jpg")
    assert image(header="<img srcset='/i/s.jpg 1x, /i/l.jpg 2x'>").endswith("/i/s.jpg")
    assert image(header="<a href='/i/grande.jpg'><img src='/i/petite.jpg'></a>").endswith("/i/petite.jpg")
    assert image(header=f"<a href='{URL}'><img src='/i/une.jpg'></a>").endswith("/i/une.jpg")


def test_a_picture_named_after_a_pixel_phone_is_one() -> None:
    assert image(header="<img src='/i/google-pixels-compares.jpg'>").endswith("/i/google-pixels-compares.jpg")
