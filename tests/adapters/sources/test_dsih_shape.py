"""One shape in many markups: a trade journal's pages, generated. Facts, names and establishments are all invented.

Of each page, everything is required exactly: title, moment, genre, authors, paragraphs, picture; and nothing of its
neighbours. The shape: adverts that load, the title, "24 sept. 2021 - 17:34,", "Tribune - Par Me X" on one line or
three, the text with its footnotes, a question to the reader, cards of other articles with dates of their own, a box.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources import load
from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.ports import Page, ReadsArticle

SITE = "https://journal-fictif.test"
SOURCE = Source(slug="journal", title="Journal", url=f"{SITE}/articles")
KIND = load("list")
assert isinstance(KIND, ReadsArticle)
READ = KIND.read


@dataclass(frozen=True, kw_only=True)
class Stamp:
    shown: str
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class By:
    kind: str
    names: str
    genre: str
    authors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Story:
    number: int
    title: str
    stamp: Stamp
    by: By
    paragraphs: tuple[str, ...]
    teaser: str = ""
    inside: tuple[str, str] | None = None  # after the first paragraph: as it is written, as it is read
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        inside = [self.inside[1]] if self.inside else []
        return "\n\n".join((self.paragraphs[0], *inside, *self.paragraphs[1:], *self.notes))

    @property
    def blocks(self) -> tuple[str, ...]:
        inside = [self.inside[0]] if self.inside else []
        return self.paragraphs[0], *inside, *self.paragraphs[1:]


STAMPS = (
    Stamp(shown="24 sept. 2021 - 17:34,", at=datetime(2021, 9, 24, 15, 34, tzinfo=UTC)),  # summer
    Stamp(shown="03 jan. 2023 - 10:37,", at=datetime(2023, 1, 3, 9, 37, tzinfo=UTC)),  # winter
    Stamp(shown="17 fév. 2026 - 09:48", at=datetime(2026, 2, 17, 8, 48, tzinfo=UTC)),
    Stamp(shown="23 avril 2024 - 11:08,", at=datetime(2024, 4, 23, 9, 8, tzinfo=UTC)),
    Stamp(shown="1er août 2025 - 08:05", at=datetime(2025, 8, 1, 6, 5, tzinfo=UTC)),
    Stamp(shown="07 mars 2017 - 10:20,", at=datetime(2017, 3, 7, 9, 20, tzinfo=UTC)),
    Stamp(shown="31\u00a0déc.\u00a02024\u202f-\u202f23:59,", at=datetime(2024, 12, 31, 22, 59, tzinfo=UTC)),
    Stamp(shown="30 mars 2025 - 03:10,", at=datetime(2025, 3, 30, 1, 10, tzinfo=UTC)),  # the night clocks change
)
NO_STAMP = Stamp(shown="", at=None)
BYS = (
    By(kind="Actualité", names="DSIH", genre="actualité", authors=("DSIH",)),
    By(kind="Tribune", names="Cédric Carmin", genre="tribune", authors=("Cédric Carmin",)),
    By(kind="Tribune", names="Par Me Noémie Mandel", genre="tribune", authors=("Noémie Mandel",)),
    By(
        kind="Tribune",
        names="Alexandre Fleury, Gaétan Dufour et Alice Robin de Derval Associés",
        genre="tribune",
        authors=("Alexandre Fleury", "Gaétan Dufour", "Alice Robin"),
    ),
    By(
        kind="Actualité", names="Rédaction, avec Léo d’Arbois", genre="actualité", authors=("Rédaction", "Léo d’Arbois")
    ),
    By(kind="Communiqué", names="CH de Valmont", genre="communiqué", authors=("CH de Valmont",)),
)
TITLES = (
    "Cybersécurité : pour le directeur de Valmont, l’annuaire est le « cœur battant » de l’hôpital",
    "CVSS de niveau 10 : faut-il vraiment débrancher la cafetière\u00a0?",
    "Hébergement de données de santé, acte\u00a0II",
    "Panne du 12 mars 2024 : l’heure des comptes",
)
PARAGRAPHS = (
    "L’association imaginaire des responsables d’annuaires a réuni ce jeudi 23\u00a0septembre ses adhérents à Valmont. "
    "«\u00a0Nous n’avions pas tout prévu\u00a0», a reconnu sa présidente fictive, devant une salle comble.",
    "Pendant une heure, trois établissements inventés ont comparé leurs plans de reprise\u202f: le premier tient en "
    "une page, le deuxième en douze, le troisième n’a jamais été ouvert. Depuis le 1er janvier 2024, tous le sont.",
    "Même s’il est impossible de prédire la prochaine panne, quelques conseils simples ont été donnés aux "
    "équipes\u00a0: imprimer l’annuaire, essayer les téléphones de secours et nommer une seule voix [1].",
    "Le budget annoncé, 45\u00a0M€, sera versé avant le 30\u00a0juin 2026 aux lauréats de cet appel à projets fictif.",
)
LINK = '<a href="/articles/812/enquete">Relire notre enquête fictive sur les annuaires oubliés</a>'
INSIDE = (  # what stands between paragraphs, as it is written and as it is read
    ("<h3>Une leçon par jour</h3>", "Une leçon par jour"),
    ("<p><b>Et maintenant ?</b></p>", "Et maintenant ?"),
    ("<ul><li>imprimer l’annuaire ;</li><li>le relire.</li></ul>", "imprimer l’annuaire ;\n\nle relire."),
    (
        "<blockquote>«\u00a0Le papier ne tombe jamais en panne.\u00a0»</blockquote>",
        "«\u00a0Le papier ne tombe jamais en panne.\u00a0»",
    ),
    (
        "<figure><img src='/i/dedans.jpg' width=300 height=200><figcaption>La salle fictive</figcaption></figure>",
        "La salle fictive",
    ),
    (f"<p>{LINK}</p>", "Relire notre enquête fictive sur les annuaires oubliés"),
)
NOTES = ("[1] http://exemple.test/guide-de-reprise", "[2] https://exemple.test/decision-du-10-avril-2025")
TEASERS = (
    "Une fuite imaginaire occupe les esprits du groupement des Trois-Vallées, et ce voisin le raconte à sa façon...",
    "Impossible d’ignorer ce voisin bavard, qui explique en détail ce qu’un autre article aurait dû taire.",
    "Par décision du 10 avril 2025 [1], une autorité inventée a infligé une amende à ce voisin sans scrupules fi...",
    "Le premier rapport d’activité de la plateforme fictive des voisins vient d’être rendu public ce matin mê...",
)
NEIGHBOURS = tuple(
    Story(
        number=900 + n,
        title=title,
        stamp=STAMPS[n],
        by=BYS[n],
        paragraphs=(),
        teaser=TEASERS[n],
    )
    for n, title in enumerate(
        (
            "Groupement voisin : premier lauréat d’un programme inventé",
            "Ce que nous enseigne la grande panne des voisins",
            "Un hôpital voisin sanctionné pour un sous-traitant oublié",
            "Éthique voisine : premiers signaux d’alerte",
        )
    )
)


# -- markups ----------------------------------------------------------------------------------------------------------


def by_lines(by: By, lines: int) -> list[str]:
    return {
        1: [f"{by.kind} - {by.names}"],
        2: [by.kind, f"- {by.names}"],
        3: [by.kind, "-", by.names],
    }[lines]


def linked(text: str) -> str:
    """A footnote with its address as a link."""
    if "<" in text:
        return text
    return " ".join(f'<a href="{word}">{word}</a>' if word.startswith("http") else word for word in text.split(" "))


def in_divs(story: Story, lines: int, picture: str) -> str:
    body = "".join(f"<p>{linked(text)}</p>" for text in (*story.blocks, *story.notes))
    by = "".join(f"<div>{line}</div>" for line in by_lines(story.by, lines))
    date = f'<div class="date">{story.stamp.shown}</div>' if story.stamp.shown else ""
    return f"<div><h1>{story.title}</h1>{picture}<div>{date}{by}</div><div>{body}</div></div>"


def in_breaks(story: Story, lines: int, picture: str) -> str:
    head = "<br>\n".join([*([story.stamp.shown] if story.stamp.shown else []), *by_lines(story.by, lines)])
    body = "<br>\n<br/>".join(linked(text) for text in (*story.blocks, *story.notes))
    return f"<div>{picture}<h2>{story.title}</h2><div>{head}</div><div>{body}</div></div>"


def in_spans(story: Story, lines: int, picture: str) -> str:
    head = [*([story.stamp.shown] if story.stamp.shown else []), *by_lines(story.by, lines)]
    spans = " ".join(f"<span>{line}</span>" for line in head)
    body = "".join(f"<div><span>{linked(text)}</span></div>" for text in (*story.blocks, *story.notes))
    return f"<section><h1><span>{story.title}</span></h1><p>{spans}</p>{picture}<div>{body}</div></section>"


def in_table(story: Story, lines: int, picture: str) -> str:
    rows = [*([story.stamp.shown] if story.stamp.shown else []), *by_lines(story.by, lines)]
    rows += [linked(text) for text in (*story.blocks, *story.notes)]
    cells = "".join(f"<tr><td>{row}</td></tr>" for row in rows)
    return f"<table><tr><td>{picture}<h1>{story.title}</h1></td></tr>{cells}</table>"


def in_sections(story: Story, lines: int, picture: str) -> str:
    by = "".join(f"<p>{line}</p>" for line in by_lines(story.by, lines))
    date = f"<p><time>{story.stamp.shown}</time></p>" if story.stamp.shown else ""
    body = "".join(f"<p>{linked(text)}</p>" for text in story.blocks)
    notes = "".join(f"<li>{linked(note)}</li>" for note in story.notes)
    return (
        f"<article><header>{picture}<h1>{story.title}</h1>{date}{by}</header>"
        f"<section>{body}</section><ul>{notes}</ul></article>"
    )


MARKUPS: dict[str, Callable[[Story, int, str], str]] = {
    "divs": in_divs,
    "breaks": in_breaks,
    "spans": in_spans,
    "table": in_table,
    "sections": in_sections,
}


def linked_card(one: Story, href: str) -> str:
    by = f"<span>{one.by.kind}</span> <span>- {one.by.names}</span>"
    return (
        f'<a href="{href}"><img src="/i/{one.number}.jpg" alt="Illustration {one.title}"><h3>{one.title}</h3>'
        f"<p>{one.stamp.shown}</p><p>{by}</p><p>{one.teaser}</p></a>"
    )


def open_card(one: Story, href: str) -> str:
    return (
        f'<div><p>Illustration {one.title}</p><img src="/i/{one.number}.jpg"><h3><a href="{href}">{one.title}</a></h3>'
        f"<div>{one.stamp.shown}</div><div>{one.by.kind}</div><div>-<br>{one.by.names}</div><div>{one.teaser}</div></div>"
    )


def twice_linked_card(one: Story, href: str) -> str:
    return (
        f'<li><a href="{href}"><img src="/i/{one.number}.jpg" alt="Illustration {one.title}"></a>'
        f'<a href="{href}"><b>{one.title}</b></a><br>{one.stamp.shown}<br>{one.by.kind}<br>- {one.by.names}<br>'
        f"{one.teaser}</li>"
    )


CARDS: dict[str, Callable[[Story, str], str]] = {
    "linked": linked_card,
    "open": open_card,
    "twice linked": twice_linked_card,
}


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a page is written."""

    markup: str = "divs"
    card: str = "linked"
    lines: int = 1  # of the byline
    adverts: int = 3
    picture: str = ""  # src of the article's own
    declared: str = ""  # og:image
    asks: bool = True
    boxed: bool = True
    ends: str = "A lire également."


