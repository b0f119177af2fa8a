"""What demands action, how much, and what it is about."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert import Alert, AlertType, Severity
from bot.domain.article import Article
from bot.domain.source import Trust
from bot.text.understand import understand
from bot.text.vocabulary import TOPICS
from tests.text.articles import ANY_TEXT, PUBLISHED, article

CARE = article(
    "CaRE : ouverture du guichet du domaine 3",
    "Les établissements peuvent déposer leur dossier de candidature jusqu’au 15 mai 2026 sur la plateforme.",
)
FUNDING = article(
    "L’ARS lance un appel à projets sur les sauvegardes",
    "Cet appel à projets est doté de deux millions d’euros. Les dossiers doivent être déposés avant le 30 avril 2026.",
)
FLAW = article(
    "Faille critique dans un pare-feu",
    "La vulnérabilité CVE-2026-11111, notée 9,8 sur 10, est activement exploitée. Un correctif est disponible.",
)
INCIDENT = article(
    "L’hôpital de Valmont victime d’une cyberattaque",
    "Un rançongiciel a chiffré des serveurs cette nuit. Les systèmes sont isolés et les soignants écrivent sur papier.",
)
OUTAGE = article(
    "Panne nationale de la messagerie sécurisée",
    "Le service est indisponible depuis ce matin pour tous les établissements. Les équipes cherchent la cause.",
)
OBLIGATION = article(
    "Fin de support de l’ancien connecteur le 30 juin 2026",
    "Les établissements de santé devront migrer avant cette date : l’ancien connecteur ne sera plus maintenu.",
)
ALERTS = [
    (CARE, AlertType.CARE_CALL),
    (FUNDING, AlertType.FUNDING_CALL),
    (FLAW, AlertType.VULNERABILITY),
    (INCIDENT, AlertType.INCIDENT),
    (OUTAGE, AlertType.OUTAGE),
    (OBLIGATION, AlertType.REGULATION_DEADLINE),
]


def alert(item: Article) -> Alert | None:
    return understand(item).alert


def kind(title: str, body: str) -> AlertType | None:
    found = alert(article(title, body))
    return found.type if found else None


def severity(title: str, body: str) -> Severity | None:
    found = alert(article(title, body))
    return found.severity if found else None


# -- is it an alert ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("item", "expected"), ALERTS, ids=[kind.value for _, kind in ALERTS])
def test_an_alert_of_each_type_is_seen_and_says_why(item: Article, expected: AlertType) -> None:
    found = alert(item)
    assert found is not None
    assert found.type is expected
    assert found.signals


def test_every_type_of_alert_is_held_by_these_tests() -> None:
    assert {kind for _, kind in ALERTS} == set(AlertType)


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        (
            "Hospital hit by ransomware attack",
            "The cyberattack was confirmed by two clinics of the group. Their records have been published in a data "
            "breach, and the hospital is asking patients to be careful.",
            AlertType.INCIDENT,
        ),
        (
            "Critical flaw in a firewall is actively exploited",
            "The flaw CVE-2026-11111 is rated 9.8 and is being exploited in the wild by two groups.",
            AlertType.VULNERABILITY,
        ),
        (
            "Call for proposals on hospital resilience now open",
            "The call for proposals has been published, and it must be submitted by 30 April 2026 at the latest.",
            AlertType.FUNDING_CALL,
        ),
    ],
)
def test_an_alert_in_english_is_one(title: str, body: str, expected: AlertType) -> None:
    assert kind(title, body) is expected


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Un hôpital ouvre une crèche", "Les enfants des agents y sont accueillis dès sept heures du matin."),
        (
            "Nomination à Valmont",
            "Mme Roux est nommée directrice du numérique du groupement. Elle succède à M. Petit.",
        ),
        (
            "Multiples vulnérabilités dans un tableur",
            "Deux failles notées 5,4 et 6,1 sont corrigées. Aucune exploitation n’est constatée.",
        ),
        ("[Résolu] Messagerie sécurisée", "Le service est rétabli depuis midi. La panne est résolue."),
        (
            "Un an après la cyberattaque, Valmont raconte",
            "Retour d’expérience : un rançongiciel avait chiffré les serveurs de l’hôpital. La reprise a duré un mois.",
        ),
        (
            "Exercice de crise à Valmont",
            "L’hôpital a joué un exercice cyber : une attaque fictive par rançongiciel, et ses systèmes isolés.",
        ),
        (
            "SSI en santé : une journée régionale",
            "La journée régionale se tiendra le 12 mai 2026 à Valmont. L’inscription est gratuite avant le 30 avril.",
        ),
        (
            "CaRE : les lauréats du domaine 1 sont connus",
            "Quarante établissements ont été retenus. Le guichet est clos depuis janvier.",
        ),
        (
            "Une clinique de Bavière frappée par un rançongiciel",
            "Cette clinique allemande a isolé ses serveurs cette nuit. Le parquet de Munich enquête.",
        ),
        ("L’ONG CARE ouvre un appel aux dons", "L’ONG recueille les dons jusqu’au 30 avril 2026 pour ses programmes."),
        (
            "L’équipe recrute",
            "Offre d’emploi : un responsable de la sécurité, CDI. Candidature à envoyer avant le 30 avril 2026.",
        ),
        (
            "Lettre d’information",
            "Chers lecteurs, au sommaire : une cyberattaque en cours et une faille critique. Bonne lecture.",
        ),
        (
            "Vol d’un ordinateur à Valmont",
            "Un ordinateur portable contenant des données de patients a été volé cette nuit après une effraction.",
        ),
        ("", ""),
    ],
    ids=[
        *("nothing", "nomination", "routine", "over", "looks back", "exercise", "event", "call over"),
        *("elsewhere", "other sense", "job", "digest", "theft", "empty"),
    ],
)
def test_what_demands_nothing_now_is_no_alert(title: str, body: str) -> None:
    assert kind(title, body) is None


@pytest.mark.parametrize("genre", ["Tribune", "ENTRETIEN", "Édito", "Point de vue", "Billet d’humeur"])
@pytest.mark.parametrize("item", [INCIDENT, FUNDING, OBLIGATION], ids=["incident", "funding", "obligation"])
def test_an_opinion_on_a_hot_subject_is_no_alert(item: Article, genre: str) -> None:
    assert alert(article(item.title, item.body)) is not None
    assert alert(article(item.title, item.body, genre=genre)) is None


def test_only_an_authority_raises_an_alert_by_calling_itself_one() -> None:
    title = "CERTFR-2026-ALE-001 : alerte de sécurité sur un pare-feu"
    body = "Une vulnérabilité a été découverte dans ce pare-feu. Les détails suivront."
    assert alert(article(title, body, trust=Trust.OFFICIAL)) is not None
    for trust in set(Trust) - {Trust.OFFICIAL}:
        assert alert(article(title, body, trust=trust)) is None


@pytest.mark.parametrize(("item", "expected"), ALERTS, ids=[kind.value for _, kind in ALERTS])
def test_what_is_true_of_an_article_that_has_no_date_is_told_from_the_day_it_was_seen(
    item: Article, expected: AlertType
) -> None:
    found = alert(article(item.title, item.body, published=None))
    assert found is not None
    assert found == alert(item)
    assert found.type is expected


# -- how grave --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ("2 mars 2026", Severity.CRITICAL),  # the day of publication
        ("9 mars 2026", Severity.CRITICAL),  # 7 days
        ("10 mars 2026", Severity.WARNING),
        ("31 mai 2026", Severity.WARNING),  # 90 days
        ("1er juin 2026", Severity.INFO),
        ("18/12/2026", Severity.INFO),
        ("9 mars", Severity.CRITICAL),  # without a year: the next such day
        ("1er mars", Severity.INFO),  # that is 2027
    ],
)
def test_a_call_is_as_grave_as_its_end_is_near(closes: str, expected: Severity) -> None:
    body = f"Les candidatures à cet appel à projets, doté de deux millions d’euros, sont à déposer avant le {closes}."
    assert severity("Appel à projets sur les annuaires", body) is expected


def test_an_opening_within_a_month_is_a_warning_and_a_later_one_is_information() -> None:
    title = "Appel à projets sur les annuaires"
    assert severity(title, "Le guichet de candidature ouvrira à partir du 20 mars 2026.") is Severity.WARNING
    assert severity(title, "Le guichet de candidature ouvrira à partir du 20 avril 2026.") is Severity.INFO


def test_a_flaw_is_critical_where_it_is_exploited_on_infrastructure() -> None:
    exploited = "La vulnérabilité CVE-2026-11111 est activement exploitée."
    assert severity("Faille d’un pare-feu", exploited) is Severity.CRITICAL
    assert severity("Faille de Google Chrome", exploited) is Severity.WARNING
    scored = "La vulnérabilité CVE-2026-11111 a un score CVSS de 9,8. Aucune exploitation n’est connue."
    assert severity("Faille d’un pare-feu", scored) is Severity.WARNING
    unfixed = "La vulnérabilité a un score CVSS de 9,8 et aucun correctif n’existe : débranchez les appareils."
    assert severity("Faille d’un moniteur", unfixed) is Severity.CRITICAL


def test_an_incident_is_critical_where_care_is_reduced() -> None:
    title = "L’hôpital de Valmont victime d’une cyberattaque"
    assert severity(title, "Les urgences sont fermées depuis cette nuit.") is Severity.CRITICAL
    assert severity(title, "Les opérations de lundi sont déprogrammées.") is Severity.CRITICAL
    assert severity(title, "Les soins ne sont pas touchés, l’enquête est en cours.") is Severity.WARNING


def test_an_outage_is_as_grave_as_what_still_works() -> None:
    title = "La messagerie sécurisée est indisponible"
    assert severity(title, "Le service ne répond plus depuis ce matin.") is Severity.CRITICAL
    assert severity("Messagerie sécurisée : incident en cours", "Le service est ralenti.") is Severity.WARNING
    planned = "Une maintenance programmée aura lieu samedi : la messagerie sera indisponible."
    assert severity("Interruption de la messagerie", planned) is Severity.INFO


@given(st.integers(0, 400))
def test_the_nearer_the_end_the_graver(days: int) -> None:
    def at(number: int) -> Severity:
        day = PUBLISHED + timedelta(days=number)
        found = severity(
            "Appel à projets sur les annuaires", f"Les candidatures sont à déposer avant le {day:%d/%m/%Y}."
        )
        assert found is not None
        return found

    assert at(days) >= at(days + 1)


# -- what it is about -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Le RGPD à l’hôpital", {"rgpd"}),
        ("NIS 2 : le décret", {"nis2", "cybersecurite"}),
        ("La certification HDS évolue", {"hds"}),
        ("Ségur : la vague 2", {"segur"}),
        ("Un nouveau DPI pour Valmont", {"dpi"}),
        ("L’IA lit les radios", {"ia"}),
        ("Pro Santé Connect s’étend", {"identite"}),
        ("Un congrès à Valmont", {"evenement"}),
        ("Un point sur CaRE", {"care", "cybersecurite"}),
        ("Une faille corrigée", {"vulnerabilite", "cybersecurite"}),
        ("Take care of patients", set()),
        ("Les aides à domicile", set()),
        ("Une crèche ouvre", set()),
    ],
)
def test_a_title_tells_what_an_article_is_about(title: str, expected: set[str]) -> None:
    assert set(understand(article(title)).topics) == expected


def test_a_weak_word_counts_in_the_title_or_with_another() -> None:
    assert "financement" not in understand(article("Un bilan", "Le budget est voté.")).topics
    assert "financement" in understand(article("Un bilan", "Le budget est voté, et sa dotation.")).topics
    assert "financement" in understand(article("Le budget est voté")).topics


def test_an_alert_is_about_what_its_type_is_about() -> None:
    assert {"care", "cybersecurite", "financement"} <= set(understand(CARE).topics)
    assert "financement" in understand(FUNDING).topics
    assert {"vulnerabilite", "cybersecurite"} <= set(understand(FLAW).topics)
    assert {"incident", "cybersecurite"} <= set(understand(INCIDENT).topics)
    assert "incident" in understand(OUTAGE).topics


def test_what_the_catalogue_says_of_a_source_is_true_of_its_articles() -> None:
    assert understand(article("Une crèche ouvre", topics=("ia", "unheard of"))).topics == ("ia",)


@given(title=ANY_TEXT, body=ANY_TEXT)
def test_topics_are_sorted_and_of_the_closed_list(title: str, body: str) -> None:
    found = understand(article(title, body)).topics
    assert list(found) == sorted(set(found))
    assert set(found) <= set(TOPICS)


@pytest.mark.parametrize(
    ("title", "body", "edge"),
    [
        (
            "Fin de prise en charge d’un ancien format",
            "À compter du 12 novembre 2026, l’ancien format ne sera plus accepté par le service national fictif. Les "
            "établissements doivent avoir changé de version.",
            "close",
        ),
        (
            "Service de messagerie : maintenance programmée",
            "Le service de messagerie fictif sera arrêté mardi 10 novembre 2026 de 21 h à 23 h pour maintenance.",
            "open",
        ),
    ],
)
def test_what_ends_closes_and_an_interruption_begins_on_its_day(title: str, body: str, edge: str) -> None:
    found = understand(article(title, body, published=datetime(2026, 10, 20, 8, tzinfo=UTC)))
    assert found.alert is not None
    assert [claim.edge.value for claim in found.deadlines] == [edge]
