"""What a post says in one channel: rows in, View out. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.domain import press
from bot.domain.alert import Severity
from bot.domain.article import Facts, Product
from bot.domain.channel import Channel
from bot.domain.concern import concern_of
from bot.domain.deadline import Claim
from bot.domain.delivery import Post, PostKind
from bot.domain.hold import Choice
from bot.domain.milestone import date_in, is_milestone
from bot.domain.share import Share
from bot.domain.source import Trust
from bot.locale.say import Say
from bot.locale.trouble import plain
from bot.pipeline.countdown import left, when
from bot.pipeline.dates import moved, reminder
from bot.pipeline.sections import DATES, LIKED, REST, Section, shortened
from bot.stores import Ack, Owed, Tally
from bot.text.cites import authorities_in
from bot.text.watched import spelled
from bot.view import Action, Actions, Block, Headline, Item, Items, Note, Quote, Style, Text, View
from bot.view import Facts as Rows

CVES_SHOWN = 6  # one real advisory lists 1,924
DIGEST_SHOWN = 15  # the rest is counted: a wall of links is read by nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """`key` signs what buttons mean."""

    key: bytes

    def view(
        self,
        owed: Owed,
        facts: Sequence[Facts],
        ack: Ack | None,
        tally: Tally,
        *,
        repeats: bool,
        titles: Mapping[str, str],
        watchlist: frozenset[Product] = frozenset(),
        now: datetime | None = None,
        share: Share | None = None,
    ) -> View:
        """`facts` are those of the post's articles, newest revision; `titles` are those of sources, by slug.

        `watchlist` is that of the channel's community. `now`: from which days are counted; None: from when it was made.

        `repeats`: an earlier attempt may have arrived, and the platform cannot tell.
        """
        post, channel = owed.post, owed.channel
        say = Say(channel.language)
        match post.kind:
            case PostKind.STORY | PostKind.ALERT | PostKind.TEST if facts:
                blocks = _story(facts[0], channel, say, titles, watchlist)
            case PostKind.TEST:
                blocks = _sample(post, channel, say)
            case PostKind.SHARE if facts and share is not None:
                blocks = _shared(facts[0], share, channel, say, titles, watchlist)
            case PostKind.MOVED if facts:
                blocks = moved(post, facts[0], channel.zone, say)
                blocks.append(Note(text=signature(facts[0], channel, say, at=post.created_at)))
            case PostKind.REMINDER if "claims" in post.payload:
                blocks = reminder(post, facts, channel.zone, say, now or post.created_at)
                blocks.append(Note(text=signature(facts[0], channel, say) if facts else say("post.reminder.note")))
            case PostKind.DIGEST:
                blocks = _digest(post, facts, channel, say, now or post.created_at)
            case PostKind.NOTICE if "notice" in post.payload:
                blocks = _notice(post, facts, channel, say)
            case _:
                blocks = [Text(text=str(post.payload.get("text", "")))]
        if repeats:
            blocks = [Note(text=say("post.repeats")), *blocks]
        *said, last = blocks
        alert = post.kind in (PostKind.ALERT, PostKind.TEST)
        severity = facts[0].severity if facts and alert else Severity.WARNING if post.kind is PostKind.TEST else None
        rows = self.buttons(post, channel, ack, tally)
        if share is not None and share.withdrawn_at is not None:
            rows = (self._way_back(post, channel, say),)
        return View(
            blocks=(*said, *self._taken(post, channel, ack, say), *rows, last),
            severity=severity,
            silent=owed.delivery.silent or not (alert or post.rings),
            mention=channel.role if post.kind is PostKind.ALERT else "",
            image=facts[0].article.image if facts and post.kind in (PostKind.STORY, PostKind.ALERT) else "",
        )

    def buttons(self, post: Post, channel: Channel, ack: Ack | None, tally: Tally) -> tuple[Actions, ...]:
        """At most three in view; what else can be done is behind the last."""
        say = Say(channel.language)

        def button(verb: str, key: str, style: Style = Style.PLAIN, **values: str | int) -> Action:
            signed = press.sign(self.key, verb, str(post.id), channel.address.chat)
            return Action(label=say(f"post.{key}", **values), press=signed, style=style)

        if post.kind is PostKind.NOTICE and "hold" in post.payload:
            return (Actions(actions=self.choices(int(str(post.payload["hold"])), channel, say)),)
        if post.kind is PostKind.NOTICE and post.payload.get("notice") == "welcome":
            begin = press.sign(self.key, "setup", "begin", channel.address.chat)
            return (Actions(actions=(Action(label=say("notice.welcome.button"), press=begin, style=Style.PRIMARY),)),)
        if post.kind is PostKind.NOTICE and "pending" in post.payload:
            number = str(post.payload["pending"])
            return (Actions(actions=self._decisions(number, channel, say)),)
        more = button("more", "menu.more")
        if post.kind in (PostKind.STORY, PostKind.MOVED, PostKind.SHARE):
            up, down = button("up", "menu.up", votes=tally.up), button("down", "menu.down", votes=tally.down)
            return (Actions(actions=(up, down, more)),)
        if post.kind not in (PostKind.ALERT, PostKind.TEST):
            return ()
        row: list[Action] = []
        if ack is None:
            row.append(button("take", "take", Style.PRIMARY))
        elif ack.done_at is None:
            row += [button("done", "done", Style.PRIMARY), button("release", "release")]
        if post.kind is PostKind.ALERT:
            row += [button("why", "menu.why"), more] if ack is None else [more]
        return (Actions(actions=tuple(row)),) if row else ()

    def _way_back(self, post: Post, channel: Channel, say: Say) -> Actions:
        """Of a share that was withdrawn."""
        signed = press.sign(self.key, "restore", str(post.id), channel.address.chat)
        return Actions(actions=(Action(label=say("share.button.restore"), press=signed),))

    def choices(self, hold: int, channel: Channel, say: Say) -> tuple[Action, ...]:
        """What can be done with a reading that was held."""
        return tuple(
            Action(
                label=say(f"hold.{choice}"),
                press=press.sign(self.key, "hold", f"{hold}.{choice}", channel.address.chat),
                style=Style.PRIMARY if choice is Choice.DIGEST else Style.PLAIN,
            )
            for choice in Choice
        )

    def _decisions(self, source: str, channel: Channel, say: Say) -> tuple[Action, ...]:
        """On a source that waits for the operator."""

        def button(verb: str, label: str, style: Style) -> Action:
            return Action(label=say(label), press=press.sign(self.key, verb, source, channel.address.chat), style=style)

        return (
            button("approve", "approve.button.yes", Style.PRIMARY),
            button("refuse", "approve.button.no", Style.PLAIN),
        )

    def _taken(self, post: Post, channel: Channel, ack: Ack | None, say: Say) -> list[Block]:
        """Who takes care of it, or did."""
        if ack is None or post.kind not in (PostKind.ALERT, PostKind.TEST):
            return []
        if ack.done_at is not None:
            return [Text(text=say("post.closed", name=ack.name, date=say.date(ack.done_at, channel.zone)))]
        return [Text(text=say("post.taken", name=ack.name, date=say.date(ack.taken_at, channel.zone)))]


def _story(
    facts: Facts, channel: Channel, say: Say, titles: Mapping[str, str], watchlist: frozenset[Product]
) -> list[Block]:
    article, found = facts.article, facts.understanding
    blocks: list[Block] = [Headline(text=article.title, url=article.url, badge=badge(facts, say))]
    if summary := found.long_summary if channel.long_posts else found.summary:
        blocks.append(Text(text=summary))
    if rows := (*concern_rows(facts, say, watchlist), *rows_of(facts, say, titles)):
        blocks.append(Rows(rows=rows))
    blocks.append(Note(text=signature(facts, channel, say)))
    return blocks


def _shared(
    facts: Facts,
    share: Share,
    channel: Channel,
    say: Say,
    titles: Mapping[str, str],
    watchlist: frozenset[Product],
) -> list[Block]:
    """Who shows it, before what it is; their words as words, whatever they wrote."""
    if share.withdrawn_at is not None:
        said = say("share.post.withdrawn", date=say.date(share.withdrawn_at, channel.zone))
        return [Text(text=said), Note(text=f"#{facts.number}")]
    headline, *rest, last = _story(facts, channel, say, titles, watchlist)
    assert isinstance(headline, Headline)
    by = say("share.post.by", name=share.name) if share.name else say("share.post.by_somebody")
    quoted = [Quote(text=share.note, source=share.name)] if share.note else []
    badge = f"{by} · {headline.badge}" if headline.badge else by
    return [replace(headline, badge=badge), *rest, *quoted, last]


def _notice(post: Post, facts: Sequence[Facts], channel: Channel, say: Say) -> list[Block]:
    """For the people who answer for the bot: what happened, and what can be done about it."""
    names = ("notice", "source", "slug", "url", "code", "reason", "chat")
    said = {name: str(post.payload.get(name, "")) for name in names}
    kind, reason = said["notice"], plain(say, said["code"])
    blocks: list[Block] = [Headline(text=say(f"notice.{kind}.title", source=said["source"]), url=said["url"])]
    if kind == "hold":
        count = int(str(post.payload.get("count", 0)))
        blocks.append(Text(text=say(f"notice.hold.{said['reason']}", count=count)))
        blocks.append(Items(items=tuple(item(one, channel, say) for one in facts)))
        blocks.append(Text(text=say("notice.hold.text")))
    else:
        blocks.append(Text(text=say(f"notice.{kind}.text", reason=reason, slug=said["slug"], chat=said["chat"])))
    if kind in ("admitted", "refused", "welcome"):  # told where everybody reads
        return blocks
    return [*blocks, Note(text=say("notice.note", date=say.date(post.created_at, channel.zone)))]


def _sample(post: Post, channel: Channel, say: Say) -> list[Block]:
    return [
        Headline(text=say("post.sample.title"), badge=say("post.sample.badge")),
        Text(text=say("post.sample.text")),
        Note(text=say("post.sample.note", date=say.date(post.created_at, channel.zone))),
    ]


def badge(facts: Facts, say: Say) -> str:
    """Severity and type in words, never colour alone; "" for an ordinary article."""
    alert = facts.understanding.alert
    if alert is None:
        return ""
    return f"{say(f'severity.{alert.severity.name.lower()}')} · {say(f'alert.{alert.type}')}"


def signature(facts: Facts, channel: Channel, say: Say, *, at: datetime | None = None) -> str:
    """Source, genre and authors, date, domain, number: the last line of every post. `at`: another date than its own."""
    article = facts.article
    when = say.date(at or article.published or article.first_seen, channel.zone)
    byline = ", ".join(article.authors)
    genre = article.genre.capitalize()
    source = "" if facts.is_only_shared else article.source_title  # who shows it stands above
    parts = (source, genre, byline, when, domain(article.url), f"#{facts.number}")
    return " · ".join(dict.fromkeys(part for part in parts if part))


def domain(url: str) -> str:
    """ "": the address names no site."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def item(facts: Facts, channel: Channel, say: Say) -> Item:
    """A line of a list: `latest`, digests, rehearsals."""
    article, mark = facts.article, badge(facts, say)
    seen = say.date(article.published or article.first_seen, channel.zone, hour=False)
    when = date_in(article.body) if is_milestone(article) else seen
    return Item(
        text=facts.article.title,
        url=facts.article.url,
        note=" · ".join(part for part in (mark, facts.article.source_title, when, f"#{facts.number}") if part),
    )