def page_of(story: Story, shape: Shape) -> Page:
    picture = f'<img src="{shape.picture}" alt="Illustration">' if shape.picture else ""
    meta = f'<meta property="og:image" content="{shape.declared}">' if shape.declared else ""
    cards = "".join(CARDS[shape.card](one, f"/articles/{one.number}/voisin") for one in NEIGHBOURS)
    html = "".join(
        (
            f"<!DOCTYPE html><html lang=fr><head><title>{story.title}</title>{meta}</head><body>",
            '<header><a href="/"><img src="/logo.png" alt="Logo du journal"></a><nav><a href="/articles">Tous les '
            "articles du journal fictif</a></nav></header>",
            "<div>Publicité en cours de chargement...</div>" * shape.adverts,
            MARKUPS[shape.markup](story, shape.lines, picture),
            '<img src="/compteur.gif" width="1" height="1">',
            "<p>Avez-vous apprécié ce contenu ?</p>" if shape.asks else "",
            f"<h2>{shape.ends}</h2><div>{cards}</div>",
            "<div><h4>Lettre d'information.</h4><p>Ne manquez rien de la e-santé et des systèmes d’informations "
            "hospitaliers !</p><p>Inscrivez-vous à notre lettre d’information hebdomadaire.</p></div>"
            if shape.boxed
            else "",
            "</body></html>",
        )
    )
    return Page(url=f"{SITE}/articles/{story.number}/le-titre", body=html.encode())


