"""status / etat: each source, its last success, its next reading, its error in plain words; what is owed."""

from bot.commands.call import Call
from bot.domain.command import CommandSpec, Reply
from bot.domain.source import Source
from bot.view import Facts, Headline, Item, Items

SPEC = CommandSpec(name="status", fr="etat", admin=True, public=True)


async def answer(call: Call) -> Reply:
    say = call.say
    sources = [source for source in await call.desk.sources.all() if source.enabled]
    failing = [source for source in sources if source.last_error is not None]
    counts = await call.desk.outbox.counts()
    lane = call.channel.lane

    def waiting(state: str) -> int:
        return counts.get((lane, state), 0) + counts.get(("", state), 0)

    return call.answer(
        Headline(text=say("status.title", count=len(sources))),
        Facts(
            rows=(
                (say("status.failing"), str(len(failing))),
                (say("status.todo"), str(waiting("todo"))),
                (say("status.held"), str(waiting("held"))),
                (say("status.failed"), str(waiting("failed"))),
                (say("status.unknown"), str(waiting("unknown"))),
            )
        ),
        Items(items=tuple(_line(call, source) for source in (*failing, *(s for s in sources if s not in failing)))),
    )


def _line(call: Call, source: Source) -> Item:
    say, zone = call.say, call.channel.zone
    parts = []
    if source.last_error is not None:
        key = f"source.{source.last_error}"
        parts.append(say("status.error", error=say(key) if say.has(key) else source.last_error))
    if source.last_success is not None:
        parts.append(say("status.read", date=say.date(source.last_success, zone)))
    else:
        parts.append(say("status.never"))
    if source.next_fetch_at is not None:
        parts.append(say("status.next", date=say.date(source.next_fetch_at, zone)))
    return Item(text=f"{source.title} ({source.slug})", note=" · ".join(parts))
