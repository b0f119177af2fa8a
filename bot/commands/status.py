"""status / etat: each source, its last success, its next reading, its error in plain words; what is owed."""

from datetime import datetime, timedelta

from bot.commands import approve
from bot.commands.call import Call
from bot.commands.pause import said_pause
from bot.domain.command import Audience, CommandSpec, Reply, Rights
from bot.domain.hold import Choice
from bot.domain.source import SILENT, Source
from bot.locale.trouble import plain
from bot.view import Actions, Block, Facts, Headline, Item, Items, Text, View

HELD_FOR = timedelta(days=30)  # an undecided hold is shown so long
MOST_HOLDS = 3  # with three buttons each: a message bears no more

SPEC = CommandSpec(name="status", fr="etat", admin=True, public=True)


async def answer(call: Call) -> Reply:
    say, kept = call.say, await call.desk.sources.all()
    sources = [source for source in kept if source.enabled and not source.pending]
    failing = [source for source in sources if _trouble(source, call.now)]
    others = (source for source in kept if source.enabled and source not in failing)
    counts = await call.desk.outbox.counts()
    lane = call.channel.lane

    def waiting(state: str) -> int:
        return counts.get((lane, state), 0) + counts.get(("", state), 0)

    # What waits for the operator is for the operator alone, and so is then the whole answer.
    asked = approve.waiting(call, kept) if call.rights is Rights.OPERATOR else ()
    paused = said_pause(say, call.channel, call.now)
    view = View(
        blocks=(
            *asked,
            Headline(text=say("status.title", count=len(sources))),
            *([Text(text=paused)] if paused else []),
            Facts(
                rows=(
                    (say("status.failing"), str(len(failing))),
                    (say("status.todo"), str(waiting("todo"))),
                    (say("status.held"), str(waiting("held"))),
                    (say("status.failed"), str(waiting("failed"))),
                    (say("status.unknown"), str(waiting("unknown"))),
                )
            ),
            Items(items=tuple(_line(call, source) for source in (*failing, *others))),
            *await _held(call, in_private=bool(asked)),
        ),
        silent=True,
    )
    return Reply(view=view, audience=Audience.ASKER if asked else call.audience)


async def _held(call: Call, *, in_private: bool) -> list[Block]:
    """Readings that wait for this chat's word (or, for the operator, for everybody's), each with its buttons."""
    desk, blocks = call.desk, list[Block]()
    button = call.private_button if in_private else call.button
    community = "" if call.rights is Rights.OPERATOR else call.channel.community
    for hold in await desk.holds.undecided(desk.db, community, call.now - HELD_FOR, MOST_HOLDS):
        blocks.append(Text(text=call.say("status.kept_back", source=hold.source_title, count=hold.count)))
        choices = (button("hold", f"{hold.id}.{choice}", call.say(f"hold.{choice}")) for choice in Choice)
        blocks.append(Actions(actions=tuple(choices)))
    return blocks


def _trouble(source: Source, now: datetime) -> str:
    """Of this moment, also what nobody is told of yet."""
    return source.last_error or (SILENT if source.is_silent(now) else "")


def _line(call: Call, source: Source) -> Item:
    say, zone = call.say, call.channel.zone
    parts = []
    if source.pending:
        return Item(text=f"{source.title} ({source.slug})", note=say("status.pending"))
    if trouble := _trouble(source, call.now):
        parts.append(say("status.error", error=plain(say, trouble)))
    if source.last_success is not None:
        parts.append(say("status.read", date=say.date(source.last_success, zone)))
    else:
        parts.append(say("status.never"))
    if source.next_fetch_at is not None:
        parts.append(say("status.next", date=say.date(source.next_fetch_at, zone)))
    return Item(text=f"{source.title} ({source.slug})", note=" · ".join(parts))