def stories() -> st.SearchStrategy[Story]:
    return st.builds(
        Story,
        number=st.integers(1000, 9999),
        title=st.sampled_from(TITLES),
        stamp=st.sampled_from((*STAMPS, NO_STAMP)),
        by=st.sampled_from(BYS),
        paragraphs=st.lists(st.sampled_from(PARAGRAPHS), min_size=1, max_size=4, unique=True).map(tuple),
        inside=st.sampled_from([None, *INSIDE]),
        notes=st.sampled_from([(), NOTES[:1], NOTES]),
    )


def shapes() -> st.SearchStrategy[Shape]:
    return st.builds(
        Shape,
        markup=st.sampled_from(sorted(MARKUPS)),
        card=st.sampled_from(sorted(CARDS)),
        lines=st.integers(1, 3),
        adverts=st.integers(1, 3),
        picture=st.sampled_from(["", "/i/une.jpg", "https://images.test/une.webp?l=640"]),
        declared=st.sampled_from(["", f"{SITE}/i/partage.jpg"]),
        asks=st.booleans(),
        boxed=st.booleans(),
        ends=st.sampled_from(["A lire également.", "À lire également", "A LIRE\u00a0ÉGALEMENT :"]),
    )


def image_of(story: Story, shape: Shape) -> str:
    own = f"{SITE}{shape.picture}" if shape.picture.startswith("/") else shape.picture
    inside = f"{SITE}/i/dedans.jpg" if story.inside and "dedans" in story.inside[0] else ""
    return shape.declared or own or inside


