"""Deadlines of sentences, each with what a reader would write in a calendar."""

import re
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.deadline import CONFIRM_BELOW, Claim, Edge, Precision
from bot.text import deadline_words
from bot.text.deadlines import find

MONDAY = datetime(2026, 1, 12, 8, tzinfo=UTC)
CLOSE, OPEN = Edge.CLOSE, Edge.OPEN


def only(text: str, published: datetime = MONDAY, title: str = "") -> Claim:
    (claim,) = find(text, published, title=title)
    return claim


def days(text: str, title: str = "") -> list[tuple[str, Edge]]:
    return [(claim.date.isoformat(), claim.edge) for claim in find(text, MONDAY, title=title)]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("le 30 juin 2026", "2026-06-30"),
        ("le 30\u00a0juin\u202f2026", "2026-06-30"),
        ("le mardi 30 juin 2026", "2026-06-30"),
        ("le 1er juillet 2026", "2026-07-01"),
        ("le 1ER AOUT 2026", "2026-08-01"),
        ("le 15 sept. 2026", "2026-09-15"),
        ("le 15 févr. 2026", "2026-02-15"),
        ("le 15 fe\u0301vrier 2026", "2026-02-15"),
        ("le 30/06/2026", "2026-06-30"),
        ("le 30.06.2026", "2026-06-30"),
        ("le 30/06/26", "2026-06-30"),
        ("le 30/06", "2026-06-30"),
        ("le 2026-06-30", "2026-06-30"),
        ("le 30 juin", "2026-06-30"),
        ("le 9 janvier 2027", "2027-01-09"),
        ("fin juin", "2026-06-30"),
        ("mi-juin", "2026-06-15"),
        ("début juin", "2026-06-10"),
        ("en juin 2026", "2026-06-30"),
        ("à la fin du mois", "2026-01-31"),
        ("à la fin du trimestre", "2026-03-31"),
        ("à la fin du semestre", "2026-06-30"),
        ("à la fin de l’année", "2026-12-31"),
        ("fin du T3", "2026-09-30"),
        ("au T1 2026", "2026-03-31"),
        ("au deuxième trimestre 2026", "2026-06-30"),
        ("au 1er semestre 2026", "2026-06-30"),
        ("vendredi", "2026-01-16"),
        ("vendredi prochain", "2026-01-16"),
        ("lundi", "2026-01-19"),
        ("ce mardi", "2026-01-13"),
        ("demain", "2026-01-13"),
    ],
)
def test_a_date_is_read_however_it_is_written(written: str, day: str) -> None:
    claim = only(f"Les dossiers sont à déposer au plus tard {written}.")
    assert (claim.date.isoformat(), claim.edge) == (day, CLOSE)


@pytest.mark.parametrize(
    ("sentence", "day"),
    [
        ("Le correctif est à appliquer sous 48 heures.", "2026-01-14"),
        ("Le correctif est à appliquer sous 48 h.", "2026-01-14"),
        ("Répondez au questionnaire d’ici trois semaines.", "2026-02-02"),
        ("Les pièces sont à transmettre dans un délai de 15 jours.", "2026-01-27"),
        ("Il vous reste une semaine pour candidater.", "2026-01-19"),
        ("Vous disposez d’un mois pour répondre.", "2026-02-12"),
        ("Vous avez dix jours à compter de ce jour pour répondre.", "2026-01-22"),
        ("Les dossiers sont à transmettre sous cinq jours ouvrés.", "2026-01-19"),
        ("Patches must be applied within 14 days.", "2026-01-26"),
    ],
)
def test_a_delay_counts_from_the_publication(sentence: str, day: str) -> None:
    assert only(sentence).date.isoformat() == day


