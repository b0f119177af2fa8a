"""calendar / calendrier: what closes or opens next, as a file for one's own calendar."""

from datetime import timedelta

from bot.commands.call import Call
from bot.domain.calendar import CalendarEvent, ics
from bot.domain.command import CommandSpec, Reply
from bot.domain.deadline import Claim, Deadline
from bot.locale.say import Say
from bot.view import Attachment, Text, View

MOST = 200
JUST_PASSED = timedelta(days=1)

SPEC = CommandSpec(name="calendar", fr="calendrier")


async def answer(call: Call) -> Reply:
    desk, say = call.desk, call.say
    deadlines = await desk.deadlines.coming(desk.db, call.now - JUST_PASSED, MOST)
    events = [_event(one, one.claims[0], say) for one in deadlines if one.claims]
    if not events:
        return call.text("calendar.none")
    file = Attachment(
        name="tocsin.ics", media_type="text/calendar", content=ics(events, say("calendar.name"), call.now)
    )
    view = View(blocks=(Text(text=say("calendar.text", count=len(events))),), silent=True)
    return Reply(view=view, files=(file,), audience=call.audience)


def _event(deadline: Deadline, claim: Claim, say: Say) -> CalendarEvent:
    programme = " ".join(part for part in (deadline.programme, deadline.stage, deadline.region) if part)
    return CalendarEvent(
        uid=f"deadline-{deadline.id}@tocsin",
        title=say(f"calendar.{deadline.edge}", what=claim.what or programme, programme=programme).strip(" :"),
        day=claim.date,
        at=claim.at,
        text=f"« {claim.phrase} »" if claim.phrase else "",
        sequence=len({one.date for one in deadline.claims}) - 1,
    )
