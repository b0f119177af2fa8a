"""The posts of the gallery. Every article in it is invented."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from types import MappingProxyType

from bot.domain.alert import Alert, AlertType, Severity
from bot.domain.article import Article, Facts, Product, Understanding
from bot.domain.channel import Address, Channel
from bot.domain.deadline import Claim, Edge
from bot.domain.delivery import Delivery, Post, PostKind, Prio
from bot.domain.ids import ArticleId, ChannelId, PostId
from bot.domain.source import Trust
from bot.pipeline.compose import Composer
from bot.pipeline.following import following
from bot.stores import Ack, Owed, Tally
from bot.view import View
from tests.fakes import KEY, START

TITLES = {"bulletin": "Bulletin inventé", "gazette": "La Gazette fictive"}
FORTIOS = Product(vendor="fortinet", name="fortios")
ACK = Ack(name="Zoé", person="hash", taken_at=START + timedelta(minutes=5))


def _facts(number: int, title: str, summary: str, *, source: str = "gazette", **found: object) -> Facts:
    trust = Trust.OFFICIAL if source == "bulletin" else Trust.PRESS
    article = Article(
        source_slug=source,
        source_title=TITLES[source],
        url=f"https://exemple.test/{number}",
        title=title,
        body=summary,
        authors=("Zoé Le Gall",) if source == "gazette" else (),
        genre="actualité" if source == "gazette" else "",
        published=START - timedelta(hours=1),
        first_seen=START,
        trust=trust,
    )
    values: dict[str, object] = {"analyser": 1, "language": "fr", "summary": summary, "long_summary": summary}
    understanding = Understanding(**{**values, **found})  # type: ignore[arg-type]  # the names are those of it
    return Facts(number=ArticleId(number), article=article, understanding=understanding, sources=frozenset({source}))


STORY = _facts(
    101,
    "Le centre hospitalier de Valmorel, fictif, ouvre son dossier partagé",
    "Le dossier de cet hôpital inventé est ouvert à douze services. Les autres suivront en mai.",
)
FLAW = _facts(
    102,
    "Vulnérabilité critique dans Fortinet FortiOS (exemple inventé)",
    "Une faille inventée permet de prendre la main à distance. Le correctif est à poser sans attendre.",
    source="bulletin",
    alert=Alert(type=AlertType.VULNERABILITY, severity=Severity.CRITICAL),
    cves=("CVE-2026-99001", "CVE-2026-99002"),
    cvss=9.8,
    exploited=True,
    products=(FORTIOS,),
)
CALL = _facts(
    103,
    "Un appel à projets inventé finance la résilience des hôpitaux",
    "Les dossiers de ce guichet fictif sont à déposer avant le 30 avril 2026 à midi.",
    alert=Alert(type=AlertType.FUNDING_CALL, severity=Severity.WARNING),
)
MOVED = _facts(104, "Fenêtre de dépôt du programme Exemple", "Clôture le 15 mai 2026.", source="bulletin")


DONE = replace(ACK, done_at=START + timedelta(hours=2))
CLAIM = Claim(
    date=date(2026, 4, 30),
    at=datetime(2026, 4, 30, 10, 0, tzinfo=UTC),
    edge=Edge.CLOSE,
    what="dépôt des dossiers",
    phrase="Les dossiers de ce guichet fictif sont à déposer avant le 30 avril 2026 à midi.",
)
REMINDER: Mapping[str, object] = {"claims": [CLAIM.payload()], "articles": [CALL.number]}
GAZETTE: Mapping[str, object] = {"source": TITLES["gazette"], "slug": "gazette", "url": "https://exemple.test"}
TROUBLE = {**GAZETTE, "notice": "trouble", "code": "http-error:403"}
HOLD = {**GAZETTE, "notice": "hold", "reason": "burst", "count": 40, "hold": 1}


def posts(platform: str, language: str) -> Sequence[tuple[str, View]]:
    """(heading, view), as a channel of that platform and language would get them."""
    at, role = Address(platform=platform, chat="1"), "77" if platform == "discord" else ""
    channel = Channel(
        id=ChannelId(1), address=at, community=f"{platform}:1", lane=platform, language=language, role=role
    )
    view = partial(_view, channel)
    return (
        ("An article", view(PostKind.STORY, STORY)),
        ("An alert", view(PostKind.ALERT, FLAW)),
        ("An alert somebody takes care of", view(PostKind.ALERT, FLAW, ack=ACK)),
        ("An alert that is settled", view(PostKind.ALERT, FLAW, ack=DONE)),
        ("An alert nobody took, half an hour later", _nudge(channel)),
        ("A call for funding", view(PostKind.ALERT, CALL)),
        ("A message that may have arrived before", view(PostKind.STORY, STORY, repeats=True)),
        ("A reminder of a deadline", view(PostKind.REMINDER, CALL, payload=REMINDER)),
        ("A date that moved", view(PostKind.MOVED, MOVED, payload={"old": "30 avril 2026", "new": "15 mai 2026"})),
        ("The weekly letter", view(PostKind.DIGEST, FLAW, CALL, STORY, payload={"why": "weekly"})),
        ("What was held in quiet hours", view(PostKind.DIGEST, CALL, STORY, payload={"why": "held"})),
        ("To the administrators: no thread can be opened", view(PostKind.NOTICE, payload=_no_thread(platform))),
        ("To the operator: a source in trouble", view(PostKind.NOTICE, payload=TROUBLE)),
        ("To the operator: a reading that was held", view(PostKind.NOTICE, STORY, payload=HOLD)),
        ("The sample alert of /test", view(PostKind.TEST)),
    )


def _no_thread(platform: str) -> Mapping[str, object]:
    return {"notice": f"threads_{platform}", "source": "Astreinte"}


def _nudge(channel: Channel) -> View:
    post = Post(id=PostId(10), key="k", kind=PostKind.NUDGE, prio=Prio.REMINDER, created_at=START)
    sent = Delivery(post=PostId(9), channel=channel.id, lane=channel.lane, prio=Prio.ALERT, message_ref="9")
    delivery = replace(sent, post=post.id, prio=post.prio)
    alert = Post(id=PostId(9), key="k", kind=PostKind.ALERT, prio=Prio.ALERT, created_at=START)
    return following(
        Owed(delivery=delivery, post=post, channel=channel),
        Owed(delivery=replace(sent, sent_at=START), post=alert, channel=channel),
        _view(channel, PostKind.ALERT, FLAW),
        is_free=True,
        link="",
    )


def _view(
    channel: Channel,
    kind: PostKind,
    *facts: Facts,
    ack: Ack | None = None,
    repeats: bool = False,
    payload: Mapping[str, object] = MappingProxyType({}),
) -> View:
    post = Post(id=PostId(9), key="k", kind=kind, prio=Prio.NEWS, payload=payload, created_at=START)
    delivery = Delivery(post=post.id, channel=channel.id, lane=channel.lane, prio=post.prio)
    return Composer(key=KEY).view(
        Owed(delivery=delivery, post=post, channel=channel),
        facts,
        ack,
        Tally(up=2),
        repeats=repeats,
        titles=TITLES,
        watchlist=frozenset({FORTIOS}),
    )