@pytest.mark.parametrize(
    "sentence",
    [
        "Les lauréats ont deux mois à compter de la notification pour signer la convention.",
        "Les dossiers sont à déposer dans les trois mois suivant la publication de l’arrêté.",
        "Le dossier est à déposer un mois après la signature du contrat.",
    ],
)
def test_a_delay_from_an_event_without_a_date_gives_none(sentence: str) -> None:
    assert find(sentence, MONDAY) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dépôt des dossiers du 18 mars au 19 avril 2026.", [("2026-03-18", OPEN), ("2026-04-19", CLOSE)]),
        ("Candidatures entre le 2 et le 13 mars.", [("2026-03-02", OPEN), ("2026-03-13", CLOSE)]),
        ("Inscriptions du 5 janvier au 6 février 2026.", [("2026-02-06", CLOSE)]),
        ("Dépôt du 15 décembre 2026 au 15 janvier 2027.", [("2026-12-15", OPEN), ("2027-01-15", CLOSE)]),
        ("Dépôt du 15 décembre au 15 janvier 2027.", [("2026-12-15", OPEN), ("2027-01-15", CLOSE)]),
    ],
)
def test_a_span_opens_and_closes(text: str, expected: list[tuple[str, Edge]]) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Le guichet ouvrira le 2 mars et fermera le 30 avril.", [("2026-03-02", OPEN), ("2026-04-30", CLOSE)]),
        ("Le référentiel entre en vigueur le 1er avril.", [("2026-04-01", OPEN)]),
        ("À partir du 1er juillet, les dossiers sont déposés en ligne.", [("2026-07-01", OPEN)]),
        ("Le portail ouvre début octobre.", [("2026-10-01", OPEN)]),
        ("La campagne de déclaration ouvrira au T3 2026.", [("2026-07-01", OPEN)]),
        ("Le guichet ouvre aujourd’hui, 12 janvier 2026.", []),
        ("The call closes on 30 June 2026.", [("2026-06-30", CLOSE)]),
        ("Deadline: June 30, 2026.", [("2026-06-30", CLOSE)]),
        ("Northgate 7 reaches end of support on 31 August 2026.", [("2026-08-31", CLOSE)]),
    ],
)
def test_what_opens_and_what_closes_are_told_apart(text: str, expected: list[tuple[str, Edge]]) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("La clôture, fixée au 15 mai, est reportée au 30 mai.", [("2026-05-30", CLOSE)]),
        ("Le dépôt est prolongé jusqu’au 30 mai au lieu du 15 mai.", [("2026-05-30", CLOSE)]),
        ("La date limite, initialement prévue le 15 mai, est reportée au 30 mai 2026.", [("2026-05-30", CLOSE)]),
        ("La clôture est reportée du 15 au 30 mai.", [("2026-05-30", CLOSE)]),
        ("Clôture le 30 mai, et non plus le 15 mai.", [("2026-05-30", CLOSE)]),
    ],
)
def test_of_a_date_that_moved_the_new_one_counts(text: str, expected: list[tuple[str, Edge]]) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Calendrier\nClôture des candidatures\n30 avril 2026\nJury\n12 juin 2026", [("2026-04-30", CLOSE)]),
        ("30 avril 2026\nClôture des candidatures", [("2026-04-30", CLOSE)]),
        ("Date limite de dépôt : 30 avril 2026", [("2026-04-30", CLOSE)]),
        ("02/03/2026 – ouverture du guichet\n30/04/2026 – clôture", [("2026-03-02", OPEN), ("2026-04-30", CLOSE)]),
        (
            "Dates limites de dépôt :\nAide A : 20 mars\nAide B : 24 avril",
            [("2026-03-20", CLOSE), ("2026-04-24", CLOSE)],
        ),
        ("Calendrier\n3 mars 2026 : webinaire", []),
    ],
)
def test_milestones_of_a_table_are_read_with_their_labels(text: str, expected: list[tuple[str, Edge]]) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "L’arrêté du 3 juillet 2026 fixe la liste des dossiers.",
        "Le décret n° 2026-110 du 12 mars 2026 encadre les candidatures.",
        "Les critères ont été publiés le 14 janvier 2026 avec le formulaire.",
        "Depuis le 15 janvier 2026, les dossiers se déposent en ligne.",
        "Le congrès du 4 juin 2026 réunira les candidats.",
        "Le salon se tiendra du 19 au 21 mai 2026.",
        "La version 3.10.2026 du formulaire est en ligne.",
        "Le guichet a fermé le 9 janvier 2026.",
        "Elle fête ses quarante ans le 30 juin 2026.",
        "Un adjoint sera recruté d’ici la fin de l’année.",
        "Une remise de 20 % est accordée pour toute commande passée avant le 30 juin.",
        "Les éditeurs doivent déposer leurs dossiers avant le 30 juin.",
        "Les dossiers étaient à déposer avant le 31 février 2026.",
        "Deux ans de travaux ont été nécessaires.",
    ],
)
def test_a_date_of_another_kind_is_no_deadline(sentence: str) -> None:
    assert find(sentence, MONDAY) == []


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("30 juin 2026 à 18 h", datetime(2026, 6, 30, 16, tzinfo=UTC)),
        ("30 juin 2026, 18h30", datetime(2026, 6, 30, 16, 30, tzinfo=UTC)),
        ("30 juin 2026 à midi (heure de Paris)", datetime(2026, 6, 30, 10, tzinfo=UTC)),
        ("30 janvier 2026 à 18 heures", datetime(2026, 1, 30, 17, tzinfo=UTC)),
    ],
)
def test_an_hour_is_of_paris(written: str, at: datetime) -> None:
    claim = only(f"Les dossiers sont reçus jusqu’au {written}.")
    assert (claim.at, claim.precision, claim.phrase) == (at, Precision.HOUR, written)


