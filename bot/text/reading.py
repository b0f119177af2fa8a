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
    folded_title: str  # as `folded` gives it
    folded: str  # chapeau and sentences, the same way
    folded_whole: str  # title, chapeau and sentences


def read(article: Article) -> Reading:
    title = one_line(_first(article.title, LONGEST_TITLE))
    chapeau, body = clean(_first(article.chapeau, RECOGNISED)), clean(_first(article.body, READ))
    head = _first(body, RECOGNISED)
    found = sentences(head or chapeau)
    lead = sentences(chapeau) if body and chapeau not in body else ()
    folded_title, folded_text = folded([title]), folded([*lead, *found])
    return Reading(
        article=article,
        language=language(f"{title}\n{chapeau}\n{head}", article.language),
        title=title,
        chapeau=chapeau,
        body=body,
        sentences=found,
        written="\n".join((title, *lead, *found)),
        folded_title=folded_title,
        folded=folded_text,
        folded_whole=f"{folded_title}.{folded_text}",
    )


def folded(texts: Iterable[str]) -> str:
    """Folded words with a space before and after each, and " . " between two texts: `" le chu . la panne "`."""
    return f" {' . '.join(' '.join(words(text)) for text in texts)} "


def _first(text: str, room: int) -> str:
    """Without the last word, which may be cut: half an identifier is another identifier."""
    return text if len(text) <= room else "".join(text[:room].rsplit(None, 1)[:1])
