"""why / pourquoi: rule by rule, why this channel got an article, will get it, or did not."""

from bot.commands import what
from bot.commands.call import Asked, Call, titles
from bot.commands.found import read_article
from bot.domain.article import Facts
from bot.domain.command import Argument, CommandSpec, Reply
from bot.domain.delivery import PostKind, State
from bot.domain.mute import Mute, who_withdrew
from bot.domain.rule import Reason, Rule, What
from bot.locale.say import Say
from bot.stores import Owed
from bot.view import Block, Headline, Item, Items, Note, Text

SPEC = CommandSpec(name="why", fr="pourquoi", arguments=(Argument(name="number", required=True),), public=True)


async def answer(call: Call) -> Reply:
    facts = await read_article(call, call.argument("number"))
    return call.answer(
        Headline(text=facts.article.title, url=facts.article.url),
        *await why_blocks(call, facts, call.say),
        Note(text=f"#{facts.number}"),
    )


async def why_blocks(asked: Asked, facts: Facts, say: Say) -> list[Block]:
    """What became of it here, then each rule with its reason: the same function that decides deliveries."""
    desk = asked.desk
    names = titles(await desk.sources.all())
    became = await desk.outbox.of_story(desk.db, facts, asked.channel.id)
    explained = await desk.matching.why(desk.db, asked.channel.id, facts)
    blocks: list[Block] = [Text(text=_became(asked, became, say))]
    kept = None if became else await desk.matching.hushed_here(desk.db, asked.channel.id, facts)
    if kept is not None and any(explanation.matched for _, explanation in explained):
        blocks.append(Text(text=_muted(asked, kept, say)))
    if became and became[-1].post.kind is PostKind.MOVED:
        blocks.append(Text(text=say("why.moved")))
    if not explained:
        return [*blocks, Text(text=say("why.no_rule"))]
    items = tuple(
        Item(
            text=f"{'✓' if explanation.matched else '✗'} {what.said(one.rule, names, say)}",
            note=said_reason(explanation.reason, one.rule, names, say),
        )
        for one, explanation in explained
    )
    return [*blocks, Items(items=items)]


def said_reason(reason: Reason, rule: Rule, names: dict[str, str], say: Say) -> str:
    """Sources and topics under the names people know."""
    values = dict(reason.values)
    if rule.what is What.SOURCE:
        values["value"] = names.get(rule.value, rule.value)
    elif rule.what is What.TOPIC:
        values["value"] = say(f"topic.{rule.value}")
    if "severity" in values:
        values["severity"] = say(f"severity.{values['severity']}")
    return say(reason.key, **values)


def _muted(asked: Asked, mute: Mute, say: Say) -> str:
    date, name = say.date(mute.until, asked.channel.zone), asked.desk.people.unseal(mute.name)
    words = what.said(mute.rule, {}, say)
    return say("why.muted_by", what=words, date=date, name=name) if name else say("why.muted", what=words, date=date)


def _became(asked: Asked, became: list[Owed], say: Say) -> str:
    if not became:
        return say("why.never")
    delivery = became[-1].delivery
    if delivery.state is State.HELD and delivery.due_at is not None:
        return say("why.held", date=say.date(delivery.due_at, asked.channel.zone))
    if delivery.state is State.SENT and delivery.sent_at is not None:
        return say("why.sent", date=say.date(delivery.sent_at, asked.channel.zone))
    if delivery.error == "in a digest":
        return say("why.folded")
    if (muted := who_withdrew(delivery.error)) is not None:
        return say("why.withdrawn", what=what.said(muted, {}, say))
    return say(f"why.{delivery.state.name.lower()}")
