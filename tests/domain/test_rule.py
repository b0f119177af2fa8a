"""A rule as a value: one spelling, anchors that never miss, and `explain` that says why."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert import Alert, AlertType, Severity
from bot.domain.article import Article, Facts, Product, Understanding
from bot.domain.rule import Rule, Term, What, anchors_of, name_key
from bot.domain.words import words

NOUNS = ("panne", "messagerie", "hopital", "dossier", "cle", "rancongiciel")
TOPICS = ("care", "incident", "dpi")
SLUGS = ("a", "b", "c")
NAMES = ("Zoé Le Gall", "zoe le-gall", "Tribune", "", "Éric")
COMMUNITY = "telegram:g1"


def term(text: str, *, exact: bool = False) -> Term:
    """Its words stand for their own stems, as in `facts`."""
    return Term(text=text, stems=words(text), exact=exact)


def facts(
    title: str = "Panne de messagerie",
    *,
    body: str = "",
    severity: Severity | None = None,
    products: tuple[Product, ...] = (),
    topics: tuple[str, ...] = (),
    authors: tuple[str, ...] = (),
    genre: str = "",
    sources: frozenset[str] = frozenset({"a"}),
) -> Facts:
    article = Article(
        url="https://exemple.test/1",
        title=title,
        body=body,
        authors=authors,
        genre=genre,
        first_seen=datetime(2026, 3, 10, tzinfo=UTC),
    )
    understanding = Understanding(
        analyser=1,
        language="fr",
        summary="",
        topics=topics,
        alert=None if severity is None else Alert(type=AlertType.OUTAGE, severity=severity),
        products=products,
        stems="\n".join((" ".join(words(title)), " ".join(words(body)))),
    )
    return Facts(article=article, understanding=understanding, sources=sources)


phrases = st.lists(st.sampled_from(NOUNS), min_size=1, max_size=3).map(" ".join)
terms = st.builds(lambda text, exact: term(text, exact=exact), phrases, st.booleans())
stemless = st.just(Term(text="!", stems=()))
products = st.builds(
    lambda vendor, name: Product(vendor=vendor, name=name),
    st.sampled_from(["forti", "micro"]),
    st.sampled_from(["", "os", "mail"]),
)
many_terms = st.lists(terms | stemless, max_size=2).map(tuple)
values = st.sampled_from([*SLUGS, *TOPICS, *(name_key(name) for name in NAMES), COMMUNITY])
rules = st.builds(
    lambda what, value, all_of, any_of, none_of, severity: Rule(
        what=what, value=value, all_of=all_of, any_of=any_of, none_of=none_of, from_severity=severity
    ),
    st.sampled_from(What),
    values,
    many_terms,
    many_terms,
    st.lists(terms, max_size=1).map(tuple),
    st.none() | st.sampled_from(Severity),
)
texts = st.lists(st.sampled_from([*NOUNS, "le", "clés"]), min_size=1, max_size=8).map(" ".join)
any_facts = st.builds(
    lambda title, body, severity, products, topics, authors, genre, sources: facts(
        title,
        body=body,
        severity=severity,
        products=products,
        topics=topics,
        authors=authors,
        genre=genre,
        sources=sources,
    ),
    texts,
    texts,
    st.none() | st.sampled_from(Severity),
    st.lists(products, max_size=2).map(tuple),
    st.lists(st.sampled_from(TOPICS), max_size=2).map(tuple),
    st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    st.sampled_from(NAMES),
    st.frozensets(st.sampled_from(SLUGS), min_size=1),
)


@given(rule=rules)
def test_a_rule_survives_its_canonical_spelling(rule: Rule) -> None:
    again = Rule.parse(rule.canonical())
    assert again.canonical() == rule.canonical()
    for before, after in ((rule.all_of, again.all_of), (rule.any_of, again.any_of), (rule.none_of, again.none_of)):
        assert set(after) == set(before)
    assert replace(again, all_of=(), any_of=(), none_of=()) == replace(rule, all_of=(), any_of=(), none_of=())


def test_equal_rules_share_one_spelling_however_their_words_were_typed() -> None:
    wanted = (term("panne"), term("messagerie"), term("dossier patient", exact=True))
    spellings = {Rule(what=What.WORDS, all_of=order).canonical() for order in permutations(wanted)}
    spellings.add(Rule(what=What.WORDS, all_of=(*wanted, wanted[0])).canonical())
    assert len(spellings) == 1


@given(left=rules, right=rules)
def test_two_rules_share_a_spelling_only_if_they_say_the_same(left: Rule, right: Rule) -> None:
    def essence(rule: Rule) -> tuple[object, ...]:
        return rule.what, rule.value, set(rule.all_of), set(rule.any_of), set(rule.none_of), rule.from_severity

    assert (left.canonical() == right.canonical()) is (essence(left) == essence(right))


@given(rule=rules, found=any_facts, watchlist=st.frozensets(products, max_size=3))
def test_the_anchors_never_miss_a_match(rule: Rule, found: Facts, watchlist: frozenset[Product]) -> None:
    if rule.explain(found, watchlist).matched:
        assert rule.anchors() & anchors_of(found)


@given(rule=rules, found=any_facts)
def test_a_canonical_rule_decides_as_the_one_that_was_typed(rule: Rule, found: Facts) -> None:
    assert Rule.parse(rule.canonical()).explain(found).matched is rule.explain(found).matched


@given(rule=rules)
def test_a_rule_always_has_an_anchor(rule: Rule) -> None:
    assert rule.anchors()


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("panne de messagerie", True),
        ("PANNE de Messagerie", True),
        ("messagerie de panne", False),
        ("panne messagerie", False),
        ("de messagerie", True),
        ("messagerie au", False),
    ],
)
def test_an_exact_phrase_wants_its_words_in_a_row(phrase: str, found: bool) -> None:
    rule = Rule(what=What.WORDS, all_of=(term(phrase, exact=True),))
    assert rule.explain(facts("Panne de messagerie : retour au papier")).matched is found


def test_words_that_are_not_a_phrase_may_stand_anywhere() -> None:
    rule = Rule(what=What.WORDS, all_of=(term("messagerie"), term("panne")))
    assert rule.explain(facts("Panne", body="La messagerie est tombée")).matched
    assert not rule.explain(facts("Panne", body="Le dossier est tombé")).matched


def test_an_excluded_word_wins_over_every_wanted_one_and_is_the_reason_given() -> None:
    rule = Rule(what=What.WORDS, all_of=(term("panne"),), none_of=(term("ascenseur"),))
    assert rule.explain(facts("Panne de messagerie")).matched
    refused = rule.explain(facts("Panne de messagerie et d’ascenseur"))
    assert not refused.matched
    assert (refused.reason.key, dict(refused.reason.values)) == ("rule.no.excluded", {"words": "ascenseur"})


def test_one_of_any_is_enough_and_all_of_all_are_needed() -> None:
    either = Rule(what=What.WORDS, any_of=(term("panne"), term("cyberattaque")))
    assert either.explain(facts("Panne de messagerie")).matched
    assert not either.explain(facts("Nouveau directeur")).matched
    assert either.explain(facts("Nouveau directeur")).reason.key == "rule.no.no_word"
    both = Rule(what=What.WORDS, all_of=(term("panne"), term("cyberattaque")))
    assert both.explain(facts("Panne de messagerie")).reason.values == (("words", "cyberattaque"),)


@pytest.mark.parametrize("least", Severity)
@pytest.mark.parametrize("severity", [None, *Severity])
def test_alerts_from_a_severity_take_that_one_and_the_graver(least: Severity, severity: Severity | None) -> None:
    rule = Rule(what=What.ALERTS, from_severity=least)
    taken = rule.explain(facts(severity=severity)).matched
    assert taken is (severity is not None and severity >= least)


def test_what_is_not_an_alert_is_taken_by_no_rule_that_asks_for_alerts() -> None:
    explained = Rule(what=What.ALERTS).explain(facts())
    assert (explained.matched, explained.reason.key) == (False, "rule.no.alerts")


def test_a_source_is_matched_by_any_source_that_lists_the_article() -> None:
    found = facts(sources=frozenset({"a", "b"}))
    assert [Rule(what=What.SOURCE, value=slug).explain(found).matched for slug in "abc"] == [True, True, False]


def test_names_are_compared_without_case_accents_and_spacing() -> None:
    found = facts(authors=("Zoé  LE GALL",), genre="Évènement")
    assert Rule(what=What.AUTHOR, value=name_key("zoe le gall")).explain(found).matched
    assert Rule(what=What.GENRE, value=name_key("evenement")).explain(found).matched
    assert not Rule(what=What.AUTHOR, value=name_key("zoe")).explain(found).matched


def test_a_watchlist_rule_looks_at_the_list_it_is_given_only() -> None:
    rule = Rule(what=What.WATCHLIST, value=COMMUNITY)
    found = facts(products=(Product(vendor="forti", name="os"),))
    assert rule.explain(found, frozenset({Product(vendor="forti", name="os")})).matched
    assert rule.explain(found, frozenset({Product(vendor="other", name="os")})).reason.key == "rule.no.watchlist"
    assert not rule.explain(found).matched
