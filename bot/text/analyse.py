"""The one analyser: what is indexed, searched, matched by rules, grouped and highlighted goes through `stems`.

fold (bot/domain/words.py) → words → Snowball French stems of the folded words. Lemmas and hand-made stemmers scored the
same on our search set and cost more.
"""

import re

import Stemmer

from bot.domain.rule import Term
from bot.domain.words import words
from bot.text.clean import one_line
from bot.text.vocabulary import STOP_WORDS

# Goes up whenever the same text would give other stems, topics, alerts or deadlines: what was understood before is
# read again.
ANALYSER = 5

MOST_TERMS = 32
LONGEST_TYPED = 1_000  # characters

# PyStemmer writes into a buffer of its own: one object must not serve two threads. Ours runs on the event loop (rules,
# queries) and in worker processes (articles), each of which has its own.
_french = Stemmer.Stemmer("french")

# `-"phrase"`, `«phrase»`, `word`; an unclosed quote is no quote
_TYPED = re.compile(r"(?P<no>-?)(?:\"(?P<straight>[^\"]*)\"|«(?P<french>[^»]*)»|“(?P<curly>[^”]*)”|(?P<word>\S+))")
_OR = frozenset({"ou", "or", "|", "||"})

Terms = tuple[Term, ...]


def stems(text: str) -> tuple[str, ...]:
    """The stem of each word, in order: `l’Établissement` and `établissements` give the same."""
    return tuple(_french.stemWords(list(words(text))))


def term(text: str) -> Term:
    """A word in all its inflections, or an exact phrase when it stands in quotes ("…", «…» or “…”).

    A text without a word gives no stems: every article holds such a term.
    """
    line = one_line(text[:LONGEST_TYPED])
    typed = _TYPED.fullmatch(line)
    quoted = typed and not typed["no"] and typed["word"] is None
    return _term(_content(typed), exact=True) if typed and quoted else _term(line)


def read_words(text: str) -> tuple[Terms, Terms, Terms]:
    """(all of, any of, none of) in what somebody typed: `panne -ransomware "messagerie sécurisée"`.

    Plain words are all wanted; those joined by `ou`, `OR` or `|` want any of them (there is one such group: two groups
    are read as one); `-` excludes. Words too common to mean anything are dropped, unless quoted. Never an error, and
    never a term without a word: three empty tuples mean that nothing was asked.
    """
    typed = list(_TYPED.finditer(one_line(text[:LONGEST_TYPED])))
    all_of: list[Term] = []
    any_of: list[Term] = []
    none_of: list[Term] = []
    for before, match, after in zip([None, *typed], typed, [*typed[1:], None], strict=False):
        quoted, content = match["word"] is None, _content(match)
        if _is_or(match) or not _means_something(content, quoted=quoted):
            continue
        joined = _is_or(before) or _is_or(after)
        target = none_of if match["no"] else any_of if joined else all_of
        target.append(_term(content, exact=quoted))
        if len(all_of) + len(any_of) + len(none_of) == MOST_TERMS:
            break
    return _once(all_of), _once(any_of), _once(none_of)


def _is_or(typed: re.Match[str] | None) -> bool:
    return typed is not None and not typed["no"] and (typed["word"] or "").casefold() in _OR


def _content(typed: re.Match[str]) -> str:
    return next(typed[name] for name in ("straight", "french", "curly", "word") if typed[name] is not None).strip()


def _means_something(text: str, *, quoted: bool) -> bool:
    found = words(text)
    return bool(found) and (quoted or not STOP_WORDS.issuperset(found))


def _term(text: str, *, exact: bool = False) -> Term:
    wanted = stems(text)
    if not exact:  # "l’attaque", "de messagerie": what is common to all texts must not be asked of one
        wanted = tuple(s for s, w in zip(wanted, words(text), strict=True) if w not in STOP_WORDS) or wanted
    return Term(text=text, stems=wanted, exact=exact)


def _once(terms: list[Term]) -> Terms:
    return tuple(dict.fromkeys(terms))
