"""An article as understanding reads it: its sentences, folded once, and no more of it than is worth reading."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.article import Article
from bot.domain.words import words
from bot.text.clean import clean, one_line
from bot.text.language import language
from bot.text.sentences import sentences

# What a longer text says further down is not what it is about. Stems (search, rules) come from `READ` characters of it,
# recognition and summaries from `RECOGNISED`: every step is linear in these two, whatever a page sends.
READ = 50_000
RECOGNISED = 8_000
LONGEST_TITLE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    article: Article
    language: str
    title: str
    chapeau: str
    body: str  # READ characters at most
    sentences: tuple[str, ...]  # of the body, or of the chapeau when there is no body
    written: str  # title, chapeau and sentences as written
    folded_title: str  # folded words joined by single spaces
    folded: str  # chapeau and sentences, the same way, " . " between two sentences


def read(article: Article) -> Reading:
    title = one_line(article.title[:LONGEST_TITLE])
    chapeau, body = clean(article.chapeau[:RECOGNISED]), clean(article.body[:READ])
    head = body[:RECOGNISED]
    found = sentences(head or chapeau)
    lead = sentences(chapeau) if body and chapeau not in body else ()
    return Reading(
        article=article,
        language=language(f"{title}\n{chapeau}\n{head}", article.language),
        title=title,
        chapeau=chapeau,
        body=body,
        sentences=found,
        written="\n".join((title, *lead, *found)),
        folded_title=" ".join(words(title)),
        folded=folded((*lead, *found)),
    )


def folded(texts: Iterable[str]) -> str:
    return " . ".join(" ".join(words(text)) for text in texts)
