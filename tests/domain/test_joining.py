"""Which deadline a claim speaks of."""

from dataclasses import replace
from datetime import UTC, date, datetime

from bot.domain.deadline import Claim, Deadline, Edge
from bot.domain.ids import ArticleId, DeadlineId, SourceId
from bot.domain.joining import join

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
FILES = "dépôt des dossiers"


def claim(day: str, what: str = FILES, *, stage: str = "domaine 2", **changes: object) -> Claim:
    made = Claim(
        date=date.fromisoformat(f"2026-{day}"),
        edge=Edge.CLOSE,
        what=what,
        phrase="",
        programme="care",
        stage=stage,
        source=SourceId(1),
        article=ArticleId(1),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the names are those of Claim


def deadline(number: int, *claims: Claim, subject: str = "depot des dossiers") -> Deadline:
    programme, stage, edge, region = claims[0].key
    return Deadline(
        id=DeadlineId(number),
        programme=programme,
        stage=stage,
        edge=edge,
        region=region,
        subject=subject,
        claims=claims,
    )


def joined(*claims: Claim, own: tuple[Deadline, ...] = (), known: tuple[Deadline, ...] = ()) -> list[int | None]:
    return [one.id if one else None for _, one in join(claims, own, known, NOW)]


def test_a_day_that_stays_keeps_its_deadline_whatever_is_put_before_it() -> None:
    assert joined(claim("04-02"), claim("04-30"), own=(deadline(1, claim("04-30")),)) == [None, 1]


def test_of_two_that_move_the_first_stays_the_first() -> None:
    own = (deadline(1, claim("04-30")), deadline(2, claim("05-15")))
    assert joined(claim("05-01"), claim("05-16"), own=own) == [1, 2]


def test_two_sources_that_give_one_day_mean_one_deadline_in_whatever_words() -> None:
    assert joined(claim("04-30", "inscription"), known=(deadline(1, claim("04-30")),)) == [1]


def test_another_day_in_other_words_is_another_deadline_unless_the_text_moves_it() -> None:
    known = (deadline(1, claim("04-30")),)
    assert joined(claim("12-15", "dépôt des preuves"), known=known) == [None]
    assert joined(claim("05-15", "dépôt des candidatures", moves=True), known=known) == [1]


def test_what_may_be_meant_is_not_guessed_among_several() -> None:
    known = (deadline(1, claim("04-30")), deadline(2, claim("06-30"), subject="depot des dossiers +"))
    assert joined(claim("05-15"), known=known) == [None]


def test_an_article_that_gives_up_one_thing_for_another_moves_nothing() -> None:
    assert joined(claim("04-02", "inscription"), own=(deadline(1, claim("04-30")),)) == [None]
    assert joined(claim("04-02", "échéance"), own=(deadline(1, claim("04-30")),)) == [1]


def test_what_is_long_over_is_moved_by_nobody() -> None:
    over = deadline(1, claim("01-02"))
    assert joined(claim("04-30"), own=(over,)) == [None]
    assert joined(claim("04-30", moves=True), known=(over,)) == [None]
    lately = deadline(2, claim("03-02"))
    assert joined(claim("04-30"), own=(lately,)) == [2]
    assert joined(claim("04-30"), known=(lately,)) == [None]
    assert joined(claim("04-30", moves=True), known=(lately,)) == [2]
