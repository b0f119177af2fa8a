"""What is made of an article, in one call: deterministic, no model, no network, no clock.

Linear in what it reads, and it reads no more than the caps of `bot/text/reading.py`: a page of 8 MB costs what one of
50 kB does.
"""

from bot.domain.article import Article, Understanding
from bot.text import summary, vulnerabilities
from bot.text.analyse import ANALYSER, stems
from bot.text.classify import Stated, alert_of, topics_of
from bot.text.reading import read


def understand(article: Article) -> Understanding:
    """Never fails: a text of which nothing can be made is an article without topics and without alert."""
    reading = read(article)
    cves = vulnerabilities.cves("\n".join((reading.title, reading.chapeau, reading.body)))
    cvss = vulnerabilities.cvss(reading.written)
    exploited = vulnerabilities.is_exploited(reading)
    alert = alert_of(reading, Stated(cves=cves, cvss=cvss, exploited=exploited))
    topics = topics_of(reading, alert)
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
        stems=_stems(reading.title, reading.chapeau, reading.body, *cves),
    )


def _stems(title: str, *rest: str) -> str:
    """The identifiers are added under their whole names: `-20362` alone would never be found as CVE-2025-20362."""
    return f"{' '.join(stems(title))}\n{' '.join(stems(' '.join(rest)))}"