def assert_is(found: Entry, story: Story, shape: Shape) -> None:
    plain = (found.title, found.published, found.genre, found.authors, found.image)
    assert plain == (story.title, story.stamp.at, story.by.genre, story.by.authors, image_of(story, shape))
    assert found.text == story.text
    assert "voisin" not in found.text + found.summary


# -- an article's page ------------------------------------------------------------------------------------------------


@settings(max_examples=120, deadline=None)
@given(stories(), shapes())
def test_an_articles_page_says_everything_of_it_and_nothing_of_its_neighbours(story: Story, shape: Shape) -> None:
    page = page_of(story, shape)
    entry = Entry(
        key=f"articles/{story.number}", url=page.url, title=story.title, summary=f"{story.paragraphs[0][:90]}..."
    )
    found = READ(page, entry)
    assert_is(found, story, shape)
    assert (found.key, found.url) == (entry.key, entry.url)
    assert found.summary == story.paragraphs[0]


@settings(max_examples=60, deadline=None)
@given(stories(), shapes())
def test_an_articles_page_given_alone_is_that_article(story: Story, shape: Shape) -> None:
    (found,) = KIND.parse(page_of(story, shape), SOURCE)
    assert_is(found, story, shape)
    assert found.key == f"articles/{story.number}"


@pytest.mark.parametrize("markup", sorted(MARKUPS))
@pytest.mark.parametrize("card", sorted(CARDS))
def test_a_title_that_was_corrected_since_the_list_is_the_pages(markup: str, card: str) -> None:
    story = Story(number=6135, title=TITLES[0], stamp=STAMPS[0], by=BYS[2], paragraphs=PARAGRAPHS[:2])
    shape = Shape(markup=markup, card=card)
    entry = Entry(key="articles/6135", url=f"{SITE}/articles/6135/x", title="Un tout autre titre, plus ancien")
    assert_is(READ(page_of(story, shape), entry), story, shape)


# -- the list ---------------------------------------------------------------------------------------------------------

