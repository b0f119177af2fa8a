"""Why an article is understood as it is: the same reading as `understand`, with the words that decided kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.alert import Alert, AlertType
from bot.domain.article import Article
from bot.domain.deadline import Claim
from bot.text.classify import of_readers, topics_of, verdict_on, words_of_severity, words_of_topic
from bot.text.deadline_reasons import Reasons
from bot.text.reading import read
from bot.text.signals import AGAIN, IN_TITLE, LOOSELY
from bot.text.understand import dates_of, stated_in
from bot.text.weights import BIAS, ENOUGH, WEIGHTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A signal, and what it added to (or took from) the score."""

    signal: str
    words: str  # folded, as the text says it; "": no words show it
    weight: float
    in_title: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    kind: AlertType  # the likeliest type, of an alert or of what is none
    score: float
    enough: float
    bias: float
    reasons: Sequence[Reason]  # the heaviest first
    alert: Alert | None
    severity: Sequence[str]  # words that decided how grave it is
    topics: Sequence[tuple[str, str]]  # and the words that show each; "": it follows from the alert or another topic
    deadlines: Sequence[Claim]
    dates: Reasons
    put_aside: Sequence[Claim]  # days that read as deadlines, in a text that asks nothing of its readers


def explain(article: Article) -> Explained:
    """A module's function, so that a worker process can be told its name."""
    reading = read(article)
    stated = stated_in(reading)
    verdict = verdict_on(reading, stated)
    of_kind = AlertType.FUNDING_CALL if verdict.kind is AlertType.CARE_CALL else verdict.kind
    weights = WEIGHTS[of_kind]
    reasons = [
        Reason(
            signal=name.removesuffix(IN_TITLE).removesuffix(AGAIN).removesuffix(LOOSELY),
            words=words,
            weight=weights[name],
            in_title=name.endswith(IN_TITLE),
        )
        for name, words in verdict.shown.items()
        if name in weights
    ]
    kept = of_readers(reading, stated.deadlines, verdict)
    return Explained(
        kind=verdict.kind,
        score=verdict.score,
        enough=ENOUGH,
        bias=weights[BIAS],
        reasons=sorted(reasons, key=lambda reason: -abs(reason.weight)),
        alert=verdict.alert,
        severity=words_of_severity(reading, verdict.alert) if verdict.alert else (),
        topics=[(topic, words_of_topic(reading, topic)) for topic in topics_of(reading, verdict)],
        deadlines=kept,
        dates=dates_of(reading),
        put_aside=[claim for claim in stated.deadlines if claim not in kept],
    )