def concern_rows(facts: Facts, say: Say, watchlist: frozenset[Product]) -> tuple[tuple[str, str], ...]:
    """Whether it concerns those who read it, and by which entry of their list; () when it does not."""
    concern = concern_of(facts, watchlist)
    if concern is None:
        return ()
    said = say("post.your_list", product=spelled(concern.found, facts.article))
    return ((say("post.concerns") if concern.sure else say("post.to_check"), said),)


def rows_of(facts: Facts, say: Say, titles: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    found = facts.understanding
    rows: list[tuple[str, str]] = []
    if found.alert is not None and found.cves:
        more = len(found.cves) - CVES_SHOWN
        cves = ", ".join(found.cves[:CVES_SHOWN]) + (say("post.more", count=more) if more > 0 else "")
        rows.append((say("post.cve"), cves))
    if found.alert is not None and found.cvss is not None:
        rows.append((say("post.cvss"), f"{found.cvss:.1f}".replace(".", say("post.decimal"))))
    if found.exploited:
        rows.append((say("post.exploited"), say("post.yes")))
    if found.alert is not None and found.products:
        rows.append(
            (say("post.products"), ", ".join(f"{p.vendor} {p.name}".strip() for p in found.products[:CVES_SHOWN]))
        )
    claims = found.alert is not None and facts.article.trust is not Trust.OFFICIAL
    if claims and (cited := authorities_in(facts.article)):
        rows.append((say("post.cites"), ", ".join(cited)))
    if others := sorted(titles.get(slug, slug) for slug in facts.sources - {facts.article.source_slug}):
        rows.append((say("post.also"), ", ".join(others[:CVES_SHOWN])))
    return tuple(rows)


def _digest(post: Post, facts: Sequence[Facts], channel: Channel, say: Say, now: datetime) -> list[Block]:
    """A letter as `letter.py` laid it out; one that an earlier version made says no sections."""
    if "sections" not in post.payload:
        return _list(post, facts, channel, say)
    payload: Mapping[str, Any] = post.payload  # JSON
    known = {one.number: one for one in facts}
    title = say(f"post.digest.{payload['why']}")
    if payload["parts"] > 1:
        title = say("post.digest.part", title=title, part=payload["part"], parts=payload["parts"])
    blocks: list[Block] = [Headline(text=title)]
    for section in map(Section.parse, payload["sections"]):
        of = [known[number] for number in section.articles if number in known]
        lines = [line(one, channel, say, payload["voices"].get(str(one.number), 1)) for one in of]
        if section.name == DATES:
            lines = [dated(one, channel, say, now) for one in payload["dates"]]
        blocks.append(Items(title=_section(section, say), items=tuple(lines)))
    if payload["left"]:
        blocks.append(Text(text=say("post.digest.more", count=payload["left"])))
    date = say.date(post.created_at, channel.zone)
    return [*blocks, Note(text=say("post.digest.note", count=payload["total"], date=date))]


def _section(section: Section, say: Say) -> str:
    if not section.name:
        return ""
    key = f"post.digest.section.{section.name}"
    title = say(key) if section.name in (REST, LIKED, DATES) else say(f"topic.{section.name}")
    return say("post.digest.goes_on", title=title) if section.goes_on else title


def line(facts: Facts, channel: Channel, say: Say, voices: int) -> Item:
    """Of a letter. `voices`: sources that tell it."""
    one = shortened(item(facts, channel, say))
    return replace(one, note=f"{one.note} · {say('post.digest.voices', count=voices)}") if voices > 1 else one


def dated(payload: Mapping[str, Any], channel: Channel, say: Say, now: datetime) -> Item:
    """A deadline that is near. `payload`: as `letter.py` writes it."""
    claim = Claim.parse(payload["claim"])
    text = say("post.reminder.title", left=left(claim, now, channel.zone, say), what=payload["what"])
    parts = (
        say(f"deadlines.{claim.edge}", when=when(claim, channel.zone, say)),
        "" if payload["sure"] else say("deadlines.unsure"),
        f"#{payload['number']}" if payload["number"] else "",
    )
    note = " · ".join(part for part in parts if part)
    return shortened(Item(text=text[:1].upper() + text[1:], url=payload["url"], note=note))


def _list(post: Post, facts: Sequence[Facts], channel: Channel, say: Say) -> list[Block]:
    total = len(facts)
    shown = facts[:DIGEST_SHOWN]
    blocks: list[Block] = [
        Headline(text=say(f"post.digest.{post.payload.get('why', 'held')}")),
        Items(items=tuple(item(f, channel, say) for f in shown)),
    ]
    if total > len(shown):
        blocks.append(Text(text=say("post.digest.more", count=total - len(shown))))
    blocks.append(Note(text=say("post.digest.note", count=total, date=say.date(post.created_at, channel.zone))))
    return blocks
