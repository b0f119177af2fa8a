"""status / etat: each source, its last success, its next reading, its error in plain words; what is owed."""

from dataclasses import replace

from bot.commands import approve
from bot.commands.call import Call
from bot.domain.command import Audience, CommandSpec, Reply, Rights
from bot.domain.source import Source
from bot.view import Facts, Headline, Item, Items, View

SPEC = CommandSpec(name="status", fr="etat", admin=True, public=True)


async def answer(call: Call) -> Reply:
    say, kept = call.say, await call.desk.sources.all()
    sources = [source for source in kept if source.enabled]
    failing = [source for source in sources if source.last_error is not None]
    counts = await call.desk.outbox.counts()
    lane = call.channel.lane

    def waiting(state: str) -> int:
        return counts.get((lane, state), 0) + counts.get(("", state), 0)

    view = View(
        blocks=(
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
        ),
        silent=True,
    )
    if call.rights >= Rights.OPERATOR and (asked := approve.waiting(call, kept)):  # nobody else reads the answer then
        return Reply(view=replace(view, blocks=(*asked, *view.blocks)), audience=Audience.ASKER)
    return Reply(view=view, audience=call.audience)


def _line(call: Call, source: Source) -> Item:
    say, zone = call.say, call.channel.zone
    parts = []
    if source.pending:
        return Item(text=f"{source.title} ({source.slug})", note=say("status.pending"))
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