def test_an_hour_may_stand_before_its_day_in_another_zone() -> None:
    claim = only("Applications are due by 5 pm UTC on 30 June 2026.")
    assert (claim.at, claim.phrase) == (datetime(2026, 6, 30, 17, tzinfo=UTC), "5 pm UTC on 30 June 2026")


def test_midnight_is_the_end_of_the_day_and_doubtful_after_before() -> None:
    until, before = only("Dépôt jusqu’au 1er mars à minuit."), only("Dépôt impératif avant le 1er mars à minuit.")
    assert until.date == before.date == date(2026, 3, 1)
    assert until.at is before.at is None
    assert until.confidence >= CONFIRM_BELOW > before.confidence


def test_a_weekday_that_is_not_the_dates_is_to_confirm() -> None:
    right, wrong = (
        only("Dépôt au plus tard le vendredi 13 février 2026."),
        only("Dépôt au plus tard le lundi 13 février 2026."),
    )
    assert right.date == wrong.date == date(2026, 2, 13)
    assert right.confidence >= CONFIRM_BELOW > wrong.confidence


def test_a_year_that_is_far_from_sure_is_to_confirm() -> None:
    near, far = only("Dépôt au plus tard le 13 mars."), only("Dépôt au plus tard le 20 décembre.")
    assert near.confidence >= CONFIRM_BELOW > far.confidence


def test_a_day_without_a_year_long_past_is_of_the_next_year() -> None:
    autumn = datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert only("Dépôt au plus tard le 31 janvier.", autumn).date == date(2027, 1, 31)
    assert find("Dépôt au plus tard le 30 septembre.", autumn) == []


@pytest.mark.parametrize(
    ("text", "programme", "stage", "what"),
    [
        (
            "CaRE domaine 2 : candidatures jusqu’au 10 mars.",
            "care",
            "domaine 2",
            "dépôt des candidatures CaRE domaine 2",
        ),
        ("Ségur, vague 2 : commandes jusqu’au 10 mars.", "segur", "vague 2", "commande Ségur vague 2"),
        ("Les entités NIS 2 se déclarent avant le 10 mars.", "nis2", "", "déclaration NIS 2"),
        ("Take care: applications close on 10 March.", "", "", "dépôt des candidatures"),
    ],
)
def test_a_deadline_is_named_by_what_is_done_and_its_programme(
    text: str, programme: str, stage: str, what: str
) -> None:
    claim = only(text)
    assert (claim.programme, claim.stage, claim.what) == (programme, stage, what)


def test_the_title_says_what_a_date_is_of_and_may_give_one() -> None:
    title = "Domaine 2 de CaRE : candidatez avant le 10 mars"
    claim = only("Le portail est ouvert.", title=title)
    assert (claim.phrase, claim.programme) == ("10 mars", "care")
    assert only("Les dossiers sont reçus jusqu’au 10 mars inclus.", title=title).stage == "domaine 2"


