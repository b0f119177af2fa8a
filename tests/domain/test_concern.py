"""Whether an article concerns those who run what a list says, and by which of its entries."""

from datetime import UTC, datetime

from bot.domain.article import Article, Facts, Product, Understanding
from bot.domain.concern import Concern, concern_of

FORTIOS = Product(vendor="fortinet", name="fortios")
FORTINET = Product(vendor="fortinet", name="")
EXCHANGE = Product(vendor="microsoft", name="exchange")
LABONET = Product(vendor="", name="labonet")


def facts(*products: Product, title: str = "Un avis", body: str = "") -> Facts:
    article = Article(url="https://exemple.test/1", title=title, body=body, first_seen=datetime(2026, 3, 2, tzinfo=UTC))
    return Facts(article=article, understanding=Understanding(analyser=1, language="fr", summary="", products=products))


def concern(found: Facts, *watched: Product) -> Concern | None:
    return concern_of(found, frozenset(watched))


def test_a_product_on_the_list_concerns_and_a_vendor_alone_is_its_whole_range() -> None:
    advisory = facts(FORTIOS, EXCHANGE)
    assert concern(advisory, EXCHANGE) == Concern(found=EXCHANGE, watched=EXCHANGE, sure=True)
    assert concern(advisory, FORTINET) == Concern(found=FORTIOS, watched=FORTINET, sure=True)


def test_another_product_of_the_same_vendor_does_not_concern() -> None:
    assert concern(facts(FORTIOS), Product(vendor="fortinet", name="fortiweb")) is None
    assert concern(facts(EXCHANGE), FORTINET) is None
    assert concern(facts(FORTIOS)) is None
    assert concern(facts(), FORTINET) is None


def test_a_vendor_named_without_a_product_is_to_be_checked() -> None:
    assert concern(facts(FORTINET), FORTIOS) == Concern(found=FORTINET, watched=FORTIOS, sure=False)


def test_what_surely_concerns_is_said_before_what_is_to_be_checked() -> None:
    assert concern(facts(FORTINET, EXCHANGE), FORTIOS, EXCHANGE) == Concern(found=EXCHANGE, watched=EXCHANGE, sure=True)


def test_words_of_ones_own_are_looked_for_whole_in_the_text() -> None:
    assert concern(facts(title="LaboNet : un correctif"), LABONET) == Concern(found=LABONET, watched=LABONET, sure=True)
    assert concern(facts(body="L’éditeur de LABONET appelle ses clients."), LABONET) is not None
    assert concern(facts(body="LaboNetwork n’est pas touché."), LABONET) is None
    assert concern(facts(body="Rien."), Product(vendor="", name="")) is None
