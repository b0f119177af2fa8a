"""Articles to understand: every text is ours, every hospital in it is invented."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.domain.article import Article
from bot.domain.source import Trust

PUBLISHED = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday

# Anything a page may send: any character, lone surrogates too, and the pieces our patterns are about.
PIECES = (
    *(
        "CVE-2026-",
        "12345",
        "CVSS 9,8",
        " et -4321",
        "exploitée",
        " ",
        "\u00a0",
        "\n\n",
        ". ",
        "...",
        "…",
        "« ",
        " »",
        '"',
    ),
    *(
        "-",
        "(",
        ")",
        "[",
        "1er mars 2026",
        "M. ",
        "ﷺ",
        "\u202e",
        "\ud800",
        "👩‍⚕️",
        "l’",
        "Il ",
        "Publicité",
        "\0",
        "e\u0301",
    ),
)
ANY_TEXT = st.text(st.characters()) | st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=120).map("".join)


def article(
    title: str = "",
    body: str = "",
    *,
    chapeau: str = "",
    trust: Trust = Trust.PRESS,
    genre: str = "",
    topics: tuple[str, ...] = (),
    language: str | None = None,
    published: datetime | None = PUBLISHED,
) -> Article:
    return Article(
        url="https://news.example/1",
        title=title,
        body=body,
        chapeau=chapeau,
        trust=trust,
        genre=genre,
        source_topics=topics,
        language=language,
        published=published,
        first_seen=PUBLISHED,
    )
