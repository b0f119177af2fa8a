"""What is made of an article, in one call: deterministic, no model, no network, no clock.

Linear in what it reads, and it reads no more than the caps of `bot/text/reading.py`: a page of 8 MB costs what one of
50 kB does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.article import Article, Understanding
from bot.domain.deadline import Claim
from bot.domain.milestone import WITHDRAWN, date_in, is_milestone
from bot.text import deadlines, summary, vulnerabilities
from bot.text.analyse import ANALYSER, stems
from bot.text.boilerplate import Lines
from bot.text.classify import of_readers, topics_of, verdict_on
from bot.text.deadline_reasons import Reasons, reasons
from bot.text.facts import Stated, facts_of
from bot.text.reading import Reading, read
from bot.text.signals import signals_in

DATED = 20_000  # characters: a page's calendar may stand far below what it is about


def understand_all(articles: Sequence[Article]) -> Sequence[Understanding]:
    """For a worker process, which imports this module and nothing of the bot around it."""
    return [understand(article) for article in articles]


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What is made of articles of one source that were read together."""

    found: Sequence[Understanding]  # one for each, in their order
    cleaned: Mapping[int, Article]  # those that held lines of their source's own, by their place
    lines: Lines  # what is known of that source from now on


def understand_together(articles: Sequence[Article], lines: Lines, new: bool) -> Together:
    """The same for one reading, whose articles also teach what their source says everywhere; `new`: none was read
    before. For a worker process."""
    lines = lines.learned(articles) if new else lines
    whole = [lines.cleaned(article) for article in articles]
    cleaned = {at: one for at, (one, before) in enumerate(zip(whole, articles, strict=True)) if one is not before}
    return Together(found=understand_all(whole), cleaned=cleaned, lines=lines)


def understand(article: Article) -> Understanding:
    """Never fails: a text of which nothing can be made is an article without topics and without alert."""
    reading = read(article)
    is_over = article.genre == WITHDRAWN  # a line that is gone demands nothing any more
    stated = stated_in(reading, dated=not is_over)
    cves, cvss, exploited = stated.cves, stated.cvss, stated.exploited
    verdict = verdict_on(reading, stated)
    alert = None if is_over else verdict.alert
    topics = topics_of(reading, replace(verdict, alert=alert))
    everywhere = alert is not None or "vulnerabilite" in topics or "incident" in topics
    products = vulnerabilities.products(reading, everywhere=everywhere)
    said = summary.summarise(reading, summary.Advisory(cves=cves, cvss=cvss, exploited=exploited))
    return Understanding(
        analyser=ANALYSER,
        language=reading.language,
        summary=said.short,
        long_summary=said.long,
        topics=topics,
        alert=alert,
        cves=cves,
        cvss=cvss,
        exploited=exploited,
        products=products,
        deadlines=of_readers(reading, stated.deadlines, verdict),
        stems=_stems(reading.title, reading.chapeau, reading.body, *cves),
    )


def signals_of(article: Article) -> Mapping[str, str]:
    """What decides whether it is an alert: the signals it shows, and the words that show each."""
    reading = read(article)
    return signals_in(reading, facts_of(reading, stated_in(reading)))


def stated_in(reading: Reading, *, dated: bool = True) -> Stated:
    """What the signals ask for, and is read by better means than words."""
    return Stated(
        cves=vulnerabilities.cves("\n".join((reading.title, reading.chapeau, reading.body))),
        cvss=vulnerabilities.cvss(reading.written),
        exploited=vulnerabilities.is_exploited(reading),
        deadlines=_deadlines(reading) if dated else (),
    )


def _stems(title: str, *rest: str) -> str:
    """The identifiers are added under their whole names: `-20362` alone would never be found as CVE-2025-20362."""
    return f"{' '.join(stems(title))}\n{' '.join(stems(' '.join(rest)))}"


def _deadlines(reading: Reading) -> tuple[Claim, ...]:
    """A line of a living page is called what it calls itself; what the whole page is of, its lines do not repeat."""
    text, published, title = _dated(reading)
    found = deadlines.find(text, published, title=title)
    if is_milestone(reading.article):
        return tuple(replace(claim, what=reading.title) for claim in found)
    return tuple(found)


def dates_of(reading: Reading) -> Reasons:
    """What speaks for and against each date of which `stated_in` says whether it is a deadline."""
    text, published, title = _dated(reading)
    return reasons(text, published, title=title)


def _dated(reading: Reading) -> tuple[str, datetime, str]:
    """The text whose dates are read, when it was published, its title."""
    text = "\n\n".join(filter(None, (reading.chapeau if reading.chapeau not in reading.body else "", reading.body)))
    article = reading.article
    published = article.published or article.first_seen
    if is_milestone(article):
        return f"{date_in(text)}\n{reading.title}", published, article.source_title
    return text[:DATED], published, reading.title
