"""What a post says in one channel."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import press
from bot.domain.alert import Alert, AlertType, Severity
from bot.domain.article import Article, Facts, Product, Understanding
from bot.domain.channel import Address, Channel
from bot.domain.delivery import Delivery, Post, PostKind, Prio
from bot.domain.ids import ArticleId, ChannelId, PostId
from bot.domain.source import Trust
from bot.locale.say import Say
from bot.pipeline.compose import CVES_SHOWN, DIGEST_SHOWN, Composer, domain, item, signature
from bot.stores import Ack, Owed, Tally
from bot.view import Actions, Block, Headline, Items, Note, Text, View
from bot.view import Facts as Rows
from tests.fakes import KEY, START

ALERT = Alert(type=AlertType.VULNERABILITY, severity=Severity.CRITICAL)
CHANNEL = Channel(
    id=ChannelId(3),
    address=Address(platform="discord", chat="c1"),
    community="discord:s1",
    lane="discord",
    role="77",
)
ACK = Ack(name="Zoé", person="hash", taken_at=datetime(2026, 3, 10, 10, 5, tzinfo=UTC))
KINDS = [
    PostKind.STORY,
    PostKind.ALERT,
    PostKind.TEST,
    PostKind.DIGEST,
    PostKind.NOTICE,
    PostKind.REMINDER,
    PostKind.MOVED,
]


def facts(number: int = 123, alert: Alert | None = None, **found: object) -> Facts:
    article = Article(
        source_slug="gazette",
        source_title="La Gazette",
        url="https://www.exemple.test/a",
        title=f"Article {number}",
        authors=("Zoé Le Gall",),
        genre="tribune",
        published=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        first_seen=START,
    )
    values: dict[str, object] = {
        "analyser": 1,
        "language": "fr",
        "summary": "Court.",
        "long_summary": "Plus long.",
        "alert": alert,
    }
    understanding = Understanding(**{**values, **found})  # type: ignore[arg-type]  # the names are those of Understanding
    return Facts(number=ArticleId(number), article=article, understanding=understanding, sources=frozenset({"gazette"}))


def owed(kind: PostKind, channel: Channel = CHANNEL, *, silent: bool = False, **payload: object) -> Owed:
    post = Post(id=PostId(9), key="k", kind=kind, prio=Prio.NEWS, payload=payload, created_at=START)
    delivery = Delivery(post=post.id, channel=channel.id, lane=channel.lane, prio=post.prio, silent=silent)
    return Owed(delivery=delivery, post=post, channel=channel)


def view(
    one: Owed, *of: Facts, ack: Ack | None = None, repeats: bool = False, titles: dict[str, str] | None = None
) -> View:
    return Composer(key=KEY).view(one, of, ack, Tally(), repeats=repeats, titles=titles or {})


def rows(view: View) -> dict[str, str]:
    return {label: value for block in view.blocks if isinstance(block, Rows) for label, value in block.rows}


def verbs(block: Block) -> list[str]:
    assert isinstance(block, Actions)
    return [meaning[0] for action in block.actions if (meaning := press.read(KEY, action.press, "c1"))]


def shape(view: View) -> Sequence[type]:
    return [type(block) for block in view.blocks]


# -- stories and alerts -----------------------------------------------------------------------------------------------


def test_a_story_says_title_summary_and_where_it_comes_from() -> None:
    said = view(owed(PostKind.STORY), facts())
    headline, text, buttons, note = said.blocks
    assert (headline, text) == (Headline(text="Article 123", url="https://www.exemple.test/a"), Text(text="Court."))
    assert verbs(buttons) == ["up", "down", "more"]
    assert note == Note(text="La Gazette · Tribune · Zoé Le Gall · 2 mars 2026, 09:00 · exemple.test · #123")


def test_a_channel_that_wants_long_posts_gets_the_long_summary() -> None:
    said = view(owed(PostKind.STORY, replace(CHANNEL, long_posts=True)), facts())
    assert said.blocks[1] == Text(text="Plus long.")


def test_an_article_without_a_summary_has_no_empty_paragraph() -> None:
    assert shape(view(owed(PostKind.STORY), facts(summary=""))) == [Headline, Actions, Note]


def test_an_alert_says_its_severity_in_words_and_offers_to_take_it() -> None:
    said = view(owed(PostKind.ALERT), facts(alert=ALERT))
    assert shape(said) == [Headline, Text, Actions, Note]
    assert said.severity is Severity.CRITICAL
    assert isinstance(said.blocks[0], Headline) and said.blocks[0].badge == "Critique · vulnérabilité"
    assert isinstance(said.blocks[2], Actions)
    assert verbs(said.blocks[2]) == ["take", "why", "more"]
    action, *_ = said.blocks[2].actions
    assert action.label == "Je m’en occupe"
    assert press.read(KEY, action.press, "c1") == ("take", "9")
    assert press.read(KEY, action.press, "c2") is None


FORTIOS = Product(vendor="fortinet", name="fortios")
FORTINET = Product(vendor="fortinet", name="")


@pytest.mark.parametrize(
    ("named", "watched", "label", "said"),
    [
        (FORTIOS, FORTINET, "Nous concerne", "FortiOS (votre liste)"),
        (FORTINET, FORTIOS, "À vérifier chez nous", "Fortinet (votre liste)"),
    ],
)
def test_an_alert_says_that_it_concerns_us_and_by_what(named: Product, watched: Product, label: str, said: str) -> None:
    one = facts(alert=ALERT, products=(named,))
    one = replace(one, article=replace(one.article, title="Vulnérabilité dans Fortinet FortiOS"))
    made = Composer(key=KEY).view(
        owed(PostKind.ALERT), [one], None, Tally(), repeats=False, titles={}, watchlist=frozenset({watched})
    )
    assert next(iter(rows(made).items())) == (label, said)
    assert label not in rows(view(owed(PostKind.ALERT), one))


def test_an_alert_that_only_claims_an_authority_cites_it() -> None:
    one = facts(alert=ALERT)
    claims = replace(one, article=replace(one.article, trust=Trust.PRESS, body="Le CERT-FR alerte."))
    assert rows(view(owed(PostKind.ALERT), claims))["Cite"] == "CERT-FR"
    official = replace(claims, article=replace(claims.article, trust=Trust.OFFICIAL))
    assert "Cite" not in rows(view(owed(PostKind.ALERT), official))


def test_a_taken_alert_says_who_since_when_and_offers_to_give_it_back() -> None:
    said = view(owed(PostKind.ALERT), facts(alert=ALERT), ack=ACK)
    taken = next(block.text for block in said.blocks if isinstance(block, Text) and "Zoé" in block.text)
    assert "10 mars 2026, 11:05" in taken  # in the channel's zone
    (buttons,) = [block for block in said.blocks if isinstance(block, Actions)]
    assert verbs(buttons) == ["done", "release", "more"]


def test_a_settled_alert_says_who_settled_it_and_keeps_the_menu() -> None:
    done = replace(ACK, done_at=ACK.taken_at + timedelta(minutes=30))
    said = view(owed(PostKind.ALERT), facts(alert=ALERT), ack=done)
    assert any(isinstance(block, Text) and block.text.startswith("✅ Réglé par Zoé") for block in said.blocks)
    (buttons,) = [block for block in said.blocks if isinstance(block, Actions)]
    assert verbs(buttons) == ["more"]


def test_an_ordinary_article_has_no_badge_no_accent_and_is_not_taken() -> None:
    said = view(owed(PostKind.STORY), facts(), ack=ACK)
    assert isinstance(said.blocks[0], Headline) and said.blocks[0].badge == ""
    assert said.severity is None
    (buttons,) = [block for block in said.blocks if isinstance(block, Actions)]
    assert "take" not in verbs(buttons)


@pytest.mark.parametrize("count", [1, CVES_SHOWN, CVES_SHOWN + 2, 1_924])
def test_a_list_of_vulnerabilities_is_capped_and_the_rest_is_counted(count: int) -> None:
    cves = tuple(f"CVE-2026-{number:04}" for number in range(count))
    shown = rows(view(owed(PostKind.ALERT), facts(alert=ALERT, cves=cves)))["CVE"]
    assert shown.count("CVE-") == min(count, CVES_SHOWN)
    assert len(shown) < 150
    assert (str(count - CVES_SHOWN) in shown.removeprefix(", ".join(cves[:CVES_SHOWN]))) is (count > CVES_SHOWN)


def test_one_vulnerability_more_is_counted_in_the_singular() -> None:
    cves = tuple(f"CVE-2026-{number:04}" for number in range(CVES_SHOWN + 1))
    assert rows(view(owed(PostKind.ALERT), facts(alert=ALERT, cves=cves)))["CVE"].endswith(" et 1 autre")


def test_an_alert_says_score_exploitation_products_and_who_else_tells_it() -> None:
    products = tuple(Product(vendor="forti", name=f"os{number}") for number in range(40))
    found = facts(alert=ALERT, cvss=9.8, exploited=True, products=products)
    found = replace(found, sources=frozenset({"gazette", "cert", "autre"}))
    said = rows(view(owed(PostKind.ALERT), found, titles={"cert": "CERT-FR"}))
    assert said["Score CVSS"] == "9,8"
    assert said["Exploitée"] == "oui, activement"
    assert said["Produits"].count("forti") == CVES_SHOWN
    assert said["Aussi chez"] == "CERT-FR, autre"


def test_each_channel_reads_its_own_language_and_clock() -> None:
    channel = replace(CHANNEL, language="en", timezone="Indian/Reunion")
    said = view(owed(PostKind.ALERT, channel), facts(alert=ALERT, cvss=9.8), ack=ACK)
    assert isinstance(said.blocks[0], Headline) and said.blocks[0].badge == "Critical · vulnerability"
    assert rows(said)["CVSS score"] == "9.8"
    assert any(isinstance(block, Text) and "10 Mar 2026, 14:05" in block.text for block in said.blocks)


# -- tests, digests, anything else ------------------------------------------------------------------------------------


def test_a_sample_alert_says_that_it_is_one_and_has_its_button() -> None:
    said = view(owed(PostKind.TEST))
    assert shape(said) == [Headline, Text, Actions, Note]
    assert isinstance(said.blocks[0], Headline) and "Essai" in said.blocks[0].badge
    assert said.severity is Severity.WARNING
    taken = view(owed(PostKind.TEST), ack=ACK)
    assert shape(taken) == [Headline, Text, Text, Actions, Note]


@pytest.mark.parametrize("count", [2, DIGEST_SHOWN, DIGEST_SHOWN + 1, 1_000])
def test_a_digest_lists_a_few_in_order_and_counts_the_rest(count: int) -> None:
    said = view(owed(PostKind.DIGEST), *(facts(number) for number in range(1, count + 1)))
    (items,) = [block for block in said.blocks if isinstance(block, Items)]
    assert [one.text for one in items.items] == [f"Article {n}" for n in range(1, min(count, DIGEST_SHOWN) + 1)]
    left = count - DIGEST_SHOWN
    assert [str(left) in block.text for block in said.blocks if isinstance(block, Text)] == ([True] if left > 0 else [])
    assert isinstance(said.blocks[-1], Note) and said.blocks[-1].text.startswith(f"{count} articles · ")


@pytest.mark.parametrize("why", ["held", "daily", "weekly"])
def test_a_digest_says_why_it_comes(why: str) -> None:
    said = view(owed(PostKind.DIGEST, why=why), facts(), facts(124))
    assert said.blocks[0] == Headline(text=Say("fr")(f"post.digest.{why}"))


def test_a_line_of_a_digest_says_what_is_grave_where_it_is_from_and_its_number() -> None:
    line = item(facts(alert=ALERT), CHANNEL, Say("fr"))
    assert (line.text, line.url) == ("Article 123", "https://www.exemple.test/a")
    assert line.note.startswith("Critique · vulnérabilité · La Gazette · ")
    assert line.note.endswith(" · #123")


def test_a_moved_date_says_both_and_when_it_was_seen() -> None:
    one = owed(PostKind.MOVED, old="30 juin 2026", new="15 juillet 2026")
    said = view(one, facts())
    headline, shown, buttons, note = said.blocks
    assert headline == Headline(text="Date modifiée\u00a0: Article 123", url="https://www.exemple.test/a")
    assert shown == Rows(rows=(("Ancienne date", "30 juin 2026"), ("Nouvelle date", "15 juillet 2026")))
    assert verbs(buttons) == ["up", "down", "more"]
    assert note == Note(text="La Gazette · Tribune · Zoé Le Gall · 10 mars 2026, 10:00 · exemple.test · #123")


def test_a_milestone_in_a_list_shows_its_own_date() -> None:
    found = facts()
    article = replace(found.article, genre="jalon", published=None, body="fin juin 2026\n\nRetiré de la page.")
    line = item(replace(found, article=article), CHANNEL, Say("fr"))
    assert line.note == "La Gazette · fin juin 2026 · #123"


def test_a_notice_says_its_text() -> None:
    assert view(owed(PostKind.NOTICE, text="Bonjour")).blocks == (Text(text="Bonjour"),)


# -- what holds for all -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_that_may_be_a_repeat_says_so_first(kind: PostKind) -> None:
    once = view(owed(kind), facts(alert=ALERT))
    again = view(owed(kind), facts(alert=ALERT), repeats=True)
    assert again.blocks == (Note(text=Say("fr")("post.repeats")), *once.blocks)


@pytest.mark.parametrize("kind", [PostKind.STORY, PostKind.ALERT, PostKind.TEST, PostKind.MOVED])
@pytest.mark.parametrize("ack", [None, ACK])
def test_the_number_is_the_end_of_every_article(kind: PostKind, ack: Ack | None) -> None:
    last = view(owed(kind), facts(alert=ALERT), ack=ack).blocks[-1]
    assert isinstance(last, Note) and last.text.endswith(" · #123")


@pytest.mark.parametrize("role", ["", "77"])
@pytest.mark.parametrize("kind", KINDS)
def test_only_an_alert_mentions_and_only_a_role_that_was_set(kind: PostKind, role: str) -> None:
    said = view(owed(kind, replace(CHANNEL, role=role)), facts(alert=ALERT))
    assert said.mention == (role if kind is PostKind.ALERT else "")


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_only_an_alert_rings_and_not_where_it_was_asked_to_be_silent(kind: PostKind, silent: bool) -> None:
    said = view(owed(kind, silent=silent), facts(alert=ALERT))
    rings = kind in (PostKind.ALERT, PostKind.TEST) and not silent
    assert said.silent is not rings


def test_what_a_source_says_twice_stands_once_in_the_last_line() -> None:
    found = facts()
    doubled = replace(found, article=replace(found.article, genre="", authors=("La Gazette",)))
    assert signature(doubled, CHANNEL, Say("fr")).count("La Gazette") == 1


def test_an_article_without_a_date_shows_when_it_was_first_seen() -> None:
    found = facts()
    undated = replace(found, article=replace(found.article, published=None))
    assert "10 mars 2026, 10:00" in signature(undated, CHANNEL, Say("fr"))


@given(title=st.text(), summary=st.text(), author=st.text(), genre=st.text())
def test_whatever_a_source_writes_stands_in_the_view_as_it_is(
    title: str, summary: str, author: str, genre: str
) -> None:
    found = facts(alert=ALERT, summary=summary)
    found = replace(found, article=replace(found.article, title=title, authors=(author,), genre=genre))
    said = view(owed(PostKind.ALERT), found)
    assert isinstance(said.blocks[0], Headline) and said.blocks[0].text == title
    assert not summary or said.blocks[1] == Text(text=summary)
    assert said.mention == "77"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.exemple.test/a", "exemple.test"),
        ("https://actu.exemple.test:8080/", "actu.exemple.test"),
        ("x", ""),
    ],
)
def test_the_domain_is_what_a_reader_knows_a_site_by(url: str, name: str) -> None:
    assert domain(url) == name


@pytest.mark.parametrize("url", ["http://[", "https://[abc]/x", "http://\u2100.test/"])
def test_an_address_that_cannot_be_read_stops_no_message(url: str) -> None:
    found = facts()
    assert view(owed(PostKind.STORY), replace(found, article=replace(found.article, url=url))).blocks