ADDRESSES = (
    "/articles/{n}/le-titre",
    "/articles/{n}/un-autre-slug-{n}",
    "https://www.journal-fictif.test/articles/{n}/le-titre",
    "https://journal-fictif.test/m/articles/{n}/le-titre",
    "https://www.journal-fictif.test/article/{n}/le-titre.html",
    "/articles/{n}/le-titre?utm_source=lettre#haut",
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(STAMPS), st.sampled_from(BYS)), min_size=2, max_size=8),
    st.sampled_from(sorted(CARDS)),
    st.lists(st.sampled_from(ADDRESSES), min_size=9, max_size=9),
)
def test_a_list_gives_each_article_once_by_its_number(
    told: Sequence[tuple[Stamp, By]], card: str, addresses: Sequence[str]
) -> None:
    stories = [
        Story(
            number=7000 - n,
            title=f"{TITLES[n % 4]}, épisode {n}",
            stamp=stamp,
            by=by,
            paragraphs=(),
            teaser=TEASERS[n % 4],
        )
        for n, (stamp, by) in enumerate(told)
    ]
    cards = [CARDS[card](one, url.format(n=one.number)) for one, url in zip(stories, addresses, strict=False)]
    again = CARDS[card](stories[0], addresses[8].format(n=stories[0].number))
    html = f"{listing(cards)}<aside><h3>Les plus lus</h3>{again}</aside>"
    found = KIND.parse(Page(url=SOURCE.url, body=html.encode()), SOURCE)
    assert [entry.key for entry in found] == [f"articles/{one.number}" for one in stories]
    for entry, one in zip(found, stories, strict=True):
        plain = (entry.title, entry.published, entry.genre, entry.authors, entry.summary, entry.image)
        image = f"{SITE}/i/{one.number}.jpg"
        assert plain == (one.title, one.stamp.at, one.by.genre, one.by.authors, one.teaser, image)


def listing(cards: Sequence[str]) -> str:
    return (
        "<html><head><title>Tous les articles</title></head><body><header><a href='/'><img src='/logo.png'></a>"
        "</header>"
        "<div>Publicité en cours de chargement...</div><h1>Tous les articles</h1><div>"
        + "".join(f"<div>{card}</div>" for card in cards)
        + "</div></body></html>"
    )


def test_spellings_of_an_address_are_one_article() -> None:
    spellings = [address.format(n=6135) for address in ADDRESSES]
    for one, other in pairwise(spellings):
        story = Story(number=6135, title=TITLES[0], stamp=STAMPS[0], by=BYS[0], paragraphs=(), teaser=TEASERS[1])
        found = KIND.parse(
            Page(url=SOURCE.url, body=listing([open_card(story, one), open_card(story, other)]).encode()), SOURCE
        )
        assert [entry.key for entry in found] == ["articles/6135"]


# -- other shapes of the same -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("card", sorted(CARDS))
def test_a_brief_of_one_sentence_is_an_article_and_not_a_list_of_its_neighbours(card: str) -> None:
    story = Story(
        number=6135,
        title=TITLES[2],
        stamp=STAMPS[2],
        by=BYS[0],
        paragraphs=("Le décret imaginaire paraît demain, et Valmont est prêt.",),
    )
    shape = Shape(card=card, picture="/i/une.jpg")
    (found,) = KIND.parse(page_of(story, shape), SOURCE)
    assert_is(found, story, shape)


@pytest.mark.parametrize("markup", sorted(MARKUPS))
@pytest.mark.parametrize("card", sorted(CARDS))
def test_a_page_kept_as_a_file_without_date_and_address_is_still_one_article(markup: str, card: str) -> None:
    story = Story(number=6135, title=TITLES[0], stamp=NO_STAMP, by=BYS[3], paragraphs=PARAGRAPHS[:3])
    page = Page(url="file:///tmp/page.html", body=page_of(story, Shape(markup=markup, card=card)).body)
    (found,) = KIND.parse(page, SOURCE)
    assert (found.title, found.published, found.authors) == (story.title, None, story.by.authors)
    assert found.text == story.text


@pytest.mark.parametrize("around", ["<p><strong>{}</strong></p>", "<div class='titre'>{}</div>"])
def test_a_title_in_plain_letters_is_found_by_what_the_list_says(around: str) -> None:
    story = Story(number=6135, title=TITLES[1], stamp=STAMPS[4], by=BYS[2], paragraphs=PARAGRAPHS, notes=NOTES)
    shape = Shape(picture="/i/une.jpg")
    page = page_of(story, shape)
    body = page.body.decode().replace(f"<h1>{story.title}</h1>", around.format(story.title))
    entry = Entry(key="articles/6135", url=page.url, title=story.title)
    assert_is(READ(Page(url=page.url, body=body.encode()), entry), story, shape)
