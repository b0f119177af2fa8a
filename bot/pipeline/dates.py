"""What is said of a deadline in a post: that its date has moved, or that it comes near. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.article import Facts
from bot.domain.deadline import Claim
from bot.domain.delivery import Post
from bot.locale.say import Say
from bot.pipeline.agenda import Said
from bot.pipeline.countdown import left, what_of, when
from bot.view import Block, Headline, Quote
from bot.view import Facts as Rows

LONGEST_DATE = 25  # characters: "mercredi 30 septembre 2026"


def moved(post: Post, facts: Facts, zone: ZoneInfo, say: Say) -> list[Block]:
    """Old and new: as the page writes them, where it is a page of dates."""
    title = Headline(text=say("post.moved.title", title=facts.article.title), url=facts.article.url)
    if "is" not in post.payload:
        old, new = (str(post.payload.get(name, "")) for name in ("old", "new"))
        return [title, Rows(rows=((say("post.moved.old"), old), (say("post.moved.new"), new)))]
    was, now = (_claim(post.payload[name]) for name in ("was", "is"))
    told = Said(claim=now, source=facts.article.source_title, facts=facts)
    rows = [
        (say("post.moved.what"), what_of(told)),
        (say("post.moved.old"), when(was, zone, say)),
        (say("post.moved.new"), when(now, zone, say)),
    ]
    if post.payload.get("unsure"):
        rows.append((say("post.reminder.sure"), say("deadlines.unsure")))
    return [title, Rows(rows=tuple(rows)), *_quote(told)]


def reminder(post: Post, facts: Sequence[Facts], zone: ZoneInfo, say: Say, now: datetime) -> list[Block]:
    """What is left until then, in the words of who says it; two dates where sources disagree."""
    known = {one.number: one for one in facts}
    claims = post.payload.get("claims")
    numbers = post.payload.get("articles")
    assert isinstance(claims, list) and isinstance(numbers, list)
    said = [
        Said(claim=_claim(claim), source=one.article.source_title if one else "", facts=one)
        for claim, one in zip(claims, map(known.get, numbers), strict=True)
    ]
    first = said[0]
    headline = say("post.reminder.title", left=left(first.claim, now, zone, say), what=what_of(first))
    rows = [(say(f"post.reminder.{one.claim.edge}"), _dated(one, len(said) > 1, zone, say)) for one in said]
    if post.payload.get("unsure"):
        key = "deadlines.disputed" if len(said) > 1 else "deadlines.unsure"
        rows.append((say("post.reminder.sure"), say(key)))
    return [Headline(text=headline[:1].upper() + headline[1:], url=first.url), Rows(rows=tuple(rows)), *_quote(first)]


def _dated(said: Said, disputed: bool, zone: ZoneInfo, say: Say) -> str:
    date = when(said.claim, zone, say)
    return f"{date} ({said.source})" if disputed and said.source else date


def _quote(said: Said) -> list[Block]:
    """What says more than the date, which stands above it."""
    return [Quote(text=said.quote, source=said.source)] if len(said.quote) > LONGEST_DATE else []


def _claim(payload: object) -> Claim:
    assert isinstance(payload, Mapping)
    told: Mapping[str, Any] = payload  # JSON
    return Claim.parse(told)
