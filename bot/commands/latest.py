"""latest / derniers: the last articles, of a source, of a topic, or the alerts."""

from collections.abc import Sequence

from bot.commands import what
from bot.commands.call import Call
from bot.domain.article import Facts
from bot.domain.command import Argument, Choice, CommandSpec, Reply
from bot.domain.rule import Rule, What
from bot.errors import UserError
from bot.pipeline.compose import item
from bot.view import Headline, Items

SHOWN = 5
MOST = 10
LOOKED_AT = 500  # for what no index knows: words

SPEC = CommandSpec(
    name="latest", fr="derniers", arguments=(Argument(name="what", completes=True), Argument(name="n")), public=True
)


async def answer(call: Call) -> Reply:
    wanted, number = _read(call.argument("what"), call.argument("n"))
    rule = await what.read_what(call, wanted) if wanted else Rule(what=What.EVERYTHING)
    facts = await _found(call, rule, number)
    if not facts:
        return call.text("latest.none")
    items = tuple(item(one, call.channel, call.say) for one in facts)
    return call.answer(Headline(text=call.say("latest.title", count=len(items))), Items(items=items))


def _read(wanted: str, number: str) -> tuple[str, int]:
    """ "care 3", "3", "care": the number stands wherever it was typed."""
    typed = f"{wanted} {number}".split()
    count = SHOWN
    if typed and typed[-1].isdecimal() and len(typed[-1]) < 4:
        count = int(typed.pop())
    if not 1 <= count <= MOST:
        raise UserError("error.number", least=1, most=MOST)
    return " ".join(typed), count


async def _found(call: Call, rule: Rule, number: int) -> Sequence[Facts]:
    articles = call.desk.articles
    match rule.what:
        case What.SOURCE:
            return await articles.newest(number, source=rule.value)
        case What.TOPIC:
            return await articles.newest(number, topic=rule.value)
        case What.ALERTS if rule.from_severity is None:
            return await articles.newest(number, alerts=True)
        case What.EVERYTHING:
            return await articles.newest(number)
    recent = await articles.newest(LOOKED_AT)
    return [one for one in recent if (await call.desk.matching.explain(call.desk.db, rule, one)).matched][:number]


async def proposals(call: Call, argument: str, text: str) -> Sequence[Choice]:
    return await what.proposals(call, text) if argument == "what" else ()