PHRASES = ("{d} {name} {y}", "{d:02}/{m:02}/{y}", "{d}.{m}.{y}", "{y}-{m:02}-{d:02}")
NAMES = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet"),
    *("août", "septembre", "octobre", "novembre", "décembre"),
)


@given(st.dates(MONDAY.date(), date(2099, 12, 31)), st.sampled_from(PHRASES))
def test_any_day_to_come_is_read_back(day: date, phrase: str) -> None:
    written = phrase.format(d=day.day, m=day.month, y=day.year, name=NAMES[day.month - 1])
    claim = only(f"Date limite : {written}")
    assert (claim.date, claim.phrase, claim.confidence >= CONFIRM_BELOW) == (day, written, True)


@given(st.dates(MONDAY.date(), MONDAY.date() + timedelta(days=244)))
def test_any_day_of_the_coming_months_is_read_back_without_its_year(day: date) -> None:
    assert only(f"Date limite : {day.day} {NAMES[day.month - 1]}").date == day


@given(st.integers(1, 300))
def test_any_number_of_days_is_counted(count: int) -> None:
    assert only(f"Les dossiers sont à déposer sous {count} jours.").date == MONDAY.date() + timedelta(days=count)


# -- any text whatever ------------------------------------------------------------------------------------------------

PIECES = (
    *("le 3 mai 2026", "12", "mai", "fin", "mi-", "du", "au", "jusqu’au", "date limite", "sous", "deux", "jours"),
    *(" ", "  ", "\n", "\n\n", ";", ".", ",", ":", "-", "/", "(", "à", "18 h", "minuit", "lundi", "e\u0301", "٣"),
    *("reporté", "arrêté du", "compter de", "prochain", "janv.", "of", "by 5 pm", "CaRE", "domaine 2", "\u00a0"),
    *("1er", "T3", "2026", "İ", "œ"),
)
ANY_TEXT = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join))


@given(ANY_TEXT, st.text(max_size=60))
def test_any_text_is_read_and_quoted_to_the_letter(text: str, title: str) -> None:
    found = find(text, MONDAY, title=title)
    assert all(claim.date >= MONDAY.date() and 0 < claim.confidence <= 1 for claim in found)
    assert all(claim.phrase and (claim.phrase in text or claim.phrase in title) for claim in found)
    assert [claim.date for claim in found] == sorted(claim.date for claim in found)


def steps(text: str) -> int:
    """Calls made while the text is read: a measure of work that no other process disturbs."""
    count = 0

    def counted(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        find(text, MONDAY)
    finally:
        sys.setprofile(before)
    return count


@settings(deadline=None, max_examples=40)  # counted, not timed
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map(" ".join))
def test_twice_the_text_is_at_most_about_twice_the_work(shape: str) -> None:
    once, twice = shape * 100, shape * 200
    find(once, MONDAY)  # what is compiled or cached the first time is
    assert steps(twice) <= 2.6 * steps(once) + 500


def test_no_phrase_of_the_vocabulary_can_be_tried_for_long() -> None:
    """At a word each takes a bounded number of steps, whatever follows: only letters of one word repeat freely."""
    indices = (deadline_words._WORDS, deadline_words._NAMES, deadline_words._CALENDAR)
    patterns = [pattern for index in indices for pattern in index.each_pattern()]
    assert len(patterns) > 300
    free = re.compile(r"[*+]|\{\d+,\}")
    assert [p for p in patterns if free.search(p.replace(r"\w*", "").replace(r"[\w'-]++", ""))] == []


def test_a_phrase_whose_first_letters_are_unsure_is_refused() -> None:
    with pytest.raises(ValueError, match="less than 4 letters"):
        list(deadline_words._keys("do* le dossier"))
    assert set(deadline_words._keys("(premiere )?echeances?")) == {("prem", "eche"), ("eche", "")}
    assert set(deadline_words._keys("lois?")) == {("loi", ""), ("lois", "")}
    assert set(deadline_words._keys("fin (de|du) support")) == {("fin", "de"), ("fin", "du")}
    assert set(deadline_words._keys("pas … avant")) == {("pas", "")}
